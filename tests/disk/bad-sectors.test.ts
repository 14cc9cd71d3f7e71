import { readFileSync } from 'node:fs';
import { type ByteSource, isDeadboxError, MemorySource, MIB } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { verifyImage } from '@deadbox/image';
import { readPartitionTable } from '@deadbox/partitions';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../support/encryption/failing-source.js';
import { writeVhd } from '../support/image/vhd-writer.js';
import { VHDX_LAYOUT, writeVhdx } from '../support/image/vhdx-writer.js';
import { testImage, testImagePath } from '../support/test-image.js';

// A worn disk refuses some sectors. What they held is lost; what lies elsewhere is not.
const FAULTY = new Uint8Array(readFileSync(testImagePath('gpt-faulty')));
const GOLDEN = testImage('gpt-faulty');
const END = FAULTY.length;
const place = (offset: number, length = 512) => ({ offset, length });

interface Seen {
  readonly verdict: string;
  readonly severity: string;
  readonly issues: readonly string[];
}

async function scan(source: ByteSource, name = 'server.img'): Promise<Seen> {
  await using disk = await openDisk(source, { name });
  const { verdict, severity } = await scanDisk(disk, { mode: 'quick' });
  return { verdict, severity, issues: [...disk.issues.issues, ...disk.table.issues].map(({ code }) => code) };
}

/** What comes of a file with one bad place; an image that cannot be opened for it says where. */
async function outcome(bytes: Uint8Array<ArrayBuffer>, name: string, bad: ReturnType<typeof place>): Promise<string> {
  try {
    const { verdict, severity } = await scan(withBadPlaces(new MemorySource(bytes), [bad]), name);
    return severity === 'none' ? `none: ${verdict}` : verdict;
  } catch (error) {
    if (!isDeadboxError(error, 'READ_FAILED')) throw error;
    return 'READ_FAILED';
  }
}

describe('a disk with a GPT', () => {
  test.each([
    ['its first sector', [place(0)]],
    ['its first sixteen kilobytes', [place(0, 16_384)]],
    ['its first header', [place(512)]],
    ['a sector of the first entries', [place(1024)]],
    ['its last header', [place(END - 512)]],
    ['both of its ends but the last header and entries', [place(0, 16_384), place(END - 40 * 512, 512)]],
  ])('is judged without %s', async (_, bad) => {
    const seen = await scan(withBadPlaces(new MemorySource(FAULTY), bad));
    expect(seen).toMatchObject({ verdict: 'faulty', severity: 'act' });
    const told = bad[0]?.offset === 0 ? ['image.sector-unreadable', 'table.unreadable'] : ['table.unreadable'];
    if (bad[0]?.offset !== END - 512) expect(seen.issues).toEqual(expect.arrayContaining(told));
  });

  test('has the same partitions whichever copy of the table is lost', async () => {
    const places = GOLDEN.partitions.map(({ offset, length }) => ({ offset, length }));
    for (const bad of [place(0, 34 * 512), place(END - 33 * 512, 33 * 512)]) {
      const table = await readPartitionTable(withBadPlaces(new MemorySource(FAULTY), [bad]));
      expect(table.partitions.map(({ offset, length }) => ({ offset, length }))).toEqual(places);
    }
  });

  test('without both copies is unreadable, not without Windows', async () => {
    const bad = [place(0, 34 * 512), place(END - 33 * 512, 33 * 512)];
    expect(await scan(withBadPlaces(new MemorySource(FAULTY), bad))).toMatchObject({ verdict: 'unreadable' });
  });

  test('is judged whatever of another volume is lost', async () => {
    const { offset, length } = GOLDEN.partitions[0];
    for (const bad of [place(offset), place(offset, 16_384), place(offset, length)])
      expect(await outcome(FAULTY, 'server.img', bad)).toBe('faulty');
  });

  test('whose volume lost its boot sector is judged by the copy at the end of the volume', async () => {
    const { offset } = GOLDEN.partitions[2];
    for (const bad of [place(offset), place(offset, 4096)])
      expect(await outcome(FAULTY, 'server.img', bad)).toBe('faulty');
  });
});

test('a disk whose boot record cannot be read is unreadable, not without Windows', async () => {
  const bytes = new Uint8Array(readFileSync(testImagePath('mbr-faulty')));
  expect(await scan(withBadPlaces(new MemorySource(bytes), [place(0)]))).toMatchObject({ verdict: 'unreadable' });
});

describe('a container', () => {
  const blockSize = 2 * MIB;
  const blocks = Array.from({ length: Math.ceil(END / blockSize) }, (_, index) => {
    const block = new Uint8Array(blockSize);
    block.set(FAULTY.subarray(index * blockSize, (index + 1) * blockSize));
    return block;
  });
  const vhdx = writeVhdx({
    size: END,
    blockSize,
    blocks: blocks.map((data) => ({ state: 6, data })),
    dataWriteGuid: '22222222-2222-3333-4444-555555555555',
  });
  const vhd = writeVhd({
    type: 'dynamic',
    size: END,
    blockSize,
    uuid: '33333333-2222-3333-4444-555555555555',
    blocks: new Map(blocks.map((data, index) => [index, { data }])),
  });

  test.each([
    ['vhdx', vhdx, 0x10000, 'faulty'],
    ['vhdx', vhdx, 0x20000, 'faulty'],
    ['vhdx', vhdx, 0x30000, 'faulty'],
    ['vhdx', vhdx, 0x40000, 'faulty'],
    ['vhdx', vhdx, 512, 'faulty'],
    ['vhd', vhd, 0, 'faulty'],
    ['vhd', vhd, vhd.length - 512, 'faulty'],
    // Of these there is one only.
    ['vhdx', vhdx, 0, 'READ_FAILED'],
    ['vhdx', vhdx, VHDX_LAYOUT.metadata, 'READ_FAILED'],
    ['vhd', vhd, 512, 'READ_FAILED'],
  ])('%s with a structure lost (of %#, at byte %i)', async (kind, bytes, offset, expected) => {
    expect(await outcome(bytes, `server.${kind}`, place(offset))).toBe(expected);
  });

  test('with any sector lost is never well, and what cannot be read is the worst that is said', async () => {
    const seen = new Set<string>();
    for (const [name, bytes] of [
      ['server.vhdx', vhdx],
      ['server.vhd', vhd],
    ] as const) {
      const step = Math.floor(bytes.length / 40 / 512) * 512 + 512;
      for (let offset = 0; offset < bytes.length; offset += step)
        seen.add(await outcome(bytes, name, place(offset, 4096)));
    }
    expect([...seen].filter((word) => !['faulty', 'unreadable', 'READ_FAILED'].includes(word))).toEqual([]);
  });

  test('is not verified as right with a sector lost, and only that is lost', async () => {
    const bad = VHDX_LAYOUT.data + 5 * blockSize + 8192;
    await using disk = await openDisk(withBadPlaces(new MemorySource(vhdx), [place(bad)]), { name: 'server.vhdx' });
    const { verdict, unreadable } = await verifyImage(disk.image);
    expect({ verdict, places: unreadable.map(({ offset, length }) => ({ offset, length })) }).toEqual({
      verdict: 'wrong',
      places: [{ offset: 5 * blockSize + 8192, length: 4096 }],
    });
  });
});
