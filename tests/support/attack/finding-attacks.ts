import { integer, LOADER, mbrDevice, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { type HivePaths, hiveOf, softwarePaths, systemPaths } from '../healthy/hives.js';
import type { ValueData } from '../hive-writer.js';
import { type Attack, imageVerbs, MIB } from './attack.js';
import { attackVolume } from './attack-volume.js';

const SET = 'ControlSet001';
const NT = 'Microsoft\\Windows NT\\CurrentVersion';
const CLASSES = `${SET}\\Control\\Class`;
const DISK_CLASS = `${CLASSES}\\{4d36e967-e325-11ce-bfc1-08002be10318}`;
const VOLUME_CLASS = `${CLASSES}\\{71a27cdd-812a-11d0-bec7-08002be2092f}`;
const CONTROLLER = `${SET}\\Enum\\PCI\\VEN_8086&DEV_2922&SUBSYS_11001AF4&REV_02\\3&11583659&0&FA`;
const SIGNATURE = 0x5eed_0001;

/** Values beside those that a key has. */
function put(paths: HivePaths, key: string, values: Record<string, ValueData>): void {
  paths[key] = { ...paths[key], ...values };
}

/** A disk of one partition, whose hives and boot store are these. */
function disk(
  size: number,
  hives: { readonly system: HivePaths; readonly software: HivePaths },
  boot: { readonly manager: Record<string, ValueData>; readonly loader: Record<string, ValueData> },
  files: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  const device = mbrDevice(MIB, SIGNATURE);
  const store = windowsBootStore({ firmware: 'bios', system: device, windows: device, ...boot });
  const volume = attackVolume(size - MIB, {
    '/Boot/BCD': writeBootStore(store),
    '/bootmgr': new Uint8Array(2000).fill(0x4d),
    '/Windows/System32/config/SYSTEM': hiveOf(hives.system),
    '/Windows/System32/config/SOFTWARE': hiveOf(hives.software),
    ...files,
  });
  const bytes = new Uint8Array(MIB + volume.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1b8, SIGNATURE, true);
  bytes[0x1be] = 0x80;
  bytes[0x1c2] = 7;
  view.setUint32(0x1c6, MIB / 512, true);
  view.setUint32(0x1ca, volume.length / 512, true);
  view.setUint16(0x1fe, 0xaa55, true);
  bytes.set(volume, MIB);
  return bytes;
}

/** A Windows of which thousands of things are wrong, in every list that it reads before the logon. */
export function manyFindings(count: number, size: number): Uint8Array<ArrayBuffer> {
  const names = (prefix: string): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const system: HivePaths = { ...systemPaths({}) };
  put(system, `${SET}\\Control\\Session Manager`, { BootExecute: names('boot') });
  put(system, `${SET}\\Control\\Lsa`, {
    'Authentication Packages': ['msv1_0', ...names('auth')],
    'Notification Packages': names('notify'),
    'Security Packages': ['kernel32', ...names('security')],
  });
  put(system, DISK_CLASS, { UpperFilters: ['partmgr', ...names('disk')], LowerFilters: names('below') });
  put(system, VOLUME_CLASS, { UpperFilters: ['volsnap', ...names('volume')] });
  put(system, CONTROLLER, { UpperFilters: names('device'), LowerFilters: names('lower') });
  put(system, `${SET}\\Control\\Session Manager\\Memory Management`, { VerifyDrivers: names('verify').join(' ') });
  const known = `${SET}\\Control\\Session Manager\\KnownDLLs`;
  // Where most are gone none is told.
  put(system, known, Object.fromEntries(names('gone').map((name) => [name, `${name}.dll`])));
  put(system, known, Object.fromEntries(names('kept').map((name) => [name, 'kernel32.dll'])));
  const pages = Object.fromEntries(Array.from({ length: count }, (_, i) => [String(10_000 + i), `c_${i}.nls`]));
  put(system, `${SET}\\Control\\Nls\\CodePage`, pages);
  for (const name of names('driver'))
    system[`${SET}\\Services\\${name}`] = {
      Start: 0,
      Type: 1,
      ErrorControl: 3,
      ImagePath: { expand: `System32\\drivers\\${name}.sys` },
    };
  for (const name of names('svc'))
    system[`${SET}\\Services\\${name}`] = {
      Start: 2,
      Type: 0x10,
      ErrorControl: 3,
      ImagePath: { expand: `%SystemRoot%\\${name}.exe` },
    };
  const software: HivePaths = { ...softwarePaths(17_763, 1) };
  for (const name of names('S-1-5-21-'))
    software[`${NT}\\ProfileList\\${name}.bak`] = { ProfileImagePath: { expand: `C:\\Users\\${name}` } };
  const ids = Array.from({ length: count }, (_, i) => `{${String(i).padStart(8, '0')}-0000-4000-8000-000000000001}`);
  const policies = Object.fromEntries(
    ids.slice(0, 2000).map((id) => [`/Windows/System32/CodeIntegrity/CiPolicies/Active/${id}.cip`, new Uint8Array(0)]),
  );
  return disk(
    size,
    { system, software },
    {
      manager: { '24000001': [LOADER, ...ids], '24000002': ids, '25000004': integer(30) },
      loader: { '14000006': ids },
    },
    policies,
  );
}

/** A Windows each of whose names and commands is a text of `length` characters. */
export function longTexts(length: number, size: number): Uint8Array<ArrayBuffer> {
  const long = (name: string): string => `${name}${'x'.repeat(length)}`;
  const system: HivePaths = { ...systemPaths({}) };
  put(system, `${SET}\\Control\\ComputerName\\ComputerName`, { ComputerName: long('server') });
  put(system, `${SET}\\Services\\Tcpip\\Parameters`, { Hostname: long('host'), Domain: long('domain') });
  put(system, `${SET}\\Control\\Session Manager`, { BootExecute: [long('boot')], SetupExecute: [long('setup')] });
  put(system, `${SET}\\Control\\Lsa`, { 'Authentication Packages': ['msv1_0', long('auth')] });
  put(system, DISK_CLASS, { UpperFilters: ['partmgr', long('disk')] });
  put(system, `${SET}\\Services\\disk`, { Start: 0, Type: 1, ErrorControl: 3, ImagePath: { expand: long('drv\\') } });
  put(system, `${SET}\\Control\\Session Manager\\SubSystems`, { Windows: { expand: long('csrss') } });
  put(system, 'Setup', { SetupType: 2, SystemSetupInProgress: 1, CmdLine: long('setup') });
  put(system, 'HardwareConfig\\{11111111-2222-4333-8444-555555555555}', { SystemManufacturer: long('maker') });
  put(system, `${SET}\\Control\\TimeZoneInformation`, { TimeZoneKeyName: long('zone') });
  const software: HivePaths = { ...softwarePaths(17_763, 1) };
  put(software, NT, { ProductName: long('product'), EditionID: long('edition'), RegisteredOwner: long('owner') });
  put(software, `${NT}\\Winlogon`, { Userinit: long('userinit'), Shell: long('shell') });
  const text = long('\\windows\\');
  return disk(
    size,
    { system, software },
    { manager: { '12000004': text }, loader: { '12000002': text, '12000004': text, '12000030': text } },
  );
}

/** Attacks on what a report lists, and on how long it makes what it lists. */
export const FINDING_ATTACKS: readonly Attack[] = [
  {
    name: 'findings, 5000 in each list of what runs before the logon',
    idea: 'a cause for each',
    file: 'findings.img',
    bytes: () => manyFindings(5000, 24 * MIB),
    verbs: imageVerbs,
  },
  {
    name: 'findings, names and commands of 200,000 characters',
    idea: 'each is told in several places',
    file: 'texts.img',
    bytes: () => longTexts(200_000, 24 * MIB),
    verbs: imageVerbs,
  },
];
