import { readLsaPackages } from '@deadbox/windows/internals';
import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, doubtPartial, foundIn, registryEvidence } from '../session/found.js';

/** A list of libraries for lsass.exe names one that is not in System32. */
export const lsaPackages: InstallationDetector = {
  causes: ['lsa-package-missing'],
  async detect(subject, options) {
    const set = await subject.controlSet(options);
    const lsa = set === undefined ? undefined : await readLsaPackages(set.key);
    if (lsa === undefined) return [];
    const named = lsa.lists.flatMap(({ list, names }) => names.map((name) => ({ list, name, file: libraryOf(name) })));
    const here = named.filter(({ file }) => !/[\\/:%]/.test(file));
    const paths = here.map(({ file }) => `${subject.root}/System32/${file}`);
    const files = await subject.files.checkAll(paths, 'presence', options);
    // Where none is there the folder is not what it should be, and no single library can be told.
    if (!files.some(({ state }) => state === 'good')) {
      if (files.length > 0) doubtPartial(subject, 'lsa-package-missing', files.length);
      return [];
    }
    const found: FoundCause[] = [];
    for (const [index, { list, name, file }] of here.slice(0, files.length).entries()) {
      const { path, state, data } = files[index];
      if (state === 'unreadable') doubtFile(subject, 'lsa-package-missing', path, data.reason);
      if (state === 'good' || state === 'unreadable' || SESSION_FILE_NAMES.has(file.toUpperCase())) continue;
      found.push(
        foundIn(subject, 'lsa-package-missing', {
          ...(list === 'Notification Packages' ? PASSED_OVER : NEEDED),
          data: { ...data, path, state, key: lsa.key.path, name, list },
          evidence: await registryEvidence(subject, 'SYSTEM', lsa.key, list, options),
        }),
      );
    }
    return found;
  },
};

const NEEDED = { severity: 'act', confidence: 'strong' } as const;
/** The security accounts manager logs event 16953 for a filter of passwords that is gone, and goes on. */
const PASSED_OVER = { severity: 'review', confidence: 'hint' } as const;

/** A package without ending is a library. */
function libraryOf(name: string): string {
  return /\.(?:dll|exe)$/i.test(name) ? name : `${name}.dll`;
}
