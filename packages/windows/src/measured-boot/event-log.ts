import {
  type Bytes,
  Cursor,
  defined,
  hasAscii,
  type Structure,
  structure,
  unlessDamaged,
  utf16Text,
} from '@deadbox/core';
import { MAX_MEASURED_EVENTS } from '../limits.js';
import { type BootOption, parseBootOption } from './boot-option.js';

const SOURCE = 'TCG PC Client Platform Firmware Profile 1.05, 10';

export const MEASURED_EVENT_FIELDS = {
  register: [0, 'u32', 'Platform configuration register that was extended'],
  type: [4, 'u32', 'Kind of event'],
  digest: [8, 'bytes[20]', 'SHA-1 of what was measured'],
  size: [28, 'u32', 'Bytes of the event that follow'],
} as const;
/** Head of an event of the SHA-1 form; the first event of every log has it. */
export const MEASURED_EVENT: Structure<typeof MEASURED_EVENT_FIELDS> = structure(
  'measured-event',
  SOURCE,
  MEASURED_EVENT_FIELDS,
);

export const MEASURED_VARIABLE_FIELDS = {
  vendor: [0, 'guid', 'Name space of the variable'],
  nameLength: [16, 'u64big', 'Characters of the name that follows'],
  dataLength: [24, 'u64big', 'Bytes of the data that follow the name'],
} as const;
/** What a measured firmware variable begins with. */
export const MEASURED_VARIABLE: Structure<typeof MEASURED_VARIABLE_FIELDS> = structure(
  'measured-variable',
  SOURCE,
  MEASURED_VARIABLE_FIELDS,
);

/** Types of events that are read (10.4.1). */
const EV_NO_ACTION = 0x3;
const EV_EFI_VARIABLE_DRIVER_CONFIG = 0x8000_0001;
const EV_EFI_VARIABLE_BOOT = 0x8000_0002;
const EV_EFI_VARIABLE_BOOT2 = 0x8000_000c;
const GLOBAL_VARIABLE = '8BE4DF61-93CA-11D2-AA0D-00E098032B8C';
/** Digests of one event; firmware has one a hash algorithm. */
const MAX_DIGESTS = 16;

/** A boot entry of the firmware as it was measured at a start. */
export interface MeasuredBootOption extends BootOption {
  /** Number of `Boot####`. */
  readonly number: number;
  /** Byte offset in the log of the partition's GUID, or of the disk signature. */
  readonly partitionIdAt?: number;
}

/** What the log of one measured start tells. */
export interface MeasuredBoot {
  /** Events that were read. */
  readonly events: number;
  /** The firmware's variable `SecureBoot`; absent where it was not measured. */
  readonly secureBoot?: boolean;
  /** Numbers of the boot entries in the order in which the firmware tries them. */
  readonly bootOrder: readonly number[];
  /** The boot entries that were measured. */
  readonly options: readonly MeasuredBootOption[];
  /** The log ends in the middle of an event, or an event cannot be understood. */
  readonly damaged: boolean;
}

/**
 * Parses the log of a measured start (`\Windows\Logs\MeasuredBoot\*.log`), as the firmware and Windows wrote it: events
 * with SHA-1 digests, or, after a first one that says so, with a digest for each hash algorithm.
 * @returns `undefined` when the bytes do not begin with such an event
 */
export function parseMeasuredBoot(bytes: Bytes): MeasuredBoot | undefined {
  const log = new Cursor(bytes, 'measured boot log');
  if (bytes.length < MEASURED_EVENT.size) return undefined;
  const first = MEASURED_EVENT.read(log);
  if (first.register > 23 || first.size > bytes.length - MEASURED_EVENT.size) return undefined;
  const sizes = digestSizes(log, first);
  const found: Found = { secureBoot: undefined, bootOrder: [], options: new Map() };
  let at = sizes === undefined ? 0 : MEASURED_EVENT.size + first.size;
  let events = sizes === undefined ? 0 : 1;
  let damaged = false;
  while (at < bytes.length && events < MAX_MEASURED_EVENTS) {
    const event = eventAt(log, at, sizes);
    // Windows may leave zeros behind the last event.
    if (event === undefined || (event.type === 0 && event.size === 0)) {
      damaged = !bytes.subarray(at).every((value) => value === 0);
      break;
    }
    takeVariable(log.sub(event.dataAt, event.size), event, found);
    events += 1;
    at = event.dataAt + event.size;
  }
  if (events === MAX_MEASURED_EVENTS && at < bytes.length) damaged = true;
  const { secureBoot, bootOrder, options } = found;
  return { events, ...defined({ secureBoot }), bootOrder, options: [...options.values()], damaged };
}

interface EventPlace {
  readonly type: number;
  readonly dataAt: number;
  readonly size: number;
}

/** Bytes of each algorithm's digest, when the first event says that the others have several. */
function digestSizes(
  log: Cursor,
  first: { readonly type: number; readonly size: number },
): ReadonlyMap<number, number> | undefined {
  const at = MEASURED_EVENT.size;
  if (first.type !== EV_NO_ACTION || first.size < 28 || !hasAscii(log.bytes, at, 'Spec ID Event03')) return undefined;
  const count = Math.min(log.u32(at + 24), MAX_DIGESTS);
  const sizes = new Map<number, number>();
  for (let i = 0; i < count && 28 + (i + 1) * 4 <= first.size; i += 1)
    sizes.set(log.u16(at + 28 + i * 4), log.u16(at + 30 + i * 4));
  return sizes;
}

/** The event at `at`; `undefined` when it does not lie inside the log or has a digest of unknown length. */
function eventAt(log: Cursor, at: number, sizes: ReadonlyMap<number, number> | undefined): EventPlace | undefined {
  return unlessDamaged(() => {
    const type = log.u32(at + 4);
    let sizeAt = at + MEASURED_EVENT.fields.size.offset;
    if (sizes !== undefined) {
      const count = log.u32(at + 8);
      if (count > MAX_DIGESTS) return undefined;
      sizeAt = at + 12;
      for (let i = 0; i < count; i += 1) {
        const length = sizes.get(log.u16(sizeAt));
        if (length === undefined) return undefined;
        sizeAt += 2 + length;
      }
    }
    const size = log.u32(sizeAt);
    return sizeAt + 4 + size > log.length ? undefined : { type, dataAt: sizeAt + 4, size };
  }, undefined);
}

interface Found {
  secureBoot: boolean | undefined;
  bootOrder: number[];
  readonly options: Map<number, MeasuredBootOption>;
}

/** Takes what a measured variable says; what is damaged in it is left out. */
function takeVariable(data: Cursor, { type, dataAt }: EventPlace, found: Found): void {
  const boots = type === EV_EFI_VARIABLE_BOOT || type === EV_EFI_VARIABLE_BOOT2;
  if ((!boots && type !== EV_EFI_VARIABLE_DRIVER_CONFIG) || data.length < MEASURED_VARIABLE.size) return;
  const { vendor, nameLength, dataLength } = MEASURED_VARIABLE.read(data);
  const valueAt = MEASURED_VARIABLE.size + Number(nameLength) * 2;
  if (vendor !== GLOBAL_VARIABLE || valueAt + Number(dataLength) > data.length) return;
  const name = utf16Text(data.slice(MEASURED_VARIABLE.size, valueAt - MEASURED_VARIABLE.size));
  const value = data.slice(valueAt, Number(dataLength));
  if (name === 'SecureBoot' && value.length > 0) found.secureBoot = value[0] === 1;
  else if (boots && name === 'BootOrder')
    found.bootOrder = Array.from({ length: value.length >> 1 }, (_, i) => value[i * 2] | (value[i * 2 + 1] << 8));
  else if (boots && /^Boot[0-9A-F]{4}$/i.test(name)) {
    const number = Number.parseInt(name.slice(4), 16);
    const option = parseBootOption(value);
    if (option === undefined) return;
    const at = option.partitionAt === undefined ? undefined : dataAt + valueAt + option.partitionAt + 24;
    found.options.set(number, { number, ...option, ...defined({ partitionIdAt: at }) });
  }
}
