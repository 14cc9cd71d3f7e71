import { gptDevice, guidBytes, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { csagentCrash } from '../dump-writer.js';
import { writeEventLog } from '../evtx-writer.js';
import type { ValueData } from '../hive-writer.js';
import { type FileOptions, fileTime } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';
import { softwareHive, systemHive } from '../windows-hives.js';
import { type CrashedDiskOptions, DISK_ID, partitionId } from './crashed-disk.js';

/** How rich the machine on a crashed disk is. */
export interface CrashedMachineOptions extends CrashedDiskOptions {
  /** Services in SYSTEM, most of them filler. Default 800: what a server has. */
  services?: number;
  /** Boot-start drivers among them, each with its file. Default 80. */
  bootDrivers?: number;
  /** Filler keys in SOFTWARE. Default 20,000. */
  softwareKeys?: number;
}

const CRASHED = '2024-07-19T04:31:00Z';

/**
 * Options for a disk that holds a whole crashed server: SYSTEM and SOFTWARE, a boot store that points at this disk,
 * boot drivers, the sensor's driver with its version, minidumps and an event log. All of it comes from writers that
 * share no code with the readers.
 */
export function crashedMachine(options: CrashedMachineOptions): CrashedDiskOptions {
  const { services = 800, bootDrivers = 80, softwareKeys = 20_000, ...disk } = options;
  const drivers = Array.from({ length: bootDrivers }, (_, i) => `boot${String(i).padStart(3, '0')}`);
  const system: Record<string, Record<string, ValueData>> = {};
  for (const name of drivers) {
    system[`ControlSet001\\Services\\${name}`] = {
      Type: 1,
      Start: 0,
      ErrorControl: 1,
      Group: 'System Bus Extender',
      ImagePath: { expand: `System32\\drivers\\${name}.sys` },
    };
  }
  const software: Record<string, Record<string, ValueData>> = {};
  for (let i = 0; i < softwareKeys; i += 1) {
    const id = i.toString(16).toUpperCase().padStart(8, '0');
    // In groups of 256: the hive writer looks through a key's children one by one.
    software[`Classes\\Group ${i >> 8}\\{${id}-0000-4000-8000-5EED00000000}\\InprocServer32`] = {
      '': `C:\\Windows\\System32\\component${i}.dll`,
      ThreadingModel: 'Both',
    };
  }
  const letter = Uint8Array.from([...new TextEncoder().encode('DMIO:ID:'), ...guidBytes(partitionId(3))]);
  const server = { services, system, software, mounted: { '\\DosDevices\\C:': letter } };
  const bootStore = writeBootStore(
    windowsBootStore({
      firmware: 'uefi',
      system: gptDevice(partitionId(1), DISK_ID),
      windows: gptDevice(partitionId(3), DISK_ID),
      recovery: gptDevice(partitionId(4), DISK_ID),
    }),
  );
  const crash = fileTime(CRASHED);
  const dump: FileOptions = { content: csagentCrash(crash), modified: CRASHED };
  const driver = writePe({ fileVersion: '7.11.18110.0' });
  const windowsFiles: Record<string, FileOptions> = {
    '/Windows/System32/config/SYSTEM': { content: systemHive(server) },
    '/Windows/System32/config/SOFTWARE': { content: softwareHive(server) },
    '/Windows/System32/config/SYSTEM.LOG1': { size: 0 },
    '/Windows/System32/config/SYSTEM.LOG2': { size: 0 },
    '/Windows/System32/config/SOFTWARE.LOG1': { size: 0 },
    '/Windows/System32/config/SOFTWARE.LOG2': { size: 0 },
    '/Windows/System32/winresume.efi': { size: 1_500_000 },
    '/Windows/System32/winevt/Logs/System.evtx': {
      content: writeEventLog([
        [
          {
            provider: 'Microsoft-Windows-WER-SystemErrorReporting',
            eventId: 1001,
            time: crash,
            data: { param1: '0x00000050', param2: 'C:\\Windows\\Minidump\\071924-10234-01.dmp' },
          },
        ],
      ]),
    },
    '/Windows/System32/drivers/CrowdStrike/csagent.sys': { content: driver },
    '/Windows/System32/drivers/disk.sys': { content: driver },
    '/Windows/System32/drivers/storahci.sys': { content: driver },
    '/Windows/System32/drivers/wd/WdBoot.sys': { content: driver },
    '/Windows/System32/drivers/wd/WdFilter.sys': { content: driver },
    '/Windows/Minidump/071924-10234-01.dmp': dump,
    '/Windows/Minidump/071924-10250-01.dmp': dump,
    ...Object.fromEntries(drivers.map((name) => [`/Windows/System32/drivers/${name}.sys`, { size: 40_000 }])),
    ...disk.windowsFiles,
  };
  return { ...disk, windowsFiles, efiFiles: { '/EFI/Microsoft/Boot/BCD': bootStore, ...disk.efiFiles } };
}
