import { appendAttribute, attribute, emptyRecord, seal, unseal, viewOf } from './file-record-writer.js';

/** Access to a volume that may be changed: bytes in memory, or a file. */
export interface Patchable {
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
}

/** A {@link Patchable} over bytes in memory. */
export function patchableBytes(bytes: Uint8Array): Patchable {
  return {
    read: (offset, length) => bytes.slice(offset, offset + length),
    write: (offset, part) => bytes.set(part, offset),
  };
}

interface Run {
  lcn: number;
  length: number;
}

const FIRST_EXTENSION = 16;
const LAST_EXTENSION = 23;

/**
 * Scatters `$MFT` of a small fresh volume (made by mkntfs and ntfs-3g) over its free clusters, so that it lies in
 * `pieces` runs whose list needs an `$ATTRIBUTE_LIST` and extension records, which are put into the reserved records 16
 * to 23, as Windows does. `$Bitmap`, `$MFT:$BITMAP` and `$MFTMirr` are kept right, so that other tools accept the
 * volume.
 * @returns in how many runs `$MFT` lies now
 */
export function fragmentMft(
  volume: Patchable,
  pieces: number,
  options: { shuffleList?: boolean; runsPerRecord?: number } = {},
): number {
  const boot = viewOf(volume.read(0, 512));
  const sector = boot.getUint16(0x0b, true);
  const code = boot.getUint8(0x0d);
  const cluster = sector * (code <= 0x80 ? code : 2 ** (256 - code));
  const recordCode = boot.getInt8(0x40);
  const recordSize = recordCode > 0 ? recordCode * cluster : 2 ** -recordCode;
  const totalClusters = Math.floor(Number(boot.getBigUint64(0x28, true)) / (cluster / sector));
  const mftLcn = Number(boot.getBigUint64(0x30, true));
  const mirror = Number(boot.getBigUint64(0x38, true)) * cluster;

  const zero = unseal(volume.read(mftLcn * cluster, recordSize));
  const data = attribute(zero, 0x80);
  const oldRuns = decode(zero, data);
  const readRecord = (number: number): Uint8Array =>
    unseal(readStream(volume, oldRuns, cluster, number * recordSize, recordSize));

  // The clusters of the first 24 records stay where they are: the bootstrap needs them.
  const keep = Math.ceil((24 * recordSize) / cluster);
  const clusters = oldRuns.flatMap((run) => Array.from({ length: run.length }, (_, i) => run.lcn + i));
  const bitmapRecord = readRecord(6);
  const bitmapRuns = decode(bitmapRecord, attribute(bitmapRecord, 0x80));
  const bitmapSize = Number(viewOf(bitmapRecord).getBigUint64(attribute(bitmapRecord, 0x80) + 0x30, true));
  const bitmap = readStream(volume, bitmapRuns, cluster, 0, bitmapSize);
  const isFree = (lcn: number): boolean => (bitmap[lcn >> 3] & (1 << (lcn & 7))) === 0;
  const mark = (lcn: number, used: boolean): void => {
    if (used) bitmap[lcn >> 3] |= 1 << (lcn & 7);
    else bitmap[lcn >> 3] &= ~(1 << (lcn & 7));
  };

  const movable = clusters.length - keep;
  const moves = Math.min(pieces - 1, movable);
  const runs: Run[] = mergeRuns(clusters.slice(0, keep));
  const perPiece = movable / moves;
  const extent = (from: number, to: number): number[] => clusters.slice(keep + Math.round(from), keep + Math.round(to));
  // Alternate between the two ends of the free space, one cluster apart, so that LCN deltas have both signs and runs
  // never touch.
  let low = 0;
  let high = totalClusters - 1;
  const take = (count: number, fromTop: boolean): number => {
    for (;;) {
      const start = fromTop ? high - count : low + 1;
      if (fromTop) high -= 1;
      else low += 1;
      if (low + count + 2 >= high) throw new Error('not enough free clusters');
      if (Array.from({ length: count + 2 }, (_, i) => start - 1 + i).every(isFree)) {
        if (fromTop) high = start - 1;
        else low = start + count;
        return start;
      }
    }
  };
  for (let piece = 0; piece < moves; piece += 1) {
    const old = extent(piece * perPiece, (piece + 1) * perPiece);
    const lcn = take(old.length, piece % 2 === 1);
    for (const [i, from] of old.entries()) {
      volume.write((lcn + i) * cluster, volume.read(from * cluster, cluster));
      mark(lcn + i, true);
    }
    runs.push({ lcn, length: old.length });
  }
  for (const from of extent(0, movable)) mark(from, false);
  writeStream(volume, bitmapRuns, cluster, bitmap);

  writeRecords(volume, {
    zero,
    data,
    runs,
    recordSize,
    mft: mftLcn * cluster,
    cluster,
    mirror,
    shuffle: options.shuffleList === true,
    runsPerRecord: options.runsPerRecord ?? Number.POSITIVE_INFINITY,
  });
  return mergeRuns(runs.flatMap((run) => Array.from({ length: run.length }, (_, i) => run.lcn + i))).length;
}

interface Layout {
  zero: Uint8Array;
  data: number;
  runs: Run[];
  recordSize: number;
  mft: number;
  cluster: number;
  mirror: number;
  shuffle: boolean;
  runsPerRecord: number;
}

/** Writes record 0 with an attribute list, the extension records, and `$MFT:$BITMAP`. */
function writeRecords(volume: Patchable, layout: Layout): void {
  const { zero, data, runs, recordSize, mft, cluster, mirror } = layout;
  const view = viewOf(zero);
  const parts: Uint8Array[] = [];
  for (
    let at = view.getUint16(0x14, true);
    view.getUint32(at, true) !== 0xffff_ffff;
    at += view.getUint32(at + 4, true)
  ) {
    parts.push(zero.slice(at, at + view.getUint32(at + 4, true)));
  }
  const others = parts.filter((part) => ![0x20, 0x80].includes(viewOf(part).getUint32(0, true)));
  const sizes = zero.slice(data + 0x28, data + 0x40);

  const extensionRoom = recordSize - 0x58 - 0x40 - 16;
  const rootRoom =
    recordSize -
    0x58 -
    others.reduce((sum, part) => sum + part.length, 0) -
    0x40 -
    16 -
    24 -
    32 * (others.length + 1 + 8);
  const extents: { firstVcn: number; runs: Run[]; record: number }[] = [];
  let rest = runs;
  let vcn = 0;
  for (let record = 0; rest.length > 0; record = record === 0 ? FIRST_EXTENSION : record + 1) {
    if (record > LAST_EXTENSION) throw new Error('the run list needs more extension records than are reserved');
    let count = Math.min(rest.length, layout.runsPerRecord);
    while (encode(rest.slice(0, count)).length > (record === 0 ? rootRoom : extensionRoom))
      count = Math.floor(count * 0.9);
    extents.push({ firstVcn: vcn, runs: rest.slice(0, count), record });
    vcn += rest.slice(0, count).reduce((sum, run) => sum + run.length, 0);
    rest = rest.slice(count);
  }
  const listEntries: { type: number; vcn: number; record: number; sequence: number; id: number }[] = others.map(
    (part) => ({
      type: viewOf(part).getUint32(0, true),
      vcn: 0,
      record: 0,
      sequence: 1,
      id: viewOf(part).getUint16(0x0e, true),
    }),
  );
  const dataId = view.getUint16(data + 0x0e, true);
  for (const extent of extents) {
    listEntries.push({
      type: 0x80,
      vcn: extent.firstVcn,
      record: extent.record,
      sequence: 1,
      id: extent.record === 0 ? dataId : 0,
    });
  }
  listEntries.sort((left, right) => left.type - right.type || left.vcn - right.vcn);
  if (layout.shuffle) listEntries.reverse();

  const used = extents.length - 1;
  for (const extent of extents.slice(1)) {
    const bytes = emptyRecord(recordSize, extent.record, { record: 0, sequence: 1 });
    appendAttribute(bytes, dataAttribute(extent.firstVcn, extent.runs, 0, undefined));
    volume.write(mft + extent.record * recordSize, seal(bytes));
  }

  const fresh = zero.slice();
  const freshView = viewOf(fresh);
  fresh.fill(0, freshView.getUint16(0x14, true));
  freshView.setUint32(0x18, freshView.getUint16(0x14, true) + 8, true);
  freshView.setUint32(freshView.getUint16(0x14, true), 0xffff_ffff, true);
  const list = listAttribute(listEntries, freshView.getUint16(0x28, true));
  freshView.setUint16(0x28, freshView.getUint16(0x28, true) + 1, true);
  const all = [...others, list, dataAttribute(0, extents[0].runs, dataId, sizes)].sort(
    (left, right) => viewOf(left).getUint32(0, true) - viewOf(right).getUint32(0, true),
  );
  for (const part of all) appendAttribute(fresh, part);
  const sealed = seal(fresh);
  volume.write(mft, sealed);
  volume.write(mirror, sealed);

  const bitmapPart = others.find((part) => viewOf(part).getUint32(0, true) === 0xb0) as Uint8Array;
  const bitmapRuns = decode(bitmapPart, 0);
  const bits = volume.read(bitmapRuns[0].lcn * cluster, 8);
  for (let i = 0; i < used; i += 1) bits[(FIRST_EXTENSION + i) >> 3] |= 1 << ((FIRST_EXTENSION + i) & 7);
  volume.write(bitmapRuns[0].lcn * cluster, bits);
}

function dataAttribute(firstVcn: number, runs: readonly Run[], id: number, sizes: Uint8Array | undefined): Uint8Array {
  const pairs = encode(runs);
  const bytes = new Uint8Array((0x40 + pairs.length + 7) & ~7);
  const view = viewOf(bytes);
  view.setUint32(0, 0x80, true);
  view.setUint32(4, bytes.length, true);
  bytes[8] = 1;
  view.setUint16(0x0a, 0x40, true);
  view.setUint16(0x0e, id, true);
  view.setBigUint64(0x10, BigInt(firstVcn), true);
  view.setBigUint64(0x18, BigInt(firstVcn + runs.reduce((sum, run) => sum + run.length, 0) - 1), true);
  view.setUint16(0x20, 0x40, true);
  if (sizes !== undefined) bytes.set(sizes, 0x28);
  bytes.set(pairs, 0x40);
  return bytes;
}

function listAttribute(
  entries: readonly { type: number; vcn: number; record: number; sequence: number; id: number }[],
  id: number,
): Uint8Array {
  const bytes = new Uint8Array(24 + entries.length * 32);
  const view = viewOf(bytes);
  view.setUint32(0, 0x20, true);
  view.setUint32(4, bytes.length, true);
  view.setUint16(0x0e, id, true);
  view.setUint32(0x10, entries.length * 32, true);
  view.setUint16(0x14, 24, true);
  for (const [i, entry] of entries.entries()) {
    const at = 24 + i * 32;
    view.setUint32(at, entry.type, true);
    view.setUint16(at + 4, 32, true);
    bytes[at + 7] = 0x1a;
    view.setBigUint64(at + 8, BigInt(entry.vcn), true);
    view.setUint32(at + 0x10, entry.record, true);
    view.setUint16(at + 0x16, entry.sequence, true);
    view.setUint16(at + 0x18, entry.id, true);
  }
  return bytes;
}

function decode(record: Uint8Array, at: number): Run[] {
  const runs: Run[] = [];
  let lcn = 0;
  for (let i = at + viewOf(record).getUint16(at + 0x20, true); record[i] !== 0; ) {
    const lengthBytes = record[i] & 15;
    const deltaBytes = record[i] >> 4;
    let length = 0;
    for (let b = lengthBytes; b > 0; b -= 1) length = length * 256 + record[i + b];
    let delta = record[i + lengthBytes + deltaBytes] >= 0x80 ? -1 : 0;
    for (let b = deltaBytes; b > 0; b -= 1) delta = delta * 256 + record[i + lengthBytes + b];
    lcn += delta;
    runs.push({ lcn, length });
    i += 1 + lengthBytes + deltaBytes;
  }
  return runs;
}

function encode(runs: readonly Run[]): Uint8Array {
  const bytes: number[] = [];
  let previous = 0;
  for (const { lcn, length } of runs) {
    const lengthBytes = signedBytes(length);
    const deltaBytes = signedBytes(lcn - previous);
    bytes.push(lengthBytes.length | (deltaBytes.length << 4), ...lengthBytes, ...deltaBytes);
    previous = lcn;
  }
  return Uint8Array.from([...bytes, 0]);
}

function signedBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (!((rest === 0 && (bytes.at(-1) as number) < 0x80) || (rest === -1 && (bytes.at(-1) as number) >= 0x80)));
  return bytes;
}

function mergeRuns(clusters: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const lcn of clusters) {
    const last = runs.at(-1);
    if (last !== undefined && last.lcn + last.length === lcn) last.length += 1;
    else runs.push({ lcn, length: 1 });
  }
  return runs;
}

function readStream(
  volume: Patchable,
  runs: readonly Run[],
  cluster: number,
  offset: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const run of runs) {
    const from = Math.max(offset, at);
    const to = Math.min(offset + length, at + run.length * cluster);
    if (to > from) bytes.set(volume.read(run.lcn * cluster + from - at, to - from), from - offset);
    at += run.length * cluster;
  }
  return bytes;
}

function writeStream(volume: Patchable, runs: readonly Run[], cluster: number, bytes: Uint8Array): void {
  let at = 0;
  for (const run of runs) {
    if (at >= bytes.length) return;
    volume.write(run.lcn * cluster, bytes.subarray(at, at + run.length * cluster));
    at += run.length * cluster;
  }
}
