import { MemorySource } from '@deadbox/core';
import { HOLE } from '@deadbox/ntfs';
import { NtfsStream } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';

describe('NtfsStream', () => {
  const disk = Uint8Array.from({ length: 64 }, (_, i) => i);
  const stream = new NtfsStream({
    source: new MemorySource(disk),
    clusterSize: 8,
    runs: [
      { vcn: 0, lcn: 4, length: 2 },
      { vcn: 2, lcn: HOLE, length: 1 },
      { vcn: 3, lcn: 1, length: 2 },
    ],
    size: 38,
    initializedSize: 30,
    name: 'test',
  });

  test('joins runs, and reads holes and everything past the valid data length as zeros, whatever the clusters hold', async () => {
    const expected = [...disk.subarray(32, 48), ...new Uint8Array(8), ...disk.subarray(8, 14), ...new Uint8Array(8)];
    expect([...(await stream.read(0, 38))]).toEqual(expected);
    for (let from = 0; from < 38; from += 1)
      expect([...(await stream.read(from, 38 - from))]).toEqual(expected.slice(from));
  });

  test('tells where its bytes lie, sorted and without gaps', async () => {
    const found = [];
    for await (const batch of stream.extents(3, 38))
      for (const { offset, length, kind, origin } of batch) found.push([offset, length, kind, origin?.offset]);
    expect(found).toEqual([
      [3, 13, 'data', 35],
      [16, 8, 'zero', undefined],
      [24, 6, 'data', 8],
      [30, 8, 'zero', undefined],
    ]);
  });

  test('refuses reads outside', () => {
    expect(() => stream.read(30, 9)).toThrow(expect.objectContaining({ code: 'READ_OUT_OF_RANGE' }));
  });
});
