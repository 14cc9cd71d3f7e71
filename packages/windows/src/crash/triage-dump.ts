import { type Bytes, Cursor, untilNul, utf16Text } from '@deadbox/core';
import { MAX_CALL_STACK_BYTES, MAX_DUMP_DRIVERS, MAX_DUMP_NAME_UNITS } from '../limits.js';
import { DUMP_HEADER_64_BYTES } from './dump-header.js';

/** Where the parts of a 64-bit small dump lie (`TRIAGE_DUMP64`, file offset 0x2000). All places are file offsets. */
export interface TriageDump {
  readonly driversAt: number;
  driverCount: number;
  readonly stringsAt: number;
  stringsLength: number;
  readonly callStackAt: number;
  callStackLength: number;
}

/** A driver that was loaded when the system crashed. */
export interface DumpDriver {
  /** File name as recorded, e.g. `csagent.sys`. */
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
  const cursor = new Cursor(bytes, 'small dump', DUMP_HEADER_64_BYTES);
  const triage: TriageDump = {
    driversAt: cursor.u32(0x30),
    driverCount: cursor.u32(0x34),
    stringsAt: cursor.u32(0x38),
    stringsLength: cursor.u32(0x3c),
    callStackAt: cursor.u32(0x28),
    callStackLength: Math.min(cursor.u32(0x2c), MAX_CALL_STACK_BYTES),
  };
  if (triage.driverCount > MAX_DUMP_DRIVERS || triage.driversAt + triage.driverCount * DRIVER_ENTRY_BYTES > fileSize)
    triage.driverCount = 0;
  if (triage.stringsAt + triage.stringsLength > fileSize) triage.stringsLength = 0;
  if (triage.callStackAt + triage.callStackLength > fileSize) triage.callStackLength = 0;
  return triage;
}

/**
 * Parses the driver list.
 * @param entries - the driver entries
 * @param text - file bytes that hold the names: `text.bytes[0]` lies at file offset `text.at`
 * @returns the drivers, and how many entries could not be read
 */
export function parseDumpDrivers(
  entries: Bytes,
  text: { bytes: Bytes; at: number },
): { drivers: DumpDriver[]; damaged: number } {
  const cursor = new Cursor(entries, 'driver list');
  const drivers: DumpDriver[] = [];
  let damaged = 0;
  for (let at = 0; at + DRIVER_ENTRY_BYTES <= entries.length; at += DRIVER_ENTRY_BYTES) {
    const name = nameAt(text, cursor.u32(at));
    const base = cursor.u64(at + 0x38);
    const size = cursor.u32(at + 0x48);
    if (name === undefined || base === 0n || size === 0) {
      damaged += 1;
      continue;
    }
    drivers.push({ name, base, size, checksum: cursor.u32(at + 0x80), timeStamp: cursor.u32(at + 0x88) });
  }
  return { drivers, damaged };
}

/** A name is a u32 count of characters and UTF-16LE text (`DUMP_STRING`). */
function nameAt(text: { bytes: Bytes; at: number }, fileOffset: number): string | undefined {
  const at = fileOffset - text.at;
  if (at < 0 || at + 4 > text.bytes.length) return undefined;
  const units = new Cursor(text.bytes).u32(at);
  if (units === 0 || units > MAX_DUMP_NAME_UNITS || at + 4 + units * 2 > text.bytes.length) return undefined;
  const path = untilNul(utf16Text(text.bytes.subarray(at + 4, at + 4 + units * 2)));
  const name = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  return name === '' ? undefined : name;
}

/** The driver whose image holds `address`. */
export function driverAt(drivers: readonly DumpDriver[], address: bigint): DumpDriver | undefined {
  return drivers.find((driver) => address >= driver.base && address < driver.base + BigInt(driver.size));
}

/** Drivers that addresses on the saved call stack fall into, nearest to the crash first, each once. */
export function driversOnStack(stack: Bytes, drivers: readonly DumpDriver[]): DumpDriver[] {
  const cursor = new Cursor(stack, 'call stack');
  const found = new Set<DumpDriver>();
  for (let at = 0; at + 8 <= stack.length; at += 8) {
    const driver = driverAt(drivers, cursor.u64(at));
    if (driver !== undefined) found.add(driver);
  }
  return [...found];
}
