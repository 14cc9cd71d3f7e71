import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, doubtPartial, foundIn, registryEvidence } from './found.js';
import { sessionManager } from './session-manager-facts.js';

/** Libraries of other processors: they are named on every machine, and not there. */
const OTHER_PROCESSOR = /^(?:_|wow64|wowarm|xtajit)/i;

/** `KnownDLLs` names a library that is not in System32. */
export const knownDlls: InstallationDetector = {
  causes: ['known-dlls'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    if (manager?.knownDlls === undefined) return [];
    const { key, files: named } = manager.knownDlls;
    const own = named.filter(({ name, file }) => !OTHER_PROCESSOR.test(name) && !OTHER_PROCESSOR.test(file));
    const paths = own.map(({ file }) => `${subject.root}/System32/${file}`);
    const files = await subject.files.checkAll(paths, 'presence', options);
    const absent = files.filter(({ state }) => state === 'absent');
    // Where most are gone no single one can be told: the folder is not what it should be.
    if (absent.length * 2 > files.length) {
      doubtPartial(subject, 'known-dlls', absent.length);
      return [];
    }
    const found: FoundCause[] = [];
    for (const [index, { name, file }] of own.slice(0, files.length).entries()) {
      const { path, state, data } = files[index];
      if (state === 'unreadable') doubtFile(subject, 'known-dlls', path, data.reason);
      if (state === 'good' || state === 'unreadable' || SESSION_FILE_NAMES.has(file.toUpperCase())) continue;
      found.push(
        foundIn(subject, 'known-dlls', {
          severity: 'act',
          confidence: 'strong',
          data: { ...data, path, state, key: key.path, name },
          evidence: await registryEvidence(subject, 'SYSTEM', key, name, options),
        }),
      );
    }
    return found;
  },
};
