import { driverFacts } from '../../drivers/driver-facts.js';
import type { InstallationDetector } from '../detector.js';
import { doubtUnreadable, foundFile, isBad, PROVEN } from '../kernel/found.js';

const LOADERS = { uefi: 'winload.efi', bios: 'winload.exe' } as const;

/**
 * The loader of the firmware that the disk can start with. That it is not there at all, the boot check says, which
 * knows where it should be.
 */
export const loaderFile: InstallationDetector = {
  causes: ['loader-file-bad'],
  async detect(subject, options) {
    const { firmware } = subject;
    // Beside a hive that is no whole Windows a loader is no more than a name: what is wrong there, the hive's condition
    // says.
    if ((await subject.fact(driverFacts, options)) === undefined) return [];
    if (firmware !== 'uefi' && firmware !== 'bios') return [];
    const path = `${subject.root}/System32/${LOADERS[firmware]}`;
    const file = await subject.files.check(path, 'content', options);
    doubtUnreadable(subject, ['loader-file-bad'], [file]);
    if (!isBad(file) || file.state === 'absent') return [];
    return [await foundFile(subject, 'loader-file-bad', PROVEN, file, {}, options)];
  },
};
