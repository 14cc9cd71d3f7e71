import { readFileSync } from 'node:fs';
import { CountingSource, MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { renderScanImage } from '@deadbox/report';
import { ja } from '@deadbox/report/ja';
import { type Obstacle, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { testImagePath } from '../../support/test-image.js';

type Bytes = Uint8Array<ArrayBuffer>;

const MIB = 1 << 20;
const wholeOf = (image: string): Bytes => new Uint8Array(readFileSync(testImagePath(image)));

/** The disk in pieces of `size` bytes, as `split` makes them, each under the name of its number from 1. */
function pieces(whole: Bytes, size: number, nameOf: (number: number) => string): Record<string, Bytes> {
  const count = Math.ceil(whole.length / size);
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [nameOf(i + 1), whole.slice(i * size, (i + 1) * size)]),
  );
}

async function scanned(files: Record<string, Bytes>, name: string) {
  const siblings = new MemoryFiles(files);
  const counting = new CountingSource(new MemorySource(files[name]));
  await using disk = await openDisk(counting, { name, siblings });
  const report = await scanDisk(disk, { mode: 'quick' });
  return { report, siblings, reads: counting.reads };
}

async function partsOf(files: Record<string, Bytes>, name: string): Promise<Obstacle['data'] | undefined> {
  const { report, siblings } = await scanned(files, name);
  expect(siblings.openCount).toBe(0);
  return report.obstacles.find(({ id }) => id === 'parts-beside')?.data;
}

describe('a raw disk in numbered pieces that are not joined by their names', () => {
  const gpt = wholeOf('gpt-faulty');

  test.each<[string, (number: number) => string]>([
    ['disk-001.img', (number) => `disk-${String(number).padStart(3, '0')}.img`],
    ['d.1', (number) => `d.${number}`],
    ['srv-f001.bin', (number) => `srv-f00${number}.bin`],
    ['part1 of srv2.dd', (number) => `part${number} of srv2.dd`],
  ])('%s is named as the first of them', async (first, nameOf) => {
    const files = pieces(gpt, 20 * MIB, nameOf);
    const names = Object.keys(files);
    expect(await partsOf({ ...files, 'srv3.dd': new Uint8Array(600) }, first)).toEqual({
      files: names.slice(0, 8),
      parts: names.length,
    });
  });

  test('says so in front of everything else, in both languages', async () => {
    const { report } = await scanned(
      pieces(gpt, 20 * MIB, (number) => `d.${number}`),
      'd.1',
    );
    const count = Math.ceil(gpt.length / (20 * MIB));
    expect(renderScanImage(report, { width: 400 })).toContain(`It looks like part 1 of ${count}.`);
    expect(renderScanImage(report, { language: ja, width: 400 })).toContain(`${count} 個に分割されたうちの 1 番目`);
  });

  test('of which the table of an MBR asks for more is the first of them, too', async () => {
    const mbr = wholeOf('mbr-faulty');
    const size = Math.ceil(mbr.length / 3 / MIB) * MIB;
    expect(
      await partsOf(
        pieces(mbr, size, (number) => `m-${number}.img`),
        'm-1.img',
      ),
    ).toEqual({
      files: ['m-1.img', 'm-2.img', 'm-3.img'],
      parts: 3,
    });
  });
});

describe('numbered files beside a disk', () => {
  const gpt = wholeOf('gpt-faulty');
  const first = gpt.slice(0, 20 * MIB);
  const more = (length: number): Bytes => new Uint8Array(length);

  test.each<[string, Record<string, Bytes>]>([
    ['a disk of its own', { 'd2.img': gpt.slice(0, 20 * MIB), 'd3.img': more(20 * MIB), 'd4.img': more(20 * MIB) }],
    ['longer than the first', { 'd2.img': gpt.slice(20 * MIB) }],
    ['shorter, and not the last', { 'd2.img': more(19 * MIB), 'd3.img': more(20 * MIB), 'd4.img': more(20 * MIB) }],
    ['too few for the gap', { 'd2.img': more(MIB) }],
    ['empty', { 'd2.img': more(0), 'd3.img': more(20 * MIB) }],
    ['with one number left out', { 'd3.img': more(20 * MIB), 'd4.img': more(20 * MIB), 'd5.img': more(20 * MIB) }],
  ])('are none of its parts: %s', async (_, files) => {
    expect(await partsOf({ 'd1.img': first, ...files }, 'd1.img')).toBeUndefined();
  });

  test('are not opened for a disk that is whole, which costs no read more', async () => {
    const alone = await scanned({ 'd1.img': gpt }, 'd1.img');
    const beside = await scanned({ 'd1.img': gpt, 'd2.img': more(20 * MIB) }, 'd1.img');
    expect([beside.reads, beside.siblings.asked]).toEqual([alone.reads, alone.siblings.asked]);
  });
});
