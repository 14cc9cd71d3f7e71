import { type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import { classifyRole, readPartitionTable, recogniseFileSystem } from '@deadbox/partitions';
import { describe, expect, test } from 'vitest';
import { writeGpt } from '../support/disk-writer/gpt.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';

const MIB = 1 << 20;
const SIZE = 8 * MIB;

/** xorshift32: the same damage in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function gptDisk(sectorSize: number): Bytes {
  const sink = new MemorySink(SIZE);
  writeGpt(sink, SIZE, sectorSize, '5EED0000-0000-4000-8000-000000000001', [
    {
      type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      id: '5EED0000-0000-4000-8000-000000000011',
      name: 'EFI',
      offset: MIB,
      length: MIB,
    },
    {
      type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
      id: '5EED0000-0000-4000-8000-000000000013',
      name: 'C',
      offset: 2 * MIB,
      length: 4 * MIB,
    },
  ]);
  return sink.bytes;
}

function mbrDisk(): Bytes {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const entry = (sector: number, slot: number, type: number, first: number, count: number): void => {
    const at = sector * 512 + 0x1be + slot * 16;
    bytes[at + 4] = type;
    view.setUint32(at + 8, first, true);
    view.setUint32(at + 12, count, true);
    view.setUint16(sector * 512 + 510, 0xaa55, true);
  };
  entry(0, 0, 0x07, 2048, 2048);
  entry(0, 1, 0x0f, 4096, 8192);
  for (let i = 0; i < 5; i += 1) {
    entry(4096 + i * 1024, 0, 0x07, 64, 512);
    entry(4096 + i * 1024, 1, 0x05, (i + 1) * 1024, 1024);
  }
  return bytes;
}

describe('damaged partition tables', () => {
  test.each([
    ['GPT', gptDisk(512), [0, 17_408], SIZE - 16_896],
    ['GPT of 4096-byte sectors', gptDisk(4096), [0, 24_576], SIZE - 20_480],
    ['MBR', mbrDisk(), [0x1b0, 0x200], 4096 * 512],
  ] as const)(
    'of kind %s never hang the reader or end it with something untyped',
    async (_, original, [from, to], second) => {
      const random = generator(291);
      for (let round = 0; round < 400; round += 1) {
        const bytes = original.slice();
        for (let i = 0, count = 1 + random(30); i < count; i += 1) {
          const at = random(3) === 0 ? second + random(SIZE - second) : from + random(to - from);
          bytes[at] = random(4) === 0 ? 0xff : random(256);
        }
        const cut = random(5) === 0 ? bytes.slice(0, random(SIZE)) : bytes;
        const disk = new MemorySource(cut);
        try {
          const table = await readPartitionTable(disk);
          expect(table.partitions.length).toBeLessThan(9000);
          for (const partition of table.partitions) {
            expect(partition.present).toBeGreaterThanOrEqual(0);
            expect(partition.present).toBeLessThanOrEqual(partition.length);
            expect(partition.present === 0 || partition.offset + partition.present <= disk.size).toBe(true);
            expect(Number.isSafeInteger(partition.offset + partition.length)).toBe(true);
            classifyRole(partition);
          }
          await recogniseFileSystem(disk.read(0, Math.min(65_536, disk.size)), disk);
        } catch (error) {
          expect(isDeadboxError(error) ? '' : (error as Error).stack).toBe('');
        }
      }
    },
  );
});
