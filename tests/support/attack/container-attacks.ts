import { makeBitLockerVolume } from '../bitlocker-volume.js';
import { changeMetadata, smallPlainVolume } from '../encryption/volumes.js';
import { writeHostedSparse } from '../image/vmdk-writer.js';
import { type Attack, imageVerbs, MIB } from './attack.js';
import { attackVolume } from './attack-volume.js';

const SECTOR = 512;
/** `export` writes as many bytes as a disk has data: what is asked for by name is not bounded. */
const withoutExport = imageVerbs.filter(([verb]) => verb !== 'export');

/** As many internal snapshots as QEMU allows, each with a name of 64 letters, all of one table. */
export function qcowSnapshots(): Uint8Array<ArrayBuffer> {
  const count = 65_536;
  const entry = 40 + 24 + 8 + 72;
  const cluster = 1 << 16;
  const bytes = new Uint8Array(3 * cluster + count * entry);
  const view = new DataView(bytes.buffer);
  bytes.set([0x51, 0x46, 0x49, 0xfb]);
  view.setUint32(4, 3);
  view.setUint32(20, 16);
  view.setBigUint64(24, BigInt(64 * MIB));
  view.setUint32(36, 1);
  view.setBigUint64(40, BigInt(cluster));
  view.setBigUint64(48, BigInt(2 * cluster));
  view.setUint32(56, 1);
  view.setUint32(60, count);
  view.setBigUint64(64, BigInt(3 * cluster));
  view.setUint32(96, 4);
  view.setUint32(100, 104);
  for (let i = 0; i < count; i += 1) {
    const at = 3 * cluster + i * entry;
    view.setBigUint64(at, BigInt(cluster));
    view.setUint32(at + 8, 1);
    view.setUint16(at + 12, 8);
    view.setUint16(at + 14, 72);
    view.setUint32(at + 36, 24);
    view.setBigUint64(at + 40 + 8, BigInt(64 * MIB));
    bytes.set(Buffer.from(String(i).padStart(8, '0') + 'n'.repeat(72), 'latin1'), at + 64);
  }
  return bytes;
}

/**
 * A sparse extent of 64 TiB, every entry of whose directory is the same table; `grain` is what each of its entries
 * says.
 */
function oneGrainTable(grain: number): Uint8Array<ArrayBuffer> {
  const tables = 2 * MIB;
  const small = writeHostedSparse({
    capacity: tables * 512 * 128,
    grainSectors: 128,
    grains: new Map(),
    zeroGrains: [0],
  });
  const table = small.length / SECTOR;
  const directory = table + 4;
  const data = directory + (tables * 4) / SECTOR;
  const bytes = new Uint8Array((data + 128) * SECTOR);
  bytes.set(small);
  bytes.fill(0x41, data * SECTOR);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(48, BigInt(directory), true);
  view.setBigUint64(56, BigInt(directory), true);
  for (let i = 0; i < 512; i += 1) view.setUint32(table * SECTOR + i * 4, grain === 1 ? 1 : data, true);
  for (let i = 0; i < tables; i += 1) view.setUint32(directory * SECTOR + i * 4, table, true);
  return bytes;
}

/** A FAT16 volume whose files all are one chain without an end, through every cluster; `size` as their entries say. */
export function fatChain(): Uint8Array<ArrayBuffer> {
  const clusters = 20_000;
  const tableSectors = Math.ceil(((clusters + 2) * 2) / SECTOR);
  const rootAt = 1 + 2 * tableSectors;
  const dataAt = rootAt + 32;
  const bytes = new Uint8Array((dataAt + clusters) * SECTOR);
  const view = new DataView(bytes.buffer);
  bytes.set([0xeb, 0x3c, 0x90]);
  bytes.set(Buffer.from('MSDOS5.0', 'latin1'), 3);
  view.setUint16(11, SECTOR, true);
  bytes[13] = 1;
  view.setUint16(14, 1, true);
  bytes[16] = 2;
  view.setUint16(17, 512, true);
  view.setUint16(19, dataAt + clusters, true);
  bytes[21] = 0xf8;
  view.setUint16(22, tableSectors, true);
  bytes[38] = 0x29;
  bytes.set(Buffer.from('ATTACK     FAT16   ', 'latin1'), 43);
  bytes.set([0x55, 0xaa], 510);
  for (const table of [1, 1 + tableSectors]) {
    const at = table * SECTOR;
    view.setUint32(at, 0xffff_fff8, true);
    for (let i = 2; i < clusters + 2; i += 1) view.setUint16(at + i * 2, i + 1 === clusters + 2 ? 2 : i + 1, true);
  }
  for (let i = 0; i < 512; i += 1) {
    const at = rootAt * SECTOR + i * 32;
    bytes.set(Buffer.from(`F${i}`.padEnd(11), 'latin1'), at);
    bytes[at + 11] = i % 2 === 0 ? 0x20 : 0x10;
    view.setUint16(at + 26, 2 + (i % 3), true);
    view.setUint32(at + 28, i % 2 === 0 ? 0xffff_ffff : 0, true);
  }
  return bytes;
}

/** The entries of a metadata block that makes 400 protectors, one in the other or side by side. */
function protectors(nested: boolean): Uint8Array<ArrayBuffer> {
  const { bytes, metadataOffsets } = makeBitLockerVolume(smallPlainVolume(10 * MIB), { clearKey: true });
  return changeMetadata(bytes, metadataOffsets, (block) => {
    const count = nested ? 1500 : 480;
    const own = nested ? 36 : 104;
    const from = 112;
    const end = from + count * own;
    for (let i = 0; i < count; i += 1) {
      const at = from + i * own;
      new Uint8Array(block.buffer, block.byteOffset + at, own).fill(0);
      block.setUint16(at, nested ? end - at : own, true);
      block.setUint16(at + 2, 2, true);
      block.setUint16(at + 4, 8, true);
      block.setUint16(at + 6, 1, true);
      block.setUint32(at + 8, i + 1, true);
      block.setUint16(at + 34, 0x0800, true);
      if (nested) continue;
      // A stretch key without anything in it, and a key that it should open.
      const salt = at + 36;
      block.setUint16(salt, 28, true);
      block.setUint16(salt + 4, 3, true);
      block.setUint16(salt + 8, 0x1000, true);
      block.setUint16(salt + 28, 40, true);
      block.setUint16(salt + 32, 5, true);
    }
    const size = Math.ceil(end / 16) * 16;
    block.setUint16(8, size / 16, true);
    block.setUint32(64, end - 64, true);
    block.setUint32(76, end - 64, true);
    block.setUint16(size, 0x1_0000 - size, true);
    block.setUint16(size + 2, 2, true);
  });
}

/** A thousand shadow copies that share one list of blocks and one bitmap, of a volume of a pebibyte. */
function shadowCopies(): Uint8Array<ArrayBuffer> {
  const BLOCK = 0x4000;
  const volume = attackVolume(16 * MIB, { '/filler.bin': new Uint8Array(4 * MIB).fill(0x46) });
  const view = new DataView(volume.buffer);
  // The blocks lie inside the filler.
  const filler = volume.indexOf(0x46, (9 * MIB) / 2);
  const first = Math.ceil(filler / BLOCK) * BLOCK;
  const guid = [0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e, 0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52];
  const head = (at: number, type: number, next = 0): void => {
    volume.fill(0, at, at + (type === 1 ? 512 : BLOCK));
    volume.set(guid, at);
    view.setUint32(at + 0x10, 1, true);
    view.setUint32(at + 0x14, type, true);
    view.setBigUint64(at + 0x28, BigInt(next), true);
  };
  const CATALOGS = 16;
  const chain = 40;
  head(0x1e00, 1);
  view.setBigUint64(0x1e30, BigInt(first), true);
  const list = first + CATALOGS * BLOCK;
  const bitmap = list + chain * BLOCK;
  for (let c = 0; c < CATALOGS; c += 1) {
    const at = first + c * BLOCK;
    head(at, 2, c + 1 < CATALOGS ? at + BLOCK : 0);
    for (let i = 0; i < 63; i += 1) {
      const copy = at + 128 + i * 256;
      const id = c * 63 + i + 1;
      view.setBigUint64(copy, 2n, true);
      view.setBigUint64(copy + 8, 2n ** 50n, true);
      view.setUint32(copy + 16, id, true);
      view.setBigUint64(copy + 0x30, 0x01da_d992_0000_0000n + BigInt(id), true);
      const store = copy + 128;
      view.setBigUint64(store, 3n, true);
      view.setUint32(store + 16, id, true);
      view.setBigUint64(store + 8, BigInt(list), true);
      view.setBigUint64(store + 0x20, BigInt(bitmap + chain * BLOCK), true);
      view.setBigUint64(store + 0x30, BigInt(bitmap), true);
      view.setBigUint64(store + 0x48, BigInt(bitmap), true);
    }
  }
  for (let b = 0; b < chain; b += 1) {
    const at = list + b * BLOCK;
    head(at, 3, b + 1 < chain ? at + BLOCK : 0);
    for (let i = 0; i < 508; i += 1) {
      const entry = at + 128 + i * 32;
      const block = b * 508 + i;
      view.setBigUint64(entry, BigInt(block * BLOCK), true);
      view.setBigUint64(entry + 8, BigInt((block + 1) * BLOCK), true);
      view.setUint32(entry + 0x18, 1, true);
    }
    head(bitmap + b * BLOCK, 6, b + 1 < chain ? bitmap + (b + 1) * BLOCK : 0);
  }
  head(bitmap + chain * BLOCK, 4);
  return volume;
}

/** Attacks by containers, encryption and what keeps older states. */
export const CONTAINER_ATTACKS: readonly Attack[] = [
  {
    name: 'qcow2, 65,536 internal snapshots',
    idea: 'one table for all of them',
    file: 'snapshots.qcow2',
    bytes: qcowSnapshots,
    verbs: [
      ...imageVerbs,
      ['info', '--snapshot', '00065000', 'FILE'],
      ['scan', '--snapshot', '00065000', 'FILE'],
      ['scan', '--newest-clean', 'FILE'],
    ],
  },
  {
    name: 'VMDK, one table of zeros for 64 TiB',
    idea: 'every entry of the directory is the same table',
    file: 'zeros.vmdk',
    bytes: () => oneGrainTable(1),
    verbs: imageVerbs,
  },
  {
    name: 'VMDK, one grain of data for 64 TiB',
    idea: 'as above, and every entry of the table the same grain',
    file: 'grain.vmdk',
    bytes: () => oneGrainTable(0),
    verbs: withoutExport,
  },
  {
    name: 'FAT, 512 files and folders of one chain without an end',
    idea: 'the chain goes through every cluster, from each of them',
    file: 'chain.img',
    bytes: fatChain,
    verbs: [
      ...imageVerbs,
      ['ls', '-r', '--volume', '1', 'FILE'],
      ['ls', '-r', '--hash', 'sha256', '--volume', '1', 'FILE'],
      ['cat', '--volume', '1', 'FILE', '/F0'],
    ],
  },
  {
    name: 'BitLocker, 480 recovery protectors',
    idea: 'a key that is given would be stretched for each',
    file: 'protectors.img',
    bytes: () => protectors(false),
    verbs: [
      ...imageVerbs,
      ['info', '--recovery-key', '222222-222222-222222-222222-222222-222222-222222-222222', 'FILE'],
    ],
  },
  {
    name: 'BitLocker, 1500 entries one in the other',
    idea: 'each reaches to the end of the metadata',
    file: 'nested.img',
    bytes: () => protectors(true),
    verbs: imageVerbs,
  },
  {
    name: 'shadow copies, a thousand of one list of blocks and one bitmap',
    idea: 'of a volume that was a pebibyte, they say',
    file: 'shadows.img',
    bytes: shadowCopies,
    verbs: imageVerbs,
  },
];
