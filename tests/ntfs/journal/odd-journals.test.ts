import { type ByteSource, type Extent, MemorySource } from '@deadbox/core';
import { readUsnJournal } from '@deadbox/ntfs';
import { parseUsnRecord } from '@deadbox/ntfs/internals';
import { expect, test } from 'vitest';
import { named, ranges } from '../../support/ntfs/usn-builder.js';

const PAGE = 4096;

test('a journal in two stored parts, read from far away, has the records of both', async () => {
  const bytes = new Uint8Array(16 * PAGE);
  for (const at of [2 * PAGE, 9 * PAGE]) bytes.set(named(2, at, `at ${at}`), at);
  const inner = new MemorySource(bytes);
  const parts: Extent[] = [
    { offset: 0, length: 2 * PAGE, kind: 'zero' },
    { offset: 2 * PAGE, length: PAGE, kind: 'data' },
    { offset: 3 * PAGE, length: 6 * PAGE, kind: 'zero' },
    { offset: 9 * PAGE, length: PAGE, kind: 'data' },
    { offset: 10 * PAGE, length: 6 * PAGE, kind: 'zero' },
  ];
  const source: ByteSource = {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(inner.read(offset, length)),
    async *extents() {
      yield parts;
    },
  };
  const found: string[] = [];
  for await (const batch of readUsnJournal(source)) for (const record of batch) found.push(record.name ?? '');
  expect(found).toEqual([`at ${2 * PAGE}`, `at ${9 * PAGE}`]);
  const hole: ByteSource = {
    ...source,
    extents: () =>
      (async function* () {
        yield parts.slice(0, 1);
      })(),
  };
  for await (const batch of readUsnJournal(hole)) throw new Error(`${batch.length} records in a hole`);
});

test('a record whose length field is cut off, or whose ranges do not fit it, is none', () => {
  const whole = ranges(0);
  expect(parseUsnRecord(whole, 0)?.ranges).toHaveLength(2);
  expect(parseUsnRecord(whole.slice(0, 3), 0)).toBeUndefined();
  for (const [at, value] of [
    [60, 200],
    [62, 8],
  ] as const) {
    const bytes = whole.slice();
    new DataView(bytes.buffer).setUint16(at, value, true);
    expect(parseUsnRecord(bytes, 0)).toBeUndefined();
  }
});
