/** A whole Windows on a small volume, as far as a session needs it, for the detectors of the session and the logon. */
import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { readMachine } from '@deadbox/windows';
import type { FoundCause } from '../../../packages/triage/src/causes/cause.js';
import type { DiskDetector, VolumeDetector } from '../../../packages/triage/src/causes/detector.js';
import { NEEDED_DRIVERS } from '../../../packages/triage/src/drivers/needed-drivers.js';
import { readCrashFacts } from '../../../packages/triage/src/evidence/crash-report.js';
import { type DiskSubject, diskSubject } from '../../../packages/triage/src/subject/disk-subject.js';
import { Doubts } from '../../../packages/triage/src/subject/doubts.js';
import { installationSubject, type VolumeSubject } from '../../../packages/triage/src/subject/installation-subject.js';
import { keysFromPaths, type ValueData, writeHive } from '../hive-writer.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { FileOptions } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';

/** Values by name; `undefined` takes one away. */
export type Values = Record<string, ValueData | undefined>;
/** Keys by path; `undefined` takes one away with all below it. */
export type Keys = Record<string, Values | undefined>;

/** What differs from a healthy Windows. */
export interface WindowsChange {
  system?: Keys;
  software?: Keys;
  /** Values in the root of COMPONENTS; without them there is no such hive. */
  components?: Record<string, ValueData>;
  /** Files by path; `undefined` takes one away. */
  files?: Record<string, FileOptions | undefined>;
  volume?: Partial<VolumeOptions>;
  /** Changes bytes of the finished volume. */
  edit?: (volume: Uint8Array<ArrayBuffer>) => void;
}

/** The control set of the healthy Windows. */
export const CS = 'ControlSet001';
export const MANAGER = `${CS}\\Control\\Session Manager`;
export const VERSION = 'Microsoft\\Windows NT\\CurrentVersion';
export const SERVICING = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';

const SYSTEM32 =
  'smss.exe autochk.exe csrss.exe csrsrv.dll basesrv.dll winsrv.dll sxssrv.dll wininit.exe winlogon.exe services.exe lsass.exe lsasrv.dll samsrv.dll ' +
  'svchost.exe userinit.exe LogonUI.exe dwm.exe ntdll.dll kernel32.dll KernelBase.dll user32.dll gdi32.dll advapi32.dll rpcrt4.dll sechost.dll ' +
  'msvcrt.dll win32k.sys lsm.dll win32kbase.sys win32kfull.sys ucrtbase.dll win32u.dll gdi32full.dll ' +
  'ntoskrnl.exe hal.dll ci.dll msv1_0.dll scecli.dll ole32.dll';

const automatic = (command: string): Values => ({
  Start: 2,
  Type: 0x20,
  ErrorControl: 1,
  ImagePath: { expand: command },
});

/** Values as the hives of Windows 10 have them. */
const HEALTHY_SYSTEM: Keys = {
  Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 },
  [`${CS}\\Control\\ProductOptions`]: { ProductType: 'ServerNT' },
  [`${CS}\\Control\\Windows`]: { ShutdownTime: fileTimeBytes('2024-07-18T13:00:00Z') },
  [`${CS}\\Control\\TimeZoneInformation`]: {
    TimeZoneKeyName: 'Tokyo Standard Time',
    Bias: -540 >>> 0,
    ActiveTimeBias: -540 >>> 0,
  },
  [`${CS}\\Control\\Lsa`]: {
    'Authentication Packages': ['msv1_0'],
    'Security Packages': ['""'],
    'Notification Packages': ['scecli'],
  },
  [MANAGER]: { BootExecute: ['autocheck autochk *'], SETUPEXECUTE: [], ExcludeFromKnownDlls: [] },
  [`${MANAGER}\\SubSystems`]: {
    Required: ['Debug', 'Windows'],
    Windows: { expand: '%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows SharedSection=1024,20480,768' },
    Kmode: { expand: '\\SystemRoot\\System32\\win32k.sys' },
  },
  [`${MANAGER}\\KnownDLLs`]: {
    DllDirectory: { expand: '%SystemRoot%\\system32' },
    kernel32: 'kernel32.dll',
    ole32: 'ole32.dll',
    _wowarmhw: 'wowarmhw.dll',
    _xtajit: 'xtajit.dll',
  },
  [`${MANAGER}\\Memory Management`]: { PagingFiles: ['?:\\pagefile.sys'] },
  Setup: { SetupType: 0, CmdLine: '', SystemSetupInProgress: 0, OOBEInProgress: 0, Upgrade: 0, RollbackActive: 0 },
  [`${CS}\\Services\\RpcSs`]: automatic('%SystemRoot%\\system32\\svchost.exe -k rpcss -p'),
  [`${CS}\\Services\\RpcEptMapper`]: automatic('%SystemRoot%\\system32\\svchost.exe -k RPCSS -p'),
  [`${CS}\\Services\\DcomLaunch`]: automatic('%SystemRoot%\\system32\\svchost.exe -k DcomLaunch -p'),
  [`${CS}\\Services\\PlugPlay`]: { ...automatic('%SystemRoot%\\system32\\svchost.exe -k DcomLaunch -p'), Start: 3 },
  [`${CS}\\Services\\NTDS`]: {},
  ...Object.fromEntries(
    NEEDED_DRIVERS.map(({ name }) => [
      `${CS}\\Services\\${name}`,
      { Start: 0, Type: 1, ErrorControl: 3, Group: 'Base' },
    ]),
  ),
};

const HEALTHY_SOFTWARE: Keys = {
  [VERSION]: { CurrentBuildNumber: '17763', UBR: 5936, SystemRoot: 'C:\\Windows', ProductName: 'Windows Server 2019' },
  [`${VERSION}\\Winlogon`]: { Userinit: 'C:\\Windows\\system32\\userinit.exe,', Shell: 'explorer.exe' },
  [`${VERSION}\\Image File Execution Options\\notepad.exe`]: { Debugger: 'gone.exe' },
  [`${VERSION}\\ProfileList\\S-1-5-21-1-2-3-500`]: { ProfileImagePath: 'C:\\Users\\Administrator' },
  'Microsoft\\Windows\\CurrentVersion\\Setup\\State': { ImageState: 'IMAGE_STATE_COMPLETE' },
  [`${SERVICING}\\SessionsPending`]: { Exclusive: 0 },
  [`${SERVICING}\\SessionsPending\\31118_1`]: { Complete: 1 },
};

/** Eight bytes of a FILETIME. */
export function fileTimeBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.parse(text)) + 11_644_473_600_000n) * 10_000n, true);
  return bytes;
}

/** A text file. */
export const textFile = (text: string): FileOptions => ({ content: Uint8Array.from(Buffer.from(text, 'latin1')) });

/** An executable image of the build of the healthy Windows. */
export const IMAGE: FileOptions = { content: writePe({ fileVersion: '10.0.17763.5936' }) };

function hive(healthy: Keys, change: Keys): Uint8Array<ArrayBuffer> {
  const paths: Record<string, Record<string, ValueData>> = {};
  for (const path of new Set([...Object.keys(healthy), ...Object.keys(change)])) {
    if (Object.entries(change).some(([gone, values]) => values === undefined && `${path}\\`.startsWith(`${gone}\\`)))
      continue;
    const all = { ...healthy[path], ...change[path] };
    paths[path] = Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }
  return writeHive(keysFromPaths(paths));
}

/** The bytes of the volume. */
export function sessionVolume(change: WindowsChange = {}): Uint8Array<ArrayBuffer> {
  const size = change.volume?.size ?? 24 << 20;
  const sink = new MemorySink(size);
  const writer = new NtfsVolumeWriter(sink, { size, ...change.volume });
  const files: Record<string, FileOptions | undefined> = {
    ...Object.fromEntries(SYSTEM32.split(' ').map((name) => [`/Windows/System32/${name}`, IMAGE])),
    '/Windows/explorer.exe': IMAGE,
    '/Windows/regedit.exe': IMAGE,
    '/Windows/System32/drivers/disk.sys': IMAGE,
    '/Windows/System32/config/SYSTEM': { content: hive(HEALTHY_SYSTEM, change.system ?? {}) },
    '/Windows/System32/config/SOFTWARE': { content: hive(HEALTHY_SOFTWARE, change.software ?? {}) },
    ...(change.components === undefined
      ? {}
      : { '/Windows/System32/config/COMPONENTS': { content: writeHive({ values: change.components }) } }),
    ...change.files,
  };
  for (const [path, options] of Object.entries(files)) {
    const cut = path.lastIndexOf('/');
    const folder = writer.tree.folder(path.slice(0, cut));
    if (options !== undefined) writer.tree.addFile(folder, path.slice(cut + 1), options);
  }
  writer.finish();
  change.edit?.(sink.bytes);
  return sink.bytes;
}

/** The subjects of such a Windows. */
export async function sessionSubjects(
  change: WindowsChange = {},
): Promise<{ disk: DiskSubject; windows: VolumeSubject; doubts: Doubts }> {
  const disk = await openDisk(new MemorySource(sessionVolume(change)));
  const [volume] = disk.volumes;
  const tree = await volume.fileTree();
  if (!(tree instanceof NtfsVolume)) throw new Error('no NTFS');
  const doubts = new Doubts();
  const machine = await readMachine(tree, '/Windows');
  const crash = await readCrashFacts(tree, '/Windows', machine.machine, {});
  const shared = { firmware: 'none' as const, target: undefined, doubts };
  const windows = installationSubject({
    volume,
    tree,
    root: '/Windows',
    machine,
    crash,
    lastKnownGood: false,
    ...shared,
  });
  const stores = { stores: [], unreadable: [], logs: [] } as unknown as DiskSubject['stores'];
  const subject = diskSubject({
    disk,
    volumes: [],
    stores,
    boot: undefined,
    obstacles: [],
    installations: [windows],
    ...shared,
  });
  return { disk: subject, windows, doubts };
}

/** What a detector finds, and what it doubts. */
export async function detected(detector: VolumeDetector, change: WindowsChange = {}): Promise<readonly FoundCause[]> {
  const { windows } = await sessionSubjects(change);
  return detector.detect(windows, {});
}

/** The same for a detector that looks at the disk. */
export async function detectedOnDisk(
  detector: DiskDetector,
  change: WindowsChange = {},
): Promise<readonly FoundCause[]> {
  const { disk } = await sessionSubjects(change);
  return detector.detect(disk, {});
}
