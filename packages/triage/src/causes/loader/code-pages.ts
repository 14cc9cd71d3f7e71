import { readCodePageFiles } from '@deadbox/windows/internals';
import { driverFacts } from '../../drivers/driver-facts.js';
import type { InstallationDetector } from '../detector.js';
import { doubtUnreadable, foundFile, isBad, PROVEN } from '../kernel/found.js';
import { doubtPartial } from '../session/found.js';

/** The tables of the language that the loader loads before the kernel runs. */
export const codePages: InstallationDetector = {
  causes: ['nls-file-bad'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const named = await readCodePageFiles(facts.set.key);
    const paths = named.map(({ name }) => `${subject.root}/System32/${name}`);
    const files = await subject.files.checkAll(paths, 'plain', options);
    doubtUnreadable(subject, ['nls-file-bad'], files);
    const bad = files.flatMap((file, index) => (isBad(file) ? [{ file, page: named[index] }] : []));
    // Where all are gone it is Windows that is missing.
    if (bad.length === named.length && bad.every(({ file }) => file.state === 'absent') && named.length > 1) {
      doubtPartial(subject, 'nls-file-bad', bad.length);
      return [];
    }
    return Promise.all(
      bad.map(({ file, page }) =>
        foundFile(subject, 'nls-file-bad', PROVEN, file, { use: page?.use ?? null, id: page?.id ?? null }, options),
      ),
    );
  },
};
