import { IssueLog, MemorySource, parseFileTime, utf16Bytes, type ByteSource, type Bytes, type Extent } from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUsnJournal, type UsnJournalOptions } from '../../packages/ntfs/src/usn-journal.js';
import { parseUsnJournalInformation, parseUsnRecord, usnReasonNames, type UsnRecord } from '../../packages/ntfs/src/usn-record.js';

const TIME = parseFileTime('2024-07-19T04:09:35.1234567Z') as bigint;

/** A record as winioctl.h lays it out (`USN_RECORD_V2`, `USN_RECORD_V3`). */
function named(version: 2 | 3, usn: number, name: string, reason = 0x8000_0100): Bytes {
  const wide = version === 3 ? 16 : 0;
  const head = 60 + wide;
  const bytes = new Uint8Array(Math.ceil((head + name.length * 2) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, version, true);
  view.setBigUint64(8, 0x0003_0000_0000_1234n, true);
  view.setBigUint64(version === 3 ? 24 : 16, 0x0005_0000_0000_0005n, true);
  view.setBigUint64(24 + wide, BigInt(usn), true);
  view.setBigUint64(32 + wide, TIME, true);
  view.setUint32(40 + wide, reason, true);
  view.setUint32(44 + wide, 2, true);
  view.setUint32(48 + wide, 0x107, true);
  view.setUint32(52 + wide, 0x20, true);
  view.setUint16(56 + wide, name.length * 2, true);
  view.setUint16(58 + wide, head, true);
  bytes.set(utf16Bytes(name), head);
  return bytes;
}

/** `USN_RECORD_V4` with two ranges. */
function ranges(usn: number): Bytes {
  const bytes = new Uint8Array(96);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 96, true);
  view.setUint16(4, 4, true);
  view.setBigUint64(8, 0x0003_0000_0000_1234n, true);
  view.setBigUint64(24, 0x0005_0000_0000_0005n, true);
  view.setBigUint64(40, BigInt(usn), true);
  view.setUint32(48, 0x8000_0001, true);
  view.setUint32(56, 7, true);
  view.setUint16(60, 2, true);
  view.setUint16(62, 16, true);
  [0n, 4096n, 1_048_576n, 8192n].forEach((value, i) => view.setBigInt64(64 + i * 8, value, true));
  return bytes;
}

/** Lays records out in pages as NTFS does: none crosses a page, zeros fill up. Their USNs are their offsets. */
function journal(start: number, make: ((usn: number) => Bytes)[]): { bytes: Bytes; usns: number[] } {
  const pages: number[] = [];
  const usns: number[] = [];
  for (const one of make) {
    const length = one(0).length;
    if ((pages.length % 4096) + length > 4096) while (pages.length % 4096 !== 0) pages.push(0);
    usns.push(start + pages.length);
    pages.push(...one(start + pages.length));
  }
  while (pages.length % 4096 !== 0) pages.push(0);
  return { bytes: Uint8Array.from(pages), usns };
}

async function all(source: ByteSource, options?: UsnJournalOptions): Promise<UsnRecord[]> {
  const found: UsnRecord[] = [];
  for await (const batch of readUsnJournal(source, options)) found.push(...batch);
  return found;
}

describe('the change journal', () => {
  it('gives the fields of version 2 and 3', () => {
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

  it('gives the ranges of version 4', () => {
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

  it('skips the hole at its start without reading it', async () => {
    const hole = 2 ** 40 + 512 * 8;
    const made = journal(
      hole,
      Array.from({ length: 900 }, (_, i) => (i % 3 === 0 ? ranges : (usn: number) => named(i % 2 === 0 ? 2 : 3, usn, `file ${i}.txt`))),
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
        for (let at = hole; at < to; at += 512 * 13) yield [{ offset: at, length: Math.min(512 * 13, to - at), kind: 'data' }];
      },
    };
    const records = await all(source);
    expect(records.map((record) => Number(record.usn))).toEqual(made.usns);
    expect(records.every((record) => record.offset === Number(record.usn))).toBe(true);
    expect(read).toBe(made.bytes.length);
  });

  it('begins where it is asked to', async () => {
    const made = journal(
      0,
      Array.from({ length: 300 }, () => (usn: number) => named(2, usn, 'a')),
    );
    const records = await all(new MemorySource(made.bytes), { from: 8200 });
    expect(records.map((record) => Number(record.usn))).toEqual(made.usns.filter((usn) => usn >= 8192));
  });

  it('loses the rest of a page to damage, and says so', async () => {
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

  it.each([
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

  it('always ends, whatever its bytes', async () => {
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

  it('names reasons as Windows does', () => {
    expect(usnReasonNames(0x8000_2101)).toEqual(['DATA_OVERWRITE', 'FILE_CREATE', 'RENAME_NEW_NAME', 'CLOSE']);
    expect(usnReasonNames(0x4000_0008)).toEqual(['0x40000008']);
  });

  it('tells its limits in $Max', () => {
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
