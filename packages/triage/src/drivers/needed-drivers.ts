import type { CauseConfidence } from '../report/cause-report.js';

/** A driver that Windows loads with the kernel on every machine. */
export interface NeededDriver {
  readonly name: string;
  /** How surely Windows does not start without it. */
  readonly confidence: Exclude<CauseConfidence, 'hint'>;
  /** First build that has it. */
  readonly since: number;
  /** Only a volume that BitLocker encrypts needs it. */
  readonly encryptedOnly?: true;
}

/**
 * First builds: Windows 7, Windows 8, and Windows 10 1703, the oldest one of which it is known that `volume` is a
 * driver of its own.
 */
const WINDOWS_7 = 7600;
const WINDOWS_8 = 9200;
const WINDOWS_10_1703 = 15_063;

/** Microsoft, "Stop error 7B: INACCESSIBLE_BOOT_DEVICE", and the start types in the hives of Windows 7 and 10. */
export const NEEDED_DRIVERS: readonly NeededDriver[] = [
  { name: 'ACPI', confidence: 'proves', since: WINDOWS_7 },
  { name: 'pci', confidence: 'proves', since: WINDOWS_7 },
  { name: 'msisadrv', confidence: 'proves', since: WINDOWS_7 },
  { name: 'vdrvroot', confidence: 'proves', since: WINDOWS_7 },
  { name: 'partmgr', confidence: 'proves', since: WINDOWS_7 },
  { name: 'volmgr', confidence: 'proves', since: WINDOWS_7 },
  { name: 'volume', confidence: 'proves', since: WINDOWS_10_1703 },
  { name: 'disk', confidence: 'proves', since: WINDOWS_7 },
  { name: 'mountmgr', confidence: 'strong', since: WINDOWS_7 },
  { name: 'volsnap', confidence: 'strong', since: WINDOWS_7 },
  { name: 'FltMgr', confidence: 'strong', since: WINDOWS_7 },
  { name: 'CLFS', confidence: 'strong', since: WINDOWS_7 },
  { name: 'CNG', confidence: 'strong', since: WINDOWS_7 },
  { name: 'KSecDD', confidence: 'strong', since: WINDOWS_7 },
  { name: 'KSecPkg', confidence: 'strong', since: WINDOWS_7 },
  { name: 'Wdf01000', confidence: 'strong', since: WINDOWS_7 },
  { name: 'volmgrx', confidence: 'strong', since: WINDOWS_7 },
  { name: 'acpiex', confidence: 'strong', since: WINDOWS_8 },
  { name: 'pdc', confidence: 'strong', since: WINDOWS_8 },
  { name: 'spaceport', confidence: 'strong', since: WINDOWS_8 },
  { name: 'fvevol', confidence: 'strong', since: WINDOWS_7, encryptedOnly: true },
];

/** Whether every machine needs the driver called `name`. */
export function isNeededDriver(name: string): boolean {
  return NEEDED_DRIVERS.some(
    (driver) => driver.encryptedOnly !== true && driver.name.toLowerCase() === name.toLowerCase(),
  );
}
