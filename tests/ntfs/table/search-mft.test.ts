import { MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { EditedVolume, nonResident, resident, typeOf } from '../../support/ntfs/edited-volume.js';
import { FailingReads } from '../../support/ntfs/failing-reads.js';

const CLUSTER = 4096;

/** A volume without boot sectors whose record 0, and its copy, are as `edit` leaves them. */
function lost(edit: (made: EditedVolume) => void = () => undefined): EditedVolume {
  const made = new EditedVolume((tree, root) => tree.addFile(root, 'file'));
  const mirror = Number(made.view.getBigUint64(0x38, true)) * CLUSTER;
  edit(made);
  made.bytes.copyWithin(mirror, made.at(0), made.at(0) + 1024);
  made.bytes.fill(0, 0, 512);
  made.bytes.fill(0, made.bytes.length - 512);
  return made;
}

describe('the search for $MFT', () => {
  test('finds it without boot sectors, over a sector that cannot be read', async () => {
    const source = new FailingReads(lost().bytes);
    const counted = await NtfsVolume.open(source, { searchMft: true });
    expect(counted.bootSectorFrom).toBe('search');
    expect(counted.geometry).toMatchObject({ clusterSize: CLUSTER, recordSize: 1024 });
    expect(await counted.lookup('/file')).toBeDefined();
  });

  test('goes on behind a part that cannot be read', async () => {
    const { bytes } = lost();
    for (let failing = 0; failing < 40; failing += 1) {
      const source = new FailingReads(bytes);
      source.begin(failing, 'sector');
      const outcome = await NtfsVolume.open(source, { searchMft: true }).then(
        ({ bootSectorFrom }) => bootSectorFrom,
        (error: { code: string }) => error.code,
      );
      expect(outcome).toMatch(/^(search|NTFS_\w+|READ_FAILED)$/);
    }
  });

  test.each<[string, (made: EditedVolume) => void]>([
    ['whose record size cannot be', (made) => made.view.setUint32(made.at(0) + 0x1c, 1000, true)],
    ['whose data is resident', (made) => made.replace(0, resident(0x80, new Uint8Array(8)))],
    ['that has no data', (made) => made.remove(0, 0x80)],
    [
      'that begins in a hole',
      (made) => made.replace(0, nonResident(0x80, [{ lcn: -1, length: 8 }], { size: 8 * CLUSTER }, CLUSTER)),
    ],
    [
      'whose attributes allocate no power of two a cluster',
      (made) =>
        made.rewrite(0, (parts) => {
          for (const part of parts)
            if (typeOf(part) === 0x80 || typeOf(part) === 0xb0)
              new DataView(part.buffer, part.byteOffset).setBigUint64(0x28, 12_345n, true);
          return parts;
        }),
    ],
  ])('does not take a record 0 %s', async (_, edit) => {
    await expect(NtfsVolume.open(new MemorySource(lost(edit).bytes), { searchMft: true })).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
    });
  });

  test('does not take one that lies between clusters, or a record that the volume ends before', async () => {
    const { bytes } = lost();
    const shifted = new Uint8Array(bytes.length);
    shifted.set(bytes.subarray(0, bytes.length - 512), 512);
    await expect(NtfsVolume.open(new MemorySource(shifted), { searchMft: true })).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
    });
    const cut = new Uint8Array(2 << 20);
    cut.set(bytes.subarray(lostAt(bytes), lostAt(bytes) + 512), cut.length - 512);
    await expect(NtfsVolume.open(new MemorySource(cut), { searchMft: true })).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
    });
  });
});

/** Where the first file record stands. */
function lostAt(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer).indexOf('FILE');
}
