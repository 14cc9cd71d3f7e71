import { type Bytes, MemorySource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { checkVolume, type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { beforeAll, describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { attributeAt, openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const NAME = 'C-00000291-00000000-00000032.sys';

let good: Bytes;
let file: NtfsFile;
let folder: NtfsFile;
/** Byte offset of the file's entry in its INDX block. */
let entry: number;

beforeAll(async () => {
  good = windowsVolume();
  const volume = await openBytes(good);
  folder = (await volume.lookup(FOLDER)) as NtfsFile;
  file = (await volume.lookup(`${FOLDER}/${NAME}`)) as NtfsFile;
  const place = file.entry?.place;
  entry = (place?.nodeOffset ?? 0) + (place?.entryOffset ?? 0);
  expect(viewOf(good).getUint32(entry, true)).toBe(file.record);
});

async function checkTwin(
  edit: (bytes: Bytes, view: DataView<ArrayBuffer>) => void,
): Promise<Awaited<ReturnType<typeof checkVolume>>> {
  const bytes = good.slice();
  edit(bytes, viewOf(bytes));
  return checkVolume(await openBytes(bytes));
}

/** Changes the last letter of the name in the file record. */
function renameRecord(bytes: Bytes): void {
  const name = attributeAt(bytes, file.location.offset, 0x30);
  const value = name + viewOf(bytes).getUint16(name + 0x14, true);
  bytes[value + 0x42 + (NAME.length - 1) * 2] = 0x5f;
}

describe('checkVolume', () => {
  test('finds a volume of mkntfs and ntfs-3g sound', async () => {
    const check = await checkTwin(() => undefined);
    expect(check).toMatchObject({
      sound: true,
      boot: { primary: 'ok', backup: 'equal' },
      mirror: { records: 4, differing: [] },
      records: { bad: 0 },
    });
    expect(check.indexes.directories).toBeGreaterThan(10);
    expect(check.issues.issues).toEqual([]);
  });

  test('tells a boot sector that differs from its backup, with the byte', async () => {
    const check = await checkTwin((bytes) => (bytes[0x48] ^= 1));
    expect(check).toMatchObject({
      sound: false,
      boot: { primary: 'ok', backup: 'differs', backupOffset: 32767 * 512, firstDifference: 0x48 },
    });
  });

  test('tells a boot sector without backup, and one that had to be replaced', async () => {
    expect((await checkTwin((bytes) => bytes.fill(0, 32767 * 512))).boot.backup).toBe('missing');
    expect((await checkTwin((bytes) => bytes.fill(0, 0, 512))).boot).toMatchObject({
      primary: 'damaged',
      backup: 'differs',
    });
  });

  test('tells which mirrored record differs, and where', async () => {
    const check = await checkTwin((bytes) => (bytes[2047 * 4096 + 3 * 1024 + 0x80] ^= 1));
    expect(check).toMatchObject({ sound: false, mirror: { records: 4, differing: [{ record: 3, offset: 0x80 }] } });
  });

  test('tells torn records', async () => {
    const check = await checkTwin((bytes) => (bytes[file.location.offset + 510] ^= 1));
    expect(check).toMatchObject({ sound: false, records: { bad: 1 } });
    expect(check.indexes.entriesWithoutRecord).toMatchObject({
      count: 1,
      first: [{ name: NAME, record: file.record, reason: 'the record is damaged', offset: entry }],
    });
  });

  test('tells a name that only the index has, and one that only the record has', async () => {
    const check = await checkTwin((bytes) => renameRecord(bytes));
    expect(check.sound).toBe(false);
    expect(check.indexes.entriesWithoutRecord).toEqual({
      count: 1,
      first: [
        {
          directory: folder.record,
          name: NAME,
          record: file.record,
          offset: entry,
          reason: 'the record has no such name',
        },
      ],
    });
    expect(check.indexes.recordsWithoutEntry).toEqual({
      count: 1,
      first: [
        { directory: folder.record, name: NAME.replace(/s$/, '_'), record: file.record, reason: 'no index entry' },
      ],
    });
  });

  test('tells an entry whose record is free', async () => {
    const check = await checkTwin((_, view) => view.setUint16(file.location.offset + 0x16, 0, true));
    expect(check.indexes.entriesWithoutRecord.first).toMatchObject([
      { record: file.record, reason: 'the record is free' },
    ]);
    expect(check.records.freeButUsed).toEqual({ count: 1, first: [file.record] });
  });

  test('tells an entry of an earlier life of the record', async () => {
    const check = await checkTwin((_, view) => view.setUint16(file.location.offset + 0x10, 9, true));
    expect(check.indexes.entriesWithoutRecord.first).toMatchObject([
      { record: file.record, reason: 'the record has sequence 9, the entry 1' },
    ]);
  });

  test('tells entries out of order, which a lookup cannot find', async () => {
    const check = await checkTwin((bytes) => {
      const at = entry + 0x10 + 0x42;
      bytes[at] = 0x58; // X-00000291-…
      const name = attributeAt(bytes, file.location.offset, 0x30);
      bytes[name + viewOf(bytes).getUint16(name + 0x14, true) + 0x42] = 0x58;
    });
    expect(check.indexes.outOfOrder.count).toBe(1);
    expect(check.indexes.outOfOrder.first[0].reason).toContain('sorts before "X-00000291');
    expect(check.sound).toBe(false);
  });

  test('is not sound when a directory can only be read through $MFT', async () => {
    const check = await checkTwin((bytes, view) => {
      const root = attributeAt(bytes, folder.location.offset, 0x90);
      view.setUint32(root + view.getUint16(root + 0x14, true) + 8, 0, true);
    });
    expect(check.indexes.damaged).toBe(1);
    expect(check.sound).toBe(false);
  });
});

describeWithCorpus('checkVolume on volumes of the corpus', () => {
  const entries = corpusManifest().filter((one) => one.file.startsWith('ntfs/') && one.file.endsWith('.raw.gz'));
  test.each(entries.map((one) => [one.id, one] as const))(
    'finds %s sound: names in indexes and records agree both ways',
    async (_, one) => {
      const source = await openFile(corpusFile(one));
      const from = one.expected.volume_offset ?? (one.expected.partition_table === undefined ? 0 : 65536);
      const volume = await NtfsVolume.open(new WindowSource(source, from, source.size - from));
      const { sound, boot, mirror, records, indexes, issues } = await checkVolume(volume);
      await source.close?.();
      expect({ indexes, mirror, bad: records.bad, issues: issues.issues }).toMatchObject({
        indexes: {
          damaged: 0,
          entriesWithoutRecord: { count: 0 },
          recordsWithoutEntry: { count: 0 },
          outOfOrder: { count: 0 },
        },
        mirror: { differing: [] },
        bad: 0,
      });
      expect({ sound, boot, records }).toMatchObject({ sound: true, boot: { backup: 'equal' } });
    },
  );
});

test('a source that cannot be read at all is an error, not a finding', async () => {
  await expect(NtfsVolume.open(new MemorySource(new Uint8Array(0)))).rejects.toMatchObject({ code: 'NTFS_NOT_NTFS' });
});
