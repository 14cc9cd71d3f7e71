import { DeadboxError, MemorySource } from '@deadbox/core';
import { readPartitionTable } from '@deadbox/partitions';
import { describe, expect, test } from 'vitest';
import { repairGpt } from '../../fuzz/targets/partitions.js';
import { writeGpt } from '../../support/disk-writer/gpt.js';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';

const SIZE = 2 << 20;
const LAST = SIZE / 512 - 1;

/** A GPT disk with one partition at 1 MiB; `change` damages it, and checksums are made right again where asked. */
function disk(
  change: (bytes: Buffer) => void = () => undefined,
  repaired = false,
  size = SIZE,
): Uint8Array<ArrayBuffer> {
  const sink = new MemorySink(SIZE);
  const type = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
  const id = '5EED0000-0000-4000-8000-000000000013';
  writeGpt(sink, SIZE, 512, '5EED0000-0000-4000-8000-000000000001', [
    { type, id, name: 'C', offset: 1 << 20, length: 1 << 19 },
  ]);
  const bytes = Buffer.from(sink.bytes.buffer);
  change(bytes);
  if (repaired) repairGpt(bytes);
  return sink.bytes.slice(0, size);
}

const read = async (bytes: Uint8Array<ArrayBuffer>): Promise<[kind: string, partitions: number, codes: string[]]> => {
  const table = await readPartitionTable(new MemorySource(bytes));
  return [
    table.kind,
    table.partitions.length,
    table.issues.map(({ code, data }) => (typeof data.reason === 'string' ? `${code} ${data.reason}` : code)),
  ];
};

describe('a GPT', () => {
  test('whose disk ends behind its protective MBR has no partitions, and says what is missing', async () => {
    for (const size of [512, 600])
      expect(await read(disk(undefined, false, size))).toEqual([
        'gpt',
        0,
        // The last sector is there, but it is the first.
        ['gpt.header-damaged not on the disk', 'gpt.header-damaged signature'],
      ]);
  });

  test('whose header says that it stands elsewhere is taken, with a warning', async () => {
    const moved = disk((bytes) => bytes.writeBigUInt64LE(9n, 512 + 0x18), true);
    expect(await read(moved)).toEqual(['gpt', 1, ['gpt.header-damaged own sector']]);
  });

  test('whose backup is said to stand in the first sectors has it looked for at the end', async () => {
    const odd = disk((bytes) => bytes.writeBigUInt64LE(1n, 512 + 0x20), true);
    expect(await read(odd)).toEqual(['gpt', 1, []]);
  });

  test('whose arrays lie beyond the disk gives none, and says so of both copies', async () => {
    const beyond = disk((bytes) => {
      for (const at of [512, LAST * 512]) bytes.writeBigUInt64LE(1n << 40n, at + 0x48);
    }, true);
    const [kind, partitions, codes] = await read(beyond);
    expect([kind, partitions]).toEqual(['gpt', 0]);
    expect(new Set(codes)).toEqual(new Set(['gpt.entries-damaged not on the disk']));
  });

  test('that an MBR with partitions replaced is noted where its header stands', async () => {
    for (const sector of [512, 4096]) {
      const bytes = disk((raw) => {
        const header = Buffer.from(raw.subarray(512, 1024));
        raw.fill(0, 512, 8192);
        raw.set(header, sector);
        raw.set([0x80, 0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0], 0x1be);
      });
      const table = await readPartitionTable(new MemorySource(bytes));
      expect(table.kind).toBe('mbr');
      expect(table.issues.map(({ code, at }) => [code, at?.offset])).toEqual([['gpt.unused-headers', sector]]);
    }
  });
});

describe('a medium that refuses sectors', () => {
  test('of the head is told, and the table is read from the copy at the end', async () => {
    const source = withBadPlaces(new MemorySource(disk()), [{ offset: 512, length: 512 }]);
    const table = await readPartitionTable(source);
    expect(table.partitions).toHaveLength(1);
    expect(table.issues.map(({ code }) => code)).toContain('table.unreadable');
    expect(table.issues.map(({ code }) => code)).toContain('gpt.backup-used');
  });

  test('of the end, where a GPT without its MBR would have its copy, is told once', async () => {
    const bytes = disk((raw) => raw.fill(0, 0, 1024));
    const source = withBadPlaces(new MemorySource(bytes), [{ offset: SIZE - 512, length: 512 }]);
    const table = await readPartitionTable(source);
    expect([table.kind, table.issues.map(({ code }) => code)]).toEqual(['none', ['table.unreadable']]);
  });

  test('is not one whose connection is lost: that ends the reading', async () => {
    for (const failing of [0, 1])
      await expect(readPartitionTable(withLostConnection(new MemorySource(disk()), failing))).rejects.toBeInstanceOf(
        DeadboxError,
      );
  });
});
