import { isDeadboxError, MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../support/image/memory-files.js';
import { writeVdi } from '../support/image/vdi-writer.js';
import { writeVhd } from '../support/image/vhd-writer.js';
import { logEntry, sealed, VHDX_LAYOUT, writeVhdx } from '../support/image/vhdx-writer.js';
import { checkExtentShape } from '../support/source-contract.js';

const MIB = 1 << 20;
const KIB64 = 1 << 16;
const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';

const small = new Uint8Array(4096).fill(5);
const big = new Uint8Array(MIB).fill(5);

function dirtyVhdx(): Uint8Array<ArrayBuffer> {
  const file = writeVhdx({
    size: 2 * MIB,
    blocks: [{ state: 6, data: big }, { state: 0 }],
    dataWriteGuid: A,
    logGuid: B,
  });
  const change = { offset: VHDX_LAYOUT.bat, page: file.slice(VHDX_LAYOUT.bat, VHDX_LAYOUT.bat + 4096) };
  file.set(
    logEntry({
      logGuid: B,
      sequence: 5n,
      tail: 0,
      changes: [change],
      flushedFileOffset: file.length,
      lastFileOffset: file.length,
    }),
    VHDX_LAYOUT.log,
  );
  return file;
}

/** Images, and the parts of them that hold structures. */
const SEEDS: readonly {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  structures: readonly (readonly [number, number])[];
}[] = [
  {
    name: 'x.vhd',
    bytes: writeVhd({
      type: 'dynamic',
      size: 16_384,
      blockSize: 4096,
      uuid: A,
      blocks: new Map([[1, { data: small }]]),
    }),
    structures: [[0, 2048]],
  },
  {
    name: 'y.avhd',
    bytes: writeVhd({
      type: 'differencing',
      size: 16_384,
      blockSize: 4096,
      uuid: B,
      blocks: new Map([[1, { data: small, has: (sector) => sector > 3 }]]),
      parent: { uuid: A, name: 'x.vhd', locators: [{ platform: 'W2ru', path: '.\\x.vhd' }] },
    }),
    structures: [[0, 3072]],
  },
  {
    name: 'x.vhdx',
    bytes: writeVhdx({ size: 2 * MIB, blocks: [{ state: 6, data: big }, { state: 2 }], dataWriteGuid: A }),
    structures: [
      [0, 512],
      [KIB64, KIB64 + 80],
      [2 * KIB64, 2 * KIB64 + 80],
      [3 * KIB64, 3 * KIB64 + 80],
      [4 * KIB64, 4 * KIB64 + 80],
      [VHDX_LAYOUT.metadata, VHDX_LAYOUT.metadata + 256],
      [VHDX_LAYOUT.metadata + KIB64, VHDX_LAYOUT.metadata + KIB64 + 64],
      [VHDX_LAYOUT.bat, VHDX_LAYOUT.bat + 16],
    ],
  },
  {
    name: 'dirty.vhdx',
    bytes: dirtyVhdx(),
    structures: [
      [KIB64, KIB64 + 80],
      [2 * KIB64, 2 * KIB64 + 80],
      [VHDX_LAYOUT.log, VHDX_LAYOUT.log + 128],
      [VHDX_LAYOUT.log + 4096, VHDX_LAYOUT.log + 4200],
    ],
  },
  {
    name: 'x.vdi',
    bytes: writeVdi({
      type: 1,
      size: 16_384,
      blockSize: 4096,
      blocks: ['free', small, 'zero', small],
      uuid: A,
      modifyUuid: A,
    }),
    structures: [
      [0x40, 0x1d0],
      [1024, 1040],
    ],
  },
];

/** Recomputes the VHDX checksums, so that damage gets past them. */
function reseal(bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length < 5 * KIB64) return;
  for (const at of [KIB64, 2 * KIB64]) sealed(bytes.subarray(at, at + 4096));
  for (const at of [3 * KIB64, 4 * KIB64]) sealed(bytes.subarray(at, at + KIB64));
  if (bytes[VHDX_LAYOUT.log] === 0x6c) sealed(bytes.subarray(VHDX_LAYOUT.log, VHDX_LAYOUT.log + 8192));
}

/** Opens, walks and reads; whatever happens must be a typed error. */
async function survive(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const files = new MemoryFiles({ 'x.vhd': SEEDS[0].bytes, [name]: bytes });
  try {
    const disk = await files.image(name);
    try {
      const length = Math.min(disk.size, 65_536);
      await checkExtentShape(disk, 0, Math.min(disk.size, 2 ** 30));
      await disk.read(0, length);
      await disk.read(disk.size - length, length);
    } finally {
      await disk.close();
    }
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
  }
  expect(files.openCount).toBe(0);
}

describe('a damaged image', () => {
  for (const { name, bytes, structures } of SEEDS) {
    test(`${name}: any flipped bytes of its structures end in bytes or a typed error`, async () => {
      const place = fc.oneof(...structures.map(([from, to]) => fc.integer({ min: from, max: to - 1 })));
      const value = fc.oneof(fc.constantFrom(0, 0xff, 0x7f, 0x80), fc.integer({ min: 0, max: 255 }));
      const damage = fc.array(fc.tuple(place, fc.array(value, { minLength: 1, maxLength: 8 })), {
        minLength: 1,
        maxLength: 4,
      });
      await fc.assert(
        fc.asyncProperty(damage, fc.boolean(), async (changes, checksums) => {
          const copy = Uint8Array.from(bytes);
          for (const [at, values] of changes) copy.set(values, at);
          if (checksums) reseal(copy);
          await survive(name, copy);
        }),
        { numRuns: bytes.length > MIB ? 60 : 300, seed: 20_240_719 },
      );
    });

    test(`${name}: any length ends in bytes or a typed error`, async () => {
      const cuts = new Set([
        0,
        1,
        511,
        512,
        513,
        1024,
        4096,
        KIB64,
        3 * KIB64,
        MIB,
        2 * MIB,
        3 * MIB,
        bytes.length - 512,
        bytes.length - 1,
      ]);
      for (const length of [...cuts].filter((cut) => cut < bytes.length)) await survive(name, bytes.slice(0, length));
    });
  }

  test('without a byte is an error that says so', async () => {
    expect((await errorOf(openImage(new MemorySource(new Uint8Array(0), { name: 'empty.vhd' })))).code).toBe(
      'IMAGE_EMPTY',
    );
  });

  test('of 64 TiB of nothing is opened and walked in bounded memory', async () => {
    // A VHDX of 64 TiB needs 256 MiB of table in blocks of 2 MiB; in blocks of 256 MiB it is 2 MiB, all of it zero
    // here.
    const file = writeVhdx({ size: 2 ** 46, blockSize: 256 * MIB, blocks: [], dataWriteGuid: A });
    const wide = new Uint8Array(VHDX_LAYOUT.bat + 4 * MIB);
    wide.set(file.subarray(0, VHDX_LAYOUT.bat));
    for (const at of [3 * KIB64, 4 * KIB64]) {
      new DataView(wide.buffer).setUint32(at + 16 + 24, 4 * MIB, true);
      sealed(wide.subarray(at, at + KIB64));
    }
    const disk = await openImage(new MemorySource(wide, { name: 'big.vhdx' }));
    expect(disk.size).toBe(2 ** 46);
    expect(await checkExtentShape(disk, 0, disk.size)).toEqual([{ offset: 0, length: 2 ** 46, kind: 'zero' }]);
  });

  test('of more than that is refused', async () => {
    const file = writeVhdx({ size: 2 ** 52, blocks: [], dataWriteGuid: A });
    expect((await errorOf(openImage(new MemorySource(file, { name: 'big.vhdx' })))).code).toBe('IMAGE_LIMIT');
  });
});
