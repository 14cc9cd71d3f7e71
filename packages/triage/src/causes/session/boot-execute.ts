import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import { ListedNames } from '../../drivers/listed-names.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, findProgram, foundIn, registryEvidence } from './found.js';
import { sessionManager } from './session-manager-facts.js';

/**
 * The program of an entry: the first word, or the one behind `autocheck`, by which the session manager knows Windows'
 * own.
 */
function programIn(entry: string): string {
  const [first = '', second = ''] = entry.trim().split(/\s+/);
  return first.toLowerCase() === 'autocheck' ? second : first;
}

/** `BootExecute` names a program that is not in System32, or is no program. */
export const bootExecute: InstallationDetector = {
  causes: ['boot-execute-dangling'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    const found: FoundCause[] = [];
    const names = new ListedNames(subject, ['boot-execute-dangling']);
    const list = { key: manager?.key.path ?? '', name: 'BootExecute', values: manager?.bootExecute ?? [] };
    for (const entry of names.of(list)) {
      const program = programIn(entry);
      const named = /\.exe$/i.test(program) ? program : `${program}.exe`;
      if (program === '' || SESSION_FILE_NAMES.has(named.toUpperCase())) continue;
      const { state, path, file } = await findProgram(subject, `"${inSystem32(named)}"`, options);
      if (state === 'unknown') doubtFile(subject, 'boot-execute-dangling', path);
      if (state === 'unknown' || manager === undefined) continue;
      const missing = state === 'absent' || state === 'bad';
      found.push(
        foundIn(subject, 'boot-execute-dangling', {
          severity: missing ? 'act' : 'none',
          confidence: missing ? 'proves' : 'hint',
          data: { key: manager.key.path, name: `BootExecute ${entry}`, entry, path, state: file?.state ?? state },
          evidence: await registryEvidence(subject, 'SYSTEM', manager.key, 'BootExecute', options),
        }),
      );
    }
    return found;
  },
};

/** Native programs are loaded from System32 and nowhere else; a path is taken as it stands. */
function inSystem32(program: string): string {
  return /[\\/]/.test(program) ? program : `%SystemRoot%\\System32\\${program}`;
}
