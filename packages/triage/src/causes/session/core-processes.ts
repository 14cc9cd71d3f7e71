import type { ReadOptions } from '@deadbox/core';
import { markOddMachines } from '../../drivers/usual-machine.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { buildOf, doubtFile, foundIn } from './found.js';

/** First builds of Windows 7, 8, 10 and 10 version 1607, in which Win32 calls moved to libraries of their own. */
const WINDOWS_7 = 7600;
const WINDOWS_8 = 9200;
const WINDOWS_10 = 10_240;
const WINDOWS_10_1607 = 14_393;

/** Files of System32 that a session needs, and the builds that have them (Microsoft, "Stop error 0xC000021A"). */
const FILES: readonly { readonly name: string; readonly since: number; readonly before?: number }[] = [
  ...(
    'smss.exe autochk.exe csrss.exe csrsrv.dll basesrv.dll winsrv.dll sxssrv.dll wininit.exe winlogon.exe services.exe lsass.exe lsasrv.dll samsrv.dll ' +
    'svchost.exe userinit.exe LogonUI.exe dwm.exe ntdll.dll kernel32.dll KernelBase.dll user32.dll gdi32.dll advapi32.dll rpcrt4.dll sechost.dll ' +
    'msvcrt.dll win32k.sys'
  )
    .split(' ')
    .map((name) => ({ name, since: WINDOWS_7 })),
  { name: 'lsm.exe', since: WINDOWS_7, before: WINDOWS_8 },
  { name: 'lsm.dll', since: WINDOWS_8 },
  { name: 'win32kbase.sys', since: WINDOWS_10 },
  { name: 'win32kfull.sys', since: WINDOWS_10 },
  { name: 'ucrtbase.dll', since: WINDOWS_10 },
  { name: 'win32u.dll', since: WINDOWS_10_1607 },
  { name: 'gdi32full.dll', since: WINDOWS_10_1607 },
];

/** Windows tells the kernel's 32-bit and 64-bit files apart, but not those that it needs from those that it has. */
function neededBy(build: number | undefined): readonly string[] {
  const known = build ?? WINDOWS_7;
  return FILES.filter(
    ({ since, before }) =>
      known >= since && (build !== undefined || since === WINDOWS_7) && (before ?? known + 1) > known,
  ).map(({ name }) => name);
}

/**
 * The files that a session needs, by upper-case name; `undefined` where most of them are not there: no Windows whose
 * single files could be judged.
 */
export async function sessionFiles(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<ReadonlyMap<string, CheckedFile> | undefined> {
  const names = neededBy(buildOf(subject));
  const paths = names.map((name) => `${subject.root}/System32/${name}`);
  const files = markOddMachines(await subject.files.checkAll(paths, 'image', options));
  if (files.filter(({ state }) => state !== 'absent').length * 2 < names.length) return undefined;
  return new Map(files.map((file, index) => [(names[index] ?? '').toUpperCase(), file]));
}

/** Names of the session's files, upper case. */
export const SESSION_FILE_NAMES: ReadonlySet<string> = new Set(FILES.map(({ name }) => name.toUpperCase()));

/** A file that smss, csrss, winlogon, lsass or the services need is missing or no image. */
export const coreProcesses: InstallationDetector = {
  causes: ['core-process-bad'],
  async detect(subject, options) {
    const files = await subject.fact(sessionFiles, options);
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
          data: { path: file.path, state: file.state, ...file.data },
          evidence: await file.evidence(options),
        }),
      );
    return found;
  },
};
