import { KIB, MemorySource, MIB } from '@deadbox/core';
import { type Disk, describeTable, describeVolume, openDisk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { writeFat32 } from '../support/disk-writer/fat32.js';
import { smallPlainVolume } from '../support/encryption/volumes.js';
import { SparseMemory } from '../support/healthy/sparse-memory.js';
import { errorOf } from '../support/image/memory-files.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';

/** FAT32 begins at 65,525 clusters; these have one sector. */
const FAT_SIZE = 34 * MIB;

function fatVolume(label: string, change?: (boot: Uint8Array<ArrayBuffer>) => void): SparseMemory {
  const volume = new SparseMemory(FAT_SIZE);
  writeFat32(volume, FAT_SIZE, 512, label, {});
  for (const at of change === undefined ? [] : [0, 6 * 512]) {
    const boot = volume.read(at, 512);
    change?.(boot);
    volume.write(at, boot);
  }
  return volume;
}

function ntfsVolume(): MemorySink {
  const sink = new MemorySink(8 * MIB);
  new NtfsVolumeWriter(sink, { size: sink.bytes.length, label: 'Data', serial: 0x0123_4567_89ab_cdefn }).finish();
  return sink;
}

const only = ({ volumes }: Disk) => volumes[0];

describe('the facts of a volume', () => {
  test('are label and serial of a FAT volume, and null where it has none', async () => {
    await using named = await openDisk(fatVolume('EFI'));
    expect(await describeVolume(only(named))).toMatchObject({
      fileSystem: 'fat32',
      label: 'EFI',
      serial: '5EED-0291',
      partitionType: null,
      partitionId: null,
    });
    // Without the mark 0x29 the sector has no serial number; NO NAME is how mkfs writes that there is no label.
    const bare = fatVolume('NO NAME', (boot) => boot.fill(0, 0x42, 0x43));
    await using unnamed = await openDisk(bare);
    expect(await describeVolume(only(unnamed))).toMatchObject({ fileSystem: 'fat32', label: null, serial: null });
    expect(await only(unnamed).ntfs()).toBeUndefined();
    expect(describeTable(unnamed)).toMatchObject({ partitionTable: 'none', diskId: null });
  });

  test('are those of NTFS, and what a damaged $Volume leaves unknown', async () => {
    const { bytes } = ntfsVolume();
    await using whole = await openDisk(new MemorySource(bytes));
    expect(await describeVolume(only(whole))).toMatchObject({
      label: 'Data',
      serial: '0123456789ABCDEF',
      ntfs: { version: '3.1', clusterSize: 4096, dirty: false, bootSector: 'primary' },
    });
    const mft = new DataView(bytes.buffer).getUint32(0x30, true) * 4096;
    bytes.fill(0x5a, mft + 3 * KIB, mft + 4 * KIB);
    await using damaged = await openDisk(new MemorySource(bytes));
    const facts = await describeVolume(only(damaged));
    expect(facts).toMatchObject({ label: '', ntfs: { version: 'unknown', dirty: false } });
    expect(facts.issues).toContainEqual(expect.objectContaining({ code: 'ntfs.volume-information' }));
  });

  test('of a file system that deadbox does not read are its name, and opening it says so', async () => {
    // XFS: the superblock begins with XFSB.
    const bytes = new Uint8Array(2 * MIB);
    bytes.set(Buffer.from('XFSB', 'latin1'));
    await using disk = await openDisk(new MemorySource(bytes));
    const facts = await describeVolume(only(disk));
    expect(facts).toMatchObject({ fileSystem: 'xfs', label: null, serial: null });
    expect([facts.error, facts.ntfs]).toEqual([undefined, undefined]);
    expect(await errorOf(only(disk).fileTree())).toMatchObject({
      code: 'FILE_SYSTEM_UNSUPPORTED',
      data: { volume: 1, fileSystem: 'xfs' },
    });
  });

  test('of a volume that another product locks are that, and nothing inside is looked for', async () => {
    // LUKS On-Disk Format 1.2.3: magic, version 1, cipher, mode, hash, and the data behind the key slots.
    const bytes = new Uint8Array(4 * MIB);
    bytes.set([...Buffer.from('LUKS', 'latin1'), 0xba, 0xbe, 0, 1]);
    for (const [at, text] of [
      [8, 'aes'],
      [40, 'xts-plain64'],
      [72, 'sha256'],
      [168, '5eed0000-0000-4000-8000-000000000041'],
    ] as const)
      bytes.set(Buffer.from(text, 'latin1'), at);
    const view = new DataView(bytes.buffer);
    view.setUint32(104, 4096);
    view.setUint32(108, 64);
    await using disk = await openDisk(new MemorySource(bytes));
    expect(await describeVolume(only(disk))).toMatchObject({ encryption: { product: 'LUKS1' }, fileSystem: 'unknown' });
    expect(await errorOf(only(disk).fileTree())).toMatchObject({ code: 'VOLUME_LOCKED' });
  });

  test('of a locked volume are only that it is locked; with the key in it, it is read as if it were plain', async () => {
    const made = makeBitLockerVolume(smallPlainVolume(), { password: 'Faulty-291!' });
    await using locked = await openDisk(new MemorySource(made.bytes));
    expect(await describeVolume(only(locked))).toMatchObject({
      fileSystem: 'unknown',
      label: null,
      encryption: { verdict: 'encrypted-locked', product: 'BitLocker', state: 'locked' },
    });
    expect(await errorOf(only(locked).fileTree())).toMatchObject({ code: 'VOLUME_LOCKED' });
    expect(only(locked).locked).toBe(true);

    const plain = smallPlainVolume(12 * MIB).fill(0);
    const sink = { write: (at: number, part: Uint8Array) => plain.set(part, at) };
    new NtfsVolumeWriter(sink, { size: 10 * MIB, label: 'Inside' }).finish();
    const open = makeBitLockerVolume(plain, {
      clearKey: true,
      boundary: MIB,
      metadataOffsets: [10 * MIB, 11 * MIB, 11.5 * MIB],
    });
    await using disk = await openDisk(new MemorySource(open.bytes));
    expect(await describeVolume(only(disk))).toMatchObject({
      fileSystem: 'ntfs',
      label: 'Inside',
      encryption: { verdict: 'unlocked' },
    });
  });
});
