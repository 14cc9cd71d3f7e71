import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDisk } from '../../support/containers.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { checkSourceContract, expectSame, generator } from '../../support/source-contract.js';
import { describeWithTools, runBytes, temporaryFolder } from '../../support/tools.js';

/*
 * Synthetic: no freely available tool writes these. The images are made from the specifications, the expected bytes by
 * laying the recipes' sectors on top of one another; where 7-Zip is installed it must read the same.
 */
const MIB = 1 << 20;
const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';
const C = 'CCCCCCCC-1111-2222-3333-444444444444';

function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = generator(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

/** `below` with the sectors that `has` names taken from `above`. */
function layered(
  below: Uint8Array,
  above: Uint8Array,
  sectorSize: number,
  has: (sector: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const result = Uint8Array.from(below);
  for (let at = 0; at < result.length; at += sectorSize)
    if (has(at / sectorSize)) result.set(above.subarray(at, at + sectorSize), at);
  return result;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([...parts]).subarray(0, length));
}

async function expectDisk(path: string, expected: Uint8Array<ArrayBuffer>): Promise<void> {
  await withDisk(path, async (disk) => {
    expect(disk.size).toBe(expected.length);
    expectSame(await disk.read(0, disk.size), expected, 'whole disk');
    await checkSourceContract(disk, { reference: expected });
  });
}

/** 7-Zip reads chains too; it is the second opinion on what the writers of these tests made. */
function agreesWith7Zip(path: string, expected: Uint8Array<ArrayBuffer>, type: 'VHD' | 'VHDX'): void {
  describeWithTools(['7z'], "7-Zip's view", () => {
    test('is the same', () => expectSame(runBytes('7z', ['x', '-so', `-t${type}`, path]), expected, path));
  });
}

describe('a chain of differencing VHDs (synthetic)', () => {
  const folder = temporaryFolder();
  const block = 512 << 10;
  const size = 4 * block - 1024;
  const zero = new Uint8Array(block);
  const [b0, b1, m1, m2, t0, t1] = [
    noise(block, 1),
    noise(block, 2),
    noise(block, 3),
    noise(block, 4),
    noise(block, 5),
    noise(block, 6),
  ];
  const third = (sector: number): boolean => sector % 3 === 0;
  const tail = (sector: number): boolean => sector > 700;
  const base = writeVhd({
    type: 'dynamic',
    size,
    blockSize: block,
    uuid: A,
    blocks: new Map([
      [0, { data: b0 }],
      [1, { data: b1 }],
    ]),
  });
  const middle = writeVhd({
    type: 'differencing',
    size,
    blockSize: block,
    uuid: B,
    blocks: new Map([
      [1, { data: m1, has: third }],
      [2, { data: m2 }],
    ]),
    parent: {
      uuid: A,
      name: 'base.vhd',
      locators: [
        { platform: 'W2ru', path: '.\\base.vhd' },
        { platform: 'W2ku', path: 'C:\\VMs\\base.vhd' },
      ],
    },
  });
  const top = writeVhd({
    type: 'differencing',
    size,
    blockSize: block,
    uuid: C,
    blocks: new Map([
      [0, { data: t0, has: tail }],
      [1, { data: t1, has: tail }],
    ]),
    parent: { uuid: B, name: 'middle.avhd', locators: [{ platform: 'W2ru', path: '.\\middle.avhd' }] },
  });
  const middleDisk = joined([b0, layered(b1, m1, 512, third), m2, zero], size);
  const topDisk = joined(
    [layered(b0, t0, 512, tail), layered(middleDisk.subarray(block, 2 * block), t1, 512, tail), m2, zero],
    size,
  );
  writeFileSync(join(folder, 'base.vhd'), base);
  writeFileSync(join(folder, 'middle.avhd'), middle);
  writeFileSync(join(folder, 'top.avhd'), top);

  test('reads each sector from the newest file that holds it', () => expectDisk(join(folder, 'top.avhd'), topDisk));
  agreesWith7Zip(join(folder, 'top.avhd'), topDisk, 'VHD');
  test('reads a link in the middle on its own', () => expectDisk(join(folder, 'middle.avhd'), middleDisk));
  test('names the ancestors, nearest first, with ids and how they were found', () =>
    withDisk(join(folder, 'top.avhd'), async (disk) => {
      expect(disk.variant).toBe('differencing');
      expect(disk.parents).toEqual([
        { name: join(folder, 'middle.avhd'), id: B, format: 'vhd', variant: 'differencing', foundBy: 'sibling' },
        { name: join(folder, 'base.vhd'), id: A, format: 'vhd', variant: 'dynamic', foundBy: 'sibling' },
      ]);
    }));
});

describe('a differencing VHD that is larger than its parent (synthetic)', () => {
  const folder = temporaryFolder();
  const block = 64 << 10;
  const size = 3 * block;
  const data = noise(block, 70);
  const locators = [{ platform: 'W2ru', path: '.\\small.vhd' }];
  const small = writeVhd({
    type: 'dynamic',
    size: block + 1024,
    blockSize: block,
    uuid: A,
    blocks: new Map([[1, { data }]]),
  });
  const large = writeVhd({
    type: 'differencing',
    size,
    blockSize: block,
    uuid: B,
    blocks: new Map(),
    parent: { uuid: A, name: '', locators },
  });
  writeFileSync(join(folder, 'small.vhd'), small);
  writeFileSync(join(folder, 'large.avhd'), large);

  test("reads as zeros behind the parent's end", () => {
    const expected = new Uint8Array(size);
    expected.set(data.subarray(0, 1024), block);
    return expectDisk(join(folder, 'large.avhd'), expected);
  });
});

describe('a chain of differencing VHDXs (synthetic)', () => {
  for (const sectorSize of [512, 4096] as const) {
    describe(`with logical sectors of ${sectorSize} bytes`, () => {
      const folder = temporaryFolder();
      const size = 8 * MIB;
      const base = Array.from({ length: 8 }, (_, index) => noise(MIB, 10 + index));
      const [whole, part, part2] = [noise(MIB, 30), noise(MIB, 31), noise(MIB, 32)];
      const odd = (sector: number): boolean => sector % 2 === 1;
      const early = (sector: number): boolean => sector < 100;
      const zero = new Uint8Array(MIB);
      writeFileSync(
        join(folder, 'base.vhdx'),
        writeVhdx({
          size,
          sectorSize,
          fixed: true,
          blocks: base.map((data) => ({ state: 6, data })),
          dataWriteGuid: A,
        }),
      );
      const child = writeVhdx({
        size,
        sectorSize,
        dataWriteGuid: B,
        blocks: [
          { state: 0 },
          { state: 2 },
          { state: 6, data: whole },
          { state: 7, data: part, has: odd },
          { state: 3 },
          { state: 7, data: part2, has: early },
          { state: 0 },
          { state: 0 },
        ],
        parent: { parent_linkage: `{${A}}`, relative_path: '.\\base.vhdx', absolute_win32_path: 'C:\\VMs\\base.vhdx' },
      });
      const path = join(folder, 'child.avhdx');
      writeFileSync(path, child);
      const expected = joined(
        [
          base[0],
          zero,
          whole,
          layered(base[3], part, sectorSize, odd),
          zero,
          layered(base[5], part2, sectorSize, early),
          base[6],
          base[7],
        ],
        size,
      );

      test('reads present, absent, zero, unmapped and partial blocks', () => expectDisk(path, expected));
      agreesWith7Zip(path, expected, 'VHDX');
      test('tells the sector size, the variant and the parent', () =>
        withDisk(path, async (disk) => {
          expect(disk.sectorSize).toBe(sectorSize);
          expect(disk.variant).toBe('differencing');
          expect(disk.parents).toEqual([
            { name: join(folder, 'base.vhdx'), id: A, format: 'vhdx', variant: 'fixed', foundBy: 'sibling' },
          ]);
        }));
    });
  }
});

describe('a chain of differencing VDIs (synthetic)', () => {
  const folder = temporaryFolder();
  const size = 4 * MIB - 512;
  const base = [noise(MIB, 50), noise(MIB, 51), noise(MIB, 52)];
  const own = noise(MIB, 53);
  const zero = new Uint8Array(MIB);
  writeFileSync(
    join(folder, 'machine.vdi'),
    writeVdi({ type: 1, size, blocks: [...base, 'free'], uuid: A, modifyUuid: B }),
  );
  writeFileSync(
    join(folder, 'other.vdi'),
    writeVdi({ type: 1, size, blocks: [own, own, own, own], uuid: C, modifyUuid: C }),
  );
  const child = writeVdi({
    type: 4,
    size,
    blockExtra: 512,
    blocks: ['free', own, 'zero', 'free'],
    uuid: 'DDDDDDDD-1111-2222-3333-444444444444',
    modifyUuid: C,
    parentUuid: A,
    parentModifyUuid: B,
  });
  const path = join(folder, '{dddddddd-1111-2222-3333-444444444444}.vdi');
  writeFileSync(path, child);

  test('finds the parent by its identifier and reads through it', () =>
    expectDisk(path, joined([base[0], own, zero, zero], size)));
  test('names the parent', () =>
    withDisk(path, async (disk) => {
      expect(disk.parents).toEqual([
        { name: join(folder, 'machine.vdi'), id: A, format: 'vdi', variant: 'dynamic', foundBy: 'sibling' },
      ]);
    }));
});
