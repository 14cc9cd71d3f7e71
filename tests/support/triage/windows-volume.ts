import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { keysFromPaths, type ValueData, writeHive } from '../hive-writer.js';
import { NtfsVolumeWriter } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { FileOptions } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';
import { softwareHive } from '../windows-hives.js';

/** Values of keys below the control set; `null` takes a key away. */
export type Keys = Readonly<Record<string, Record<string, ValueData> | null>>;

/** How a Windows of one volume differs from a healthy one. */
export interface WindowsSpec {
  /** Default 17763. */
  build?: number;
  /** Keys below ControlSet001. */
  keys?: Keys;
  /** Keys below the root of SYSTEM. */
  system?: Keys;
  /** Files by path; `null` takes one away. */
  files?: Readonly<Record<string, FileOptions | null>>;
  /** Another SYSTEM hive altogether. */
  hive?: Uint8Array;
  target?: string;
}

const driver = (errorControl: number, image?: string): Record<string, ValueData> => ({
  Type: 1,
  Start: 0,
  ErrorControl: errorControl,
  ...(image === undefined ? {} : { ImagePath: { expand: `System32\\drivers\\${image}` } }),
});

/** Drivers that the healthy Windows loads with the kernel, by name: ErrorControl. */
const DRIVERS: Readonly<Record<string, number>> = {
  ACPI: 3,
  acpiex: 3,
  atapi: 3,
  CLFS: 3,
  CNG: 3,
  disk: 1,
  EhStorClass: 1,
  FltMgr: 3,
  fvevol: 3,
  intelide: 3,
  iorate: 3,
  KSecDD: 3,
  KSecPkg: 3,
  mountmgr: 3,
  msisadrv: 3,
  partmgr: 3,
  pci: 3,
  pdc: 3,
  rdyboost: 3,
  spaceport: 3,
  storahci: 3,
  stornvme: 3,
  storvsc: 1,
  vdrvroot: 3,
  vmbus: 1,
  volmgr: 3,
  volmgrx: 3,
  volsnap: 3,
  volume: 3,
  vpci: 1,
  Wdf01000: 1,
};

const CLASS = 'Control\\Class';
const HEALTHY_KEYS: Keys = {
  ...Object.fromEntries(Object.entries(DRIVERS).map(([name, control]) => [`Services\\${name}`, driver(control)])),
  [`${CLASS}\\{4d36e967-e325-11ce-bfc1-08002be10318}`]: { UpperFilters: ['partmgr'], LowerFilters: ['EhStorClass'] },
  [`${CLASS}\\{71a27cdd-812a-11d0-bec7-08002be2092f}`]: {
    UpperFilters: ['volsnap'],
    LowerFilters: ['fvevol', 'iorate', 'rdyboost'],
  },
  'Control\\Nls\\CodePage': { ACP: '1252', OEMCP: '437', '1252': 'c_1252.nls', '437': 'c_437.nls' },
  'Control\\Nls\\Language': { Default: '0409', '0409': 'l_intl.nls' },
  'Enum\\PCI\\VEN_8086&DEV_7111&SUBSYS_00000000&REV_01\\3&61aaa01&0&39': {
    Service: 'intelide',
    ClassGUID: '{4d36e96a-e325-11ce-bfc1-08002be10318}',
    ConfigFlags: 0,
    ParentIdPrefix: '4&23686003&0',
  },
  'Enum\\IDE\\DiskVirtual_HD______1.1.0\\4&23686003&0&0.0.0': {
    Service: 'disk',
    ClassGUID: '{4d36e967-e325-11ce-bfc1-08002be10318}',
    ConfigFlags: 0,
  },
};

const HEALTHY_ROOT: Keys = {
  Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 },
  HardwareConfig: { LastId: 0 },
  'HardwareConfig\\{5eed0000-0000-4000-8000-000000000001}': {
    Id: 0,
    SystemManufacturer: 'Microsoft Corporation',
    SystemProductName: 'Virtual Machine',
  },
  'DriverDatabase\\DeviceIds\\PCI\\CC_010802': {},
  'DriverDatabase\\DeviceIds\\PCI\\CC_010601': {},
  Setup: { SetupType: 0, SystemSetupInProgress: 0, CmdLine: '' },
};

/** An image of the healthy Windows; each name has other code. */
export function windowsImage(
  name: string,
  version = '10.0.17763.1',
  more: Partial<Parameters<typeof writePe>[0]> = {},
) {
  return writePe({ fileVersion: version, checksum: true, code: { size: 900, seed: name.length * 7 }, ...more });
}

const CORE = [
  'ntoskrnl.exe',
  'hal.dll',
  'kdcom.dll',
  'ci.dll',
  'PSHED.DLL',
  'BOOTVID.dll',
  'apisetschema.dll',
  'winload.efi',
  'winload.exe',
];
const SYSTEM32 = '/Windows/System32';

function healthyFiles(build: number): Record<string, FileOptions> {
  const version = `10.0.${build}.1`;
  const image = (name: string): FileOptions => ({ content: windowsImage(name, version) });
  const table = { content: new Uint8Array(700).fill(3) };
  const drivers = [...Object.keys(DRIVERS), 'werkernel', 'tm', 'msrpc', 'Ntfs'];
  return {
    ...Object.fromEntries(CORE.map((name) => [`${SYSTEM32}/${name}`, image(name)])),
    ...Object.fromEntries(drivers.map((name) => [`${SYSTEM32}/drivers/${name}.sys`, image(name)])),
    [`${SYSTEM32}/c_1252.nls`]: table,
    [`${SYSTEM32}/c_437.nls`]: table,
    [`${SYSTEM32}/l_intl.nls`]: table,
  };
}

function present<T>(entries: Readonly<Record<string, T | null>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, T] => entry[1] !== null));
}

/** Takes keys away with everything below them, and adds or replaces values. */
function changed(keys: Keys, changes: Keys): Keys {
  const gone = Object.keys(changes).filter((path) => changes[path] === null);
  const kept = Object.entries(keys).filter(
    ([path]) => !gone.some((one) => path === one || path.startsWith(`${one}\\`)),
  );
  const merged: Record<string, Record<string, ValueData> | null> = Object.fromEntries(kept);
  for (const [path, values] of Object.entries(changes))
    if (values !== null) merged[path] = { ...merged[path], ...values };
  return merged;
}

/** The SYSTEM hive of a Windows. */
export function systemOf({ keys = {}, system = {} }: WindowsSpec): Uint8Array<ArrayBuffer> {
  const set = Object.entries(present(changed(HEALTHY_KEYS, keys))).map(([path, values]) => [
    `ControlSet001\\${path}`,
    values,
  ]);
  return writeHive(keysFromPaths({ ...present(changed(HEALTHY_ROOT, system)), ...Object.fromEntries(set) }));
}

/**
 * Later entries replace earlier ones whose paths differ in case only; folders keep the case in which they came first.
 */
function inOneCase(entries: readonly (readonly [string, FileOptions | null])[]): Record<string, FileOptions | null> {
  const known = new Map<string, string>();
  const nameOf = (part: string, path: string): string => {
    const key = path.toLowerCase();
    known.set(key, known.get(key) ?? part);
    return known.get(key) as string;
  };
  const named: Record<string, FileOptions | null> = {};
  for (const [path, options] of entries) {
    const parts = path.split('/');
    named[parts.map((part, i) => nameOf(part, parts.slice(0, i + 1).join('/'))).join('/')] = options;
  }
  return named;
}

/** A bare NTFS volume with a Windows on it: a file for each driver and core file, hives, no boot store. */
export function windowsVolume(spec: WindowsSpec = {}): Uint8Array<ArrayBuffer> {
  const { build = 17_763 } = spec;
  const files = present(
    inOneCase([
      ...Object.entries(healthyFiles(build)),
      [`${SYSTEM32}/config/SYSTEM`, { content: spec.hive ?? systemOf(spec) }],
      [`${SYSTEM32}/config/SOFTWARE`, { content: softwareHive({ build }) }],
      ...Object.entries(spec.files ?? {}),
    ]),
  );
  const bytes = Object.values(files).reduce((sum, { size, content }) => sum + (content?.length ?? size ?? 0) + 8192, 0);
  const size = Math.ceil((bytes + (8 << 20)) / (1 << 20)) << 20;
  const sink = new MemorySink(size);
  const writer = new NtfsVolumeWriter(sink, { size });
  for (const [path, options] of Object.entries(files)) {
    const cut = path.lastIndexOf('/');
    writer.tree.addFile(writer.tree.folder(path.slice(1, cut)), path.slice(cut + 1), options);
  }
  writer.finish();
  return sink.bytes;
}

/** What a full scan says of a bare volume with this Windows. */
export async function scanWindows(spec: WindowsSpec = {}): Promise<ImageReport> {
  const disk = await openDisk(new MemorySource(windowsVolume(spec)));
  const report = await scanDisk(disk, spec.target === undefined ? {} : { target: spec.target });
  await disk.close();
  return report;
}

/** The causes of the loader's and the kernel's phase that ask for something, as `id severity confidence`. */
export async function causesOf(spec: WindowsSpec): Promise<string[]> {
  return (await allCauses(spec))
    .filter(({ severity }) => severity !== 'none')
    .map(({ id, severity, confidence }) => `${id} ${severity} ${confidence}`);
}

/** Every cause of the loader's and the kernel's phase. */
export async function allCauses(spec: WindowsSpec): Promise<ImageReport['causes']> {
  const { causes } = await scanWindows(spec);
  return causes.filter(({ phase }) => phase === 'loader' || phase === 'kernel');
}
