import { readImageOptions } from '@deadbox/windows/internals';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, findProgram, foundIn, registryEvidence } from '../session/found.js';

/** Programs without which nobody logs on. */
const PROGRAMS = [
  'smss.exe',
  'csrss.exe',
  'wininit.exe',
  'winlogon.exe',
  'services.exe',
  'lsass.exe',
  'userinit.exe',
  'LogonUI.exe',
  'explorer.exe',
];
/** Windows reserves so much for each thread, and fails where it is not to be had. */
const LARGE_STACK = 0x0200_0000;

/** A program of the logon is started under a debugger that is not there, or with a stack that no thread gets. */
export const imageOptions: InstallationDetector = {
  causes: ['ifeo-hijack'],
  async detect(subject, options) {
    const { hive } = await subject.hive('SOFTWARE', options);
    const found: FoundCause[] = [];
    for (const { key, program, ...option } of hive === undefined ? [] : await readImageOptions(hive, PROGRAMS)) {
      const runs = option.debugger?.trim() ?? '';
      const file = runs === '' ? undefined : await findProgram(subject, runs, options);
      if (file?.state === 'unknown') doubtFile(subject, 'ifeo-hijack', file.path);
      const missing = file?.state === 'absent' || file?.state === 'bad';
      const large = (option.stackCommit ?? 0) >= LARGE_STACK;
      if (!missing && !large) continue;
      const name = missing ? 'Debugger' : 'MinimumStackCommitInBytes';
      found.push(
        foundIn(subject, 'ifeo-hijack', {
          severity: 'act',
          confidence: 'strong',
          data: { key: key.path, name, program, debugger: missing ? runs : null, stack: option.stackCommit ?? null },
          evidence: await registryEvidence(subject, 'SOFTWARE', key, name, options),
        }),
      );
    }
    return found;
  },
};
