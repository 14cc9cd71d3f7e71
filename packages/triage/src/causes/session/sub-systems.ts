import type { ReadOptions } from '@deadbox/core';
import type { SessionManager } from '@deadbox/windows/internals';
import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, findProgram, foundIn, registryEvidence } from './found.js';
import { sessionManager } from './session-manager-facts.js';

type Fault = {
  readonly name: string;
  readonly fault: 'missing' | 'no-program' | 'not-required';
  readonly value?: string;
};

/** `SubSystems` does not start csrss.exe, or not from a file that is there. */
export const subSystems: InstallationDetector = {
  causes: ['session-manager-key'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    // A key without libraries is no session manager's: nothing can be told of what it lacks.
    if (manager?.knownDlls === undefined) return [];
    const fault = await faultOf(subject, manager, options);
    if (fault === undefined) return [];
    const key = manager.subSystems?.key ?? manager.key;
    const found: FoundCause = foundIn(subject, 'session-manager-key', {
      severity: 'act',
      confidence: 'proves',
      data: { key: `${manager.key.path}\\SubSystems`, ...fault },
      evidence: await registryEvidence(subject, 'SYSTEM', key, fault.name, options),
    });
    return [found];
  },
};

async function faultOf(
  subject: InstallationSubject,
  { subSystems: values }: SessionManager,
  options: ReadOptions,
): Promise<Fault | undefined> {
  const windows = values?.windows?.trim() ?? '';
  if (windows === '') return { name: 'Windows', fault: 'missing' };
  if (values?.required === undefined) return { name: 'Required', fault: 'missing' };
  if (!values.required.some((name) => name.toLowerCase() === 'windows'))
    return { name: 'Required', fault: 'not-required', value: values.required.join(' ') };
  if ((values.kernelMode?.trim() ?? '') === '') return { name: 'Kmode', fault: 'missing' };
  for (const [name, command] of [
    ['Windows', windows],
    ['Kmode', values.kernelMode ?? ''],
  ] as const) {
    const program = await findProgram(subject, command, options);
    if (program.state === 'unknown') doubtFile(subject, 'session-manager-key', program.path);
    // A file of Windows itself that is gone is that file's cause, whatever names it.
    const isCore = SESSION_FILE_NAMES.has(program.path.slice(program.path.lastIndexOf('/') + 1).toUpperCase());
    if (!isCore && (program.state === 'absent' || program.state === 'bad'))
      return { name, fault: 'no-program', value: command };
  }
  return undefined;
}
