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

export interface Qcow2Snapshot {
  readonly id: string;
  readonly name: string;
  /** When it was taken, ISO-8601 UTC. */
  readonly taken: string;
  readonly l1Offset: number;
  readonly l1Entries: number;
  /** Virtual size then, in bytes; absent in old images, where the size never changed. */
  readonly size?: number;
  /** Bytes of saved VM state in 32-bit form; 0 for a disk-only snapshot. */
  readonly vmStateSize: number;
  /** Bytes of its entry in the snapshot table. */
  readonly tableBytes: number;
}

/**
 * Reads the snapshot table, in as few reads as it needs.
 * @param read - bytes of the file; asked for at most what lies inside it
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_LIMIT`, `IMAGE_TRUNCATED`
 */
export async function readQcow2Snapshots(
  table: { offset: number; count: number; fileSize: number },
  read: (offset: number, length: number) => Promise<Bytes>,
  layer: string,
): Promise<Qcow2Snapshot[]> {
  const { offset, count, fileSize } = table;
  if (count > MAX_QCOW_SNAPSHOTS) {
    throw imageError('IMAGE_LIMIT', `${layer} claims ${count} snapshots; the most is ${MAX_QCOW_SNAPSHOTS}`, {
      layer,
      offset: 60,
    });
  }
  for (let length = 64 * 1024; ; length *= 8) {
    const available = Math.min(length, fileSize - offset, MAX_QCOW_SNAPSHOT_TABLE_BYTES);
    const snapshots =
      available > 0 ? parseQcow2Snapshots(await read(offset, available), count, layer, offset) : undefined;
    if (snapshots !== undefined) return snapshots;
    if (available < length) {
      throw imageError(
        'IMAGE_TRUNCATED',
        `${layer}: the table of ${count} snapshots at ${offset} does not end inside the file`,
        {
          layer,
          offset,
        },
      );
    }
  }
}

/** Parses `count` entries; `undefined` when `bytes` end before. */
export function parseQcow2Snapshots(
  bytes: Bytes,
  count: number,
  layer: string,
  offset: number,
): Qcow2Snapshot[] | undefined {
  const cursor = new Cursor(bytes, layer, offset);
  const snapshots: Qcow2Snapshot[] = [];
  const text = new TextDecoder();
  for (let at = 0; snapshots.length < count; ) {
    if (at + ENTRY_BYTES > bytes.length) return undefined;
    const extra = cursor.u32Be(at + FIELD.extraLength);
    if (extra > MAX_EXTRA)
      throw imageError(
        'IMAGE_DAMAGED',
        `${layer} has a snapshot with ${extra} bytes of extra data`,
        cursor.at(at + FIELD.extraLength),
      );
    const idLength = cursor.u16Be(at + FIELD.idLength);
    const nameLength = cursor.u16Be(at + FIELD.nameLength);
    const end = at + ENTRY_BYTES + extra + idLength + nameLength;
    if (end > bytes.length) return undefined;
    const seconds = cursor.u32Be(at + FIELD.seconds) + cursor.u32Be(at + FIELD.nanoseconds) / 1e9;
    snapshots.push({
      id: text.decode(cursor.slice(at + ENTRY_BYTES + extra, idLength)),
      name: text.decode(cursor.slice(at + ENTRY_BYTES + extra + idLength, nameLength)),
      taken: new Date(Math.floor(seconds * 1000)).toISOString(),
      l1Offset: cursor.u64NumberBe(at + FIELD.l1Offset),
      l1Entries: cursor.u32Be(at + FIELD.l1Entries),
      vmStateSize: cursor.u32Be(at + FIELD.vmStateSize),
      tableBytes: Math.ceil(end / 8) * 8 - at,
      ...(extra >= EXTRA_DISK_SIZE + 8 ? { size: cursor.u64NumberBe(at + ENTRY_BYTES + EXTRA_DISK_SIZE) } : {}),
    });
    at = Math.ceil(end / 8) * 8;
  }
  return snapshots;
}
