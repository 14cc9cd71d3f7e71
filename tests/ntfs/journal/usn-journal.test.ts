import { type ByteSource, type Bytes, type Extent, IssueLog, MemorySource } from '@deadbox/core';
import { readUsnJournal, type UsnJournalOptions, type UsnRecord, usnReasonNames } from '@deadbox/ntfs';
import { parseUsnJournalInformation, parseUsnRecord } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { journal, named, ranges, TIME } from '../../support/ntfs/usn-builder.js';

async function all(source: ByteSource, options?: UsnJournalOptions): Promise<UsnRecord[]> {
  const found: UsnRecord[] = [];
  for await (const batch of readUsnJournal(source, options)) found.push(...batch);
  return found;
}

describe('the change journal', () => {
  test('gives the fields of version 2 and 3', () => {
    for (const version of [2, 3] as const) {
      expect(parseUsnRecord(named(version, 4096, 'C-00000291\ud800.sys'), 0, 4096)).toEqual({
        offset: 4096,
        usn: 4096n,
        majorVersion: version,
        file: { record: 0x1234, sequence: 3 },
        parent: { record: 5, sequence: 5 },
        reason: 0x8000_0100,
        source: 2,
        time: TIME,
        securityId: 0x107,
        fileAttributes: 0x20,
        name: 'C-00000291\ud800.sys',
      });
    }
  });

  test('gives the ranges of version 4', () => {
    expect(parseUsnRecord(ranges(80), 0)).toEqual({
      offset: 0,
      usn: 80n,
      majorVersion: 4,
      file: { record: 0x1234, sequence: 3 },
      parent: { record: 5, sequence: 5 },
      reason: 0x8000_0001,
      source: 0,
      ranges: [
        { offset: 0n, length: 4096n },
        { offset: 1_048_576n, length: 8192n },
      ],
      remainingRanges: 7,
    });
  });

  test('skips the hole at its start without reading it', async () => {
    const hole = 2 ** 40 + 512 * 8;
    const made = journal(
      hole,
      Array.from({ length: 900 }, (_, i) =>
        i % 3 === 0 ? ranges : (usn: number) => named(i % 2 === 0 ? 2 : 3, usn, `file ${i}.txt`),
      ),
    );
    let read = 0;
    const source: ByteSource = {
      size: hole + made.bytes.length,
      read(offset, length) {
        read += length;
        return made.bytes.slice(offset - hole, offset - hole + length);
      },
      async *extents(from, to): AsyncGenerator<readonly Extent[]> {
        yield [{ offset: from, length: hole - from, kind: 'zero' }];
        // Clusters of 512 bytes: extents that end inside a page.
        for (let at = hole; at < to; at += 512 * 13)
          yield [{ offset: at, length: Math.min(512 * 13, to - at), kind: 'data' }];
      },
    };
    const records = await all(source);
    expect(records.map((record) => Number(record.usn))).toEqual(made.usns);
    expect(records.every((record) => record.offset === Number(record.usn))).toBe(true);
    expect(read).toBe(made.bytes.length);
  });

  test('begins where it is asked to', async () => {
    const made = journal(
      0,
      Array.from({ length: 300 }, () => (usn: number) => named(2, usn, 'a')),
    );
    const records = await all(new MemorySource(made.bytes), { from: 8200 });
    expect(records.map((record) => Number(record.usn))).toEqual(made.usns.filter((usn) => usn >= 8192));
  });

  test('loses the rest of a page to damage, and says so', async () => {
    const made = journal(
      0,
      Array.from({ length: 200 }, () => (usn: number) => named(2, usn, 'abc')),
    );
    const at = made.usns[70];
    made.bytes[at + 4] = 9;
    const issues = new IssueLog();
    const records = await all(new MemorySource(made.bytes), { issues });
    const pageEnd = Math.ceil((at + 1) / 4096) * 4096;
    expect(records.map((record) => Number(record.usn))).toEqual(made.usns.filter((usn) => usn < at || usn >= pageEnd));
    expect(issues.issues).toMatchObject([{ code: 'ntfs.usn-record', at: { offset: at } }]);
  });

  test.each([
    ['length 8', (bytes: Bytes) => bytes.set([8, 0, 0, 0])],
    ['length that is no multiple of 8', (bytes: Bytes) => bytes.set([bytes.length - 4])],
    ['length past the end', (bytes: Bytes) => bytes.set([0xff, 0xff, 0xff, 0x7f])],
    ['name past the record', (bytes: Bytes) => bytes.set([0xff, 0x0f], 56)],
    ['name before the head ends', (bytes: Bytes) => bytes.set([8, 0], 58)],
    ['unknown version', (bytes: Bytes) => bytes.set([5], 4)],
  ])('takes a record with a %s for none', (_, damage) => {
    const bytes = named(2, 0, 'name.txt');
    damage(bytes);
    expect(parseUsnRecord(bytes, 0)).toBeUndefined();
  });

  test('always ends, whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(2, 3, 4), async (noise, version) => {
        const bytes = new Uint8Array(8192);
        for (let at = 0; at + noise.length < bytes.length; at += Math.max(8, noise.length)) bytes.set(noise, at);
        bytes[4] = version;
        expect((await all(new MemorySource(bytes))).length).toBeLessThan(300);
      }),
      { numRuns: 60 },
    );
  });

  test('names reasons as Windows does', () => {
    expect(usnReasonNames(0x8000_2101)).toEqual(['DATA_OVERWRITE', 'FILE_CREATE', 'RENAME_NEW_NAME', 'CLOSE']);
    expect(usnReasonNames(0x4000_0008)).toEqual(['0x40000008']);
  });

  test('tells its limits in $Max', () => {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    [0x200_0000n, 0x40_0000n, TIME, 4096n].forEach((value, i) => view.setBigUint64(i * 8, value, true));
    expect(parseUsnJournalInformation(bytes)).toEqual({
      maximumSize: 0x200_0000n,
      allocationDelta: 0x40_0000n,
      journalId: TIME,
      lowestValidUsn: 4096n,
    });
  });
});
