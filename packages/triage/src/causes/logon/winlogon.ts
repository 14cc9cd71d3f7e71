import type { ReadOptions } from '@deadbox/core';
import { programOf, readWinlogon, type WinlogonValues } from '@deadbox/windows/internals';
import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, findProgram, foundIn, registryEvidence, systemDrive } from '../session/found.js';

/** Programs of the Windows folder of which at least one is on every installation that has Explorer. */
const NEIGHBOURS = ['REGEDIT.EXE', 'NOTEPAD.EXE', 'HELPPANE.EXE', 'HH.EXE', 'WINHLP32.EXE', 'SPLWOW64.EXE'];

type Fault = { readonly fault: 'empty' | 'no-program' | 'other-drive'; readonly path?: string };

/** Winlogon has no program to start after the logon, or one that is not there. */
export const winlogon: InstallationDetector = {
  causes: ['winlogon-values'],
  async detect(subject, options) {
    const { hive } = await subject.hive('SOFTWARE', options);
    const values = hive === undefined ? undefined : await readWinlogon(hive);
    if (values === undefined) return [];
    const found: FoundCause[] = [];
    for (const name of ['Userinit', 'Shell'] as const) {
      const value = name === 'Userinit' ? values.userinit : values.shell;
      const fault = await faultOf(subject, name, value, values, options);
      if (fault === undefined) continue;
      found.push(
        foundIn(subject, 'winlogon-values', {
          severity: 'act',
          confidence: fault.fault === 'other-drive' || value === undefined ? 'strong' : 'proves',
          data: { key: values.key.path, name, value: value ?? null, ...fault },
          evidence: await registryEvidence(subject, 'SOFTWARE', values.key, name, options),
        }),
      );
    }
    return found;
  },
};

async function faultOf(
  subject: InstallationSubject,
  name: 'Userinit' | 'Shell',
  value: string | undefined,
  values: WinlogonValues,
  options: ReadOptions,
): Promise<Fault | undefined> {
  // Without a shell Userinit takes Explorer; a key with neither is no key of Winlogon's.
  if (value === undefined) return name === 'Userinit' && values.shell !== undefined ? { fault: 'empty' } : undefined;
  const [first = ''] = value.split(',');
  if (first.trim() === '') return { fault: 'empty' };
  const drive = /^"?([a-z]):/i.exec(first.trim())?.[1]?.toUpperCase();
  if (drive !== undefined && drive !== systemDrive(subject)) return { fault: 'other-drive', path: first };
  const { state, path } = await findProgram(subject, first, options);
  if (state === 'unknown') doubtFile(subject, 'winlogon-values', path);
  if (state !== 'absent' && state !== 'bad') return undefined;
  const file = programOf(first).toUpperCase();
  if (SESSION_FILE_NAMES.has(file.slice(file.lastIndexOf('\\') + 1))) return undefined;
  if (file === 'EXPLORER.EXE' && !(await hasExplorersNeighbours(subject, options))) return undefined;
  return { fault: 'no-program', path };
}

/** Server Core has no Explorer, though the value may name it: then the folder lacks its neighbours too. */
async function hasExplorersNeighbours(subject: InstallationSubject, options: ReadOptions): Promise<boolean> {
  const folder = await subject.files.list(subject.root, options);
  return NEIGHBOURS.some((name) => folder?.names.has(name) === true);
}
