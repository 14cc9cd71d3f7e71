import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource, formatFileTime, MemorySource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { bodyFileLines, MftTable, NameSpace, NtfsVolume, pathLines } from '@deadbox/ntfs';
import { plainHashes } from '@deadbox/ntfs/internals';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  corpusFile,
  corpusFolder,
  corpusManifest,
  describeWithCorpus,
  type ListingRow,
  readListing,
} from '../../support/corpus.js';
import { readMounted } from '../../support/ntfs/ntfs-tree.js';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { attributeAt, openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';
import { canMount, describeWithTools, run, runBytes, temporaryFolder } from '../../support/tools.js';

/** Lines as an oracle listing has them: every name and every named stream. */
function listTable(table: MftTable): Map<string, ListingRow> {
  const rows = new Map<string, ListingRow>();
  for (const row of table.rows({ metadata: true })) {
    const record = table.record(table.name(row).record);
    if (record === undefined) throw new Error('a name without its record');
    const path = table.path(row);
    const common = { record: record.record, sha256: '', modified: formatFileTime(record.times?.modified ?? 0n) ?? '' };
    rows.set(path, { ...common, path, size: record.size, type: record.type });
    for (const { name, size } of record.streams)
      rows.set(`${path}:${name}`, { ...common, path: `${path}:${name}`, size, type: 's' });
  }
  return rows;
}

/** Chunks are overwritten by the next one. */
function* copied(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) yield chunk.slice();
}

const TYPES: Record<string, string[]> = { f: ['file', 'other'], d: ['directory'], s: ['s'], x: ['other'] };

describeWithCorpus('the MFT table of corpus volumes', () => {
  const entries = corpusManifest().filter((entry) => entry.file.startsWith('ntfs/') && entry.file.endsWith('.raw.gz'));
  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s has every name, record, size, type, time and stream of the oracle',
    async (_, entry) => {
      const source = await openFile(corpusFile(entry));
      const from = entry.expected.volume_offset ?? (entry.expected.partition_table === undefined ? 0 : 65536);
      const volume = await NtfsVolume.open(new WindowSource(source, from, source.size - from));
      const table = await volume.mft({ contents: true });
      const expected = readListing(join(corpusFolder(), entry.expected.listing as string));
      const hashes = await plainHashes(
        table,
        volume.source,
        expected.map((row) => row.record),
      );
      await source.close?.();
      const found = listTable(table);
      for (const row of expected) {
        const got = found.get(row.path);
        expect(got, row.path).toBeDefined();
        expect(TYPES[row.type], row.path).toContain(got?.type);
        expect({ record: got?.record, size: got?.size }, row.path).toEqual({ record: row.record, size: row.size });
        if (row.type === 'f' && row.sha256 !== '')
          expect([row.sha256, undefined], row.path).toContain(hashes.get(row.record));
        // The Sleuth Kit shows a time of 0 as 2076, ntfs-3g listings of the corpus have none.
        if (row.modified !== '' && !row.modified.startsWith('2076')) expect(got?.modified, row.path).toBe(row.modified);
      }
      const oracle = new Set(expected.map((row) => row.path));
      expect(
        [...found.keys()].filter(
          (path) => !oracle.has(path) && !(entry.expected.fsstat === undefined && path === '/$MFT'),
        ),
      ).toEqual([]);
      expect(volume.issues.issues).toEqual([]);
      expect(table.badRecords).toBe(0);
    },
  );
});

describeWithTools(
  ['mkntfs', 'ntfs-3g', 'setfattr', 'istat', 'icat', 'umount'],
  'the MFT table against other tools',
  () => {
    const folder = temporaryFolder();
    const image = join(folder, 'table.img');
    let volume: NtfsVolume;
    let table: MftTable;

    beforeAll(async () => {
      if (!canMount) return;
      makeVolume(image, 32 << 20);
      whileMounted(image, 'rw,streams_interface=windows', (root) => {
        mkdirSync(`${root}/folder/inner`, { recursive: true });
        writeFileSync(`${root}/folder/A long name with spaces.sys`, 'x'.repeat(3000));
        run('setfattr', [
          '-h',
          '-n',
          'system.ntfs_dos_name',
          '-v',
          'ALONGN~1.SYS',
          `${root}/folder/A long name with spaces.sys`,
        ]);
        writeFileSync(`${root}/linked`, 'linked');
        for (let i = 0; i < 60; i += 1)
          linkSync(`${root}/linked`, `${root}/folder/inner/a rather long name of a hard link, number ${i}`);
        writeFileSync(`${root}/linked:stream`, 'a stream of a file with an attribute list');
        writeFileSync(`${root}/folder/deleted.txt`, 'deleted');
        mkdirSync(`${root}/gone`);
        writeFileSync(`${root}/gone/inside.txt`, 'inside');
        for (let i = 0; i < 300; i += 1) writeFileSync(`${root}/folder/temporary ${i}`, '');
      });
      whileMounted(image, 'rw', (root) => {
        rmSync(`${root}/folder/deleted.txt`);
        rmSync(`${root}/gone`, { recursive: true });
        for (let i = 0; i < 300; i += 1) rmSync(`${root}/folder/temporary ${i}`);
      });
      volume = await NtfsVolume.open(new MemorySource(new Uint8Array(readFileSync(image))));
      table = await volume.mft({ deleted: true });
    });

    test.skipIf(!canMount)('has a row for every hard link, names in extension records included', async () => {
      const rows = [...table.rows()].filter((row) => table.path(row).includes('link'));
      expect(rows).toHaveLength(61);
      expect(new Set(rows.map((row) => table.name(row).record)).size).toBe(1);
      const { record } = table.name(rows[0]);
      const file = await volume.file(record);
      expect(file.names).toHaveLength(61);
      expect(await file.attributeSet.list()).not.toEqual([]);
      expect(table.record(record)).toMatchObject({ size: 6, streams: [{ name: 'stream', size: 41 }] });
    });

    test.skipIf(!canMount)('keeps 8.3 names apart, and lookup takes them', async () => {
      const path = '/folder/A long name with spaces.sys';
      const { record } = table.name([...table.rows()].find((row) => table.path(row) === path) as number);
      const spaces = table.namesOf(record).map((row) => [table.name(row).nameSpace, table.name(row).name]);
      expect(spaces.sort()).toEqual([
        [NameSpace.win32, 'A long name with spaces.sys'],
        [NameSpace.dos, 'ALONGN~1.SYS'],
      ]);
      expect((await volume.lookup('/FOLDER/alongn~1.sys'))?.path).toBe(path);
      const names = [];
      for await (const batch of (
        (await volume.lookup('/folder')) as { entries: () => AsyncIterable<{ name: string }[]> }
      ).entries())
        for (const { name } of batch) names.push(name);
      expect(names).not.toContain('ALONGN~1.SYS');
    });

    test.skipIf(!canMount)('lists what the mounted volume shows, and what was deleted', () => {
      // fls takes names in freed index blocks for live ones, so the mounted volume is asked.
      let expected: string[] = [];
      whileMounted(image, 'ro', (root) => {
        expected = [...readMounted(root)].map(([path, { record }]) => `${record} ${path}`);
      });
      const found = new Set<string>();
      for (const row of table.rows({ deleted: 'include' })) {
        const { record } = table.name(row);
        if (record >= 24)
          found.add(`${table.record(record)?.inUse === true ? '' : 'deleted '}${record} ${table.path(row)}`);
      }
      expect([...found].filter((name) => !name.startsWith('deleted')).sort()).toEqual(expected.sort());
      const deleted = [...found].filter((name) => name.startsWith('deleted'));
      expect(deleted.some((name) => name.endsWith(' /folder/deleted.txt'))).toBe(true);
      expect(deleted.some((name) => name.endsWith('/gone/inside.txt'))).toBe(true);
    });

    test.skipIf(!canMount)('reads fewer bytes of $MFT when free records are not wanted', async () => {
      const bytes = new Uint8Array(readFileSync(image));
      const measure = async (deleted: boolean): Promise<{ bytes: number; rows: number }> => {
        const counting = new CountingSource(new MemorySource(bytes));
        const opened = await NtfsVolume.open(counting);
        counting.bytes = 0;
        const scanned = await opened.mft({ deleted });
        return { bytes: counting.bytes, rows: [...scanned.rows({ metadata: true })].length };
      };
      const all = await measure(true);
      const used = await measure(false);
      expect(used.rows).toBe(all.rows);
      expect(used.bytes).toBeLessThan(all.bytes * 0.5);
    });

    test.skipIf(!canMount)('comes out the same from a dumped $MFT alone', async () => {
      const dump = runBytes('icat', [image, '0']);
      const dumped = await MftTable.fromFile(new MemorySource(new Uint8Array(dump)), { deleted: true });
      expect(listTable(dumped)).toEqual(listTable(table));
      expect([...dumped.rows({ deleted: 'only' })].map((row) => dumped.path(row))).toEqual(
        [...table.rows({ deleted: 'only' })].map((row) => table.path(row)),
      );
    });

    test.skipIf(!canMount)('gives the same paths as lines of bytes', () => {
      const lines = Buffer.concat([...copied(pathLines(table, { metadata: true, streams: true }))])
        .toString('utf8')
        .split('\n')
        .slice(0, -1);
      expect(lines.sort()).toEqual([...listTable(table).keys()].filter((path) => path !== '/').sort());
    });

    test.skipIf(!canMount)('has both sets of times, as istat prints them', async () => {
      const { record } = table.name(
        [...table.rows()].find((row) => table.path(row) === '/folder/A long name with spaces.sys') as number,
      );
      const text = run('istat', [image, String(record)]);
      const stamp = (part: string, label: string): string => {
        const match = new RegExp(`${label}:\\s+(\\S+) (\\S+) \\(UTC\\)`).exec(text.slice(text.indexOf(part)));
        return `${match?.[1]}T${match?.[2].replace(/(\.\d{7})\d*/, '$1')}Z`;
      };
      const times = table.record(record)?.times;
      const nameTimes = table.name(table.namesOf(record)[0]).times;
      for (const [label, key] of [
        ['Created', 'created'],
        ['File Modified', 'modified'],
        ['MFT Modified', 'changed'],
        ['Accessed', 'accessed'],
      ] as const) {
        expect(formatFileTime(times?.[key] ?? 0n), label).toBe(stamp('$STANDARD_INFORMATION', label));
        expect(formatFileTime(nameTimes?.[key] ?? 0n), `name ${label}`).toBe(stamp('$FILE_NAME', label));
      }
      expect((await volume.file(record)).modified).toBe(times?.modified);
    });
  },
);

describe('names that are hard to show', () => {
  const hosts = '/Windows/System32/drivers/etc/hosts';

  /** The volume with the units of the name `hosts` replaced. */
  async function renamed(units: readonly number[]): Promise<MftTable> {
    const bytes = windowsVolume();
    const volume = await openBytes(bytes);
    const { location } = (await volume.lookup(hosts)) as { location: { offset: number } };
    const name = attributeAt(bytes, location.offset, 0x30);
    const view = viewOf(bytes);
    const value = name + view.getUint16(name + 0x14, true);
    for (const [i, unit] of units.entries()) view.setUint16(value + 0x42 + i * 2, unit, true);
    return (await openBytes(bytes)).mft();
  }
  const lines = (table: MftTable, escape?: (path: string) => string): string =>
    new TextDecoder('utf-8', { fatal: true }).decode(
      Buffer.concat([...copied(pathLines(table, escape === undefined ? {} : { escape }))]),
    );

  test('unpaired surrogates stay in paths, and become U+FFFD in UTF-8 lines', async () => {
    const table = await renamed([0xd800, 0x61, 0xdc00]);
    expect([...table.rows()].map((row) => table.path(row))).toContain('/Windows/System32/drivers/etc/\ud800a\udc00ts');
    expect(lines(table)).toContain('/Windows/System32/drivers/etc/\ufffda\ufffdts\n');
  });

  test('surrogate pairs are one character of four bytes', async () => {
    const table = await renamed([0xd83d, 0xde00]);
    expect([...table.rows()].map((row) => table.path(row))).toContain('/Windows/System32/drivers/etc/😀sts');
    expect(lines(table)).toContain('/Windows/System32/drivers/etc/😀sts\n');
  });

  test('invisible and turning characters go through the escaper too', async () => {
    for (const unit of [0x85, 0xad, 0x61c, 0x200b, 0x202e, 0x2028, 0x2066, 0xfeff]) {
      const table = await renamed([0x61, unit]);
      expect(lines(table, (path) => path.replace(String.fromCharCode(unit), '?'))).toContain('/etc/a?sts\n');
    }
    expect(lines(await renamed([0xe9, 0x5831]), () => 'escaped')).not.toContain('escaped');
  });

  test('a bar in a name ends no field of a body file', async () => {
    const table = await renamed([0x7c, 0x202e]);
    const text = Buffer.concat([
      ...copied(bodyFileLines(table, { escape: (path) => path.replace('\u202e', '\\u{202e}') })),
    ])
      .toString()
      .split('\n')
      .filter((line) => line.includes('/etc/'));
    expect(text.filter((line) => line.includes('sts'))).toHaveLength(2);
    for (const line of text) expect(line.split('|')).toHaveLength(11);
    expect(text.join()).toContain('/Windows/System32/drivers/etc/\\u{7c}\\u{202e}sts|');
  });

  test('control characters go through the escaper, and only they do', async () => {
    const table = await renamed([0x0a, 0x1b]);
    const seen: string[] = [];
    const text = lines(table, (path) => {
      seen.push(path);
      return path.replace('\n', '\\n').replace('\u001b', '\\e');
    });
    expect(seen).toEqual(['/Windows/System32/drivers/etc/\n\u001bsts']);
    expect(text).toContain('/Windows/System32/drivers/etc/\\n\\ests\n');
  });
});

describe('MftTable.fromFile', () => {
  test.each([
    ['an empty file', new Uint8Array(0)],
    ['zeros', new Uint8Array(4096)],
    ['text', new TextEncoder().encode('FILE but no more than that '.repeat(100))],
  ])('refuses %s', async (_, bytes) => {
    await expect(MftTable.fromFile(new MemorySource(bytes))).rejects.toMatchObject({ code: 'NTFS_RECORD_INVALID' });
  });
});
