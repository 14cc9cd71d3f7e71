import { isDamage, type ReadOptions } from '@deadbox/core';
import { readFileVersion } from '@deadbox/windows';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { InstallationDetector } from '../detector.js';
import { buildOf, foundIn } from './found.js';
import { servicingLog } from './servicing.js';

/** Files that every update replaces together. */
const FILES = ['ntoskrnl.exe', 'hal.dll', 'ntdll.dll', 'win32k.sys', 'drivers/Ntfs.sys'] as const;
/** Builds that share their files: an enablement package changes the number only. */
const FAMILIES: readonly (readonly number[])[] = [
  [18_362, 18_363],
  [19_041, 19_042, 19_043, 19_044, 19_045],
  [22_621, 22_631],
  [26_100, 26_200],
];

/** An update was rolled back, and files of another build stayed behind. */
export const updateMixed: InstallationDetector = {
  causes: ['update-mixed'],
  async detect(subject, options) {
    const build = buildOf(subject);
    const log = await subject.fact(servicingLog, options);
    if (build === undefined || log?.rolledBack === undefined) return [];
    for (const name of FILES) {
      const path = `${subject.root}/System32/${name}`;
      const found = await buildOfFile(subject, path, options);
      if (found === undefined || found === build || FAMILIES.some((all) => all.includes(found) && all.includes(build)))
        continue;
      const file = await subject.files.check(path, 'presence', options);
      return [
        foundIn(subject, 'update-mixed', {
          severity: 'review',
          confidence: 'hint',
          data: { path: file.path, found, build, at: log.rolledBack },
          evidence: await file.evidence(options),
        }),
      ];
    }
    return [];
  },
};

/**
 * The build in a file's version; `undefined` where it cannot be told. What is wrong with the file is the ladder's
 * business.
 */
async function buildOfFile(
  subject: InstallationSubject,
  path: string,
  options: ReadOptions,
): Promise<number | undefined> {
  const { state, file } = await subject.files.check(path, 'image', options);
  if (state !== 'good' || file === undefined) return undefined;
  try {
    const version = await readFileVersion(await file.stream(undefined, options), options);
    const build = /^\d+\.\d+\.(\d+)/.exec(version?.fileVersion ?? '')?.[1];
    return build === undefined ? undefined : Number(build);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return undefined;
  }
}
