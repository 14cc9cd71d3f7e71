import { defined, type Json } from '@deadbox/core';
import type {
  BootCheck,
  BootCheckInput,
  BootFinding,
  BootRemedy,
  BootVerdict,
  CheckedDevice,
  CheckedEntry,
} from './boot-check-result.js';
import type { BootDisk } from './boot-disk.js';
import { BootElement } from './boot-elements.js';
import { checkFiles, type EntryContext, type FileFault } from './boot-file-check.js';
import { readBootFlags, recoveryEntry } from './boot-flags.js';
import {
  type BootElementEntry,
  type BootObject,
  type BootStore,
  bootManager,
  bootObject,
  braced,
  deviceOf,
  ownElement,
  textOf,
} from './boot-store.js';
import { chooseStore, storeMisplaced } from './choose-store.js';
import { checkDevice, type DeviceStatus } from './device-check.js';
import { type BootDevice, underlyingDevice } from './device-element.js';
import type { BootStoreFile } from './find-boot-stores.js';
import { gatherWitnesses, type WitnessStore } from './identity-witnesses.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V[] : T[K] };
/** A check that is being made. */
type OpenCheck = Mutable<BootCheck>;

/** What mends a loader that is not found, by where the fault lies. */
const REMEDIES: Readonly<Record<FileFault, readonly BootRemedy[]>> = {
  'store-names-wrong-file': ['correct-boot-store', 'rebuild-boot-store'],
  'boot-files-missing': ['rebuild-boot-store'],
  'loader-missing': ['restore-loader-file'],
};

/**
 * Checks whether the boot manager would find Windows on this disk: store, entries, devices, files. It compares what is
 * on the disk with itself, reads nothing but through `exists`, and changes nothing.
 */
export async function checkBoot(input: BootCheckInput): Promise<BootCheck> {
  const check: OpenCheck = { verdict: 'not-checked', findings: [], entries: [], flags: {}, codes: [], remedies: [] };
  const { disk } = input;
  if (disk === undefined) return check;
  const chosen = chooseStore(disk, input.stores);
  if (chosen === undefined) return withoutStore(check, input, disk);
  const firmware = chosen.role === 'bios' ? 'bios' : 'uefi';
  check.store = { partition: chosen.partition, path: chosen.path, firmware };
  check.identity = gatherWitnesses(disk, witnessStores(input.stores), input.mountedDevices ?? []);
  if (chosen.store === undefined) {
    const reasons = chosen.health.findings.map((one) => one.id);
    check.findings.push({ id: 'store-damaged', data: { path: chosen.path, partition: chosen.partition, reasons } });
    return conclude(check, 'store-damaged', ['0xC0000034', '0xC0000098', '0xC000014C'], ['rebuild-boot-store']);
  }
  const misplaced = storeMisplaced(input, disk, chosen);
  if (misplaced !== undefined) {
    check.findings.push({ id: misplaced, data: { path: chosen.path, partition: chosen.partition, table: disk.table } });
    const codes = misplaced === 'store-missing' ? ['0xC000000F', '0xC0000034', '0xC0000098'] : [];
    const remedy = misplaced === 'store-missing' ? 'rebuild-boot-store' : 'mark-system-partition';
    return conclude(check, misplaced, codes, [remedy]);
  }
  if (chosen.health.verdict === 'at-risk' || chosen.health.verdict === 'damaged') {
    check.findings.push({ id: 'store-not-clean', data: { path: chosen.path, verdict: chosen.health.verdict } });
  }
  // What was not read may be the entry, or stand before one that was: nothing is concluded.
  if (!chosen.store.complete) {
    check.findings.push({ id: 'store-too-long', data: { path: chosen.path, partition: chosen.partition } });
    return check;
  }
  return checkStore(check, input, disk, chosen.store, chosen.partition, firmware);
}

function witnessStores(stores: readonly BootStoreFile[]): WitnessStore[] {
  return stores.flatMap(({ store, path, partition, role }) =>
    store === undefined ? [] : [{ store, path, partition, recovery: role === 'recovery' }],
  );
}

function withoutStore(check: OpenCheck, input: BootCheckInput, disk: BootDisk): BootCheck {
  if (!input.hasWindows) {
    check.findings.push({ id: 'no-windows', data: {} });
    return check;
  }
  const system = disk.partitions.filter((partition) => partition.efiSystem === true || partition.active === true);
  const partitions = system.map(({ number }) => number);
  // A partition that cannot be read may hold the store.
  const { unreadable = [] } = input;
  if (system.length === 0 ? unreadable.length > 0 : partitions.some((number) => unreadable.includes(number)))
    return check;
  if (system.length === 0) {
    check.findings.push({ id: 'no-system-partition', data: { table: disk.table } });
    return conclude(check, 'no-system-partition', [], ['mark-system-partition', 'rebuild-boot-store']);
  }
  check.findings.push({ id: 'store-missing', data: { partitions } });
  return conclude(check, 'store-missing', ['0xC000000F', '0xC0000034', '0xC0000098'], ['rebuild-boot-store']);
}

async function checkStore(
  check: OpenCheck,
  input: BootCheckInput,
  disk: BootDisk,
  store: BootStore,
  storePartition: number,
  firmware: 'uefi' | 'bios',
): Promise<BootCheck> {
  const context: EntryContext = { input, disk, storePartition, findings: check.findings };
  const manager = bootManager(store);
  if (manager === undefined) {
    check.findings.push({ id: 'boot-manager-entry-missing', data: {} });
    return conclude(check, 'default-entry-missing', ['0xC0000098'], ['rebuild-boot-store']);
  }
  check.entries.push(await checkEntry(context, 'boot-manager', manager));
  const loader = defaultEntry(store, manager, check.findings);
  if (loader === undefined)
    return conclude(check, 'default-entry-missing', ['0xC0000098', '0xC000000F'], ['rebuild-boot-store']);
  const checked = await checkEntry(context, 'default', loader);
  check.entries.push(checked);
  await addSideEntries(check, context, store, loader);
  check.flags = readBootFlags(store, loader);
  addFlagFindings(check, loader);
  return judge(check, await checkFiles(context, checked, loader, firmware));
}

/** The default entry; without one the first of the menu, as the boot manager does. */
function defaultEntry(store: BootStore, manager: BootObject, findings: BootFinding[]): BootObject | undefined {
  const named = ownElement(manager, BootElement.defaultObject);
  const order = ownElement(manager, BootElement.displayOrder);
  const id =
    named?.value.format === 'object'
      ? named.value.id
      : order?.value.format === 'object-list'
        ? order.value.ids[0]
        : undefined;
  const entry = bootObject(store, id);
  if (entry === undefined) findings.push({ id: 'default-entry-missing', data: defined({ id: id && braced(id) }) });
  else if (entry.kind !== 'os-loader') {
    findings.push({ id: 'default-entry-kind', data: { id: braced(entry.id), type: entry.type, kind: entry.kind } });
    return undefined;
  }
  return entry;
}

async function checkEntry(
  context: EntryContext,
  role: CheckedEntry['role'],
  object: BootObject,
): Promise<CheckedEntry> {
  const description = textOf(ownElement(object, BootElement.description));
  const path = textOf(ownElement(object, BootElement.path));
  const entry: Mutable<CheckedEntry> = {
    role,
    id: object.name ?? braced(object.id),
    ...defined({ description, path }),
    devices: [],
  };
  for (const element of [ownElement(object, BootElement.device), ownElement(object, BootElement.osDevice)]) {
    const device = deviceOf(element);
    if (element === undefined || device === undefined) continue;
    entry.devices.push(checkOne(context, entry, element, device));
  }
  const place = await placeOf(context, entry, path);
  if (path !== undefined && place !== undefined) {
    const exists = await context.input.exists(place, path);
    if (exists !== undefined) entry.fileExists = exists;
  }
  return entry;
}

function checkOne(
  context: EntryContext,
  entry: CheckedEntry,
  element: BootElementEntry,
  device: BootDevice,
): CheckedDevice {
  const result = checkDevice(device, context.disk);
  const checked: CheckedDevice = { element: element.name, device, fileOffset: element.fileOffset, ...result };
  const stale = result.status !== 'matches' && result.status !== 'always';
  if (stale && (entry.role === 'boot-manager' || entry.role === 'default')) {
    const id = result.status === 'unrecognised' ? 'device-unrecognised' : 'device-status';
    const data = { entry: entry.id, role: entry.role, element: element.name, status: result.status };
    context.findings.push({ id, data: { ...data, ...referenceData(device) } });
  }
  return checked;
}

function referenceData(device: BootDevice): Record<string, Json> {
  const inner = underlyingDevice(device);
  if (inner.kind === 'disk') return { diskId: inner.diskId };
  if (inner.kind !== 'partition') return {};
  const { partition } = inner;
  return partition.style === 'gpt'
    ? { partitionId: partition.partitionId, diskId: partition.diskId }
    : { partitionOffset: partition.partitionOffset, diskId: partition.diskSignature };
}

/**
 * The partition that the entry's first device means: by id, the store's own for `boot`, and for `locate` the first that
 * has the path.
 */
async function placeOf(
  context: EntryContext,
  entry: CheckedEntry,
  path: string | undefined,
): Promise<number | undefined> {
  const [first] = entry.devices;
  if (first === undefined) return undefined;
  if (first.partition !== undefined) return first.partition;
  const inner = underlyingDevice(first.device);
  if (inner.kind === 'boot') return context.storePartition;
  if (inner.kind !== 'locate') return undefined;
  let unknown = false;
  for (const { number } of context.disk.partitions) {
    const exists = await context.input.exists(number, inner.path ?? path ?? '\\');
    if (exists === true) return number;
    if (exists === undefined) unknown = true;
  }
  // Where some partition cannot be read, "nowhere" is not proven; else any partition stands for "not found".
  return unknown ? undefined : context.storePartition;
}

async function addSideEntries(
  check: OpenCheck,
  context: EntryContext,
  store: BootStore,
  loader: BootObject,
): Promise<void> {
  const resumeElement = ownElement(loader, BootElement.resumeObject);
  const resume = resumeElement?.value.format === 'object' ? bootObject(store, resumeElement.value.id) : undefined;
  const recovery = recoveryEntry(store, loader);
  for (const [object, role, id] of [
    [resume, 'resume', 'resume-stale'],
    [recovery, 'recovery', 'recovery-stale'],
  ] as const) {
    if (object === undefined) continue;
    const entry = await checkEntry(context, role, object);
    check.entries.push(entry);
    const stale = entry.devices.filter((device) => STALE.has(device.status));
    const statuses = [...new Set(stale.map((device) => device.status))];
    if (stale.length > 0) check.findings.push({ id, data: { entry: entry.id, statuses } });
  }
}

const STALE: ReadonlySet<DeviceStatus> = new Set([
  'identity-changed',
  'partition-missing',
  'other-disk',
  'converted-disk',
]);

function addFlagFindings(check: OpenCheck, loader: BootObject): void {
  const { flags } = check;
  const entry = loader.name ?? braced(loader.id);
  if (flags.safeBoot !== undefined) {
    const alternateShell = flags.safeBootAlternateShell ?? false;
    check.findings.push({ id: 'safe-boot', data: { entry, mode: flags.safeBoot, alternateShell } });
    check.remedies.push('remove-safe-boot');
  }
  if (flags.testSigning === true) check.findings.push({ id: 'test-signing', data: { entry } });
  if (flags.noIntegrityChecks === true) check.findings.push({ id: 'integrity-checks-off', data: { entry } });
  if (flags.lastKnownGood === true) check.findings.push({ id: 'last-known-good', data: { entry } });
  if (flags.disableElamDrivers === true) check.findings.push({ id: 'elam-off', data: { entry } });
}

/** The verdict from the devices on the way, then from the files. */
function judge(check: OpenCheck, fault: FileFault | undefined): BootCheck {
  const statuses = new Set<DeviceStatus>();
  for (const entry of check.entries) {
    if (entry.role !== 'boot-manager' && entry.role !== 'default') continue;
    for (const device of entry.devices) statuses.add(device.status);
  }
  const lost = ['0xC000000E', '0xC0000225'];
  if (statuses.has('identity-changed')) {
    const restore: BootRemedy[] = check.identity?.former === undefined ? [] : ['restore-disk-identity'];
    return conclude(check, 'identity-changed', lost, [...restore, 'patch-boot-store']);
  }
  if (statuses.has('converted-disk')) return conclude(check, 'converted-disk', lost, ['rebuild-boot-store']);
  if (statuses.has('partition-missing') || statuses.has('other-disk')) {
    return conclude(check, 'partition-missing', lost, ['restore-partition', 'rebuild-boot-store']);
  }
  if (fault !== undefined) return conclude(check, 'loader-missing', ['0xC000000F', '0xC0000034'], REMEDIES[fault]);
  const noDevice = check.entries.every((entry) => entry.role !== 'default' || entry.devices.length === 0);
  // An entry without a readable device, or with one of an unknown form: neither sound nor broken.
  return conclude(check, noDevice || statuses.has('unrecognised') ? 'not-checked' : 'consistent', [], []);
}

function conclude(
  check: OpenCheck,
  verdict: BootVerdict,
  codes: readonly string[],
  remedies: readonly BootRemedy[],
): BootCheck {
  check.verdict = verdict;
  check.codes = [...codes];
  check.remedies = [...remedies, ...check.remedies];
  return check;
}
