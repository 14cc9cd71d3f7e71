import { type ByteSource, type Bytes, KIB, MemorySource, MIB } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { type FatTree, writeFat32 } from '../support/disk-writer/fat32.js';
import { writeGpt } from '../support/disk-writer/gpt.js';
import { SparseMemory } from '../support/healthy/sparse-memory.js';
import { noise } from '../support/ntfs/sample-data.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink, partOf } from '../support/ntfs-writer/sink.js';

const ESP = { offset: MIB, length: 34 * MIB };
const RANDOM = { offset: 36 * MIB, length: 64 * MIB };
const SIZE = 101 * MIB;
/** What the random volume repeats; no window of the statistics is longer. */
const TILE = noise(MIB + 64 * KIB, 'unrecognised');

/** A disk with an EFI system partition of these files, and a partition of random bytes. */
function encryptedLooking(files: FatTree): ByteSource {
  const head = new SparseMemory(SIZE);
  const ids = { esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', data: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7' };
  writeGpt(head, SIZE, 512, '5EED0000-0000-4000-8000-000000000030', [
    { type: ids.esp, id: '5EED0000-0000-4000-8000-000000000031', name: 'EFI', ...ESP },
    { type: ids.data, id: '5EED0000-0000-4000-8000-000000000032', name: 'Data', ...RANDOM },
  ]);
  writeFat32(partOf(head, ESP.offset), ESP.length, 512, 'EFI', files);
  return {
    size: SIZE,
    read(offset: number, length: number): Bytes {
      const bytes = head.read(offset, length);
      for (let at = Math.max(offset, RANDOM.offset); at < Math.min(offset + length, RANDOM.offset + RANDOM.length); ) {
        const from = (at - RANDOM.offset) % TILE.length;
        const count = Math.min(TILE.length - from, offset + length - at);
        bytes.set(TILE.subarray(from, from + count), at - offset);
        at += count;
      }
      return bytes;
    },
  };
}

const encryption = ({ volumes }: Disk): unknown => {
  const { verdict, product, confidence } = volumes[1].encryption;
  return { verdict, product, confidence };
};

describe('a volume of random bytes', () => {
  test('is encrypted or overwritten, and nobody can tell which without a trace', async () => {
    await using disk = await openDisk(encryptedLooking({ '/EFI/Boot/bootx64.efi': new Uint8Array(512) }));
    expect(encryption(disk)).toEqual({ verdict: 'random-data', product: undefined, confidence: 'heuristic' });
    expect(disk.volumes[1].locked).toBe(false);
    expect(disk.sampling.bytes).toBeGreaterThan(4 * MIB);
  });

  test('beside a boot manager of an encryption product is that product’s', async () => {
    await using disk = await openDisk(encryptedLooking({ '/EFI/VeraCrypt/DcsBoot.efi': new Uint8Array(512) }));
    expect(encryption(disk)).toMatchObject({ verdict: 'encrypted-unknown-product', product: 'VeraCrypt' });
    expect(disk.volumes[1].locked).toBe(true);
  });
});

test('a volume whose first sector looks random is NTFS as soon as its backup boot sector opens it', async () => {
  const sink = new MemorySink(8 * MIB);
  new NtfsVolumeWriter(sink, { size: sink.bytes.length, label: 'Backup' }).finish();
  sink.bytes.set(noise(512), 0);
  await using disk = await openDisk(new MemorySource(sink.bytes));
  const [volume] = disk.volumes;
  expect(volume.encryption).toMatchObject({ verdict: 'none' });
  expect(await (await volume.ntfs())?.state()).toMatchObject({ label: 'Backup' });
  expect(disk.sampling).toEqual({ reads: 0, bytes: 0 });
});
