import type { Evidence, ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import {
  BootElement,
  type BootElementEntry,
  type BootObject,
  type BootStore,
  type BootStoreFile,
  bootManager,
  bootObject,
  effectiveElement,
  ownElement,
} from '@deadbox/windows';
import type { RepairRequest } from '../../report/repair-request.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import { fileEvidence } from '../disk-cause.js';

/** The boot store that the machine uses, and the entries that a start goes through. */
export interface StartStore {
  readonly file: BootStoreFile;
  readonly store: BootStore;
  readonly volume: Volume;
  readonly manager: BootObject;
  /** The default entry, whatever it starts; absent where the store names none that it has. */
  readonly entry?: BootObject;
}

/** The store that the boot check chose; `undefined` without one that can be read. */
export function startStore({ boot, stores, disk }: DiskSubject): StartStore | undefined {
  const chosen = boot?.store ?? undefined;
  const file = stores.stores.find(({ partition, path }) => partition === chosen?.partition && path === chosen.path);
  const volume = disk.volumes.find(({ number }) => number === file?.partition);
  const manager = file?.store === undefined ? undefined : bootManager(file.store);
  // Of a store that was not read to its end nothing is told: what follows may be the very entry.
  if (file?.store?.complete !== true || volume === undefined || manager === undefined) return undefined;
  const entry = defaultEntry(file.store, manager);
  return { file, store: file.store, volume, manager, ...(entry === undefined ? {} : { entry }) };
}

/** The default entry; without one the first of the menu, as the boot manager does. */
function defaultEntry(store: BootStore, manager: BootObject): BootObject | undefined {
  const named = ownElement(manager, BootElement.defaultObject)?.value;
  const order = ownElement(manager, BootElement.displayOrder)?.value;
  const first = order?.format === 'object-list' ? order.ids[0] : undefined;
  return bootObject(store, named?.format === 'object' ? named.id : first);
}

/** A setting of an entry, inherited ones too. */
export interface Setting<T> {
  readonly value: T;
  readonly element: BootElementEntry;
}

export function booleanSetting(
  store: BootStore,
  entry: BootObject | undefined,
  id: number,
): Setting<boolean> | undefined {
  const element = effectiveElement(store, entry, id);
  return element?.value.format === 'boolean' ? { value: element.value.boolean, element } : undefined;
}

export function integerSetting(
  store: BootStore,
  entry: BootObject | undefined,
  id: number,
): Setting<number> | undefined {
  const element = effectiveElement(store, entry, id);
  return element?.value.format === 'integer' ? { value: Number(element.value.integer), element } : undefined;
}

export function textSetting(store: BootStore, entry: BootObject | undefined, id: number): Setting<string> | undefined {
  const element = effectiveElement(store, entry, id);
  return element?.value.format === 'string' ? { value: element.value.text, element } : undefined;
}

/** How an entry is called in reports: `{bootmgr}`, or its GUID in braces. */
export function entryName({ name, id }: BootObject): string {
  return name ?? `{${id.toLowerCase()}}`;
}

/**
 * Sets an element of an object where the object itself has it; `to` is text of the same length, or `false` for a
 * switch.
 */
export function setElement(
  { file, volume }: StartStore,
  object: BootObject,
  element: BootElementEntry | undefined,
  to: string | false,
): RepairRequest[] {
  if (element === undefined || ownElement(object, element.id) !== element) return [];
  const place = { volume: volume.number, path: file.path, object: object.id, element: hexElement(element.id) };
  return [{ operation: 'set-boot-element', ...place, to }];
}

/** An element's number as the store's keys have it. */
export function hexElement(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** The data of an element in the store's file. */
export async function elementEvidence(
  subject: DiskSubject,
  { file, volume }: StartStore,
  elements: readonly BootElementEntry[],
  options: ReadOptions,
): Promise<Evidence[]> {
  const node = await (await subject.tree(volume, options))?.lookup(file.path, options);
  const content = await node?.stream(undefined, options);
  if (content === undefined) return [];
  const evidence: Evidence[] = [];
  for (const { name, bytes, fileOffset } of elements)
    evidence.push(
      ...(await fileEvidence(volume, content, `${name} in ${file.path}`, fileOffset, bytes.length, options)),
    );
  return evidence;
}
