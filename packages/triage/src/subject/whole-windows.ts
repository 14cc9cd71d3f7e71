import type { ReadOptions } from '@deadbox/core';
import type { InstallationSubject } from './installation-subject.js';

/** Files of every Windows since Vista, below System32: what the loader takes, and what the session manager starts. */
const LOADED: readonly string[] = [
  'ntoskrnl.exe',
  'kdcom.dll',
  'ci.dll',
  'drivers/ntfs.sys',
  'drivers/fltMgr.sys',
  'drivers/cng.sys',
];
const STARTED: readonly string[] = [
  'smss.exe',
  'csrss.exe',
  'wininit.exe',
  'winlogon.exe',
  'services.exe',
  'lsass.exe',
  'ntdll.dll',
  'kernel32.dll',
];

/** How many of the files that every Windows has are not there. */
export interface MissingFiles {
  readonly absent: number;
  readonly wanted: number;
  /** Most of both kinds are there, or most of one. */
  readonly whole: boolean;
}

/**
 * Counts the files of every Windows that are not there. Without most of them the folder is what is left of a Windows,
 * or a model of one: asked file by file, it would lack everything. A file that cannot be looked for counts as there.
 */
export async function missingFiles(subject: InstallationSubject, options: ReadOptions): Promise<MissingFiles> {
  const count = async (names: readonly string[]): Promise<number> => {
    const paths = names.map((name) => `${subject.root}/System32/${name}`);
    const checked = await subject.files.checkAll(paths, 'presence', options);
    return checked.filter(({ state }) => state === 'absent').length;
  };
  const [loaded, started] = [await count(LOADED), await count(STARTED)];
  const whole = loaded * 2 <= LOADED.length || started * 2 <= STARTED.length;
  return { absent: loaded + started, wanted: LOADED.length + STARTED.length, whole };
}
