import type { Json, ReadOptions } from '@deadbox/core';
import { type BootDevice, BootElement, type BootObject, bootObject, ownElement } from '@deadbox/windows';
import { checkDevice, deviceOf, textOf } from '@deadbox/windows/internals';
import { bootDiskOf } from '../../machine/boot-stores.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { noted } from '../disk-cause.js';
import { usedBootLog } from './boot-log-report.js';
import {
  booleanSetting,
  elementEvidence,
  entryName,
  integerSetting,
  type StartStore,
  startStore,
} from './start-store.js';

/**
 * The recovery environment that stands behind the default entry: whether it comes up at every start, and whether it
 * could.
 */
export const RECOVERY: DiskDetector = {
  causes: ['recovery-loop', 'winre-broken'],
  async detect(subject, options) {
    const start = startStore(subject);
    if (start?.entry === undefined) return [];
    return [
      ...(await loop(subject, start, start.entry, options)),
      ...(await broken(subject, start, start.entry, options)),
    ];
  },
};

/** Starts that end so lead into the recovery environment. */
const ENDED: ReadonlySet<string> = new Set(['failed', 'recovery', 'returned']);
/** That many of the last starts must have ended so. */
const LOOP = 2;

async function loop(
  subject: DiskSubject,
  start: StartStore,
  entry: BootObject,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const enabled = booleanSetting(start.store, entry, BootElement.recoveryEnabled);
  if (enabled?.value === false) return [];
  const last = usedBootLog(subject)?.log?.starts.slice(-LOOP) ?? [];
  if (last.length < LOOP || !last.every(({ outcome }) => ENDED.has(outcome))) return [];
  const policy = integerSetting(start.store, entry, BootElement.bootStatusPolicy);
  const elements = [enabled?.element, policy?.element].filter((element) => element !== undefined);
  const data = { entry: entryName(entry), starts: last.map(({ at, outcome }) => ({ at: at ?? null, outcome })) };
  const evidence = await elementEvidence(subject, start, elements, options);
  return [noted('recovery-loop', 'proves', { volume: start.volume.number, data, evidence })];
}

async function broken(
  subject: DiskSubject,
  start: StartStore,
  entry: BootObject,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const sequence = ownElement(entry, BootElement.recoverySequence);
  const recovery =
    sequence?.value.format === 'object-list' ? bootObject(start.store, sequence.value.ids[0]) : undefined;
  const element = ownElement(recovery, BootElement.osDevice);
  const device = deviceOf(element);
  if (recovery === undefined || element === undefined || device?.kind !== 'ramdisk') return [];
  const missing: Json[] = [];
  for (const [place, path] of filesOf(start, device))
    if ((await isThere(subject, start, place, path, options)) === false) missing.push(path);
  if (missing.length === 0) return [];
  const data = { entry: entryName(recovery), missing };
  const evidence = await elementEvidence(subject, start, [element], options);
  return [noted('winre-broken', 'proves', { volume: start.volume.number, data, evidence })];
}

/** The image of the recovery environment, and the file that its ramdisk begins with. */
function filesOf(
  { store }: StartStore,
  device: Extract<BootDevice, { readonly parent: BootDevice }>,
): [BootDevice, string][] {
  const files: [BootDevice, string][] = [[device.parent, device.path]];
  const ramdisk = bootObject(store, device.options);
  const sdi = deviceOf(ownElement(ramdisk, BootElement.sdiDevice));
  const path = textOf(ownElement(ramdisk, BootElement.sdiPath));
  if (sdi !== undefined && path !== undefined) files.push([sdi, path]);
  return files;
}

/** Whether the volume of a device has a file; `undefined` where that cannot be told. */
async function isThere(
  subject: DiskSubject,
  start: StartStore,
  device: BootDevice,
  path: string,
  options: ReadOptions,
): Promise<boolean | undefined> {
  const disk = bootDiskOf(subject.disk);
  const number =
    device.kind === 'boot' ? start.volume.number : disk === undefined ? undefined : checkDevice(device, disk).partition;
  const volume = subject.disk.volumes.find((one) => one.number === number);
  const files = volume === undefined ? undefined : await subject.files(volume, options);
  const state = (await files?.check(path.replaceAll('\\', '/'), 'presence', options))?.state;
  return state === undefined || state === 'unreadable' ? undefined : state === 'good';
}
