import { parseGuid } from '@deadbox/core';

/** A block of a VHD: its data, and for differencing disks which of its sectors it holds. */
export interface VhdBlock {
  data: Uint8Array;
  /** Whether sector `index` of the block is in this file. Default: all. */
  has?: (sector: number) => boolean;
}

/**
 * What {@link writeVhd} writes; made from Microsoft's "Virtual Hard Disk Image Format Specification" 1.0 (synthetic).
 */
export interface VhdRecipe {
  type: 'dynamic' | 'differencing';
  size: number;
  blockSize: number;
  uuid: string;
  blocks: ReadonlyMap<number, VhdBlock>;
  parent?: { uuid: string; name: string; locators?: readonly { platform: string; path: string }[] };
}

/** Bytes of a dynamic or differencing VHD. */
export function writeVhd(recipe: VhdRecipe): Uint8Array<ArrayBuffer> {
  const { size, blockSize, blocks, parent } = recipe;
  const entries = Math.ceil(size / blockSize);
  const table = 1536;
  const locators = parent?.locators ?? [];
  const locatorStart = table + Math.ceil((entries * 4) / 512) * 512;
  const dataStart = locatorStart + locators.length * 512;
  const bitmapBytes = Math.ceil(blockSize / 512 / 8 / 512) * 512;
  const file = new Uint8Array(dataStart + blocks.size * (bitmapBytes + blockSize) + 512);
  const view = new DataView(file.buffer);
  const footer = vhdFooter(recipe.type === 'dynamic' ? 3 : 4, size, recipe.uuid, 512);
  file.set(footer, 0);
  file.set(footer, file.length - 512);
  const header = new Uint8Array(1024);
  const head = new DataView(header.buffer);
  header.set(ascii('cxsparse'), 0);
  head.setBigUint64(8, 0xffff_ffff_ffff_ffffn);
  head.setBigUint64(16, BigInt(table));
  head.setUint32(24, 0x10000);
  head.setUint32(28, entries);
  head.setUint32(32, blockSize);
  if (parent !== undefined) {
    header.set(bigEndian(parent.uuid), 40);
    for (let i = 0; i < parent.name.length; i += 1) head.setUint16(64 + i * 2, parent.name.charCodeAt(i));
    locators.forEach(({ platform, path }, index) => {
      const data = platform.startsWith('W2') ? Buffer.from(path, 'utf16le') : Buffer.from(path, 'utf8');
      const at = 576 + index * 24;
      header.set(ascii(platform), at);
      head.setUint32(at + 4, 512);
      head.setUint32(at + 8, data.length);
      head.setBigUint64(at + 16, BigInt(locatorStart + index * 512));
      file.set(data, locatorStart + index * 512);
    });
  }
  head.setUint32(36, onesComplement(header));
  file.set(header, 512);
  let at = dataStart;
  for (let index = 0; index < entries; index += 1) {
    const block = blocks.get(index);
    view.setUint32(table + index * 4, block === undefined ? 0xffff_ffff : at / 512);
    if (block === undefined) continue;
    for (let sector = 0; sector < blockSize / 512; sector += 1) {
      if (block.has?.(sector) ?? true) file[at + (sector >> 3)] |= 0x80 >> (sector & 7);
    }
    file.set(block.data, at + bitmapBytes);
    at += bitmapBytes + blockSize;
  }
  return file;
}

/** A footer of 512 bytes with a right checksum. */
export function vhdFooter(
  type: 2 | 3 | 4,
  size: number,
  uuid: string,
  headerOffset: number | undefined,
): Uint8Array<ArrayBuffer> {
  const footer = new Uint8Array(512);
  const view = new DataView(footer.buffer);
  footer.set(ascii('conectix'), 0);
  view.setUint32(8, 2);
  view.setUint32(12, 0x10000);
  view.setBigUint64(16, headerOffset === undefined ? 0xffff_ffff_ffff_ffffn : BigInt(headerOffset));
  footer.set(ascii('win '), 28);
  view.setUint32(32, 0x60001);
  footer.set(ascii('Wi2k'), 36);
  view.setBigUint64(40, BigInt(size));
  view.setBigUint64(48, BigInt(size));
  view.setUint32(56, 0x0208_0411);
  view.setUint32(60, type);
  footer.set(bigEndian(uuid), 68);
  view.setUint32(64, onesComplement(footer));
  return footer;
}

/** One's complement of the byte sum, for a structure whose checksum field is still zero. */
function onesComplement(bytes: Uint8Array): number {
  return ~bytes.reduce((sum, byte) => sum + byte, 0) >>> 0;
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function bigEndian(uuid: string): Uint8Array {
  parseGuid(uuid);
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
