import type { ReadOptions } from '@deadbox/core';
import { sessionFilesOf } from '../../drivers/core-files.js';
import { markOddMachines } from '../../drivers/usual-machine.js';
import { copyOf } from '../../subject/file-copies.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { buildOf, doubtFile, doubtPartial, foundIn } from './found.js';

/**
 * The files that a session needs, by upper-case name; `undefined` where most of them are not there: no Windows whose
 * single files could be judged.
 */
export async function sessionFiles(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<ReadonlyMap<string, CheckedFile> | undefined> {
  const names = sessionFilesOf(buildOf(subject));
  const paths = names.map((name) => `${subject.root}/System32/${name}`);
  const files = markOddMachines(await subject.files.checkAll(paths, 'image', options));
  if (files.filter(({ state }) => state !== 'absent').length * 2 < names.length) return undefined;
  return new Map(files.map((file, index) => [(names[index] ?? '').toUpperCase(), file]));
}

/** A file that smss, csrss, winlogon, lsass or the services need is missing or no image. */
export const coreProcesses: InstallationDetector = {
  causes: ['core-process-bad'],
  async detect(subject, options) {
    const files = await subject.fact(sessionFiles, options);
    // That most of its programs are gone is no cause with a name, and no machine that starts.
    if (files === undefined) doubtPartial(subject, 'core-process-bad', sessionFilesOf(buildOf(subject)).length);
    const bad: CheckedFile[] = [];
    for (const file of files?.values() ?? []) {
      if (file.state === 'unreadable') doubtFile(subject, 'core-process-bad', file.path);
      else if (file.state !== 'good') bad.push(file);
    }
    const found: FoundCause[] = [];
    for (const file of bad)
      found.push(
        foundIn(subject, 'core-process-bad', {
          severity: 'act',
          confidence: 'proves',
          data: { path: file.path, state: file.state, ...file.data, ...(await copyOf(subject, file, options)) },
          evidence: await file.evidence(options),
        }),
      );
    return found;
  },
};
