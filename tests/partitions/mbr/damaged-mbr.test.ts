import { MemorySource } from '@deadbox/core';
import { readPartitionTable } from '@deadbox/partitions';
import { describe, expect, test } from 'vitest';

/** An MBR disk of 4 MiB with one NTFS volume at sector 2048; `change` damages its first sector. */
function disk(change: (sector: Uint8Array) => void, volume = 'NTFS    '): MemorySource {
  const bytes = new Uint8Array(4 << 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1b8, 0x1234abcd, true);
  bytes.set([0x80, 0, 0, 0, 0x07], 0x1be);
  view.setUint32(0x1c6, 2048, true);
  view.setUint32(0x1ca, 4096, true);
  bytes.set([0x55, 0xaa], 510);
  bytes.set(new TextEncoder().encode(volume), (2048 << 9) + 3);
  bytes.set([0x55, 0xaa], (2048 << 9) + 510);
  change(bytes.subarray(0, 512));
  return new MemorySource(bytes);
}

describe('an MBR that firmware refuses', () => {
  test('is taken without its signature where its entries lead to volumes', async () => {
    const table = await readPartitionTable(disk((sector) => sector.fill(0, 510)));
    expect(table).toMatchObject({ kind: 'mbr', diskId: '1234ABCD', partitions: [{ offset: 1 << 20, bootable: true }] });
    expect(table.issues.map(({ code, severity }) => [code, severity])).toEqual([['mbr.signature-missing', 'error']]);
  });

  test('is taken with a boot indicator that is none, and the issue says so', async () => {
    const table = await readPartitionTable(
      disk((sector) => {
        sector[0x1be] = 0x01;
      }),
    );
    expect(table).toMatchObject({ kind: 'mbr', partitions: [{ offset: 1 << 20, bootable: false }] });
    expect(table.issues.map(({ code }) => code)).toEqual(['mbr.boot-indicator']);
  });

  test('is none where its entries lead to nothing, or out of the disk', async () => {
    expect((await readPartitionTable(disk((sector) => sector.fill(0, 510), 'nothing.'))).kind).toBe('none');
    const outside = disk((sector) => {
      sector.fill(0, 510);
      sector.set([0xff, 0xff, 0xff, 0x7f], 0x1ca);
    });
    expect((await readPartitionTable(outside)).kind).toBe('none');
  });
});
