import { type Bytes, crc32, MemorySource } from '@deadbox/core';
import { classifyRole, openLdmVolume, readPartitionTable, recogniseFileSystem } from '@deadbox/partitions';
import { writeGpt } from '../../support/disk-writer/gpt.js';
import { writeDynamicDisk } from '../../support/disk-writer/ldm.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';
import { type FuzzTarget, type Range, type Seed, viewOf } from '../target.js';

const MIB = 1 << 20;
const SIZE = 4 * MIB;
const id = (last: string): string => `5EED0000-0000-4000-8000-0000000000${last}`;

function gptDisk(sectorSize: number): Uint8Array {
  const sink = new MemorySink(SIZE);
  writeGpt(sink, SIZE, sectorSize, id('01'), [
    { type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', id: id('11'), name: 'EFI', offset: MIB, length: MIB },
    { type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', id: id('13'), name: 'C', offset: 2 * MIB, length: MIB },
  ]);
  return sink.bytes;
}

function mbrDisk(): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = viewOf(bytes);
  const entry = (sector: number, slot: number, type: number, first: number, count: number): void => {
    const at = sector * 512 + 0x1be + slot * 16;
    bytes[at + 4] = type;
    view.setUint32(at + 8, first, true);
    view.setUint32(at + 12, count, true);
    view.setUint16(sector * 512 + 510, 0xaa55, true);
  };
  entry(0, 0, 0x07, 63, 500);
  entry(0, 1, 0x0f, 1024, 4096);
  for (let i = 0; i < 3; i += 1) {
    entry(1024 + i * 1024, 0, 0x07, 64, 512);
    if (i < 2) entry(1024 + i * 1024, 1, 0x05, (i + 1) * 1024, 1024);
  }
  return bytes;
}

function dynamicDisk(style: 'mbr' | 'gpt'): Uint8Array {
  const sink = new MemorySink(8 * MIB);
  writeDynamicDisk(sink, {
    style,
    size: 8 * MIB,
    own: 0,
    disks: [
      { name: 'Disk1', guid: id('D1') },
      { name: 'Disk2', guid: id('D2') },
    ],
    volumes: [
      { name: 'Volume1', guid: id('A1'), layout: 'simple', hint: 'C:', parts: [{ disk: 0, start: 0, sectors: 1024 }] },
      {
        name: 'Stripe1',
        guid: id('A2'),
        layout: 'striped',
        parts: [
          { disk: 0, start: 1024, sectors: 512 },
          { disk: 1, start: 0, sectors: 512 },
        ],
      },
    ],
  });
  return sink.bytes;
}

const GPT_PLACES = [
  [512, 512],
  [4096, 4096],
] as const;

/** Puts the checksums of every GPT header and of its entries right. */
export function repairGpt(bytes: Buffer): void {
  const view = viewOf(bytes);
  const places = GPT_PLACES.flatMap(([at, size]) => [
    { at, size },
    { at: Math.floor(bytes.length / size) * size - size, size },
  ]);
  for (const { at, size } of places) {
    if (at < 512 || at + size > bytes.length || bytes.toString('latin1', at, at + 8) !== 'EFI PART') continue;
    const entries = view.getBigUint64(at + 0x48, true) * BigInt(size);
    const length = view.getUint32(at + 0x50, true) * view.getUint32(at + 0x54, true);
    if (entries < BigInt(bytes.length) && Number(entries) + length <= bytes.length)
      view.setUint32(at + 0x58, crc32(bytes.subarray(Number(entries), Number(entries) + length)), true);
    const headerSize = view.getUint32(at + 0x0c, true);
    if (headerSize < 20 || headerSize > size) continue;
    view.setUint32(at + 0x10, 0, true);
    view.setUint32(at + 0x10, crc32(bytes.subarray(at, at + headerSize)), true);
  }
}

function structures(seed: Uint8Array): Range[] {
  const tail = seed.length - 40 * 512;
  const data = [0, 512, 1024, 2048, 3 * 512, 6 * 512, 1024 * 512, 2048 * 512, 3072 * 512].map(
    (at): Range => [at, at + 512],
  );
  return [...data, [0x1b8, 0x200], [tail, seed.length], [1024, 34 * 512]];
}

async function readDisk(input: Bytes): Promise<string> {
  const disk = new MemorySource(input);
  const table = await readPartitionTable(disk);
  for (const partition of table.partitions) {
    classifyRole(partition);
    if (
      partition.present > partition.length ||
      (partition.present > 0 && partition.offset + partition.present > disk.size)
    )
      throw new TypeError(`partition ${partition.slot} has ${partition.present} bytes on a disk of ${disk.size}`);
  }
  for (const volume of table.ldm?.volumes ?? []) {
    const members = table.ldm === undefined ? [] : [{ disk, database: table.ldm }];
    const source = openLdmVolume(volume, members, volume.name);
    await source?.read(0, Math.min(source.size, 70_000));
  }
  await recogniseFileSystem(disk.read(0, Math.min(65_536, disk.size)), disk);
  return [table.kind, table.header, table.partitions.length, ...new Set(table.issues.map(({ code }) => code))].join(
    ' ',
  );
}

export const partitionTargets: readonly FuzzTarget[] = [
  {
    name: 'partitions/table',
    seeds: (): Seed[] => [
      { name: 'gpt-512', bytes: gptDisk(512) },
      { name: 'gpt-4096', bytes: gptDisk(4096) },
      { name: 'mbr', bytes: mbrDisk() },
    ],
    parse: readDisk,
    repair: repairGpt,
    structures,
  },
  {
    name: 'partitions/dynamic-disk',
    seeds: (): Seed[] => [
      { name: 'mbr', bytes: dynamicDisk('mbr') },
      { name: 'gpt', bytes: dynamicDisk('gpt') },
    ],
    parse: readDisk,
    repair: repairGpt,
    // Private header, table of contents, database: wherever the disk is not zero.
    structures: (seed) => filledRanges(seed),
  },
];

/** The sectors of `bytes` that hold anything, as ranges. */
export function filledRanges(bytes: Uint8Array, most = 400): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < bytes.length && ranges.length < most; at += 512) {
    const sector = bytes.subarray(at, at + 512);
    if (sector.some((value) => value !== 0)) ranges.push([at, at + sector.length]);
  }
  return ranges;
}
