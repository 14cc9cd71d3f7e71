/**
 * A writer of registry transaction logs for fixtures, both formats. Shares no code with the reader; layout from
 * https://github.com/msuhanov/regf, the hash vectors from the project's reference.
 */
import { checksum } from './hive-writer.js';

/** A page that a log entry carries: `offset` in the hive bins, a multiple of 512, as the length is. */
export interface LogPageSpec {
  offset: number;
  bytes: Uint8Array;
}

/** An entry of a new-format log. */
export interface LogEntrySpec {
  sequence: number;
  /** Hive bins size once the entry is applied. */
  binsSize: number;
  pages: readonly LogPageSpec[];
  /** Damage one of the hashes. */
  damage?: 'header-hash' | 'data-hash';
}

/** Marvin32 with the registry's seed, in 64-bit arithmetic. */
export function marvin(bytes: Uint8Array): bigint {
  const mask = 0xffffffffn;
  const rol = (v: bigint, n: bigint): bigint => ((v << n) | (v >> (32n - n))) & mask;
  let lo = 0x82ef4d887a4e55c5n & mask;
  let hi = 0x82ef4d887a4e55c5n >> 32n;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const block = (v: bigint): void => {
    lo = (lo + v) & mask;
    hi ^= lo;
    lo = (rol(lo, 20n) + hi) & mask;
    hi = rol(hi, 9n) ^ lo;
    lo = (rol(lo, 27n) + hi) & mask;
    hi = rol(hi, 19n);
  };
  for (let i = 0; i + 4 <= bytes.length; i += 4) block(BigInt(view.getUint32(i, true)));
  block(0x80n);
  block(0n);
  return (hi << 32n) | lo;
}

/** The first sector of a log: the hive's base block with the type and sequence of the log. */
function logHead(hive: Uint8Array, type: number, sequence: number): Uint8Array {
  const head = hive.slice(0, 512);
  const view = new DataView(head.buffer);
  view.setUint32(4, sequence, true);
  view.setUint32(8, sequence, true);
  view.setUint32(28, type, true);
  view.setUint32(508, checksum(head), true);
  return head;
}

/** A new-format log (file type 6). */
export function writeNewLog(hive: Uint8Array, entries: readonly LogEntrySpec[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [logHead(hive, 6, entries[0]?.sequence ?? 1)];
  for (const entry of entries) {
    const content = entry.pages.reduce((sum, page) => sum + page.bytes.length, 0);
    const size = Math.ceil((40 + entry.pages.length * 8 + content) / 512) * 512;
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    bytes.set([0x48, 0x76, 0x4c, 0x45]);
    view.setUint32(4, size, true);
    view.setUint32(12, entry.sequence, true);
    view.setUint32(16, entry.binsSize, true);
    view.setUint32(20, entry.pages.length, true);
    let at = 40 + entry.pages.length * 8;
    entry.pages.forEach((page, i) => {
      view.setUint32(40 + i * 8, page.offset, true);
      view.setUint32(44 + i * 8, page.bytes.length, true);
      bytes.set(page.bytes, at);
      at += page.bytes.length;
    });
    view.setBigUint64(24, marvin(bytes.subarray(40)) ^ (entry.damage === 'data-hash' ? 1n : 0n), true);
    view.setBigUint64(32, marvin(bytes.subarray(0, 32)) ^ (entry.damage === 'header-hash' ? 1n : 0n), true);
    parts.push(bytes);
  }
  return join(parts);
}

/** An old-format log (file type 1): `changed` is the hive as it was to be written, `hive` as it is on disk. */
export function writeOldLog(
  hive: Uint8Array,
  changed: Uint8Array,
  options: { sequence?: number; lastWritten?: bigint } = {},
): Uint8Array<ArrayBuffer> {
  const binsSize = changed.length - 4096;
  const pages: Uint8Array[] = [];
  const vector = new Uint8Array(Math.ceil((4 + Math.ceil(binsSize / 4096)) / 512) * 512);
  vector.set([0x44, 0x49, 0x52, 0x54]);
  for (let page = 0; page < binsSize / 512; page += 1) {
    const now = changed.subarray(4096 + page * 512, 4096 + page * 512 + 512);
    const before = hive.subarray(4096 + page * 512, 4096 + page * 512 + 512);
    if (before.length === 512 && now.every((byte, i) => byte === before[i])) continue;
    vector[4 + (page >> 3)] |= 1 << (page & 7);
    pages.push(now);
  }
  const head = logHead(changed, 1, options.sequence ?? 8);
  if (options.lastWritten !== undefined) {
    new DataView(head.buffer).setBigUint64(12, options.lastWritten, true);
    new DataView(head.buffer).setUint32(508, checksum(head), true);
  }
  return join([head, vector, ...pages]);
}

/** The 4-KiB pages in which two hives differ, as a log entry carries them. */
export function changedPages(from: Uint8Array, to: Uint8Array): LogPageSpec[] {
  const pages: LogPageSpec[] = [];
  for (let at = 4096; at < to.length; at += 4096) {
    const now = to.slice(at, at + 4096);
    const before = from.subarray(at, at + 4096);
    if (before.length !== now.length || now.some((byte, i) => byte !== before[i]))
      pages.push({ offset: at - 4096, bytes: now });
  }
  return pages;
}

/** Makes a hive dirty: the primary sequence number one above the secondary. */
export function makeDirty(hive: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hive);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, view.getUint32(8, true) + 1, true);
  view.setUint32(508, checksum(bytes), true);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
