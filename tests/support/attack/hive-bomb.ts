import { checksum } from '../hive-writer.js';

const BINS = 4096;
/** Entries that fit the 16-bit count of a list. */
const MOST = 65_535;

/**
 * A hive whose key `name` lists itself: an index root of `lists` entries that are all the same leaf, and a leaf of
 * `keys` entries that are all this key. Each list is as long as its own bytes; what they stand for is their product, at
 * every level.
 */
export function hiveBomb(
  hive: Uint8Array,
  name: string,
  { lists = MOST, keys = MOST }: { lists?: number; keys?: number } = {},
): Uint8Array<ArrayBuffer> {
  const key = findKey(hive, name);
  const leaf = list('lh', keys, 8, () => key - 4 - BINS);
  const bin = Math.ceil((32 + leaf.length + 8 + lists * 4 + 64) / 4096) * 4096;
  const bytes = new Uint8Array(hive.length + bin);
  bytes.set(hive);
  const view = new DataView(bytes.buffer);
  const at = BINS + view.getUint32(40, true);
  bytes.set([0x68, 0x62, 0x69, 0x6e], at);
  view.setUint32(at + 4, at - BINS, true);
  view.setUint32(at + 8, bin, true);
  const leafAt = at + 32;
  bytes.set(leaf, leafAt);
  const root = list('ri', lists, 4, () => leafAt - BINS);
  const rootAt = leafAt + leaf.length;
  bytes.set(root, rootAt);
  view.setInt32(rootAt + root.length, at + bin - rootAt - root.length, true);
  view.setUint32(key + 20, lists * keys, true);
  view.setUint32(key + 28, rootAt - BINS, true);
  view.setUint32(40, view.getUint32(40, true) + bin, true);
  view.setUint32(508, checksum(bytes.subarray(0, 512)), true);
  return bytes;
}

/** A list cell: signature, count, entries whose first four bytes are an offset. */
function list(signature: string, count: number, entry: number, offset: () => number): Uint8Array {
  const size = Math.ceil((8 + count * entry) / 8) * 8;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, -size, true);
  bytes.set([signature.charCodeAt(0), signature.charCodeAt(1)], 4);
  view.setUint16(6, count, true);
  for (let i = 0; i < count; i += 1) view.setUint32(8 + i * entry, offset(), true);
  return bytes;
}

/** Where the `nk` record of the key with this ASCII name begins. */
function findKey(hive: Uint8Array, name: string): number {
  const found = Buffer.from(hive.buffer, hive.byteOffset, hive.length);
  for (let at = found.indexOf(name); at >= 0; at = found.indexOf(name, at + 1))
    if (found.toString('latin1', at - 76, at - 74) === 'nk' && found.readUInt16LE(at - 4) === name.length)
      return at - 76;
  throw new Error(`no key ${name}`);
}
