import { TYPE } from './attribute.js';
import { writeU64 } from './file-name.js';
import { buildIndex, type Index, indexEntry } from './index-tree.js';

const LIMIT_NONE = 2 ** 64;

/** [name, type, flags, smallest, largest] of $AttrDef, as Windows XP and later write it. */
const DEFINITIONS: readonly (readonly [string, number, number, number, number])[] = [
  ['$STANDARD_INFORMATION', 0x10, 0x40, 0x30, 0x48],
  ['$ATTRIBUTE_LIST', 0x20, 0x80, 0, LIMIT_NONE],
  ['$FILE_NAME', 0x30, 0x42, 0x44, 0x242],
  ['$OBJECT_ID', 0x40, 0x40, 0, 0x100],
  ['$SECURITY_DESCRIPTOR', 0x50, 0x80, 0, LIMIT_NONE],
  ['$VOLUME_NAME', 0x60, 0x40, 2, 0x100],
  ['$VOLUME_INFORMATION', 0x70, 0x40, 0x0c, 0x0c],
  ['$DATA', 0x80, 0, 0, LIMIT_NONE],
  ['$INDEX_ROOT', 0x90, 0x40, 0, LIMIT_NONE],
  ['$INDEX_ALLOCATION', 0xa0, 0x80, 0, LIMIT_NONE],
  ['$BITMAP', 0xb0, 0x80, 0, LIMIT_NONE],
  ['$REPARSE_POINT', 0xc0, 0x80, 0, 0x4000],
  ['$EA_INFORMATION', 0xd0, 0x40, 8, 8],
  ['$EA', 0xe0, 0, 0, 0x1_0000],
  ['$LOGGED_UTILITY_STREAM', 0x100, 0x80, 0, 0x1_0000],
];

/**
 * The bytes of $AttrDef: 160 an entry (name of 64 units, type, display rule, collation, flags, smallest, largest), then
 * an empty one.
 */
export function attrDefBytes(): Uint8Array {
  const bytes = new Uint8Array(2560);
  const view = new DataView(bytes.buffer);
  for (const [index, [name, type, flags, smallest, largest]] of DEFINITIONS.entries()) {
    const at = index * 160;
    for (let i = 0; i < name.length; i += 1) view.setUint16(at + i * 2, name.charCodeAt(i), true);
    view.setUint32(at + 0x80, type, true);
    view.setUint32(at + 0x88, type === TYPE.fileName ? 1 : 0, true);
    view.setUint32(at + 0x8c, flags, true);
    writeU64(view, at + 0x90, smallest);
    if (largest === LIMIT_NONE) view.setBigUint64(at + 0x98, 0xffff_ffff_ffff_ffffn, true);
    else writeU64(view, at + 0x98, largest);
  }
  return bytes;
}

/** The first security id of a volume: all our files use this one. */
export const SECURITY_ID = 0x100;

/** A self-relative descriptor: owner and group Administrators (S-1-5-32-544), everybody may do everything. */
function descriptor(): Uint8Array {
  const administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
  const everyone = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
  const list = [2, 0, 0x1c, 0, 1, 0, 0, 0, 0, 3, 0x14, 0, 0xff, 0x01, 0x1f, 0, ...everyone];
  const bytes = new Uint8Array(20 + list.length + 32);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint16(2, 0x8004, true);
  view.setUint32(4, 20 + list.length, true);
  view.setUint32(8, 20 + list.length + 16, true);
  view.setUint32(16, 20, true);
  bytes.set(list, 20);
  bytes.set(administrators, 20 + list.length);
  bytes.set(administrators, 20 + list.length + 16);
  return bytes;
}

/** $Secure: the $SDS stream with one descriptor and its mirror 256 KiB later, and the two indexes. */
export function securityStreams(clusterSize: number): { sds: Uint8Array; sii: Index; sdh: Index } {
  const body = descriptor();
  const words = new DataView(body.buffer);
  let hash = 0;
  for (let at = 0; at < body.length; at += 4) hash = (((hash << 3) | (hash >>> 29)) + words.getUint32(at, true)) >>> 0;
  const entry = new Uint8Array(20 + body.length);
  const view = new DataView(entry.buffer);
  view.setUint32(0, hash, true);
  view.setUint32(4, SECURITY_ID, true);
  view.setUint32(16, entry.length, true);
  entry.set(body, 20);
  const sds = new Uint8Array(0x4_0000 + entry.length);
  sds.set(entry, 0);
  sds.set(entry, 0x4_0000);
  const head = entry.subarray(0, 20);
  const byId = indexEntry(4, 20);
  byId.view.setUint32(0x10, SECURITY_ID, true);
  byId.bytes.set(head, 0x14);
  const byHash = indexEntry(8, 24);
  byHash.view.setUint16(0x02, 20, true);
  byHash.view.setUint32(0x10, hash, true);
  byHash.view.setUint32(0x14, SECURITY_ID, true);
  byHash.bytes.set(head, 0x18);
  byHash.bytes.set([0x49, 0, 0x49, 0], 0x2c);
  const kind = { type: 0, clusterSize, rootRoom: 200 };
  return {
    sds,
    sii: buildIndex([byId.bytes], { ...kind, collation: 0x10 }),
    sdh: buildIndex([byHash.bytes], { ...kind, collation: 0x12 }),
  };
}

/** The boot sector: the first 512 bytes of $Boot, and the copy behind the file system. */
export function bootSector(options: {
  sectorSize: number;
  clusterSize: number;
  recordSize: number;
  sectors: number;
  mft: number;
  mirror: number;
  hiddenSectors: number;
  serial: bigint;
}): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const code = (size: number): number =>
    size >= options.clusterSize ? size / options.clusterSize : 256 - Math.log2(size);
  const perCluster = options.clusterSize / options.sectorSize;
  bytes.set([0xeb, 0x52, 0x90, 0x4e, 0x54, 0x46, 0x53, 0x20, 0x20, 0x20, 0x20]);
  view.setUint16(0x0b, options.sectorSize, true);
  view.setUint8(0x0d, perCluster <= 128 ? perCluster : 256 - Math.log2(perCluster));
  view.setUint8(0x15, 0xf8);
  view.setUint16(0x18, 63, true);
  view.setUint16(0x1a, 255, true);
  view.setUint32(0x1c, options.hiddenSectors, true);
  view.setUint32(0x24, 0x0080_0080, true);
  writeU64(view, 0x28, options.sectors);
  writeU64(view, 0x30, options.mft);
  writeU64(view, 0x38, options.mirror);
  view.setUint8(0x40, code(options.recordSize));
  view.setUint8(0x44, code(4096));
  view.setBigUint64(0x48, options.serial, true);
  view.setUint16(0x1fe, 0xaa55, true);
  return bytes;
}
