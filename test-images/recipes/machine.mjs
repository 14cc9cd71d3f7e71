// The registry hives and boot stores of the disks, written by the tests' own hive and boot-store writers.
import { loadWriters } from './writers.mjs';

const { writeHive, keysFromPaths, writeBootStore, windowsBootStore, gptDevice, mbrDevice, guidBytes } =
  await loadWriters('hive-writer', 'bcd-writer');

export const DISK_GUID = '5EED0000-0000-4000-8000-000000000001';
export const MBR_SIGNATURE = 0x5eed0001;
/** GUID of the GPT partition in slot `number`. */
export const partitionGuid = (number) => `5EED0000-0000-4000-8000-00000000001${number}`;

/** What `MountedDevices` keeps of a drive letter's volume: `DMIO:ID:` and the GUID, or signature and byte offset. */
function mountedDevice(layout) {
  if (layout.table === 'gpt')
    return Buffer.concat([Buffer.from('DMIO:ID:', 'latin1'), guidBytes(partitionGuid(layout.windowsNumber))]);
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(MBR_SIGNATURE, 0);
  bytes.writeBigUInt64LE(BigInt(layout.windowsStart * 512), 4);
  return bytes;
}

/** SYSTEM of a server with the sensor. */
export function systemHive(layout) {
  const control = 'ControlSet001\\Control';
  const services = 'ControlSet001\\Services';
  const driver = (start, group) => ({ Type: 1, Start: start, ErrorControl: 1, Group: group });
  return writeHive(
    keysFromPaths({
      Select: { Current: 1, Default: 1, Failed: 0, LastKnownGood: 1 },
      MountedDevices: { '\\DosDevices\\C:': mountedDevice(layout) },
      [`${control}\\ComputerName\\ComputerName`]: { ComputerName: 'SERVER-07' },
      [`${control}\\ProductOptions`]: { ProductType: 'ServerNT' },
      [`${control}\\TimeZoneInformation`]: {
        TimeZoneKeyName: 'Tokyo Standard Time',
        Bias: -540 >>> 0,
        ActiveTimeBias: -540 >>> 0,
      },
      [`${control}\\CrashControl`]: {
        CrashDumpEnabled: 7,
        AutoReboot: 1,
        DumpFile: { expand: '%SystemRoot%\\MEMORY.DMP' },
      },
      [`${control}\\SafeBoot\\Minimal`]: {},
      [`${control}\\SafeBoot\\Network`]: {},
      [`${control}\\Session Manager`]: { BootExecute: ['autocheck autochk *'] },
      [`${control}\\Session Manager\\Memory Management`]: { PagingFiles: ['?:\\pagefile.sys'] },
      [`${services}\\Tcpip\\Parameters`]: {
        Hostname: 'server-07',
        'NV Hostname': 'server-07',
        Domain: 'example.net',
        'NV Domain': 'example.net',
      },
      [`${services}\\Tcpip\\Parameters\\Interfaces\\{5EED0000-0000-4000-8000-0000000000AA}`]: {
        EnableDHCP: 0,
        IPAddress: ['192.0.2.7'],
        SubnetMask: ['255.255.255.0'],
      },
      [`${services}\\disk`]: driver(0, 'SCSI Class'),
      [`${services}\\Ntfs`]: driver(0, 'Boot File System'),
      [`${services}\\CSAgent`]: {
        ...driver(1, 'FSFilter Activity Monitor'),
        ImagePath: { expand: '\\??\\C:\\Windows\\system32\\drivers\\CrowdStrike\\csagent.sys' },
      },
    }),
    { rootName: 'ROOT' },
  );
}

/** SOFTWARE of a Windows Server 2019. */
export function softwareHive() {
  return writeHive(
    keysFromPaths({
      'Microsoft\\Windows NT\\CurrentVersion': {
        ProductName: 'Windows Server 2019 Datacenter',
        EditionID: 'ServerDatacenter',
        InstallationType: 'Server',
        CurrentBuildNumber: '17763',
        CurrentMajorVersionNumber: 10,
        CurrentMinorVersionNumber: 0,
        UBR: 6054,
        ReleaseId: '1809',
        InstallDate: 1_715_681_472,
        SystemRoot: 'C:\\Windows',
      },
    }),
    { rootName: 'ROOT' },
  );
}

/** A hive with an empty root key: SAM, SECURITY and DEFAULT. */
export const emptyHive = () => writeHive({}, { rootName: 'ROOT' });

/** The boot store that starts this disk's Windows. */
export function bootStore(layout) {
  const device = (number, start) =>
    layout.table === 'gpt' ? gptDevice(partitionGuid(number), DISK_GUID) : mbrDevice(start * 512, MBR_SIGNATURE);
  const windows = device(layout.windowsNumber, layout.windowsStart);
  const system = layout.table === 'gpt' ? device(1, 0) : windows;
  return writeBootStore(windowsBootStore({ firmware: layout.table === 'gpt' ? 'uefi' : 'bios', system, windows }));
}
