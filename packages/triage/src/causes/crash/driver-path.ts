import type { DriverService } from '@deadbox/windows/internals';
import type { DriverFacts } from '../../drivers/driver-facts.js';

/** Load order groups between the processor and a file (Azure repair-script-library, win-fix-third-party-drivers). */
const NEEDED_GROUPS =
  /^(?:SCSI|Boot Bus Extender|System Bus Extender|.*Bus Extender|Primary Disk|PnP Filter|Boot File System|File System|FSFilter (?:Bottom|Encryption|Compression|Physical Quota Management|Infrastructure)|NDIS.*|PNP_TDI|Early-Launch)/i;

/** The driver whose file is called `name`, where the loader or the kernel loads it at every start. */
export function earlyDriver({ drivers }: DriverFacts, name: string): DriverService | undefined {
  const wanted = name.toLowerCase();
  for (const driver of drivers.values()) {
    const file = driver.file?.slice(driver.file.lastIndexOf('/') + 1).toLowerCase();
    if (file === wanted && (driver.effectiveStart === 0 || driver.effectiveStart === 1)) return driver;
  }
  return undefined;
}

/**
 * Whether Windows may not start without the driver: it stands on the way to the disk or to the network, or a class of
 * devices has it as a filter.
 */
export function isOnTheWay({ filters }: DriverFacts, { name, group }: DriverService): boolean {
  if (group !== undefined && NEEDED_GROUPS.test(group)) return true;
  const lower = name.toLowerCase();
  return filters.some((list) => list.filters.values.some((filter) => filter.toLowerCase() === lower));
}
