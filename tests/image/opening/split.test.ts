import { readdirSync } from 'node:fs';
import { MemorySource, resolveOrigin } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { imageNamesAmong } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { checkSourceContract, expectSame, generator } from '../../support/source-contract.js';
import { testImage } from '../../support/test-image.js';

function noise(length: number): Uint8Array<ArrayBuffer> {
  const random = generator(length);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

function cut(
  bytes: Uint8Array<ArrayBuffer>,
  name: (index: number) => string,
  ...lengths: number[]
): Record<string, Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  let at = 0;
  for (const [index, length] of [...lengths, bytes.length].entries()) {
    if (at >= bytes.length) break;
    files[name(index)] = bytes.slice(at, Math.min(at + length, bytes.length));
    at += length;
  }
  return files;
}

const number = (first: number, digits: number) => (index: number) =>
  `disk.${String(first + index).padStart(digits, '0')}`;

describe('a split image', () => {
  const disk = noise(300_000);
  for (const [first, digits] of [
    [1, 3],
    [0, 3],
    [1, 5],
    [0, 2],
  ] as const) {
    test(`that begins with ${number(first, digits)(0)} is the parts one after another`, async () => {
      const files = new MemoryFiles(cut(disk, number(first, digits), 100_000, 512, 60_000));
      const image = await files.image(number(first, digits)(0));
      expect([image.format, image.variant, image.details]).toEqual(['raw', 'split', { parts: 4 }]);
      await checkSourceContract(image, { reference: disk });
      await image.close();
      expect(files.openCount).toBe(0);
    });
  }

  test('tells in which part a byte lies', async () => {
    const files = new MemoryFiles(cut(disk, number(1, 3), 100_000, 512, 60_000));
    const image = await files.image('disk.001');
    const origin = await resolveOrigin(image, 100_600, 1000);
    expect([origin?.source.name, origin?.offset]).toEqual(['disk.003', 88]);
  });

  test('of another format is joined first', async () => {
    const data = noise(65_536);
    const vhd = writeVhd({
      type: 'dynamic',
      size: 131_072,
      blockSize: 65_536,
      uuid: 'AAAAAAAA-1111-2222-3333-444444444444',
      blocks: new Map([[1, { data }]]),
    });
    const image = await new MemoryFiles(cut(vhd, number(1, 3), 30_000, 30_000)).image('disk.001');
    expect([image.format, image.size]).toEqual(['vhd', 131_072]);
    expectSame(await image.read(65_536, 65_536), data, 'block 1');
  });

  test('with a part left out is an error that names it', async () => {
    const files = new MemoryFiles(cut(disk, (index) => `disk.00${index === 0 ? 1 : index + 2}`, 100_000, 100_000));
    const error = await errorOf(files.image('disk.001'));
    expect(error).toMatchObject({ code: 'IMAGE_FILE_MISSING', data: { recorded: 'disk.002' } });
    expect(files.openCount).toBe(0);
  });

  test('of one part alone, or with a name that only ends in a digit, is that file', async () => {
    const alone = await new MemoryFiles({ 'disk.001': disk }).image('disk.001');
    expect([alone.variant, alone.size]).toEqual(['flat', disk.length]);
    const rotated = await new MemoryFiles({ 'disk.1': disk, 'disk.2': disk }).image('disk.1');
    expect([rotated.variant, rotated.size]).toEqual(['flat', disk.length]);
  });

  test('is its first part alone where the files beside it cannot be reached', async () => {
    const image = await openImage(new MemorySource(disk.slice(0, 1000)), { name: 'disk.001' });
    expect([image.variant, image.size]).toEqual(['flat', 1000]);
  });
});

describeWithCase('parts that are numbered from .000', '21-split-names', ['split'], (made) => {
  test('are one image, and a folder of them is opened by the first', async () => {
    expect(imageNamesAmong(readdirSync(made('zero')))).toEqual(['disk.dd.000']);
    expect(await withImage(made('zero/disk.dd.000'), diskHash)).toBe(testImage('gpt-faulty').sha256);
  });

  test('are no disk without their beginning', async () => {
    const error = await errorOf(withImage(made('zero/disk.dd.001'), diskHash));
    expect(error).toMatchObject({ code: 'IMAGE_UNSUPPORTED', data: { first: 'disk.dd.000' } });
  });
});

describe('the names of parts', () => {
  test.each([
    ['disk.001', 'disk.002'],
    ['disk.0001', 'disk.0002'],
    ['disk_001', 'disk_002'],
    ['disk.aa', 'disk.ab'],
    ['disk.aaa', 'disk.aab'],
  ])('%s goes on with %s', async (first, second) => {
    const files = new MemoryFiles({ [first]: noise(1024), [second]: noise(512) });
    expect((await files.image(first)).size).toBe(1536);
    expect(imageNamesAmong([second, first])).toEqual([first]);
    expect(await errorOf(files.image(second))).toMatchObject({ data: { first } });
  });

  test('leave images with other endings alone', () => {
    const names = ['a.raw', 'b.vmdk', 'b-flat.vmdk', 'c.img.1', 'd.2024', 'e.dd', 'f.avi', 'g.001'];
    expect(imageNamesAmong(names)).toEqual(['a.raw', 'b.vmdk', 'e.dd', 'g.001']);
  });
});
