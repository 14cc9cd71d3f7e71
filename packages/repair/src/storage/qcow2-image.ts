import type { Bytes } from '@deadbox/core';

/*
 * A new QCOW2 of version 3 (QEMU docs/interop/qcow2), big-endian, with a few clusters over a backing file:
 *   cluster 0 header and backing name | refcount table | refcount block | L1 table | L2 tables | data
 * One refcount block counts 32,768 clusters: as many as three full overlays of the largest disk have.
 */
const CLUSTER_BITS = 16;
/** Bytes of a cluster. */
export const OVERLAY_CLUSTER: number = 1 << CLUSTER_BITS;
const HEADER_BYTES = 104;
const BACKING_FORMAT = 0xe279_2aca;
const REFCOUNT_BYTES = 2;
const COPIED = 1n << 63n;

/** What an overlay holds. */
export interface OverlayContent {
  /** Bytes of the virtual disk. */
  readonly size: number;
  /** Path of the image below, as it is recorded. */
  readonly backing: string;
  /** Its format, in QEMU's words. */
  readonly backingFormat: string;
  /** Whole clusters by their number on the virtual disk; the last may be shorter. */
  readonly clusters: ReadonlyMap<number, Bytes>;
}

/** The file of an overlay, from beginning to end. */
export function qcow2Image({ size, backing, backingFormat, clusters }: OverlayContent): Bytes {
  const numbers = [...clusters.keys()];
  const perTable = OVERLAY_CLUSTER / 8;
  const tables = [...new Set(numbers.map((number) => Math.floor(number / perTable)))];
  const l1Entries = Math.max(1, Math.ceil(Math.ceil(size / OVERLAY_CLUSTER) / perTable));
  const l1Clusters = Math.ceil((l1Entries * 8) / OVERLAY_CLUSTER);
  const at = { refcounts: 1, block: 2, l1: 3, l2: 3 + l1Clusters };
  const dataAt = at.l2 + tables.length;
  const total = dataAt + numbers.length;
  const file = new Uint8Array(total * OVERLAY_CLUSTER);
  const view = new DataView(file.buffer);
  writeHeader(file, { size, backing, backingFormat, l1Entries, l1: at.l1, refcounts: at.refcounts });
  view.setBigUint64(at.refcounts * OVERLAY_CLUSTER, BigInt(at.block * OVERLAY_CLUSTER));
  for (let cluster = 0; cluster < total; cluster += 1)
    view.setUint16(at.block * OVERLAY_CLUSTER + REFCOUNT_BYTES * cluster, 1);
  for (const [i, table] of tables.entries())
    view.setBigUint64(at.l1 * OVERLAY_CLUSTER + 8 * table, BigInt((at.l2 + i) * OVERLAY_CLUSTER) | COPIED);
  for (const [i, number] of numbers.entries()) {
    const table = at.l2 + tables.indexOf(Math.floor(number / perTable));
    const data = (dataAt + i) * OVERLAY_CLUSTER;
    view.setBigUint64(table * OVERLAY_CLUSTER + 8 * (number % perTable), BigInt(data) | COPIED);
    file.set(clusters.get(number) as Bytes, data);
  }
  return file;
}

function writeHeader(
  file: Bytes,
  fields: {
    size: number;
    backing: string;
    backingFormat: string;
    l1Entries: number;
    l1: number;
    refcounts: number;
  },
): void {
  const view = new DataView(file.buffer);
  const name = new TextEncoder().encode(fields.backing);
  const format = new TextEncoder().encode(fields.backingFormat);
  const extensionAt = HEADER_BYTES;
  const nameAt = extensionAt + 8 + Math.ceil(format.length / 8) * 8 + 8;
  view.setUint32(0, 0x5146_49fb);
  view.setUint32(4, 3);
  view.setBigUint64(8, BigInt(nameAt));
  view.setUint32(16, name.length);
  view.setUint32(20, CLUSTER_BITS);
  view.setBigUint64(24, BigInt(fields.size));
  view.setUint32(36, fields.l1Entries);
  view.setBigUint64(40, BigInt(fields.l1 * OVERLAY_CLUSTER));
  view.setBigUint64(48, BigInt(fields.refcounts * OVERLAY_CLUSTER));
  view.setUint32(56, 1);
  // Refcounts of sixteen bits: 2 to the power of 4.
  view.setUint32(96, 4);
  view.setUint32(100, HEADER_BYTES);
  view.setUint32(extensionAt, BACKING_FORMAT);
  view.setUint32(extensionAt + 4, format.length);
  file.set(format, extensionAt + 8);
  file.set(name, nameAt);
}
