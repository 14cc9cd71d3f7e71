import type { Bytes } from '@deadbox/core';
import { HOLE } from '@deadbox/ntfs';
import { parseDataRuns } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';

const bytesOf = (hex: string): Bytes => Uint8Array.from(hex.trim().split(/\s+/), (pair) => Number.parseInt(pair, 16));

describe('parseDataRuns', () => {
  const bounds = { firstVcn: 0, totalClusters: 2 ** 32 };

  // The worked examples of the Linux-NTFS project's documentation ("Data runs").
  test.each([
    ['a run in one piece', '21 18 34 56 00', [[0x5634, 0x18]]],
    [
      'runs before and behind one another',
      '31 38 73 25 34 32 14 01 E5 11 02 31 42 AA 00 03 00',
      [
        [0x342573, 0x38],
        [0x363758, 0x114],
        [0x393802, 0x42],
      ],
    ],
    [
      'a scrambled file',
      '11 30 60 21 10 00 01 11 20 E0 00',
      [
        [0x60, 0x30],
        [0x160, 0x10],
        [0x140, 0x20],
      ],
    ],
    [
      'a hole',
      '11 30 20 01 60 11 10 30 00',
      [
        [0x20, 0x30],
        [HOLE, 0x60],
        [0x50, 0x10],
      ],
    ],
    [
      'compressed units',
      '11 08 40 01 08 11 10 08 11 0C 10 01 04 00',
      [
        [0x40, 0x08],
        [HOLE, 0x08],
        [0x48, 0x10],
        [0x58, 0x0c],
        [HOLE, 0x04],
      ],
    ],
  ])('reads %s', (_, hex, expected) => {
    const { runs, problem } = parseDataRuns(bytesOf(hex), bounds);
    expect(problem).toBeUndefined();
    expect(runs.map((run) => [run.lcn, run.length])).toEqual(expected);
  });

  test('takes an explicit LCN 0 for data: $Boot lies there', () => {
    expect(parseDataRuns(bytesOf('11 02 00 00'), bounds).runs).toEqual([{ vcn: 0, lcn: 0, length: 2 }]);
  });

  test('takes LCN -1 for a hole only before NTFS 3.0', () => {
    expect(parseDataRuns(bytesOf('11 02 FF 00'), { ...bounds, minusOneIsHole: true }).runs).toEqual([
      { vcn: 0, lcn: HOLE, length: 2 },
    ]);
    expect(parseDataRuns(bytesOf('11 02 FF 00'), bounds).problem).toEqual({ offset: 0, reason: 'lcn' });
  });

  test('ends at the end of the attribute when no zero byte does', () => {
    expect(parseDataRuns(bytesOf('11 02 05'), bounds)).toEqual({
      runs: [{ vcn: 0, lcn: 5, length: 2 }],
      nextVcn: 2,
      mapped: 2,
    });
  });

  test('reads eight-byte lengths, and refuses those that a number cannot hold', () => {
    expect(parseDataRuns(bytesOf('08 00 00 00 00 01 00 00 00 00'), bounds).runs).toEqual([
      { vcn: 0, lcn: HOLE, length: 2 ** 32 },
    ]);
    expect(parseDataRuns(bytesOf('08 FF FF FF FF FF FF FF FF 00'), bounds).problem?.reason).toBe('length');
  });

  test('ends where a stream names more clusters than the volume has: some of them come twice', () => {
    const small = { firstVcn: 0, totalClusters: 100 };
    const three = parseDataRuns(bytesOf('11 32 00 11 32 00 11 32 00 00'), small);
    expect(three).toEqual({
      runs: [
        { vcn: 0, lcn: 0, length: 50 },
        { vcn: 50, lcn: 0, length: 50 },
      ],
      nextVcn: 100,
      mapped: 100,
      problem: { offset: 6, reason: 'shared' },
    });
    expect(parseDataRuns(bytesOf('11 01 05 00'), { ...small, mappedBefore: 100 }).problem?.reason).toBe('shared');
    // Holes are no clusters.
    expect(parseDataRuns(bytesOf('01 32 01 32 01 32 11 01 05 00'), small).mapped).toBe(1);
  });

  test('says when the clusters are not as many as the attribute claims', () => {
    expect(parseDataRuns(bytesOf('11 02 05 00'), { ...bounds, lastVcn: 5 }).problem?.reason).toBe('vcn-count');
  });
});
