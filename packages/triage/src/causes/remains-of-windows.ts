import { volumeNumber } from '../subject/installation-subject.js';
import { missingFiles } from '../subject/whole-windows.js';
import type { InstallationDetector } from './detector.js';

/** A registry with fewer services never started a machine. */
const SERVICES_OF_A_MACHINE = 100;

/**
 * What is said of a folder that lacks most of what every Windows has. With the registry of a real machine its files are
 * gone; without, it is not known whether it ever was a Windows that started.
 */
export const remainsOfWindows: InstallationDetector = {
  causes: ['core-file-bad'],
  async detect(subject, options) {
    const { absent, wanted } = await subject.fact(missingFiles, options);
    const lived = (subject.machine?.machine.serviceCount ?? 0) >= SERVICES_OF_A_MACHINE;
    const path = `${subject.root}/System32`;
    if (!lived) subject.doubts.add(['core-file-bad'], { path, reason: 'windows-incomplete', missing: absent });
    return [
      {
        id: 'core-file-bad',
        severity: lived ? 'review' : 'none',
        confidence: lived ? 'strong' : 'hint',
        volume: volumeNumber(subject),
        installation: subject.root,
        data: { path, state: 'absent', missing: absent, wanted },
        evidence: [],
      },
    ];
  },
};
