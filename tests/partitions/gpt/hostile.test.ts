import { CountingSource, MemorySource } from '@deadbox/core';
import { readPartitionTable } from '@deadbox/partitions';
import { expect, test } from 'vitest';
import { repairGpt } from '../../fuzz/targets/partitions.js';
import { ATTACKS } from '../../support/attack/attacks.js';
import { writeGpt } from '../../support/disk-writer/gpt.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';

const SIZE = 8 << 20;

/** A GPT whose array of `count` entries holds one partition again and again, a sector further each time. */
function overlapping(count: number, claimed: number = count): Buffer {
  const sink = new MemorySink(SIZE);
  writeGpt(sink, SIZE, 512, '5EED0000-0000-4000-8000-000000000001', [
    {
      type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
      id: '5EED0000-0000-4000-8000-000000000013',
      name: 'C',
      offset: 4 << 20,
      length: 1 << 20,
    },
  ]);
  const disk = Buffer.from(sink.bytes);
  disk.fill(0, SIZE - 512);
  const entry = Buffer.from(disk.subarray(1024, 1152));
  for (let i = 0; i < count; i += 1) {
    entry.writeBigUInt64LE(BigInt(8192 + i), 0x20);
    entry.writeBigUInt64LE(BigInt(8192 + i + 2047), 0x28);
    disk.set(entry, 1024 + i * 128);
  }
  disk.writeUInt32LE(claimed, 512 + 0x50);
  repairGpt(disk);
  return disk;
}

test('a table of thousands of partitions over one another gives a few of them, and says how many there are', async () => {
  const table = await readPartitionTable(new MemorySource(new Uint8Array(overlapping(4000))));
  expect(table.partitions.length).toBeLessThan(20);
  const capped = table.issues.find(({ code }) => code === 'partition.overlap-capped');
  expect(capped?.data.overlapping).toBeGreaterThan(3900);
});

test('a table of thousands of partitions side by side gives a thousand of them, and says that there are more', async () => {
  const bytes = ATTACKS.find(({ file }) => file === 'gpt-many.img')?.bytes() ?? new Uint8Array(0);
  const table = await readPartitionTable(new MemorySource(bytes));
  expect(table.partitions).toHaveLength(1024);
  const capped = table.issues.find(({ code }) => code === 'partition.too-many');
  expect(capped?.data.found).toBe(8192);
});

test('an array of absurd size is read as far as a mebibyte', async () => {
  const counting = new CountingSource(new MemorySource(new Uint8Array(overlapping(3, 0xffff_ffff))));
  const table = await readPartitionTable(counting);
  expect(table.partitions.length).toBe(3);
  expect(table.issues.map(({ code }) => code)).toContain('gpt.array-capped');
  expect(counting.bytes).toBeLessThan(3 << 20);
});
