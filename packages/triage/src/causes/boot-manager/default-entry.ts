import { defined, GIB, type Json, type ReadOptions } from '@deadbox/core';
import {
  BootElement,
  type BootElementEntry,
  type BootObject,
  type BootStore,
  ownElement,
  underlyingDevice,
} from '@deadbox/windows';
import type { KnownCauseId } from '../../cause-kinds/cause-kinds.js';
import type { RepairRequest } from '../../report/repair-request.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { hints, proves, speaksFor } from '../disk-cause.js';
import {
  booleanSetting,
  elementEvidence,
  entryName,
  integerSetting,
  type StartStore,
  setElement,
  startStore,
  textSetting,
} from './start-store.js';

type Finding = readonly [
  make: typeof proves,
  id: KnownCauseId,
  elements: readonly BootElementEntry[],
  data: Readonly<Record<string, Json>>,
  requests?: readonly RepairRequest[],
];

/** Settings of the default entry, beside its devices and paths, that lead a start astray. */
export const DEFAULT_ENTRY: DiskDetector = {
  causes: ['bcd-default-setup', 'bcd-imc', 'bcd-custom-kernel', 'bcd-debug-wait', 'bcd-memory-limit', 'safe-boot-left'],
  async detect(subject, options) {
    const start = startStore(subject);
    if (start?.entry === undefined) return [];
    const { entry, store } = start;
    const setup = setupEntry(start, entry);
    const findings: Finding[] = setup === undefined ? ownSettings(start, entry) : [setup];
    if (setup === undefined) findings.push(...(await customFiles(subject, store, entry, options)));
    const found: FoundCause[] = [];
    for (const [make, id, elements, data, requests] of findings) {
      const evidence = await elementEvidence(subject, start, elements, options);
      const finding = { volume: start.volume.number, data: { entry: entryName(entry), ...data }, evidence };
      found.push(make(id, { ...finding, ...defined({ requests }) }));
    }
    return found;
  },
};

/** Folders from which setup and recovery start. */
const SETUP_PATH = /^\\(?:\$WINDOWS\.~BT|Recovery)\\/i;

function setupEntry(start: StartStore, entry: BootObject): Finding | undefined {
  const { store, manager } = start;
  if (entry.kind !== 'os-loader') return undefined;
  const winPe = booleanSetting(store, entry, BootElement.winPe);
  const paths = [textSetting(store, entry, BootElement.path), textSetting(store, entry, BootElement.systemRoot)];
  const path = paths.find((text) => text !== undefined && SETUP_PATH.test(text.value));
  const ramdisk = [BootElement.device, BootElement.osDevice]
    .map((id) => ownElement(entry, id))
    .find((element) => element?.value.format === 'device' && element.value.device.kind === 'ramdisk');
  const element = (winPe?.value === true ? winPe.element : undefined) ?? path?.element ?? ramdisk;
  if (element === undefined) return undefined;
  const why = winPe?.value === true ? 'windows-pe' : path !== undefined ? 'setup-path' : 'ramdisk';
  const real = store.objects.find((one) => one !== entry && startsWindowsItself(store, one));
  const named = ownElement(manager, BootElement.defaultObject);
  const requests = real === undefined ? [] : setElement(start, manager, named, `{${real.id.toLowerCase()}}`);
  const data = { why, windows: real === undefined ? null : entryName(real) };
  return [speaksFor, 'bcd-default-setup', [element], data, requests];
}

function startsWindowsItself(store: BootStore, object: BootObject): boolean {
  const device = ownElement(object, BootElement.osDevice)?.value;
  return (
    object.kind === 'os-loader' &&
    booleanSetting(store, object, BootElement.winPe)?.value !== true &&
    device?.format === 'device' &&
    device.device.kind !== 'ramdisk' &&
    underlyingDevice(device.device).kind === 'partition'
  );
}

const MEMORY_NEEDED: number = GIB;
const SAFE_MODES: readonly string[] = ['minimal', 'network', 'directory-services-repair'];

function ownSettings(start: StartStore, entry: BootObject): Finding[] {
  const { store, manager } = start;
  const found: Finding[] = [];
  const imc = [ownElement(entry, BootElement.imcDevice), ownElement(entry, BootElement.imcHiveName)].filter(isThere);
  if (imc.length > 0) found.push([proves, 'bcd-imc', imc, { elements: imc.map(({ id }) => id.toString(16)) }]);
  const debug = [
    booleanSetting(store, entry, BootElement.debug),
    booleanSetting(store, entry, BootElement.bootDebug),
    booleanSetting(store, manager, BootElement.bootDebug),
  ].flatMap((setting) => (setting?.value === true ? [setting.element] : []));
  if (debug.length > 0) {
    const requests = debug.flatMap((element) => [
      ...setElement(start, entry, element, false),
      ...setElement(start, manager, element, false),
    ]);
    found.push([hints, 'bcd-debug-wait', debug, { elements: debug.map(({ name }) => name) }, requests]);
  }
  const limits = memoryLimits(store, entry);
  if (limits.length > 0)
    found.push([
      hints,
      'bcd-memory-limit',
      limits.map(({ element }) => element),
      Object.fromEntries(limits.map(({ element, value }) => [element.name, value])),
    ]);
  const safe = integerSetting(store, entry, BootElement.safeBoot);
  if (safe !== undefined)
    found.push([proves, 'safe-boot-left', [safe.element], { mode: SAFE_MODES[safe.value] ?? String(safe.value) }]);
  return found;
}

function memoryLimits(store: BootStore, entry: BootObject): { element: BootElementEntry; value: Json }[] {
  const memory = integerSetting(store, entry, BootElement.truncateMemory);
  const removed = integerSetting(store, entry, BootElement.removeMemory);
  const processors = integerSetting(store, entry, BootElement.processors);
  const one = booleanSetting(store, entry, BootElement.oneProcessor);
  return [
    ...(memory !== undefined && memory.value < MEMORY_NEEDED ? [memory] : []),
    ...(removed !== undefined && removed.value > 0 ? [removed] : []),
    ...(processors === undefined ? [] : [processors]),
    ...(one?.value === true ? [one] : []),
  ];
}

/**
 * Files other than the ordinary kernel, HAL and debugger transport that the entry names, where Windows does not have
 * them.
 */
async function customFiles(
  subject: DiskSubject,
  store: BootStore,
  entry: BootObject,
  options: ReadOptions,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const id of [BootElement.kernel, BootElement.hal, BootElement.debugTransport]) {
    const named = textSetting(store, entry, id);
    if (named === undefined || /[\\/]/.test(named.value) || named.value === '') continue;
    const installation = installationOf(subject, entry);
    if (installation === undefined) continue;
    const path = `${installation.root}/System32/${named.value}`;
    const file = await installation.files.check(path, 'presence', options);
    if (file.state === 'unreadable') subject.doubts.add(['bcd-custom-kernel'], { path, ...file.data });
    else if (file.state !== 'good')
      found.push([
        proves,
        'bcd-custom-kernel',
        [named.element],
        { path, element: named.element.name, state: file.state },
      ]);
  }
  return found;
}

/**
 * The installation that the entry starts: the one on the partition of its `osdevice`, as the boot check found it; else
 * the only one.
 */
function installationOf(
  { boot, installations }: DiskSubject,
  entry: BootObject,
): DiskSubject['installations'][number] | undefined {
  const checked = boot?.entries.find(({ role }) => role === 'default');
  const place = checked?.devices.find(({ element }) => element === 'osdevice')?.partition;
  const own = installations.find(({ volume }) => volume.number === place);
  return own ?? (installations.length === 1 && entry.kind === 'os-loader' ? installations[0] : undefined);
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
