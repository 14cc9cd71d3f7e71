import { guidBytes } from '../bcd-writer.js';
import { keysFromPaths, type ValueData, writeHive } from '../hive-writer.js';

/** Values of a hive by path of their key. */
export type HivePaths = Record<string, Record<string, ValueData>>;

const SET = 'ControlSet001';

const driver = (group: string, more: Record<string, ValueData> = {}, start = 0): Record<string, ValueData> => ({
  Type: 1,
  Start: start,
  ErrorControl: 3,
  ...(group === '' ? {} : { Group: group }),
  ...more,
});

/** Drivers that are loaded at boot on every machine, with group, as the hives of Windows 7 to 10 have them. */
const BOOT_DRIVERS: Readonly<Record<string, string>> = {
  ACPI: 'Core',
  acpiex: 'Boot Bus Extender',
  pci: 'Boot Bus Extender',
  msisadrv: 'Boot Bus Extender',
  vdrvroot: 'Boot Bus Extender',
  pdc: 'Boot Bus Extender',
  partmgr: 'Boot Bus Extender',
  spaceport: 'System Bus Extender',
  volmgr: 'System Bus Extender',
  volmgrx: 'System Bus Extender',
  mountmgr: 'System Bus Extender',
  vmbus: 'System Bus Extender',
  storahci: 'SCSI Miniport',
  stornvme: 'SCSI Miniport',
  storvsc: 'SCSI Miniport',
  LSI_SAS: 'SCSI Miniport',
  atapi: 'SCSI Miniport',
  intelide: 'System Bus Extender',
  disk: '',
  EhStorClass: 'PnP Filter',
  FltMgr: 'FSFilter Infrastructure',
  CLFS: 'Filter',
  CNG: 'Base',
  KSecDD: 'Base',
  KSecPkg: 'Cryptography',
  Wdf01000: 'WdfLoadGroup',
  NDIS: 'NDIS Wrapper',
  Tcpip: 'PNP_TDI',
  fvevol: 'PnP Filter',
  iorate: 'PnP Filter',
  rdyboost: 'PnP Filter',
  volsnap: '',
  volume: '',
};

const SVCHOST = '%SystemRoot%\\system32\\svchost.exe';
const service = (command: string, more: Record<string, ValueData> = {}): Record<string, ValueData> => ({
  Type: 0x20,
  Start: 2,
  ErrorControl: 1,
  ImagePath: { expand: command },
  ...more,
});

/** Services that run before the logon. */
const SERVICES: Readonly<Record<string, Record<string, ValueData>>> = {
  RpcSs: service(`${SVCHOST} -k rpcss -p`),
  RpcEptMapper: service(`${SVCHOST} -k RPCSS -p`),
  DcomLaunch: service(`${SVCHOST} -k DcomLaunch -p`),
  Power: service(`${SVCHOST} -k DcomLaunch -p`),
  BrokerInfrastructure: service(`${SVCHOST} -k DcomLaunch -p`),
  SystemEventsBroker: service(`${SVCHOST} -k DcomLaunch -p`),
  LSM: service(`${SVCHOST} -k DcomLaunch -p`),
  PlugPlay: service(`${SVCHOST} -k DcomLaunch -p`, { Start: 3 }),
  TrustedInstaller: service('%SystemRoot%\\servicing\\TrustedInstaller.exe', { Type: 0x10, Start: 3 }),
};

const CLASSES = `${SET}\\Control\\Class`;
const CONTROLLER = `${SET}\\Enum\\PCI\\VEN_8086&DEV_2922&SUBSYS_11001AF4&REV_02\\3&11583659&0&FA`;

/** A SYSTEM hive of a healthy Windows 10 machine. */
export function systemPaths(mountedDevices: Record<string, ValueData>): HivePaths {
  const drivers = Object.entries(BOOT_DRIVERS).map(([name, group]): [string, Record<string, ValueData>] => [
    `${SET}\\Services\\${name}`,
    driver(group, { ImagePath: { expand: `System32\\drivers\\${name}.sys` } }),
  ]);
  const others = Array.from({ length: 120 }, (_, i): [string, Record<string, ValueData>] => [
    `${SET}\\Services\\device${String(i).padStart(3, '0')}`,
    driver(
      'Extended Base',
      { ImagePath: { expand: `\\SystemRoot\\System32\\drivers\\device${i}.sys` }, ErrorControl: 1 },
      3,
    ),
  ]);
  return {
    Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 },
    MountedDevices: mountedDevices,
    HardwareConfig: { LastConfig: '{11111111-2222-4333-8444-555555555555}', LastId: 0 },
    'HardwareConfig\\{11111111-2222-4333-8444-555555555555}': {
      Id: 0,
      SystemManufacturer: 'QEMU',
      SystemProductName: 'Standard PC (Q35)',
    },
    Setup: {
      SetupType: 0,
      SystemSetupInProgress: 0,
      SetupPhase: 0,
      CmdLine: '',
      OOBEInProgress: 0,
      RestartSetup: 0,
      Upgrade: 0,
    },
    'Setup\\Status\\ChildCompletion': { 'setup.exe': 3 },
    [`${SET}\\Control`]: {
      SystemBootDevice: 'multi(0)disk(0)rdisk(0)partition(3)',
      LastBootSucceeded: 1,
      LastBootShutdown: 1,
    },
    [`${SET}\\Control\\ComputerName\\ComputerName`]: { ComputerName: 'SRV-WEB-03' },
    [`${SET}\\Control\\ProductOptions`]: { ProductType: 'ServerNT' },
    [`${SET}\\Control\\TimeZoneInformation`]: { TimeZoneKeyName: 'Tokyo Standard Time', Bias: -540 >>> 0 },
    [`${SET}\\Control\\Windows`]: {
      Directory: { expand: '%SystemRoot%' },
      SystemDirectory: { expand: '%SystemRoot%\\system32' },
    },
    [`${SET}\\Control\\Session Manager`]: {
      BootExecute: ['autocheck autochk *'],
      SETUPEXECUTE: [],
      ObjectDirectories: ['\\Windows', '\\RPC Control'],
      ExcludeFromKnownDlls: [],
    },
    [`${SET}\\Control\\Session Manager\\Environment`]: {
      PROCESSOR_ARCHITECTURE: 'AMD64',
      windir: { expand: '%SystemRoot%' },
    },
    [`${SET}\\Control\\Session Manager\\KnownDLLs`]: {
      advapi32: 'advapi32.dll',
      kernel32: 'kernel32.dll',
      rpcrt4: 'rpcrt4.dll',
      user32: 'user32.dll',
      _wowarmhw: 'wowarmhw.dll',
      _xtajit: 'xtajit.dll',
    },
    [`${SET}\\Control\\Session Manager\\Memory Management`]: {
      PagingFiles: ['?:\\pagefile.sys'],
      ExistingPageFiles: ['\\??\\C:\\pagefile.sys'],
    },
    [`${SET}\\Control\\Session Manager\\SubSystems`]: {
      Debug: { expand: '' },
      Kmode: { expand: '\\SystemRoot\\System32\\win32k.sys' },
      Optional: [],
      Required: ['Debug', 'Windows'],
      Windows: {
        expand:
          '%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows SharedSection=1024,20480,768 Windows=On SubSystemType=Windows ServerDll=basesrv,1 ServerDll=winsrv:UserServerDllInitialization,3 ServerDll=sxssrv,4 ProfileControl=Off MaxRequestThreads=16',
      },
    },
    [`${SET}\\Control\\Lsa`]: {
      'Authentication Packages': ['msv1_0'],
      'Security Packages': ['""'],
      'Notification Packages': ['scecli'],
    },
    [`${SET}\\Control\\Nls\\CodePage`]: {
      ACP: '1252',
      OEMCP: '437',
      OEMHAL: 'vgaoem.fon',
      1252: 'c_1252.nls',
      437: 'c_437.nls',
    },
    [`${SET}\\Control\\Nls\\Language`]: { Default: '0409', '0409': 'l_intl.nls' },
    [`${SET}\\Control\\ServiceGroupOrder`]: {
      List: [
        'System Reserved',
        'EMS',
        'WdfLoadGroup',
        'Boot Bus Extender',
        'System Bus Extender',
        'SCSI Miniport',
        'Base',
        'Filter',
      ],
    },
    [`${CLASSES}\\{4d36e967-e325-11ce-bfc1-08002be10318}`]: {
      Class: 'DiskDrive',
      UpperFilters: ['partmgr'],
      LowerFilters: ['EhStorClass'],
    },
    [`${CLASSES}\\{71a27cdd-812a-11d0-bec7-08002be2092f}`]: {
      Class: 'Volume',
      UpperFilters: ['volsnap'],
      LowerFilters: ['fvevol', 'iorate', 'rdyboost'],
    },
    [CONTROLLER]: {
      ClassGUID: '{4d36e96a-e325-11ce-bfc1-08002be10318}',
      ConfigFlags: 0,
      DeviceDesc: '@mshdc.inf,%pci\\cc_010601.devicedesc%;Standard SATA AHCI Controller',
      Service: 'storahci',
    },
    'DriverDatabase\\DeviceIds\\PCI\\CC_010601': { 'mshdc.inf': Uint8Array.of(1, 0, 0, 0) },
    ...Object.fromEntries(drivers),
    ...Object.fromEntries(Object.entries(SERVICES).map(([name, values]) => [`${SET}\\Services\\${name}`, values])),
    ...Object.fromEntries(others),
  };
}

/** `\DosDevices\C:` of a GPT volume. */
export const gptLetter = (partitionId: string): Uint8Array =>
  Uint8Array.from([...new TextEncoder().encode('DMIO:ID:'), ...guidBytes(partitionId)]);

/** `\DosDevices\C:` of an MBR volume. */
export function mbrLetter(signature: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  view.setBigUint64(4, BigInt(offset), true);
  return bytes;
}

const NT = 'Microsoft\\Windows NT\\CurrentVersion';

/** A SOFTWARE hive of a healthy machine. */
export function softwarePaths(build: number, revision: number): HivePaths {
  return {
    [NT]: {
      ProductName: 'Windows Server 2022 Datacenter',
      EditionID: 'ServerDatacenter',
      InstallationType: 'Server',
      CurrentBuildNumber: String(build),
      CurrentBuild: String(build),
      CurrentVersion: build >= 9600 ? '6.3' : '6.1',
      ...(build >= 10_000 ? { CurrentMajorVersionNumber: 10, CurrentMinorVersionNumber: 0 } : {}),
      UBR: revision,
      SystemRoot: 'C:\\Windows',
    },
    [`${NT}\\Winlogon`]: { Userinit: 'C:\\Windows\\system32\\userinit.exe,', Shell: 'explorer.exe' },
    [`${NT}\\Image File Execution Options\\svchost.exe`]: { MinimumStackCommitInBytes: 32_768 },
    'Microsoft\\Windows\\CurrentVersion\\Setup\\State': { ImageState: 'IMAGE_STATE_COMPLETE' },
    'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\SessionsPending': { Exclusive: 0 },
  };
}

/** A hive of these values. */
export function hiveOf(paths: HivePaths): Uint8Array<ArrayBuffer> {
  return writeHive(keysFromPaths(paths));
}
