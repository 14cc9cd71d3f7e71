/** SYSTEM and SOFTWARE hives of a made-up server, for fixtures and recipes. */
import { type HiveSpec, keysFromPaths, type ValueData, writeHive } from './hive-writer.js';

/** What varies between servers. */
export interface ServerSpec {
  computerName?: string;
  domain?: string;
  productType?: 'WinNT' | 'ServerNT' | 'LanmanNT';
  productName?: string;
  build?: number;
  revision?: number;
  timeZone?: string;
  biasMinutes?: number;
  /** `Start` of CSAgent; `undefined` = no sensor. Default 1. */
  sensorStart?: number | null;
  /** Further keys and values. */
  system?: Record<string, Record<string, ValueData>>;
  software?: Record<string, Record<string, ValueData>>;
  /** MountedDevices. */
  mounted?: Record<string, Uint8Array>;
  /** Keys of filler below `Services`, to make a hive of realistic size. */
  services?: number;
}

function fileTime(text: string): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.parse(text)) + 11_644_473_600_000n) * 10_000n, true);
  return bytes;
}

const driver = (start: number, group: string, path?: string): Record<string, ValueData> => ({
  Start: start,
  Type: 1,
  ErrorControl: 1,
  Group: group,
  ...(path === undefined ? {} : { ImagePath: { expand: path } }),
});

/** The SYSTEM hive: control sets 1 (in use) and 2. */
export function systemHive(spec: ServerSpec = {}, style: HiveSpec = {}): Uint8Array<ArrayBuffer> {
  const cs = 'ControlSet001';
  const name = spec.computerName ?? 'SRV-FILE-07';
  const sensor = spec.sensorStart === undefined ? 1 : spec.sensorStart;
  const filler: Record<string, Record<string, ValueData>> = {};
  for (let i = 0; i < (spec.services ?? 0); i += 1) {
    filler[`${cs}\\Services\\filler${String(i).padStart(4, '0')}`] = driver(
      3,
      'Extended Base',
      `System32\\drivers\\filler${i}.sys`,
    );
  }
  return writeHive(
    keysFromPaths({
      Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 2 },
      [`${cs}\\Control`]: {
        SystemStartOptions: ' NOEXECUTE=OPTOUT',
        SystemBootDevice: 'multi(0)disk(0)rdisk(0)partition(4)',
        FirmwareBootDevice: 'multi(0)disk(0)rdisk(0)partition(2)',
        LastBootSucceeded: 0,
        LastBootShutdown: 0,
        DirtyShutdownCount: 5,
      },
      [`${cs}\\Control\\ComputerName\\ComputerName`]: { ComputerName: name },
      [`${cs}\\Control\\ProductOptions`]: { ProductType: spec.productType ?? 'ServerNT' },
      [`${cs}\\Control\\TimeZoneInformation`]: {
        TimeZoneKeyName: { type: 1, bytes: utf16WithJunk(spec.timeZone ?? 'Tokyo Standard Time') },
        Bias: (spec.biasMinutes ?? -540) >>> 0,
        ActiveTimeBias: (spec.biasMinutes ?? -540) >>> 0,
        StandardName: '@tzres.dll,-632',
      },
      [`${cs}\\Control\\Windows`]: { ShutdownTime: fileTime('2024-07-18T13:00:00Z') },
      [`${cs}\\Control\\CrashControl`]: {
        CrashDumpEnabled: 7,
        AutoReboot: 1,
        Overwrite: 1,
        MinidumpsCount: 50,
        DumpFile: { expand: '%SystemRoot%\\MEMORY.DMP' },
        MinidumpDir: { expand: '%SystemRoot%\\Minidump' },
      },
      [`${cs}\\Control\\SafeBoot`]: { AlternateShell: 'cmd.exe' },
      [`${cs}\\Control\\SafeBoot\\Minimal\\Base`]: { '': 'Driver Group' },
      [`${cs}\\Control\\SafeBoot\\Network\\Base`]: { '': 'Driver Group' },
      [`${cs}\\Control\\Session Manager`]: {
        BootExecute: ['autocheck autochk *'],
        PendingFileRenameOperations: { type: 7, bytes: utf16WithJunk('\\??\\C:\\a\0\0\\??\\C:\\b\0\\??\\C:\\c\0', '') },
      },
      [`${cs}\\Control\\Session Manager\\Memory Management`]: {
        PagingFiles: ['C:\\pagefile.sys 0 0'],
        ExistingPageFiles: ['\\??\\C:\\pagefile.sys'],
      },
      [`${cs}\\Services\\disk`]: driver(0, 'SCSI Class'),
      [`${cs}\\Services\\storahci`]: driver(0, 'SCSI Miniport', 'System32\\drivers\\storahci.sys'),
      [`${cs}\\Services\\WdBoot`]: driver(0, 'Early-Launch', 'system32\\drivers\\wd\\WdBoot.sys'),
      [`${cs}\\Services\\WdFilter`]: {
        ...driver(0, 'FSFilter Anti-Virus', 'system32\\drivers\\wd\\WdFilter.sys'),
        Type: 2,
      },
      [`${cs}\\Services\\Dnscache`]: {
        Start: 2,
        Type: 0x20,
        ImagePath: { expand: '%SystemRoot%\\system32\\svchost.exe -k NetworkService -p' },
      },
      [`${cs}\\Services\\Tcpip\\Parameters`]: {
        HostName: name.toLowerCase(),
        'NV HostName': name.toLowerCase(),
        Domain: spec.domain ?? 'corp.example.jp',
      },
      [`${cs}\\Services\\Tcpip\\Parameters\\Interfaces\\{11111111-2222-3333-4444-555555555555}`]: {
        EnableDHCP: 0,
        IPAddress: ['10.20.30.7', '10.20.30.8'],
        SubnetMask: ['255.255.255.0', '255.255.255.0'],
        DefaultGateway: ['10.20.30.1'],
        NameServer: '10.20.0.1,10.20.0.2',
      },
      [`${cs}\\Services\\Tcpip\\Parameters\\Interfaces\\{99999999-2222-3333-4444-555555555555}`]: {
        EnableDHCP: 1,
        DhcpIPAddress: '0.0.0.0',
      },
      ...(sensor === null
        ? {}
        : {
            [`${cs}\\Services\\CSAgent`]: {
              ...driver(
                sensor,
                'FSFilter Activity Monitor',
                '\\??\\C:\\Windows\\system32\\drivers\\CrowdStrike\\csagent.sys',
              ),
              Type: 2,
            },
            [`${cs}\\Services\\CSAgent\\Sim`]: { AG: new Uint8Array(16).fill(0xa1), CU: new Uint8Array(16).fill(0xc2) },
            [`${cs}\\Services\\CSFalconService`]: {
              Start: 2,
              Type: 0x10,
              ImagePath: { expand: '"C:\\Program Files\\CrowdStrike\\CSFalconService.exe"' },
            },
          }),
      'ControlSet002\\Control\\ComputerName\\ComputerName': { ComputerName: 'OLD-NAME' },
      MountedDevices: spec.mounted ?? {},
      Setup: { SystemSetupInProgress: 0, SetupType: 0, CmdLine: '' },
      ...filler,
      ...spec.system,
    }),
    style,
  );
}

/** The SOFTWARE hive. */
export function softwareHive(spec: ServerSpec = {}, style: HiveSpec = {}): Uint8Array<ArrayBuffer> {
  return writeHive(
    keysFromPaths({
      'Microsoft\\Windows NT\\CurrentVersion': {
        ProductName: spec.productName ?? 'Windows Server 2019 Datacenter',
        EditionID: 'ServerDatacenter',
        InstallationType: 'Server',
        CurrentBuildNumber: String(spec.build ?? 17763),
        CurrentBuild: String(spec.build ?? 17763),
        CurrentVersion: '6.3',
        CurrentMajorVersionNumber: 10,
        CurrentMinorVersionNumber: 0,
        UBR: spec.revision ?? 5936,
        ReleaseId: '1809',
        SystemRoot: 'C:\\Windows',
        InstallDate: 1_577_836_800,
        InstallTime: 132_223_104_001_234_567n,
        RegisteredOwner: 'Administrator',
      },
      'Microsoft\\Windows\\CurrentVersion\\Uninstall\\{aaaa}': { DisplayName: 'Some Program', DisplayVersion: '1.0' },
      'Microsoft\\Windows\\CurrentVersion\\Uninstall\\{bbbb}': {
        DisplayName: 'CrowdStrike Windows Sensor',
        DisplayVersion: '7.11.18110.0',
      },
      ...spec.software,
    }),
    style,
  );
}

/** Text with characters behind its end, as Windows leaves them in `TimeZoneKeyName`. */
function utf16WithJunk(text: string, junk = '\0\u1234\u0001'): Uint8Array {
  const whole = text + junk;
  const bytes = new Uint8Array(whole.length * 2);
  for (let i = 0; i < whole.length; i += 1) new DataView(bytes.buffer).setUint16(i * 2, whole.charCodeAt(i), true);
  return bytes;
}
