import { deflateSync } from 'node:zlib';

const SECTOR = 512;
const COWD_ENTRIES = 4096;

/** One extent line of a descriptor. */
export interface ExtentLine {
  sectors: number;
  type: string;
  file?: string;
  start?: number;
}

/** Text of a descriptor file, as VMware's Virtual Disk Format 5.0 describes it. */
export function vmdkDescriptor(options: {
  type: string;
  extents: readonly ExtentLine[];
  cid?: string;
  parentCid?: string;
  hint?: string;
  more?: readonly string[];
}): Uint8Array<ArrayBuffer> {
  const extents = options.extents.map(
    ({ sectors, type, file, start }) =>
      `RW ${sectors} ${type}${file === undefined ? '' : ` "${file}"`}${start === undefined ? '' : ` ${start}`}`,
  );
  const lines = [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${options.cid ?? 'aaaaaaaa'}`,
    `parentCID=${options.parentCid ?? 'ffffffff'}`,
    `createType="${options.type}"`,
    ...(options.hint === undefined ? [] : [`parentFileNameHint="${options.hint}"`]),
    ...(options.more ?? []),
    '# Extent description',
    ...extents,
    '# The Disk Data Base',
    'ddb.adapterType = "lsilogic"',
    '',
  ];
  return new TextEncoder().encode(lines.join('\n'));
}

/** Writes u32 or u64 numbers, little-endian. */
class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }
  u32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }
  u64(offset: number, value: bigint | number): void {
    this.#view.setBigUint64(offset, BigInt(value), true);
  }
  ascii(offset: number, text: string): void {
    for (let i = 0; i < text.length; i += 1) this.bytes[offset + i] = text.charCodeAt(i);
  }
}

/** What a sparse file holds: grains by their number on the extent. */
export type Grains = ReadonlyMap<number, Uint8Array>;

/**
 * A copy-on-write extent of ESXi, synthetic: built from the structure COWDisk_Header of Virtual Disk Format 5.0. Grain
 * directory at sector 4.
 */
export function writeCowd(capacity: number, grainSectors: number, grains: Grains): Uint8Array<ArrayBuffer> {
  const tables = Math.ceil(capacity / (grainSectors * COWD_ENTRIES));
  const directorySectors = Math.ceil((tables * 4) / SECTOR);
  const used = [...new Set([...grains.keys()].map((grain) => Math.floor(grain / COWD_ENTRIES)))].sort((a, b) => a - b);
  const firstTable = 4 + directorySectors;
  const tableSectors = (COWD_ENTRIES * 4) / SECTOR;
  let next = firstTable + used.length * tableSectors;
  const writer = new Writer((next + grains.size * grainSectors) * SECTOR);
  writer.ascii(0, 'COWD');
  [1, 3, capacity, grainSectors, 4, tables].forEach((value, i) => writer.u32(4 + i * 4, value));
  used.forEach((table, i) => writer.u32(4 * SECTOR + table * 4, firstTable + i * tableSectors));
  for (const [grain, data] of grains) {
    const table = firstTable + used.indexOf(Math.floor(grain / COWD_ENTRIES)) * tableSectors;
    writer.u32(table * SECTOR + (grain % COWD_ENTRIES) * 4, next);
    writer.bytes.set(data, next * SECTOR);
    next += grainSectors;
  }
  return writer.bytes;
}

/**
 * A space-efficient sparse extent of ESXi, synthetic: built from the constants that QEMU's reader checks
 * (block/vmdk.c), since VMware has published no description.
 * @param kinds - `zero` and `unmapped` grains by number
 */
export function writeSeSparse(
  capacity: number,
  grains: Grains,
  kinds: ReadonlyMap<number, 'zero' | 'unmapped'> = new Map(),
  replay = false,
): Uint8Array<ArrayBuffer> {
  const all = [...grains.keys(), ...kinds.keys()];
  const tables = [...new Set(all.map((grain) => Math.floor(grain / 4096)))].sort((a, b) => a - b);
  const directory = 4;
  const directorySectors = Math.ceil((Math.ceil(capacity / (8 * 4096)) * 8) / SECTOR);
  const tablesAt = directory + directorySectors;
  const grainsAt = tablesAt + tables.length * 64;
  const writer = new Writer((grainsAt + grains.size * 8) * SECTOR);
  const header: [number, bigint | number][] = [
    [0, 0xcafebaben],
    [8, 0x200000001n],
    [16, capacity],
    [24, 8],
    [32, 64],
    [80, 1],
    [88, 1],
    [128, directory],
    [136, directorySectors],
    [144, tablesAt],
    [152, tables.length * 64],
    [192, grainsAt],
    [200, grains.size * 8],
  ];
  for (const [offset, value] of header) writer.u64(offset, value);
  writer.u64(SECTOR, 0xcafecafen);
  writer.u64(SECTOR + 24, replay ? 1 : 0);
  tables.forEach((table, i) => writer.u64(directory * SECTOR + table * 8, 0x1000000000000000n | BigInt(i)));
  const place = (grain: number): number =>
    tablesAt * SECTOR + tables.indexOf(Math.floor(grain / 4096)) * 64 * SECTOR + (grain % 4096) * 8;
  for (const [grain, kind] of kinds) writer.u64(place(grain), kind === 'zero' ? 2n << 60n : 1n << 60n);
  [...grains].forEach(([grain, data], i) => {
    // The index is split: its low twelve bits stand in bits 48-59, the rest in bits 0-47.
    writer.u64(place(grain), (3n << 60n) | (BigInt(i & 0xfff) << 48n) | BigInt(i >> 12));
    writer.bytes.set(data, grainsAt * SECTOR + i * 4096);
  });
  return writer.bytes;
}

/**
 * A hosted sparse or stream-optimised extent of one grain table (Virtual Disk Format 5.0), with an embedded descriptor
 * on demand.
 */
export function writeHostedSparse(options: {
  capacity: number;
  grainSectors?: number;
  grains: Grains;
  zeroGrains?: readonly number[];
  descriptor?: Uint8Array;
  /** Compressed grains with markers; the directory is named by the footer only. */
  stream?: boolean;
  version?: number;
}): Uint8Array<ArrayBuffer> {
  const grainSectors = options.grainSectors ?? 16;
  const isStream = options.stream === true;
  const descriptorSectors = options.descriptor === undefined ? 0 : Math.ceil(options.descriptor.length / SECTOR);
  const parts: Uint8Array[] = [];
  // Never sector 1: as a table entry that number can mean a grain of zeros.
  const dataStart = 8 + descriptorSectors;
  let at = dataStart;
  const entries = new Writer(512 * 4);
  const directories = [0, 1].map(() => new Writer(SECTOR));
  const append = (bytes: Uint8Array): number => {
    const padded = new Uint8Array(Math.ceil(bytes.length / SECTOR) * SECTOR);
    padded.set(bytes);
    parts.push(padded);
    at += padded.length / SECTOR;
    return at - padded.length / SECTOR;
  };
  const grainPlaces = [...options.grains].map(
    ([grain, data]) => [grain, append(isStream ? marked(grain * grainSectors, data) : data)] as const,
  );
  for (const [grain, place] of grainPlaces) entries.u32(grain * 4, place);
  for (const grain of options.zeroGrains ?? []) entries.u32(grain * 4, 1);
  const table = append(entries.bytes);
  for (const directory of directories) directory.u32(0, table);
  const [primary, redundant] = directories.map(({ bytes }) => append(bytes)) as [number, number];
  const flags = 1 | (options.zeroGrains === undefined ? 0 : 4) | (isStream ? 0x30000 : 0);
  const header = (directory: bigint | number): Uint8Array => {
    const writer = new Writer(SECTOR);
    writer.ascii(0, 'KDMV');
    writer.u32(4, options.version ?? (isStream ? 3 : 1));
    writer.u32(8, flags);
    writer.u64(12, options.capacity);
    writer.u64(20, grainSectors);
    writer.u64(28, descriptorSectors === 0 ? 0 : 1);
    writer.u64(36, descriptorSectors);
    writer.u32(44, 512);
    writer.u64(48, isStream ? 0 : redundant);
    writer.u64(56, directory);
    writer.u64(64, dataStart);
    writer.bytes.set([0x0a, 0x20, 0x0d, 0x0a, isStream ? 1 : 0], 73);
    return writer.bytes;
  };
  if (isStream) {
    append(marker(3));
    append(header(primary));
    append(new Uint8Array(SECTOR));
  }
  const file = new Uint8Array(at * SECTOR);
  file.set(header(isStream ? 0xffff_ffff_ffff_ffffn : primary));
  if (options.descriptor !== undefined) file.set(options.descriptor, SECTOR);
  let offset = dataStart * SECTOR;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

function marker(type: number): Uint8Array {
  const writer = new Writer(SECTOR);
  writer.u64(0, 1);
  writer.u32(12, type);
  return writer.bytes;
}

function marked(sector: number, data: Uint8Array): Uint8Array {
  const packed = deflateSync(data);
  const writer = new Writer(12 + packed.length);
  writer.u64(0, sector);
  writer.u32(8, packed.length);
  writer.bytes.set(packed, 12);
  return writer.bytes;
}
