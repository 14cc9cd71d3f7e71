import { type Bytes, Cursor, partitionPoint, type Structure, structure, untilNul, utf16Text } from '@deadbox/core';
import { MAX_CALL_STACK_BYTES, MAX_DUMP_DRIVERS, MAX_DUMP_NAME_UNITS } from '../limits.js';
import { DUMP_HEADER_64_BYTES } from './dump-header.js';

const SOURCE = 'WinDbg SDK layouts';
export const TRIAGE_DUMP_FIELDS = {
  servicePack: [0x00, 'u32', 'Service pack'],
  size: [0x04, 'u32', 'Bytes of the dump'],
  unloadedAt: [0x18, 'u32', 'List of unloaded drivers'],
  callStackAt: [0x28, 'u32', 'Saved call stack'],
  callStackLength: [0x2c, 'u32', 'Bytes of the saved call stack'],
  driversAt: [0x30, 'u32', 'List of drivers'],
  driverCount: [0x34, 'u32', 'Number of drivers'],
  stringsAt: [0x38, 'u32', 'Names of the drivers'],
  stringsLength: [0x3c, 'u32', 'Bytes of the names'],
  brokenDriverAt: [0x40, 'u32', 'Name of the driver that Windows blames, where it does'],
  topOfStack: [0x48, 'u64big', 'Address of the saved call stack'],
} as const;
/**
 * Table of contents of a small dump of a 64-bit system (`TRIAGE_DUMP64`, file offset 0x2000). All places are file
 * offsets.
 */
export const TRIAGE_DUMP: Structure<typeof TRIAGE_DUMP_FIELDS> = structure(
  'triage-dump-64',
  SOURCE,
  TRIAGE_DUMP_FIELDS,
);

export const DUMP_DRIVER_FIELDS = {
  nameAt: [0x00, 'u32', 'File offset of the name: count of characters, UTF-16'],
  base: [0x38, 'u64big', 'Where the image lies in memory'],
  imageSize: [0x48, 'u32', 'Bytes in memory'],
  checksum: [0x80, 'u32', 'Checksum of the PE header'],
  timeStamp: [0x88, 'u32', 'Time stamp of the PE header'],
} as const;
/** Entry of the list of drivers (`DUMP_DRIVER_ENTRY64`). */
export const DUMP_DRIVER: Structure<typeof DUMP_DRIVER_FIELDS> = structure(
  'dump-driver-64',
  SOURCE,
  DUMP_DRIVER_FIELDS,
);

/** Where the parts of a small dump lie, as far as they are used. */
export interface TriageDump {
  readonly driversAt: number;
  readonly driverCount: number;
  readonly stringsAt: number;
  readonly stringsLength: number;
  readonly callStackAt: number;
  readonly callStackLength: number;
}

/** A driver that was loaded when the system crashed. */
export interface DumpDriver {
  /** File name as recorded, e.g. `ntfs.sys`. */
  readonly name: string;
  readonly base: bigint;
  /** Bytes in memory. */
  readonly size: number;
  readonly checksum: number;
  /** Link time: Unix seconds, or a hash in reproducible builds. */
  readonly timeStamp: number;
}

/** Bytes of `TRIAGE_DUMP64` that are read. */
export const TRIAGE_HEADER_BYTES = 0x50;
/** Bytes of a driver entry (`DUMP_DRIVER_ENTRY64`). */
export const DRIVER_ENTRY_BYTES = 0x90;

/**
 * Parses the table of contents of a small dump.
 * @param bytes - 0x50 bytes from file offset 0x2000
 * @param fileSize - bytes of the dump; parts outside it are dropped
 */
export function parseTriageDump(bytes: Bytes, fileSize: number): TriageDump {
  const stored = TRIAGE_DUMP.read(new Cursor(bytes, 'small dump', DUMP_HEADER_64_BYTES));
  const { driversAt, driverCount, stringsAt, stringsLength, callStackAt } = stored;
  const callStackLength = Math.min(stored.callStackLength, MAX_CALL_STACK_BYTES);
  const fits = driverCount <= MAX_DUMP_DRIVERS && driversAt + driverCount * DRIVER_ENTRY_BYTES <= fileSize;
  return {
    driversAt,
    driverCount: fits ? driverCount : 0,
    stringsAt,
    stringsLength: stringsAt + stringsLength > fileSize ? 0 : stringsLength,
    callStackAt,
    callStackLength: callStackAt + callStackLength > fileSize ? 0 : callStackLength,
  };
}

/**
 * Parses the driver list.
 * @param entries - the driver entries
 * @param text - file bytes that hold the names: `text.bytes[0]` lies at file offset `text.at`
 * @returns the drivers, and how many entries could not be read
 */
export function parseDumpDrivers(
  entries: Bytes,
  text: { readonly bytes: Bytes; readonly at: number },
): { readonly drivers: readonly DumpDriver[]; readonly damaged: number } {
  const cursor = new Cursor(entries, 'driver list');
  const drivers: DumpDriver[] = [];
  let damaged = 0;
  for (let at = 0; at + DRIVER_ENTRY_BYTES <= entries.length; at += DRIVER_ENTRY_BYTES) {
    const { nameAt: place, base, imageSize: size, checksum, timeStamp } = DUMP_DRIVER.read(cursor, at);
    const name = nameAt(text, place);
    if (name === undefined || base === 0n || size === 0) damaged += 1;
    else drivers.push({ name, base, size, checksum, timeStamp });
  }
  return { drivers, damaged };
}

/** A name is a u32 count of characters and UTF-16LE text (`DUMP_STRING`). */
function nameAt(text: { readonly bytes: Bytes; readonly at: number }, fileOffset: number): string | undefined {
  const at = fileOffset - text.at;
  if (at < 0 || at + 4 > text.bytes.length) return undefined;
  const units = new Cursor(text.bytes).u32(at);
  if (units === 0 || units > MAX_DUMP_NAME_UNITS || at + 4 + units * 2 > text.bytes.length) return undefined;
  const path = untilNul(utf16Text(text.bytes.subarray(at + 4, at + 4 + units * 2)));
  const name = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  return name === '' ? undefined : name;
}

/** The drivers of a dump by their places in memory. */
export class DriverMap {
  readonly #sorted: readonly DumpDriver[];

  constructor(drivers: readonly DumpDriver[]) {
    this.#sorted = [...drivers].sort((left, right) => (left.base < right.base ? -1 : left.base > right.base ? 1 : 0));
  }

  /** The driver whose image holds `address`. */
  at(address: bigint): DumpDriver | undefined {
    const before = partitionPoint(this.#sorted.length, (i) => this.#sorted[i].base <= address);
    const driver = this.#sorted.at(before - 1);
    return before > 0 && driver !== undefined && address < driver.base + BigInt(driver.size) ? driver : undefined;
  }

  /** Drivers that addresses on the saved call stack fall into, nearest to the crash first, each once. */
  onStack(stack: Bytes): DumpDriver[] {
    const cursor = new Cursor(stack, 'call stack');
    const found = new Set<DumpDriver>();
    for (let at = 0; at + 8 <= stack.length; at += 8) {
      const driver = this.at(cursor.u64(at));
      if (driver !== undefined) found.add(driver);
    }
    return [...found];
  }
}
