import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_QCOW_SNAPSHOT_TABLE_BYTES, MAX_QCOW_SNAPSHOTS } from '../limits.js';

/** Fixed part of a snapshot table entry (QEMU docs/interop/qcow2, "Snapshots"); big-endian. */
const FIELD = {
  l1Offset: 0,
  l1Entries: 8,
  idLength: 12,
  nameLength: 14,
  seconds: 16,
  nanoseconds: 20,
  vmStateSize: 32,
  extraLength: 36,
} as const;
const ENTRY_BYTES = 40;
/** Offset in the extra data of the disk size at the time of the snapshot. */
const EXTRA_DISK_SIZE = 8;
const MAX_EXTRA = 1024;

/** Entries are read in pieces of so many bytes; a table of a few snapshots is one piece. */
const FIRST_PIECE = 64 * 1024;
/** Longer than any entry: two texts of 64 KiB and the extra data. */
const PIECE = 1024 * 1024;

/** The state of the disk that a snapshot keeps. */
export interface Qcow2SnapshotView {
  readonly l1Offset: number;
  readonly l1Entries: number;
  /** Virtual size then, in bytes; absent in old images, where the size never changed. */
  readonly size?: number;
}

export interface Qcow2Snapshot extends Qcow2SnapshotView {
  readonly id: string;
  readonly name: string;
  /** When it was taken, ISO-8601 UTC. */
  readonly taken: string;
  /** Bytes of saved VM state in 32-bit form; 0 for a disk-only snapshot. */
  readonly vmStateSize: number;
}

/** Where the snapshot table of a file lies. */
export interface Qcow2SnapshotTable {
  readonly offset: number;
  readonly count: number;
  readonly fileSize: number;
  /** Name of the file for errors. */
  readonly layer: string;
  /** Reads bytes of the file; asked for at most what lies inside it. */
  readonly read: (offset: number, length: number) => Promise<Bytes>;
}

/** What {@link findQcow2Snapshots} looks for. */
interface SnapshotWish {
  /** So many of the newest, which stand last, are wanted. */
  readonly newest: number;
  /** Id or name of one that is wanted. */
  readonly wanted?: string | undefined;
}

/**
 * The newest snapshots, the oldest of them first, and the one that is wanted: the first with that id, else the first
 * with that name. An image may have 65,536 snapshots and is opened for each that is looked at, so the others are
 * stepped over, not decoded.
 * @throws ImageError as {@link walkQcow2Snapshots}
 */
export async function findQcow2Snapshots(
  table: Qcow2SnapshotTable,
  { newest, wanted }: SnapshotWish,
): Promise<{ newest: Qcow2Snapshot[]; chosen: Qcow2Snapshot | undefined }> {
  const text = wanted === undefined ? undefined : new WantedText(wanted);
  const listed: Qcow2Snapshot[] = [];
  let byId: Qcow2Snapshot | undefined;
  let byName: Qcow2Snapshot | undefined;
  await walkQcow2Snapshots(table, (cursor, at, index) => {
    if (index >= table.count - newest) listed.push(snapshotAt(cursor, at));
    if (text === undefined || byId !== undefined) return;
    const { idAt, nameAt, end } = partsOf(cursor, at);
    if (text.is(cursor.bytes, idAt, nameAt)) byId = snapshotAt(cursor, at);
    else if (byName === undefined && text.is(cursor.bytes, nameAt, end)) byName = snapshotAt(cursor, at);
  });
  return { newest: listed, chosen: byId ?? byName };
}

/** The state that each snapshot keeps, in the order of the table, and the bytes of the table. */
export async function readQcow2SnapshotViews(
  table: Qcow2SnapshotTable,
): Promise<{ views: Qcow2SnapshotView[]; tableBytes: number }> {
  const views: Qcow2SnapshotView[] = [];
  const tableBytes = await walkQcow2Snapshots(table, (cursor, at) => views.push(viewAt(cursor, at)));
  return { views, tableBytes };
}

/**
 * Steps through the snapshot table, which is read in pieces, and of which no piece is kept.
 * @param visit - is told where each entry lies in `cursor`, which holds all of it
 * @returns bytes of the table
 * @throws ImageError `IMAGE_LIMIT`, `IMAGE_TRUNCATED`, `IMAGE_DAMAGED`
 */
async function walkQcow2Snapshots(
  table: Qcow2SnapshotTable,
  visit: (cursor: Cursor, at: number, index: number) => void,
): Promise<number> {
  const { offset, count, fileSize, layer } = table;
  if (count > MAX_QCOW_SNAPSHOTS) {
    const what = `${layer} claims ${count} snapshots; the most is ${MAX_QCOW_SNAPSHOTS}`;
    throw imageError('IMAGE_LIMIT', what, { layer, offset: 60 });
  }
  let start = 0;
  for (let index = 0, length = FIRST_PIECE; index < count; length = PIECE) {
    const available = Math.min(length, fileSize - offset - start);
    const bytes = available > 0 ? await table.read(offset + start, available) : new Uint8Array(0);
    const cursor = new Cursor(bytes, layer, offset + start);
    let at = 0;
    // Behind the last entry lies whatever was written there.
    while (index < count) {
      const next = nextEntry(cursor, at);
      if (next === undefined) break;
      visit(cursor, at, index);
      index += 1;
      at = next;
    }
    if (index < count && available < length) {
      const what = `${layer}: the table of ${count} snapshots at ${offset} does not end inside the file`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset });
    }
    start += at;
    if (start > MAX_QCOW_SNAPSHOT_TABLE_BYTES) {
      const what = `${layer} has a snapshot table of more than ${MAX_QCOW_SNAPSHOT_TABLE_BYTES} bytes`;
      throw imageError('IMAGE_LIMIT', what, { layer, offset });
    }
  }
  return start;
}

/** Where the entry after the one at `at` begins; `undefined` when that one does not end inside the bytes. */
function nextEntry(cursor: Cursor, at: number): number | undefined {
  if (at + ENTRY_BYTES > cursor.length) return undefined;
  const { extra, end } = partsOf(cursor, at);
  if (extra > MAX_EXTRA) {
    const what = `${cursor.at().layer} has a snapshot with ${extra} bytes of extra data`;
    throw imageError('IMAGE_DAMAGED', what, cursor.at(at + FIELD.extraLength));
  }
  return end > cursor.length ? undefined : Math.ceil(end / 8) * 8;
}

/** Where the texts of an entry begin and end, and the bytes of its extra data. */
function partsOf(cursor: Cursor, at: number): { extra: number; idAt: number; nameAt: number; end: number } {
  const extra = cursor.u32Be(at + FIELD.extraLength);
  const idAt = at + ENTRY_BYTES + extra;
  const nameAt = idAt + cursor.u16Be(at + FIELD.idLength);
  return { extra, idAt, nameAt, end: nameAt + cursor.u16Be(at + FIELD.nameLength) };
}

function snapshotAt(cursor: Cursor, at: number): Qcow2Snapshot {
  const { idAt, nameAt, end } = partsOf(cursor, at);
  const seconds = cursor.u32Be(at + FIELD.seconds) + cursor.u32Be(at + FIELD.nanoseconds) / 1e9;
  return {
    id: textOf(cursor.bytes, idAt, nameAt),
    name: textOf(cursor.bytes, nameAt, end),
    taken: new Date(Math.floor(seconds * 1000)).toISOString(),
    vmStateSize: cursor.u32Be(at + FIELD.vmStateSize),
    ...viewAt(cursor, at),
  };
}

function viewAt(cursor: Cursor, at: number): Qcow2SnapshotView {
  const extra = cursor.u32Be(at + FIELD.extraLength);
  return {
    l1Offset: cursor.u64NumberBe(at + FIELD.l1Offset),
    l1Entries: cursor.u32Be(at + FIELD.l1Entries),
    ...(extra >= EXTRA_DISK_SIZE + 8 ? { size: cursor.u64NumberBe(at + ENTRY_BYTES + EXTRA_DISK_SIZE) } : {}),
  };
}

const textOf = (bytes: Bytes, from: number, to: number): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(from, to));

/** Compares texts of entries with one that is wanted. */
class WantedText {
  readonly #text: string;
  /** Bytes at its end that an entry's text must end with, too. */
  readonly #tail: Bytes;
  /** What is no UTF-8 is listed with a replacement character, under which it must be found again. */
  readonly #isReplaced: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#tail = new TextEncoder().encode(text.slice(text.lastIndexOf('\ufffd') + 1));
    this.#isReplaced = text.includes('\ufffd');
  }

  is(bytes: Bytes, from: number, to: number): boolean {
    const { length } = this.#tail;
    if (this.#isReplaced ? to - from < length : to - from !== length) return false;
    for (let i = 1; i <= length; i += 1) if (bytes[to - i] !== this.#tail[length - i]) return false;
    return !this.#isReplaced || textOf(bytes, from, to) === this.#text;
  }
}
