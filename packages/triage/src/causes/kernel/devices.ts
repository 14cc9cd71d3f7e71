import { type Json, partitionPoint, type ReadOptions } from '@deadbox/core';
import { type DeviceInstance, type PlacedTexts, STORAGE_CLASSES } from '@deadbox/windows/internals';
import { type DeviceFacts, type DriverFacts, deviceFacts, driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import { ListedNames } from '../../drivers/listed-names.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { danglingReason } from './class-filters.js';
import { foundIn, KNOWN, LIKELY, numberChange, PROVEN, SUSPECT } from './found.js';

/** Devices between the processor and the Windows volume that are disabled, or that a filter stands on. */
export const devices: InstallationDetector = {
  causes: ['boot-device-disabled', 'instance-filter', 'acpi-enum-mapping'],
  async detect(subject, options) {
    const drivers = await subject.fact(driverFacts, options);
    if (drivers === undefined) return [];
    const facts = await subject.fact(deviceFacts, options);
    return [
      ...(await disabledDevices(subject, facts, options)),
      ...(await filteredDevices(subject, drivers, facts, options)),
      ...unmappedBus(subject, facts, drivers),
    ];
  },
};

const CONTROLLERS: ReadonlySet<string | undefined> = new Set([STORAGE_CLASSES.hdc, STORAGE_CLASSES['scsi-adapter']]);
const DISKS_AND_VOLUMES: ReadonlySet<string | undefined> = new Set([STORAGE_CLASSES.disk, STORAGE_CLASSES.volume]);

const isBus = ({ service }: DeviceInstance): boolean => service?.toLowerCase() === 'vmbus';

/** Controllers that a disk was seen on, disks, volumes and the bus of Hyper-V, where they are disabled. */
async function disabledDevices(
  subject: InstallationSubject,
  { devices: all }: DeviceFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const found: FoundCause[] = [];
  const disks = disksOf(all);
  for (const device of all) {
    const { configFlags } = device;
    if (configFlags === undefined || (configFlags.value & 1) === 0) continue;
    const matters = DISKS_AND_VOLUMES.has(device.class) || isBus(device) || carriesDisk(device, disks);
    if (!matters) continue;
    const data = { ...numberChange(subject, configFlags, configFlags.value - 1), ...factsOf(device) };
    const evidence = await valueEvidence(subject, 'SYSTEM', configFlags, options);
    found.push(foundIn(subject, 'boot-device-disabled', PROVEN, data, evidence));
  }
  return found;
}

/** The instances of disks in lower case, in order. */
function disksOf(all: readonly DeviceInstance[]): readonly string[] {
  return all
    .filter((device) => device.class === STORAGE_CLASSES.disk)
    .map(({ instance }) => instance.toLowerCase())
    .sort();
}

/** Whether a disk hangs on the controller: names of instances begin with the parent's prefix. */
function carriesDisk({ class: kind, childPrefix }: DeviceInstance, disks: readonly string[]): boolean {
  if (!CONTROLLERS.has(kind) || childPrefix === undefined || childPrefix === '') return false;
  const prefix = childPrefix.toLowerCase();
  return disks.at(partitionPoint(disks.length, (at) => disks[at] < prefix))?.startsWith(prefix) ?? false;
}

function factsOf({ bus, device, instance, service, key }: DeviceInstance): Record<string, Json> {
  return { name: `${bus}\\${device}\\${instance}`, service: service ?? null, key };
}

/** Filters on the root of the PCI bus, the bus of Hyper-V and the controllers that a disk was seen on. */
async function filteredDevices(
  subject: InstallationSubject,
  { drivers }: DriverFacts,
  { devices: all }: DeviceFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const found: FoundCause[] = [];
  const disks = disksOf(all);
  const names = new ListedNames(subject, ['instance-filter']);
  for (const device of all) {
    if (!isOnTheWay(device) && !carriesDisk(device, disks)) continue;
    const lists = [device.upperFilters, device.lowerFilters].filter((list): list is PlacedTexts => list !== undefined);
    for (const list of lists) {
      for (const filter of names.of(list)) {
        const dangling = await danglingReason(subject, drivers.get(filter.toLowerCase()), options);
        const data = { ...factsOf(device), filter, value: list.name, ...dangling };
        const evidence = await valueEvidence(subject, 'SYSTEM', list, options, list.size);
        found.push(foundIn(subject, 'instance-filter', dangling === undefined ? SUSPECT : LIKELY, data, evidence));
      }
    }
  }
  return found;
}

function isOnTheWay({ bus, device }: DeviceInstance): boolean {
  return bus === 'ACPI' && /^(?:PNP0A03|PNP0A08|VMBus|MSFT1000)$/i.test(device);
}

/** First build that knows the bus of Hyper-V under its new name. */
const NEW_BUS_NAME = 14_393;

/** The bus of Hyper-V is known under its old name only, which newer hosts no longer use. */
function unmappedBus(
  subject: InstallationSubject,
  { devices: all }: DeviceFacts,
  { build }: DriverFacts,
): FoundCause[] {
  const has = (name: string): boolean => all.some(({ bus, device }) => bus === 'ACPI' && device.toUpperCase() === name);
  if (!has('VMBUS') || has('MSFT1000') || (build ?? 0) < NEW_BUS_NAME) return [];
  // A machine that stays on its old host starts as before.
  const moved = subject.target?.startsWith('hyper-v') === true;
  return [foundIn(subject, 'acpi-enum-mapping', moved ? SUSPECT : KNOWN, { name: 'VMBus', missing: 'MSFT1000' })];
}
