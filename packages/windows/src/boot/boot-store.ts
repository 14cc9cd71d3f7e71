import { type Bytes, Cursor, DeadboxError, defined } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_BCD_ELEMENTS, MAX_BCD_OBJECTS } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';
import { decodeValue } from '../registry/value-data.js';
import { BootElement } from './boot-elements.js';
import { type BootDevice, parseDeviceElement } from './device-element.js';
import { bootElementName } from './element-names.js';
import { type FirmwareBootEntry, parseFirmwareVariable } from './firmware-variable.js';
import { BOOT_MANAGER_ID, type BootObjectKind, bootObjectKind, wellKnownObjectName } from './object-names.js';

/** The decoded value of an element, by the format nibble of its number. */
export type BootElementValue =
  | { readonly format: 'device'; readonly device: BootDevice }
  | { readonly format: 'string'; readonly text: string }
  /** Upper-case GUIDs without braces. */
  | { readonly format: 'object'; readonly id: string }
  | { readonly format: 'object-list'; readonly ids: readonly string[] }
  | { readonly format: 'integer'; readonly integer: bigint }
  | { readonly format: 'boolean'; readonly boolean: boolean }
  | { readonly format: 'integer-list'; readonly integers: readonly bigint[] }
  /** A format that is not known, or data that does not fit its format. */
  | { readonly format: 'unknown' };

/** One setting of an object. */
export interface BootElementEntry {
  /** E.g. 0x21000001. */
  readonly id: number;
  /** Name as `bcdedit` prints it, e.g. `osdevice`. */
  readonly name: string;
  /** The data, decoded by the element's format. */
  readonly value: BootElementValue;
  /** The data as stored. */
  readonly bytes: Bytes;
  /** Byte offset of the data in the store's file. */
  readonly fileOffset: number;
}

/** An entry, a set of settings or a device's options. */
export interface BootObject {
  /** Upper-case GUID without braces. */
  readonly id: string;
  /** Name of a well-known object, e.g. `{bootmgr}`. */
  readonly name?: string;
  /** E.g. 0x10200003. */
  readonly type: number;
  /** What the type means. */
  readonly kind: BootObjectKind;
  /** Its elements, in stored order. */
  readonly elements: readonly BootElementEntry[];
  /** On UEFI: the copy of the firmware's boot entry. */
  readonly firmware?: FirmwareBootEntry;
}

/** A boot store (BCD): a registry hive with objects and their elements. */
export interface BootStore {
  /** `BCD00000000` in the system store. */
  readonly keyName?: string;
  /** The objects, in stored order. */
  readonly objects: readonly BootObject[];
  /** Whether all objects and elements were read; else what is not among them may be there all the same. */
  readonly complete: boolean;
}

/**
 * Reads the objects of a boot store.
 * @throws DeadboxError `BCD_NOT_A_STORE` when the hive has no `Objects` key
 */
export async function readBootStore(hive: Hive): Promise<BootStore> {
  // Forged stores let all objects share one list of elements: the store as a whole is bounded by the bytes of the hive.
  const bounded = hive.bounded();
  const list = await bounded.key('Objects');
  if (list === undefined) {
    const message = 'This hive is no boot store: it has no key "Objects"';
    throw new DeadboxError<WindowsErrorCode>('BCD_NOT_A_STORE', message, { at: { layer: 'hive', offset: 0 } });
  }
  const keyName = await (await bounded.key('Description'))?.text('KeyName');
  const objects: BootObject[] = [];
  const { keys, complete } = await subkeysWithin(list, MAX_BCD_OBJECTS);
  let whole = complete;
  for (const key of keys) {
    const object = await readObject(key);
    if (object !== undefined) {
      objects.push(object.object);
      whole &&= object.complete;
    } else {
      const at = { layer: 'hive', offset: key.fileOffset };
      hive.issues.add({ code: 'bcd.object-damaged', severity: 'warning', at, data: { name: key.name } });
    }
  }
  // A store whose parts are referred to again and again ends where the work does.
  const exhausted = hive.issues.count('hive.work-exhausted') > 0;
  return { ...defined({ keyName }), objects, complete: whole && !exhausted };
}

async function readObject(
  key: RegistryKey,
): Promise<{ readonly object: BootObject; readonly complete: boolean } | undefined> {
  const id = guidText(key.name);
  if (id === undefined) return undefined;
  const description = await key.key('Description');
  const type = (await description?.number('Type')) ?? 0;
  const kind = bootObjectKind(type);
  const variable = await description?.bytes('FirmwareVariable');
  const { keys, complete } = await subkeysWithin(await key.key('Elements'), MAX_BCD_ELEMENTS);
  const elements: BootElementEntry[] = [];
  for (const element of keys) {
    if (!/^[0-9a-f]{8}$/i.test(element.name)) continue;
    const elementId = Number.parseInt(element.name, 16);
    const value = await element.value('Element');
    const bytes = await value?.bytes();
    if (value === undefined || bytes === undefined) continue;
    elements.push({
      id: elementId,
      name: bootElementName(elementId, kind),
      value: decodeElement(elementId, value.type, bytes),
      bytes,
      fileOffset: value.dataFileOffset,
    });
  }
  const firmware = variable === undefined ? undefined : parseFirmwareVariable(variable);
  const name = wellKnownObjectName(id);
  return { object: { id, ...defined({ name }), type, kind, elements, ...defined({ firmware }) }, complete };
}

/** Upper-case GUID of `{…}` text; `undefined` for anything else. */
function guidText(text: string): string | undefined {
  const match = /^\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}$/i.exec(text);
  return match?.[1]?.toUpperCase();
}

function decodeElement(id: number, type: number, bytes: Bytes): BootElementValue {
  const data = decodeValue(type, bytes);
  switch ((id >>> 24) & 0xf) {
    case 1:
      return { format: 'device', device: parseDeviceElement(bytes) };
    case 2:
      return typeof data === 'string' ? { format: 'string', text: data } : { format: 'unknown' };
    case 3: {
      const object = typeof data === 'string' ? guidText(data) : undefined;
      return object === undefined ? { format: 'unknown' } : { format: 'object', id: object };
    }
    case 4: {
      const list = typeof data === 'string' ? [data] : Array.isArray(data) ? (data as readonly string[]) : [];
      return { format: 'object-list', ids: list.map(guidText).filter((one) => one !== undefined) };
    }
    case 5:
      return integerOf(bytes);
    case 6:
      return bytes.length === 0 ? { format: 'unknown' } : { format: 'boolean', boolean: bytes[0] !== 0 };
    case 7: {
      const cursor = new Cursor(bytes, 'boot element');
      const integers = Array.from({ length: bytes.length >> 3 }, (_, i) => cursor.u64(i * 8));
      return { format: 'integer-list', integers };
    }
    default:
      return { format: 'unknown' };
  }
}

/** Integers are eight bytes; shorter ones are read as they are. */
function integerOf(bytes: Bytes): BootElementValue {
  if (bytes.length === 0 || bytes.length > 8) return { format: 'unknown' };
  let integer = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) integer = (integer << 8n) | BigInt(bytes[i]);
  return { format: 'integer', integer };
}

/** The object with GUID `id` (upper case, without braces). */
export function bootObject(store: BootStore, id: string | undefined): BootObject | undefined {
  return store.objects.find((object) => object.id === id);
}

/** The Windows boot manager's object. */
export function bootManager(store: BootStore): BootObject | undefined {
  return bootObject(store, BOOT_MANAGER_ID) ?? store.objects.find((object) => object.kind === 'boot-manager');
}

/** An element that the object itself has. */
export function ownElement(object: BootObject | undefined, id: number): BootElementEntry | undefined {
  return object?.elements.find((element) => element.id === id);
}

/**
 * An element of the object, or of the settings that it inherits (element 0x14000006), as the boot manager would find
 * it.
 */
export function effectiveElement(
  store: BootStore,
  object: BootObject | undefined,
  id: number,
): BootElementEntry | undefined {
  const byId = new Map(store.objects.map((one) => [one.id, one]));
  const seen = new Set<BootObject>();
  // Depth first: what the first object of the list inherits comes before the second one's own.
  const waiting = object === undefined ? [] : [object];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const own = ownElement(next, id);
    if (own !== undefined) return own;
    const inherit = ownElement(next, BootElement.inherit);
    if (inherit?.value.format !== 'object-list') continue;
    for (const parent of [...inherit.value.ids].reverse()) {
      const found = byId.get(parent);
      if (found !== undefined && !seen.has(found)) waiting.push(found);
    }
  }
  return undefined;
}

/** The device of an element; `undefined` when it is no device. */
export function deviceOf(element: BootElementEntry | undefined): BootDevice | undefined {
  return element?.value.format === 'device' ? element.value.device : undefined;
}

/** The text of an element; `undefined` when it is no text. */
export function textOf(element: BootElementEntry | undefined): string | undefined {
  return element?.value.format === 'string' ? element.value.text : undefined;
}

/** A GUID in the braces that `bcdedit` prints. */
export function braced(id: string): string {
  return `{${id.toLowerCase()}}`;
}
