import { crc32c, parseGuid } from '@deadbox/core';

const MIB = 1 << 20;
const KIB64 = 1 << 16;

/** A payload block of a VHDX by its state number; 6 and 7 have data, 7 also says which sectors it holds. */
export interface VhdxBlock {
  state: 0 | 1 | 2 | 3 | 6 | 7;
  data?: Uint8Array;
  has?: (sector: number) => boolean;
}

/** What {@link writeVhdx} writes; made from [MS-VHDX] (synthetic). */
export interface VhdxRecipe {
  size: number;
  blockSize?: number;
  sectorSize?: 512 | 4096;
  fixed?: boolean;
  blocks: readonly VhdxBlock[];
  dataWriteGuid: string;
  /** Keys of the parent locator. */
  parent?: Readonly<Record<string, string>>;
  /** Non-zero when the log holds something. */
  logGuid?: string;
  /** Content of the log (1 MiB at 1 MiB). */
  log?: Uint8Array;
}

/** Where {@link writeVhdx} puts things. */
export const VHDX_LAYOUT = { log: MIB, metadata: 2 * MIB, bat: 3 * MIB, data: 4 * MIB } as const;

/** Bytes of a VHDX. */
export function writeVhdx(recipe: VhdxRecipe): Uint8Array<ArrayBuffer> {
  const { blocks, blockSize = MIB, sectorSize = 512, parent } = recipe;
  const chunkRatio = (2 ** 23 * sectorSize) / blockSize;
  if (blocks.length > chunkRatio) throw new Error('this writer knows one chunk');
  const stored = blocks.filter(({ data }) => data !== undefined).length;
  const bitmap = blocks.some(({ state }) => state === 7);
  const file = new Uint8Array(VHDX_LAYOUT.data + stored * blockSize + (bitmap ? MIB : 0));
  const view = new DataView(file.buffer);
  file.set(Buffer.from('vhdxfile', 'latin1'), 0);
  file.set(Buffer.from('deadbox test', 'utf16le'), 8);
  file.set(vhdxHeader(recipe, 1n), KIB64);
  file.set(vhdxHeader(recipe, 2n), 2 * KIB64);
  for (const at of [3 * KIB64, 4 * KIB64]) file.set(regionTable(), at);
  writeMetadata(file.subarray(VHDX_LAYOUT.metadata, VHDX_LAYOUT.bat), recipe, blockSize, sectorSize);
  if (recipe.log !== undefined) file.set(recipe.log, VHDX_LAYOUT.log);
  const bitmapOffset = VHDX_LAYOUT.data + stored * blockSize;
  let next = VHDX_LAYOUT.data;
  blocks.forEach((block, index) => {
    const place = block.data === undefined ? 0 : next;
    view.setBigUint64(VHDX_LAYOUT.bat + index * 8, BigInt(place) | BigInt(block.state), true);
    if (block.data !== undefined) {
      file.set(block.data, next);
      next += blockSize;
    }
    if (block.state !== 7) return;
    for (let sector = 0; sector < blockSize / sectorSize; sector += 1) {
      const bit = index * (blockSize / sectorSize) + sector;
      if (block.has?.(sector) ?? true) file[bitmapOffset + (bit >> 3)] |= 1 << (bit & 7);
    }
  });
  if (parent !== undefined && bitmap)
    view.setBigUint64(VHDX_LAYOUT.bat + chunkRatio * 8, BigInt(bitmapOffset) | 6n, true);
  return file;
}

/** A header of 4 KiB. */
export function vhdxHeader(
  recipe: Pick<VhdxRecipe, 'dataWriteGuid' | 'logGuid'>,
  sequence: bigint,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(4096);
  const view = new DataView(header.buffer);
  header.set(Buffer.from('head', 'latin1'), 0);
  view.setBigUint64(8, sequence, true);
  header.set(parseGuid('11111111-2222-3333-4444-555555555555'), 16);
  header.set(parseGuid(recipe.dataWriteGuid), 32);
  if (recipe.logGuid !== undefined) header.set(parseGuid(recipe.logGuid), 48);
  view.setUint16(66, 1, true);
  view.setUint32(68, MIB, true);
  view.setBigUint64(72, BigInt(VHDX_LAYOUT.log), true);
  return sealed(header);
}

/** Sets the CRC-32C at byte 4. */
export function sealed(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(4, 0, true);
  view.setUint32(4, crc32c(bytes), true);
  return bytes;
}

/** A change that a log entry makes: a page of 4 KiB, or pages of zeros. */
export type LogChange = { offset: number; page: Uint8Array } | { offset: number; zeros: number };

/** A log entry as it lies in the log. */
export function logEntry(entry: {
  logGuid: string;
  sequence: bigint;
  tail: number;
  changes: readonly LogChange[];
  flushedFileOffset: number;
  lastFileOffset: number;
}): Uint8Array<ArrayBuffer> {
  const { changes } = entry;
  const descriptorBytes = Math.ceil((64 + changes.length * 32) / 4096) * 4096;
  const bytes = new Uint8Array(descriptorBytes + changes.filter((change) => 'page' in change).length * 4096);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('loge', 'latin1'), 0);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, entry.tail, true);
  view.setBigUint64(16, entry.sequence, true);
  view.setUint32(24, changes.length, true);
  bytes.set(parseGuid(entry.logGuid), 32);
  view.setBigUint64(48, BigInt(entry.flushedFileOffset), true);
  view.setBigUint64(56, BigInt(entry.lastFileOffset), true);
  let data = descriptorBytes;
  changes.forEach((change, index) => {
    const at = 64 + index * 32;
    view.setBigUint64(at + 16, BigInt(change.offset), true);
    view.setBigUint64(at + 24, entry.sequence, true);
    if ('zeros' in change) {
      bytes.set(Buffer.from('zero', 'latin1'), at);
      view.setBigUint64(at + 8, BigInt(change.zeros), true);
      return;
    }
    bytes.set(Buffer.from('desc', 'latin1'), at);
    bytes.set(change.page.subarray(4092), at + 4);
    bytes.set(change.page.subarray(0, 8), at + 8);
    bytes.set(Buffer.from('data', 'latin1'), data);
    view.setUint32(data + 4, Number(entry.sequence >> 32n), true);
    bytes.set(change.page.subarray(8, 4092), data + 8);
    view.setUint32(data + 4092, Number(entry.sequence & 0xffff_ffffn), true);
    data += 4096;
  });
  return sealed(bytes);
}

function regionTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(KIB64);
  const view = new DataView(table.buffer);
  table.set(Buffer.from('regi', 'latin1'), 0);
  view.setUint32(8, 2, true);
  const regions: readonly (readonly [string, number])[] = [
    ['2DC27766-F623-4200-9D64-115E9BFD4A08', VHDX_LAYOUT.bat],
    ['8B7CA206-4790-4B9A-B8FE-575F050F886E', VHDX_LAYOUT.metadata],
  ];
  regions.forEach(([guid, offset], index) => {
    table.set(parseGuid(guid), 16 + index * 32);
    view.setBigUint64(32 + index * 32, BigInt(offset), true);
    view.setUint32(40 + index * 32, MIB, true);
    view.setUint32(44 + index * 32, 1, true);
  });
  return sealed(table);
}

function writeMetadata(region: Uint8Array, recipe: VhdxRecipe, blockSize: number, sectorSize: number): void {
  const parameters = new Uint8Array(8);
  new DataView(parameters.buffer).setUint32(0, blockSize, true);
  new DataView(parameters.buffer).setUint32(
    4,
    (recipe.fixed === true ? 1 : 0) | (recipe.parent === undefined ? 0 : 2),
    true,
  );
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(recipe.size), true);
  const sector = new Uint8Array(4);
  new DataView(sector.buffer).setUint32(0, sectorSize, true);
  const items: [string, number, Uint8Array][] = [
    ['CAA16737-FA36-4D43-B3B6-33F0AA44E76B', 4, parameters],
    ['2FA54224-CD1B-4876-B211-5DBED83BF4B8', 6, size],
    ['BECA12AB-B2E6-4523-93EF-C309E000C746', 6, parseGuid('99999999-8888-7777-6666-555555555555')],
    ['8141BF1D-A96F-4709-BA47-F233A8FAAB5F', 6, sector],
    ['CDA348C7-445D-4471-9CC9-E9885251C556', 6, sector],
  ];
  if (recipe.parent !== undefined)
    items.push(['A8D35F2D-B30B-454D-ABF7-D3D84834AB0C', 4, parentLocator(recipe.parent)]);
  const view = new DataView(region.buffer, region.byteOffset, region.length);
  region.set(Buffer.from('metadata', 'latin1'), 0);
  view.setUint16(10, items.length, true);
  let offset = KIB64;
  items.forEach(([id, flags, value], index) => {
    const at = 32 + index * 32;
    region.set(parseGuid(id), at);
    view.setUint32(at + 16, offset, true);
    view.setUint32(at + 20, value.length, true);
    view.setUint32(at + 24, flags, true);
    region.set(value, offset);
    offset += value.length;
  });
}

function parentLocator(pairs: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(pairs).map(
    ([key, value]) => [Buffer.from(key, 'utf16le'), Buffer.from(value, 'utf16le')] as const,
  );
  const start = 20 + entries.length * 12;
  const locator = new Uint8Array(start + entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0));
  const view = new DataView(locator.buffer);
  locator.set(parseGuid('B04AEFB7-D19E-4A81-B789-25B8E9445913'), 0);
  view.setUint16(18, entries.length, true);
  let at = start;
  entries.forEach(([key, value], index) => {
    view.setUint32(20 + index * 12, at, true);
    view.setUint32(24 + index * 12, at + key.length, true);
    view.setUint16(28 + index * 12, key.length, true);
    view.setUint16(30 + index * 12, value.length, true);
    locator.set(key, at);
    locator.set(value, at + key.length);
    at += key.length + value.length;
  });
  return locator;
}
