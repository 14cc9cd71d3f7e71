import { isDamage, type ReadOptions } from '@deadbox/core';
import type { DiskSubject } from '../subject/disk-subject.js';
import type { InstallationSubject } from '../subject/installation-subject.js';
import { missingFiles } from '../subject/whole-windows.js';
import type { FoundCause } from './cause.js';
import { CRASH_DETECTORS } from './crash/detectors.js';
import type { InstallationDetector } from './detector.js';
import { KERNEL_DETECTORS } from './kernel/detectors.js';
import { LOADER_DETECTORS } from './loader/detectors.js';
import { LOGON_DETECTORS } from './logon/detectors.js';
import { remainsOfWindows } from './remains-of-windows.js';
import { SESSION_DETECTORS } from './session/detectors.js';

/** What asks after the files and values that a whole Windows has. */
const WINDOWS_DETECTORS: readonly InstallationDetector[] = [
  ...LOADER_DETECTORS,
  ...KERNEL_DETECTORS,
  ...CRASH_DETECTORS,
  ...SESSION_DETECTORS,
  ...LOGON_DETECTORS,
];

/** A hive whose questions cost more than an honest one's leaves some unanswered: that is no "nothing found". */
export async function doubtExhausted(installation: InstallationSubject, options: ReadOptions): Promise<void> {
  for (const name of ['SYSTEM', 'SOFTWARE'] as const) {
    const { hive, path } = await installation.hive(name, options);
    if (hive === undefined || hive.issues.count('hive.work-exhausted') === 0) continue;
    installation.doubts.add([name === 'SYSTEM' ? 'system-hive-damaged' : 'software-hive-bad'], {
      path,
      reason: 'hive.work-exhausted',
    });
  }
}

/** What is asked of the files and hives of a Windows. */
export async function windowsQuestions(
  installation: InstallationSubject,
  options: ReadOptions,
): Promise<(() => Promise<readonly FoundCause[]>)[]> {
  const { whole } = await installation.fact(missingFiles, options);
  const detectors = whole ? WINDOWS_DETECTORS : [remainsOfWindows];
  return detectors.map((detector) => () => asked(detector, installation, options));
}

/** One detector. Damage that ends it is a doubt about everything that it might have found; anything else passes. */
export async function asked<S extends DiskSubject | InstallationSubject>(
  {
    causes,
    detect,
  }: {
    readonly causes: InstallationDetector['causes'];
    detect(subject: S, options: ReadOptions): Promise<readonly FoundCause[]>;
  },
  subject: S,
  options: ReadOptions,
): Promise<readonly FoundCause[]> {
  try {
    return await detect(subject, options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    subject.doubts.add(causes, { reason: error.message, code: error.code }, error.at);
    return [];
  }
}
