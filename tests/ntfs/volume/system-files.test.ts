import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import { CountingSource, formatFileTime, toHex } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import {
  formatSddl,
  listObjectIds,
  type NtfsFile,
  NtfsVolume,
  openChangeJournal,
  openDeduplicated,
  openSecurityStore,
  openShadowCopies,
  pendingReplay,
  readDirectorySlack,
} from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { FOLDER, StoreBuilder } from '../../support/ntfs/dedup-store.js';
import { encodeLz77 } from '../../support/ntfs/lz77-encoder.js';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { join, noise, prose } from '../../support/ntfs/sample-data.js';
import { journal, named } from '../../support/ntfs/usn-builder.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g', 'setfattr'] : ['root with /dev/fuse'],
  'a volume that ntfs-3g wrote',
  () => {
    const image = joinPath(temporaryFolder(), 'volume.img');
    const HOLE = 3 * 2 ** 30;
    const made = journal(
      HOLE,
      Array.from({ length: 700 }, (_, i) => (usn: number) => named(2, usn, `file ${i}`)),
    );
    const pieces = [prose(50_000), noise(33_000), prose(70_001, 3)];
    const content = join(...pieces);
    const builder = new StoreBuilder();
    const point = builder.file(
      builder.chunks(
        pieces.map((piece, i) => ({
          content: piece,
          stored: i === 1 ? piece : encodeLz77(piece),
          method: i === 1 ? 0 : 2,
        })),
        0,
      ),
      content.length,
    );
    makeVolume(image, 32 << 20);
    whileMounted(image, 'streams_interface=windows', (root) => {
      writeFileSync(`${root}/journal`, '');
      const handle = openSync(`${root}/journal:$J`, 'w');
      ftruncateSync(handle, HOLE);
      writeSync(handle, made.bytes, 0, made.bytes.length, HOLE);
      closeSync(handle);
      const max = Buffer.alloc(32);
      [0x200_0000n, 0x40_0000n, 133_000_000_000_000_000n, BigInt(HOLE)].forEach((value, i) =>
        max.writeBigUInt64LE(value, i * 8),
      );
      writeFileSync(`${root}/journal:$Max`, max);
      for (const [path, bytes] of builder.files) {
        mkdirSync(dirname(`${root}${path}`), { recursive: true });
        writeFileSync(`${root}${path}`, bytes);
      }
      writeFileSync(`${root}/deduplicated`, '');
      const file = openSync(`${root}/deduplicated`, 'r+');
      ftruncateSync(file, content.length);
      closeSync(file);
      const value = join(Uint8Array.of(0x13, 0, 0, 0x80, point.length & 0xff, point.length >> 8, 0, 0), point);
      run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${toHex(value)}`, `${root}/deduplicated`]);
    });
    const open = async (): Promise<NtfsVolume> => NtfsVolume.open(await openFile(image));

    test('gives the change journal without reading the hole before it', async () => {
      const counted = new CountingSource(await openFile(image));
      const volume = await NtfsVolume.open(counted);
      // ntfs-3g lets nobody write into $Extend: the same streams stand in the root.
      const standIn = { issues: volume.issues, lookup: () => volume.lookup('/journal') };
      const changes = await openChangeJournal(standIn as never);
      expect(changes?.stream.size).toBe(HOLE + made.bytes.length);
      expect(changes?.information).toMatchObject({ maximumSize: 0x200_0000n, lowestValidUsn: BigInt(HOLE) });
      const usns: number[] = [];
      for await (const batch of changes?.records() ?? []) usns.push(...batch.map((record) => Number(record.usn)));
      expect(usns).toEqual(made.usns);
      expect(counted.bytes).toBeLessThan(made.bytes.length + (1 << 20));
    });

    test('gives deduplicated content on request, and names the place of the content otherwise', async () => {
      const volume = await open();
      const file = (await volume.lookup('/deduplicated')) as NtfsFile;
      const source = await openDeduplicated(volume, file);
      expect(Buffer.compare(await source.read(0, source.size), content)).toBe(0);
      const other = (await volume.lookup(`${FOLDER}/Data/00000001.00000001.ccc`)) as NtfsFile;
      await expect(openDeduplicated(volume, other)).rejects.toMatchObject({ code: 'NTFS_STREAM_UNSUPPORTED' });
    });

    test('never had shadow copies, and has nothing to replay', async () => {
      const volume = await open();
      expect(await openShadowCopies(volume)).toBeUndefined();
      expect(await pendingReplay(volume)).toMatchObject({ outcome: 'none', targets: [] });
    });

    test('whose $LogFile record is damaged is not examined', async () => {
      const whole = await openFile(image);
      const place = (await (await open()).file(2)).location.offset;
      const bytes = new Uint8Array(await whole.read(0, whole.size)).slice();
      bytes.fill(0, place, place + 1024);
      const volume = await NtfsVolume.open({
        size: bytes.length,
        read: (offset, length) => bytes.slice(offset, offset + length),
      });
      expect(await pendingReplay(volume)).toMatchObject({
        outcome: 'not-examined',
        targets: [],
        reason: expect.any(String),
      });
    });

    test('without a journal says so', async () => {
      const path = `${image}.empty`;
      makeVolume(path, 8 << 20);
      expect(await openChangeJournal(await NtfsVolume.open(await openFile(path)))).toBeUndefined();
    });
  },
);

describeWithCorpus('a volume that Windows wrote', () => {
  const open = async (id: string): Promise<NtfsVolume> =>
    NtfsVolume.open(await openFile(corpusFile(corpusManifest().find((entry) => entry.id === id) as never)));

  test('tells the rights of each file through its security id', async () => {
    const volume = await open('win-ntfs-tiny-logfile');
    const store = await openSecurityStore(volume);
    const file = (await volume.lookup('/$Extend')) as NtfsFile;
    const entry = await store.get(file.standardInformation?.securityId as number);
    expect(formatSddl(entry?.descriptor as never)).toMatch(/^O:\S+G:\S+D:/);
  });

  test('tells its pending replay', async () => {
    expect(await pendingReplay(await open('win-ntfs-tiny-logfile'))).toMatchObject({
      outcome: 'complete',
      version: '1.1',
      targets: [],
    });
  });

  test('lists object ids and slack without failing', async () => {
    const volume = await open('win-ntfs-ads-same-ids');
    const ids = [];
    for await (const batch of listObjectIds(volume)) ids.push(...batch);
    expect(ids.every((entry) => /^[0-9A-F-]{36}$/.test(entry.id))).toBe(true);
    const nodes = [];
    for await (const node of readDirectorySlack(volume, await volume.root())) nodes.push(node);
    for (const node of nodes)
      for (const entry of node.entries) expect(formatFileTime(entry.fileName.created)).toMatch(/Z$/);
  });
});
