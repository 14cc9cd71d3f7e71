/**
 * A Windows of which something is wrong for nearly every detector, and what a hostile disk does to the inputs of each:
 * what was found before must not get lost behind it.
 */

import { integer } from '../bcd-writer.js';
import { bootLog, launched, recordedFailure } from '../boot-log-writer.js';
import { writeDump64 } from '../dump-writer.js';
import { writeEventLog } from '../evtx-writer.js';
import type { HealthyDraft, HealthyOptions, HealthyPlaces } from '../healthy/healthy-disk.js';
import type { HivePaths } from '../healthy/hives.js';
import type { SparseMemory } from '../healthy/sparse-memory.js';
import type { ValueData } from '../hive-writer.js';
import { fileTime } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';

const SET = 'ControlSet001';
const MANAGER = `${SET}\\Control\\Session Manager`;
const MEMORY = `${MANAGER}\\Memory Management`;
const LSA = `${SET}\\Control\\Lsa`;
const DISKS = `${SET}\\Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}`;
const ENUM = `${SET}\\Enum\\PCI\\VEN_1234&DEV_5678`;
const NT = 'Microsoft\\Windows NT\\CurrentVersion';
const CBS = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';
const SYSTEM32 = '/Windows/System32';
const EFI = '/EFI/Microsoft/Boot';

/** More entries than any list of them may have. */
const MANY = 4200;
const names = (prefix: string): string[] => Array.from({ length: MANY }, (_, i) => `${prefix}${i}`);
const long = (text: string): string => `${text}${'x'.repeat(30_000)}`;
const odd = (bytes: number): ValueData => ({ type: 7, bytes: new Uint8Array(bytes).fill(0x41) });

function put(paths: HivePaths, key: string, values: Record<string, ValueData>): void {
  paths[key] = { ...paths[key], ...values };
}

/** A value in each list, number and file that detectors read, of which each is a finding. */
function makeSick({ system, software, files, systemFiles, store }: HealthyDraft): void {
  put(system, 'Select', { LastKnownGood: 2 });
  put(system, `${SET}\\Control\\ProductOptions`, { ProductType: 'LanmanNT' });
  system[`${SET}\\Services\\NTDS\\Parameters`] = { 'DSA Database file': 'C:\\Windows\\NTDS\\ntds.dit' };
  system['ControlSet002\\Control'] = {};
  put(system, `${SET}\\Services\\iorate`, { Start: 3 });
  put(system, `${SET}\\Services\\volmgrx`, { Start: 3 });
  for (const [name, errorControl] of [
    ['gone', 3],
    ['acmeflt', 1],
  ] as const)
    system[`${SET}\\Services\\${name}`] = { Type: 1, Start: 0, ErrorControl: errorControl };
  files[`${SYSTEM32}/drivers/acmeflt.sys`] = { content: writePe({ fileVersion: '1.2.3.4', checksum: true }) };
  put(system, `${SET}\\Services\\RpcEptMapper`, { ImagePath: { expand: '%SystemRoot%\\system32\\svchost.exe -k x' } });
  system[`${SET}\\Services\\gonesvc`] = {
    Type: 0x10,
    Start: 2,
    ErrorControl: 3,
    ImagePath: { expand: '%SystemRoot%\\gonesvc.exe' },
  };
  system[`${SET}\\Services\\XenPCI\\Parameters`] = { hide_devices: 'x' };
  system[`${SET}\\Control\\MiniNT`] = {};
  put(system, DISKS, { UpperFilters: ['partmgr', 'goneflt'] });
  system[`${ENUM}\\disk0`] = { ClassGUID: '{4d36e967-e325-11ce-bfc1-08002be10318}', ConfigFlags: 1 };
  system[`${SET}\\Enum\\ACPI\\PNP0A03\\0`] = { UpperFilters: ['goneflt'] };
  put(system, MANAGER, {
    BootExecute: ['autocheck autochk /p *', 'gone'],
    PendingFileRenameOperations: { type: 7, bytes: renames(1) },
  });
  put(system, MEMORY, { PagingFiles: ['D:\\pagefile.sys'], VerifyDrivers: '*' });
  put(system, `${MANAGER}\\KnownDLLs`, { gone: 'gone.dll' });
  put(system, `${MANAGER}\\SubSystems`, { Required: ['Debug'] });
  put(system, LSA, { 'Security Packages': ['gone'] });
  put(system, 'Setup', { SetupType: 2, CmdLine: 'C:\\gone.exe' });
  put(system, `${SET}\\Control\\Nls\\CodePage`, { 1252: 'gone.nls' });
  put(software, `${NT}\\Winlogon`, { Userinit: 'C:\\Windows\\system32\\gone.exe,' });
  software[`${NT}\\Image File Execution Options\\lsass.exe`] = { Debugger: 'gone.exe' };
  software[`${NT}\\ProfileList\\S-1-5-21-1.bak`] = { ProfileImagePath: 'C:\\Users\\a' };
  software[`${CBS}\\RebootInProgress`] = {};
  delete files[`${SYSTEM32}/services.exe`];
  files[`${SYSTEM32}/hal.dll`] = { content: new Uint8Array(5000) };
  files[`${SYSTEM32}/winload.efi`] = { content: new Uint8Array(5000) };
  files[`${SYSTEM32}/CodeIntegrity/CiPolicies/Active/{a}.cip`] = { content: new Uint8Array(0) };
  systemFiles[`${EFI}/CiPolicies/Active/{b}.cip`] = new Uint8Array(100);
  files['/Windows/Minidump/071924-1.dmp'] = { content: dump() };
  files[`${SYSTEM32}/winevt/Logs/Microsoft-Windows-CodeIntegrity%4Operational.evtx`] = { content: blocked(1) };
  systemFiles[`${EFI}/bootmgfw.efi`] = new Uint8Array(4000).fill(7);
  systemFiles[`${EFI}/BOOTSTAT.DAT`] = bootLog([launched('\\Windows\\system32\\winload.efi'), FAILED]);
  store.loader = { '25000031': integer(1) };
}

const FAILED = recordedFailure(0x13, 0xc000_000f, '\\Windows\\system32\\winload.efi');

/** Deletions of `count` files that do not matter, and of one that does. */
function renames(count: number): Uint8Array {
  const kernel = '\\??\\C:\\Windows\\System32\\ntoskrnl.exe\0\0';
  return new Uint8Array(Buffer.from(`${'\\??\\C:\\a\0\0'.repeat(count)}${kernel}\0`, 'utf16le'));
}

function dump(drivers = 1): Uint8Array<ArrayBuffer> {
  return writeDump64({
    code: 0x50,
    parameters: [0n, 0n, 0xffff_f800_1000_0123n, 0n],
    time: fileTime('2024-07-19T04:30:00Z'),
    exception: { code: 0xc0000005, address: 0xffff_f800_1000_0123n },
    drivers: Array.from({ length: drivers }, (_, i) => ({
      name: 'acmeflt.sys',
      base: 0xffff_f800_1000_0000n + BigInt(i << 17),
      size: 0x10000,
    })),
  });
}

function blocked(count: number): Uint8Array<ArrayBuffer> {
  return writeEventLog([
    Array.from({ length: count }, (_, i) => ({
      provider: 'Microsoft-Windows-CodeIntegrity',
      eventId: 3004,
      time: fileTime(`2024-07-19T04:${String(i % 60).padStart(2, '0')}:00Z`),
      data: { FileNameBuffer: `\\Device\\x\\${i === 0 ? 'acmeflt' : i}.sys` },
    })),
  ]);
}

/** An image whose header promises what the file does not hold. */
function brokenImage(change: (view: DataView, header: number) => void): Uint8Array<ArrayBuffer> {
  const bytes = writePe({ fileVersion: '10.0.20348.1', checksum: true, imports: ['hal.dll'] });
  const view = new DataView(bytes.buffer);
  change(view, view.getUint32(0x3c, true));
  return bytes;
}

/** Lists that are longer than any, with what is wrong at their end. */
function lists({ system, software }: HealthyDraft): void {
  put(system, MANAGER, {
    BootExecute: [...names('autocheck autochk '), 'autocheck autochk /p *', 'gone'],
    SetupExecute: names('s'),
    PendingFileRenameOperations: { type: 7, bytes: renames(66_000) },
  });
  put(system, MEMORY, { PagingFiles: [...names('D:\\'), 'D:\\p'], VerifyDrivers: names('v').join(' ') });
  const known = Object.fromEntries(names('k').map((name) => [name, 'kernel32.dll']));
  put(system, `${MANAGER}\\KnownDLLs`, { ...known, zzz: 'gone.dll' });
  put(system, `${MANAGER}\\SubSystems`, { Required: names('r') });
  put(system, LSA, { 'Authentication Packages': ['msv1_0', ...names('msv1_0 ').map(() => 'msv1_0'), 'gone'] });
  put(system, DISKS, { UpperFilters: ['partmgr', ...names('partmgr').map(() => 'partmgr'), 'goneflt'] });
  for (let i = 0; i < 500; i += 1)
    system[`${ENUM}\\a${i}`] = {
      ClassGUID: '{4d36e96a-e325-11ce-bfc1-08002be10318}',
      ParentIdPrefix: `a${i}`,
      ConfigFlags: 1,
    };
  put(system, `${SET}\\Enum\\ACPI\\PNP0A03\\0`, { UpperFilters: [...names('disk').map(() => 'disk'), 'goneflt'] });
  for (let i = 0; i < 400; i += 1) system[`${SET}\\Services\\absent${i}`] = { Type: 1, Start: 0, ErrorControl: 1 };
  for (let i = 0; i < 1100; i += 1) software[`${CBS}\\SessionsPending\\s${i}`] = { Complete: 1 };
}

/** Texts of 30,000 characters wherever a text is read. */
function texts({ system, software, store }: HealthyDraft): void {
  put(system, MANAGER, { BootExecute: ['autocheck autochk /p *', long('boot')] });
  put(system, MEMORY, { PagingFiles: [long('D:\\')], VerifyDrivers: long('a') });
  put(system, `${MANAGER}\\KnownDLLs`, { gone: long('gone') });
  put(system, `${MANAGER}\\SubSystems`, { Windows: { expand: long('csrss') }, Kmode: { expand: long('\\x') } });
  put(system, LSA, { 'Security Packages': [long('gone')] });
  put(system, DISKS, { UpperFilters: ['partmgr', long('flt')], LowerFilters: [long('..\\')] });
  put(system, `${ENUM}\\disk0`, { Service: long('s'), ParentIdPrefix: long('p'), CompatibleIDs: [long('PCI\\')] });
  put(system, `${SET}\\Enum\\ACPI\\PNP0A03\\0`, { UpperFilters: [long('flt')] });
  put(system, `${SET}\\Services\\gone`, { ImagePath: { expand: long('..\\..\\') }, Group: long('g') });
  put(system, `${SET}\\Services\\gonesvc`, { ImagePath: { expand: long('%SystemRoot%\\') } });
  put(system, `${SET}\\Services\\RpcEptMapper`, { ImagePath: long('%x%') });
  put(system, `${SET}\\Control\\Nls\\CodePage`, { ACP: '9999', 9999: long('c_') });
  put(system, `${SET}\\Services\\NTDS\\Parameters`, { 'DSA Database file': long('C:\\') });
  put(system, 'Setup', { CmdLine: long('C:\\gone') });
  put(system, 'HardwareConfig\\{11111111-2222-4333-8444-555555555555}', { SystemManufacturer: long('m') });
  put(software, `${NT}\\Winlogon`, { Userinit: long('C:\\'), Shell: long('"') });
  put(software, `${NT}\\Image File Execution Options\\lsass.exe`, { Debugger: long('"C:\\') });
  software[`${NT}\\ProfileList\\S-1-5-21-2.bak`] = { ProfileImagePath: long('C:\\') };
  store.loader = { ...store.loader, '12000030': long('\\'), '22000011': long('\\') };
}

/** Values of another type than Windows writes, and of odd lengths, beside those that are wrong. */
function types({ system, software, store }: HealthyDraft): void {
  put(system, MANAGER, { SetupExecute: odd(3), ExcludeFromKnownDlls: 7 });
  put(system, MEMORY, { VerifyDriverLevel: 'x' });
  put(system, `${MANAGER}\\KnownDLLs`, { number: 7, bytes: odd(5), none: { type: 0, bytes: new Uint8Array(0) } });
  put(system, `${MANAGER}\\SubSystems`, { Kmode: 3, Optional: odd(1) });
  put(system, LSA, { 'Authentication Packages': 1, 'Notification Packages': odd(3), RunAsPPL: 'x' });
  put(system, DISKS, { LowerFilters: odd(7) });
  put(system, `${ENUM}\\disk1`, { ClassGUID: 5, ConfigFlags: 'x', UpperFilters: 9, CompatibleIDs: odd(3) });
  for (const [name, values] of Object.entries<Record<string, ValueData>>({
    type: { Type: 'x', Start: 0 },
    start: { Type: 1, Start: 'x' },
    control: { Type: 1, Start: 0, ErrorControl: odd(3), ImagePath: 5 },
    override: { Type: 1, Start: 0, Group: odd(3) },
    service: { Type: 0x10, Start: 2, ErrorControl: 3, ImagePath: odd(5) },
  }))
    system[`${SET}\\Services\\odd${name}`] = values;
  system[`${SET}\\Services\\oddoverride\\StartOverride`] = { 0: 'x', 1: odd(3) };
  put(system, `${SET}\\Control\\ProductOptions`, { ProductPolicy: new Uint8Array(33).fill(0xff) });
  put(system, 'HardwareConfig', { LastId: 'x' });
  put(system, 'MountedDevices', { '\\DosDevices\\D:': odd(5), '\\DosDevices\\E:': 7 });
  system[`${SET}\\Enum\\SCSI\\Disk&x\\0\\Device Parameters\\Partmgr`] = { Attributes: 1, PartitionTableCache: odd(9) };
  put(system, `${SET}\\Control\\SecureBoot`, { AvailableUpdates: odd(3) });
  put(system, `${SET}\\Control\\SystemInformation`, { BiosVersion: 5 });
  put(system, 'Setup', { Upgrade: 'x', RollbackActive: odd(3) });
  put(software, `${NT}\\Winlogon`, { Shell: 7 });
  put(software, `${NT}\\Image File Execution Options\\smss.exe`, { Debugger: 7, MinimumStackCommitInBytes: 'x' });
  put(software, 'Microsoft\\Windows\\CurrentVersion\\Setup\\State', { ImageState: odd(9) });
  software[`${NT}\\ProfileList\\odd.bak`] = { ProfileImagePath: 9, State: 'x' };
  put(software, `${CBS}\\SessionsPending`, { Exclusive: odd(3) });
  const short = new Uint8Array(3).fill(1);
  store.loader = { ...store.loader, '26000010': new Uint8Array(0), '15000048': short, '21000001': new Uint8Array(40) };
  store.manager = { '25000004': short, '24000002': ['{', ''], '26000005': new Uint8Array(0) };
}

/** Numbers that no Windows writes. */
function numbers({ system, software, store }: HealthyDraft): void {
  const huge = 0xffff_ffff;
  put(system, 'Select', { Current: huge, Failed: huge });
  put(system, MEMORY, { VerifyDriverLevel: huge });
  put(system, `${ENUM}\\disk1`, { ClassGUID: '{4d36e967-e325-11ce-bfc1-08002be10318}', ConfigFlags: huge });
  for (const start of [5, 0x8000_0000, huge])
    system[`${SET}\\Services\\huge${start}`] = { Type: huge, Start: start, ErrorControl: huge };
  put(system, `${SET}\\Services\\LSM`, { Start: huge });
  put(system, 'Setup', { SetupType: huge, SystemSetupInProgress: huge });
  put(system, 'HardwareConfig', { LastId: huge });
  put(software, NT, { UBR: huge });
  put(software, `${NT}\\Image File Execution Options\\lsass.exe`, { MinimumStackCommitInBytes: huge });
  put(software, `${CBS}\\SessionsPending`, { Exclusive: huge });
  const most = new Uint8Array(8).fill(0xff);
  store.loader = { ...store.loader, '25000080': most, '25000020': most, '15000042': most };
  store.manager = { '25000004': most };
}

/** Files that promise more than they hold, that are cut, and folders where files should be. */
function cutFiles({ files: all, systemFiles }: HealthyDraft): void {
  const heads: Record<string, (view: DataView, header: number) => void> = {
    [`${SYSTEM32}/drivers/disk.sys`]: (view, at) => view.setUint16(at + 6, 0xffff, true),
    [`${SYSTEM32}/drivers/pci.sys`]: (view, at) => view.setUint16(at + 20, 0xffff, true),
    [`${SYSTEM32}/ntoskrnl.exe`]: (view, at) => view.setUint32(at + 24 + 112 + 8, 0xffff_fff0, true),
    [`${SYSTEM32}/kdcom.dll`]: (view, at) => view.setUint32(at + 24 + 112 + 32, 0x7fff_ffff, true),
    [`${SYSTEM32}/lsass.exe`]: (view) => view.setUint32(0x3c, 0xffff_ffff, true),
  };
  for (const [path, change] of Object.entries(heads)) all[path] = { content: brokenImage(change) };
  const filled = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(0x30);
  const catalogs = `${SYSTEM32}/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}`;
  // Of stores with more than 64 catalogs only some are examined, and no driver is looked up.
  for (let i = 0; i < 50; i += 1) all[`${catalogs}/cut${i}.cat`] = { content: filled(10 + i) };
  for (const length of [1, 63, 4096]) {
    const policy = `{${length}}.cip`;
    all[`${SYSTEM32}/CodeIntegrity/CiPolicies/Active/${policy}`] = { content: filled(length) };
    systemFiles[`${EFI}/CiPolicies/Active/${policy}`] = filled(length);
  }
  all['/Windows/Minidump/071924-2.dmp'] = { content: dump(4000) };
  all['/Windows/Minidump/071924-3.dmp'] = { content: dump().slice(0, 5000) };
  all['/Windows/MEMORY.DMP'] = { content: filled(8192) };
  all[`${SYSTEM32}/winevt/Logs/Microsoft-Windows-CodeIntegrity%4Operational.evtx`] = { content: blocked(200) };
  const line = `2024-07-19 04:09:35, Error rolled back ${'x'.repeat(2000)} [HRESULT = 0x800719e4]\r\n`;
  const log = new Uint8Array(Buffer.from(line.repeat(200)));
  all['/Windows/Logs/CBS/CBS.log'] = { content: log };
  all['/Windows/INF/setupapi.dev.log'] = { content: log };
  all['/Windows/WinSxS/pending.xml/folder'] = { content: log };
  all['/Windows/NTDS/ntds.dit'] = { content: filled(8192) };
  all['/Windows/bootstat.dat'] = { content: filled(65_536) };
  all['/hiberfil.sys'] = { content: filled(8192) };
  all[`${SYSTEM32}/config/COMPONENTS`] = { content: filled(4096) };
  all['/$WINDOWS.~BT/Sources/Rollback'] = { content: filled(10) };
  systemFiles[`${EFI}/bootmgr.efi`] = brokenImage((view, at) => view.setUint16(at + 6, 0xffff, true));
  systemFiles['/EFI/Boot/bootx64.efi'] = brokenImage((view) => view.setUint32(0x3c, 0xffff_ffff, true));
  systemFiles[`${EFI}/BOOTSTAT.DAT`] = new Uint8Array([...bootLog([FAILED]), ...filled(70_000)]);
  all['/Windows/Logs/MeasuredBoot/0000000001-0000000000.log'] = { content: filled(4000) };
}

/** Further entries of the GPT: one that is no partition of anything, and one that claims what there is not. */
function gpt({ gpt: partitions, system }: HealthyDraft): void {
  const windows = partitions.at(-1);
  if (windows === undefined) throw new Error('no GPT');
  const name = 'x'.repeat(36);
  partitions.splice(1, 0, {
    ...windows,
    id: FOREIGN,
    name,
    offset: 70 << 20,
    length: 512,
    attributes: (1n << 64n) - 1n,
  });
  put(system, 'MountedDevices', { '\\DosDevices\\D:': new Uint8Array(24).fill(0xff) });
}

const FOREIGN = '5EED0000-0000-4000-8000-0000000000FF';

/** Records of the file system's own files, the copies of others and the backup of the boot sector, filled. */
function damageVolume(disk: SparseMemory, { windows, windowsLength }: HealthyPlaces): void {
  const boot = new DataView(new Uint8Array(disk.read(windows, 512)).buffer);
  const cluster = boot.getUint16(11, true) * boot.getUint8(13);
  const at = (field: number): number => windows + Number(boot.getBigUint64(field, true)) * cluster;
  const filled = new Uint8Array(1024).fill(0xff);
  for (const record of [2, 3, 6]) disk.write(at(0x30) + record * 1024, filled);
  for (const record of [1, 2, 3]) disk.write(at(0x38) + record * 1024, filled);
  disk.write(windows + windowsLength - 512, filled.subarray(0, 512));
}

/** What a disk does to the inputs of the detectors. */
export type Hostility = 'lists' | 'texts' | 'types' | 'numbers' | 'files' | 'volume' | 'tables';

const CHANGES: Readonly<Record<Exclude<Hostility, 'tables'>, (draft: HealthyDraft) => void>> = {
  volume: gpt,
  lists,
  texts,
  types,
  numbers,
  files: cutFiles,
};

/** A sick Windows, with hostile inputs besides where it is asked for. */
export function sickWindows(hostility?: Exclude<Hostility, 'tables'>): HealthyOptions {
  return {
    ...(hostility === 'volume' ? { patch: damageVolume } : {}),
    change(draft) {
      makeSick(draft);
      if (hostility !== undefined) CHANGES[hostility](draft);
    },
  };
}

/** A BIOS disk whose tables and boot sectors are sick, and claim what there is not where `hostile`. */
export function sickTables(hostile: boolean): HealthyOptions {
  return {
    firmware: 'bios',
    change({ systemFiles }) {
      systemFiles['/bootmgr'] = hostile ? new Uint8Array(1) : new Uint8Array(0);
    },
    patch(disk, { system, windows }) {
      disk.write(0, new Uint8Array(440));
      disk.write(0x1ce, Uint8Array.of(0x80));
      disk.write(windows + 0x1c, Uint8Array.of(1, 2, 3, 4));
      disk.write(system + 0x54, new Uint8Array(0x1fe - 0x54));
      if (!hostile) return;
      // Two more partitions: one behind the end of the disk, one on top of the others.
      disk.write(0x1de, Uint8Array.of(0xff, 0, 0, 0, 7, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
      disk.write(0x1ee, Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff));
      disk.write(system + 0x18, new Uint8Array(8).fill(0xff));
    },
  };
}
