/** What {@link writeQcow1} writes; made from QEMU's block/qcow.c (synthetic). */
export interface Qcow1Recipe {
  size?: number;
  clusterBits?: number;
  l2Bits?: number;
  crypt?: number;
  /** Name of the backing file. */
  backing?: string;
  /** Entries of the one L2 table. */
  entries?: readonly bigint[];
  /** Bytes behind the tables, from {@link QCOW1_DATA} on. */
  data?: Uint8Array;
}

/** Where {@link writeQcow1} puts what L2 entries name. */
export const QCOW1_DATA = 8192;
const QCOW1 = { name: 64, l1: 2048, l2: 4096 } as const;

/** Bytes of a QCOW of version 1 with one L2 table. */
export function writeQcow1(recipe: Qcow1Recipe): Uint8Array<ArrayBuffer> {
  const { size = 64 * 1024, clusterBits = 12, l2Bits = 9, backing = '', entries = [], data } = recipe;
  const bytes = new Uint8Array(QCOW1_DATA + (data?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x5146_49fb);
  view.setUint32(4, 1);
  if (backing !== '') {
    view.setBigUint64(8, BigInt(QCOW1.name));
    view.setUint32(16, backing.length);
    bytes.set(Buffer.from(backing, 'latin1'), QCOW1.name);
  }
  view.setBigUint64(24, BigInt(size));
  view.setUint8(32, clusterBits);
  view.setUint8(33, l2Bits);
  view.setUint32(36, recipe.crypt ?? 0);
  view.setBigUint64(40, BigInt(QCOW1.l1));
  if (entries.length > 0) view.setBigUint64(QCOW1.l1, BigInt(QCOW1.l2));
  entries.forEach((entry, index) => view.setBigUint64(QCOW1.l2 + index * 8, entry));
  if (data !== undefined) bytes.set(data, QCOW1_DATA);
  return bytes;
}

/** What {@link writeQcow2} writes; made from QEMU's docs/interop/qcow2 (synthetic). */
export interface Qcow2Recipe {
  version?: 2 | 3;
  size?: number;
  clusterBits?: number;
  crypt?: number;
  /** Incompatible features. */
  features?: bigint;
  refcountOrder?: number;
  /** Header extensions: type and data. */
  extensions?: readonly (readonly [type: number, data: Uint8Array])[];
  backing?: string;
  snapshots?: { count: number; table: Uint8Array } | undefined;
  /** Entries of the one L2 table: 64 bits, with extended entries 64 bits more. */
  entries?: readonly bigint[];
  /** Bytes of the first cluster behind the tables. */
  data?: Uint8Array;
}

/** Clusters of the parts of what {@link writeQcow2} writes. */
export const QCOW2_CLUSTERS = { l1: 1, l2: 2, refcountTable: 3, refcountBlock: 4, snapshots: 5, data: 6 } as const;
const END_CLUSTER = 8;

/** Bytes of a QCOW2 with one L2 table, of which every cluster counts as used once. */
export function writeQcow2(recipe: Qcow2Recipe): Uint8Array<ArrayBuffer> {
  const { version = 3, size = 64 * 1024, clusterBits = 12, refcountOrder = 4, entries = [] } = recipe;
  const cluster = 2 ** clusterBits;
  const at = (index: number): bigint => BigInt(index * cluster);
  const bytes = new Uint8Array(END_CLUSTER * cluster);
  const view = new DataView(bytes.buffer);
  const headerLength = version === 2 ? 72 : 112;
  view.setUint32(0, 0x5146_49fb);
  view.setUint32(4, version);
  view.setUint32(20, clusterBits);
  view.setBigUint64(24, BigInt(size));
  view.setUint32(32, recipe.crypt ?? 0);
  view.setUint32(36, 1);
  view.setBigUint64(40, at(QCOW2_CLUSTERS.l1));
  view.setBigUint64(48, at(QCOW2_CLUSTERS.refcountTable));
  view.setUint32(56, 1);
  if (version === 3) {
    view.setBigUint64(72, recipe.features ?? 0n);
    view.setUint32(96, refcountOrder);
    view.setUint32(100, headerLength);
  }
  let next = headerLength;
  for (const [type, data] of recipe.extensions ?? []) {
    view.setUint32(next, type);
    view.setUint32(next + 4, data.length);
    bytes.set(data, next + 8);
    next += 8 + Math.ceil(data.length / 8) * 8;
  }
  next += 8;
  if (recipe.backing !== undefined) {
    const name = Buffer.from(recipe.backing, 'utf8');
    view.setBigUint64(8, BigInt(next));
    view.setUint32(16, name.length);
    bytes.set(name, next);
  }
  if (recipe.snapshots !== undefined) {
    view.setUint32(60, recipe.snapshots.count);
    view.setBigUint64(64, at(QCOW2_CLUSTERS.snapshots));
    bytes.set(recipe.snapshots.table, QCOW2_CLUSTERS.snapshots * cluster);
  }
  if (entries.length > 0) view.setBigUint64(QCOW2_CLUSTERS.l1 * cluster, at(QCOW2_CLUSTERS.l2) | (1n << 63n));
  entries.forEach((entry, index) => view.setBigUint64(QCOW2_CLUSTERS.l2 * cluster + index * 8, entry));
  view.setBigUint64(QCOW2_CLUSTERS.refcountTable * cluster, at(QCOW2_CLUSTERS.refcountBlock));
  if (refcountOrder === 4)
    for (let index = 0; index < END_CLUSTER; index += 1)
      view.setUint16(QCOW2_CLUSTERS.refcountBlock * cluster + index * 2, 1);
  if (recipe.data !== undefined) bytes.set(recipe.data, QCOW2_CLUSTERS.data * cluster);
  return bytes;
}

/** One entry of a snapshot table without extra data, or with as much as `extra` says. */
export function qcow2Snapshot(facts: {
  id: string;
  name: string;
  l1Offset?: number;
  l1Entries?: number;
  extra?: number;
}): Uint8Array<ArrayBuffer> {
  const extra = facts.extra ?? 0;
  const stored = Math.min(extra, 1024);
  const bytes = new Uint8Array(Math.ceil((40 + stored + facts.id.length + facts.name.length) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(facts.l1Offset ?? 4096));
  view.setUint32(8, facts.l1Entries ?? 1);
  view.setUint16(12, facts.id.length);
  view.setUint16(14, facts.name.length);
  view.setUint32(36, extra);
  bytes.set(Buffer.from(facts.id + facts.name, 'latin1'), 40 + stored);
  return bytes;
}
