import { type Bytes, MemorySource } from '@deadbox/core';
import { type FatFile, FatVolume } from '@deadbox/fat';
import { writeFat32 } from '../../support/disk-writer/fat32.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';
import { type FuzzTarget, placesOf, type Range, type Seed } from '../target.js';
import { filledRanges } from './partitions.js';

const SIZE = 34 << 20;

function fat32(): Uint8Array {
  const sink = new MemorySink(SIZE);
  const file = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);
  writeFat32(sink, SIZE, 512, 'SYSTEM', {
    '/EFI/Microsoft/Boot/BCD': file(3000),
    '/EFI/Microsoft/Boot/bootmgfw.efi': file(700),
    '/EFI/Boot/bootx64.efi': file(500),
    '/A long name with more than thirteen characters.txt': file(10),
  });
  return sink.bytes;
}

/** FAT12 or FAT16 with a root directory of fixed size: one folder, one file. */
function oldFat(clusters: number): Uint8Array {
  const tableSectors = Math.ceil((clusters * 2 + 4) / 512);
  const data = 1 + 2 * tableSectors + 4;
  const bytes = new Uint8Array((data + clusters) * 512);
  const view = new DataView(bytes.buffer);
  bytes.set([0xeb, 0x3c, 0x90]);
  view.setUint16(0x0b, 512, true);
  bytes[0x0d] = 1;
  view.setUint16(0x0e, 1, true);
  bytes[0x10] = 2;
  view.setUint16(0x11, 64, true);
  view.setUint16(0x13, data + clusters, true);
  bytes[0x15] = 0xf8;
  view.setUint16(0x16, tableSectors, true);
  bytes[0x26] = 0x29;
  view.setUint16(510, 0xaa55, true);
  const wide = clusters >= 4085;
  for (const table of [512, 512 * (1 + tableSectors)]) {
    const entries = wide ? [0xfff8, 0xffff, 0xffff, 4, 0xffff] : [];
    for (const [i, value] of entries.entries()) view.setUint16(table + i * 2, value, true);
    if (!wide) bytes.set([0xf8, 0xff, 0xff, 0xff, 0x4f, 0x00, 0xff, 0x0f], table);
  }
  const entry = (at: number, name: string, attributes: number, cluster: number, size: number): void => {
    bytes.set(new TextEncoder().encode(name), at);
    bytes[at + 11] = attributes;
    view.setUint16(at + 0x18, 0x58f3, true);
    view.setUint16(at + 0x1a, cluster, true);
    view.setUint32(at + 0x1c, size, true);
  };
  const root = 512 * (1 + 2 * tableSectors);
  entry(root, 'LABEL      ', 0x08, 0, 0);
  entry(root + 32, 'FOLDER     ', 0x10, 2, 0);
  entry(data * 512, '.          ', 0x10, 2, 0);
  entry(data * 512 + 32, 'FILE    TXT', 0x20, 3, 900);
  return bytes;
}

/** Lists everything, each directory once and to a depth, and reads what files begin with. */
async function readVolume(input: Bytes): Promise<string> {
  const volume = await FatVolume.open(new MemorySource(input));
  await volume.label();
  let entries = 0;
  const open: FatFile[] = [volume.root];
  for (let directory = open.pop(); directory !== undefined && entries < 3000; directory = open.pop()) {
    for await (const batch of directory.entries()) {
      for (const entry of batch) {
        entries += 1;
        const file = (await entry.open()) as FatFile;
        if (file.type === 'directory') {
          if (open.length < 200) open.push(file);
          continue;
        }
        const content = await file.stream();
        await Promise.resolve(content.read(0, Math.min(content.size, 4096)));
      }
    }
  }
  await volume.lookup('/EFI/Microsoft/Boot/BCD');
  return [volume.fileSystem, ...volume.issues.counts.keys()].join(' ');
}

/** Bytes of a boot sector that say what the volume is like; what follows them is code. */
const BOOT_FIELDS = 90;
/** How directory entries of the seeds begin: short names, and the long name. */
const NAMES = [
  '.          ',
  'LABEL  ',
  'FOLDER  ',
  'FILE    TXT',
  'SYSTEM  ',
  'EFI  ',
  'BOOT',
  'MICROS',
  'ALONGN',
  'A\0 \0l\0',
];

const seeds = (): Seed[] => [
  { name: 'fat12', bytes: oldFat(200) },
  { name: 'fat16', bytes: oldFat(5000) },
  { name: 'fat32', bytes: fat32() },
];

let bootSectors: readonly { readonly size: number; readonly bytes: Uint8Array }[] | undefined;

/**
 * Puts the fields of the boot sector back, so that a volume is found where the mutations changed what the boot sector
 * leads to. Inputs that a mutation made longer or shorter belong to the seed of nearly their size.
 */
function repairBootSector(input: Buffer): void {
  bootSectors ??= seeds().map(({ bytes }) => ({ size: bytes.length, bytes: bytes.slice(0, 512) }));
  const apart = (size: number): number => Math.abs(size - input.length);
  const { bytes } = bootSectors.reduce((best, next) => (apart(next.size) < apart(best.size) ? next : best));
  if (input.length < bytes.length) return;
  input.set(bytes.subarray(0, BOOT_FIELDS));
  input.set(bytes.subarray(510), 510);
}

/** Boot sector and tables, and several times the directory entries: short names with long ones before them. */
function structures(seed: Uint8Array): Range[] {
  const entries = NAMES.flatMap((name) => placesOf(seed, name, 32)).map((at): Range => [Math.max(0, at - 64), at + 64]);
  return [[0, BOOT_FIELDS], ...entries, ...entries, ...filledRanges(seed, 12)];
}

export const fatTargets: readonly FuzzTarget[] = [
  { name: 'fat/volume', seeds, parse: readVolume, repair: repairBootSector, structures },
];
