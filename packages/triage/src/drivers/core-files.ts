/** A file without which no Windows of its builds starts, beside the drivers. */
export interface CoreFile {
  /** Below System32. */
  readonly path: string;
  /** First build that has it there, and the first that no longer has. */
  readonly since: number;
  readonly until?: number;
  /** That it is not there is no fault: Windows loads it for one processor only, or goes on without it. */
  readonly optional?: true;
  /** Not an executable image. */
  readonly plain?: true;
  /** Another file that does the same: without this one nothing is wrong while that is there. */
  readonly insteadOf?: readonly string[];
}

const WINDOWS_7 = 7600;
const WINDOWS_8 = 9200;
const WINDOWS_10 = 10_240;
const WINDOWS_10_1607 = 14_393;

/**
 * Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000221", "0xC000000F", "0xC0000098"; what the kernel of
 * Windows 7 to 11 imports.
 */
export const CORE_FILES: readonly CoreFile[] = [
  { path: 'ntoskrnl.exe', since: WINDOWS_7 },
  { path: 'hal.dll', since: WINDOWS_8 },
  { path: 'hal.dll', since: WINDOWS_7, until: WINDOWS_8, insteadOf: ['halmacpi.dll', 'halacpi.dll'] },
  { path: 'kdcom.dll', since: WINDOWS_7 },
  { path: 'ci.dll', since: WINDOWS_7 },
  { path: 'PSHED.DLL', since: WINDOWS_7 },
  { path: 'BOOTVID.dll', since: WINDOWS_7 },
  { path: 'apisetschema.dll', since: WINDOWS_7 },
  { path: 'mcupdate_GenuineIntel.dll', since: WINDOWS_7, optional: true },
  { path: 'mcupdate_AuthenticAMD.dll', since: WINDOWS_7, optional: true },
  { path: 'clfs.sys', since: WINDOWS_7, until: WINDOWS_8 },
  { path: 'drivers/clfs.sys', since: WINDOWS_8 },
  { path: 'drivers/werkernel.sys', since: WINDOWS_10 },
  { path: 'drivers/tm.sys', since: WINDOWS_10 },
  { path: 'drivers/msrpc.sys', since: WINDOWS_7 },
  { path: 'drivers/cng.sys', since: WINDOWS_7 },
  { path: 'drivers/ksecdd.sys', since: WINDOWS_7 },
  { path: 'drivers/fltmgr.sys', since: WINDOWS_7 },
  { path: 'drivers/ntfs.sys', since: WINDOWS_7 },
  { path: 'CodeIntegrity/driver.stl', since: WINDOWS_7, optional: true, plain: true },
  { path: '../AppPatch/drvmain.sdb', since: WINDOWS_7, optional: true, plain: true },
];

/** Files that a session needs (Microsoft, "Stop error 0xC000021A"). A server core before Windows 8 has no dwm.exe. */
const SESSION_FILES: readonly CoreFile[] = [
  ...(
    'smss.exe autochk.exe csrss.exe csrsrv.dll basesrv.dll winsrv.dll sxssrv.dll wininit.exe winlogon.exe services.exe lsass.exe lsasrv.dll samsrv.dll ' +
    'svchost.exe userinit.exe LogonUI.exe ntdll.dll kernel32.dll KernelBase.dll user32.dll gdi32.dll advapi32.dll rpcrt4.dll sechost.dll msvcrt.dll win32k.sys'
  )
    .split(' ')
    .map((path) => ({ path, since: WINDOWS_7 })),
  { path: 'lsm.exe', since: WINDOWS_7, until: WINDOWS_8 },
  { path: 'lsm.dll', since: WINDOWS_8 },
  { path: 'dwm.exe', since: WINDOWS_8 },
  { path: 'win32kbase.sys', since: WINDOWS_10 },
  { path: 'win32kfull.sys', since: WINDOWS_10 },
  { path: 'ucrtbase.dll', since: WINDOWS_10 },
  { path: 'win32u.dll', since: WINDOWS_10_1607 },
  { path: 'gdi32full.dll', since: WINDOWS_10_1607 },
];

/** Names of the session's files, upper case. */
export const SESSION_FILE_NAMES: ReadonlySet<string> = new Set(SESSION_FILES.map(({ path }) => path.toUpperCase()));

const has =
  (build: number) =>
  ({ since, until }: CoreFile): boolean =>
    build >= since && (until === undefined || build < until);

/** Those that the loader needs of a Windows of this build. */
export function coreFilesOf(build: number): readonly CoreFile[] {
  return CORE_FILES.filter(has(build));
}

/** Names of those that a session needs; of a Windows whose build is not known, those of every build. */
export function sessionFilesOf(build: number | undefined): readonly string[] {
  const needed =
    build === undefined
      ? SESSION_FILES.filter(({ since, until }) => since === WINDOWS_7 && until === undefined)
      : SESSION_FILES.filter(has(build));
  return needed.map(({ path }) => path);
}

/** Path of a core file on its volume. @param root - the Windows folder */
export function corePath(root: string, path: string): string {
  return path.startsWith('../') ? `${root}/${path.slice(3)}` : `${root}/System32/${path}`;
}

/** Whether the file at `path` is one of {@link CORE_FILES}. */
export function isCoreFile(root: string, path: string): boolean {
  const wanted = path.toLowerCase();
  return CORE_FILES.some((file) => corePath(root, file.path).toLowerCase() === wanted);
}
