import { isDeadboxError, MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { writeHostedSparse } from '../../support/image/vmdk-writer.js';

// The disk in every container: blocks of a mebibyte with data, and one that is a hole.
const MIB = 1 << 20;
const BLOCKS = 5;
const HOLE = 2;
const block = (index: number): Uint8Array =>
  Uint8Array.from({ length: MIB }, (_, at) => (index === HOLE ? 0 : ((at * 7 + (at >> 9) + index) & 0xff) | 1));
const disk = new Uint8Array(BLOCKS * MIB);
const blocks = Array.from({ length: BLOCKS }, (_, index) => block(index));
for (const [index, bytes] of blocks.entries()) disk.set(bytes, index * MIB);
const stored = blocks.map((data, index) => [index, data] as const).filter(([index]) => index !== HOLE);
const GUID = '22222222-2222-3333-4444-555555555555';

const FILES: readonly (readonly [name: string, file: Uint8Array<ArrayBuffer>])[] = [
  ['server.raw', disk],
  [
    'server.vhd',
    writeVhd({
      type: 'dynamic',
      size: disk.length,
      blockSize: MIB,
      uuid: GUID,
      blocks: new Map(stored.map(([index, data]) => [index, { data }])),
    }),
  ],
  [
    'server.vhdx',
    writeVhdx({
      size: disk.length,
      blockSize: MIB,
      blocks: blocks.map((data, index) => (index === HOLE ? { state: 2 } : { state: 6, data })),
      dataWriteGuid: GUID,
    }),
  ],
  [
    'server.vdi',
    writeVdi({
      type: 1,
      uuid: GUID,
      modifyUuid: GUID,
      size: disk.length,
      blockSize: MIB,
      blocks: blocks.map((data, index) => (index === HOLE ? 'free' : data)),
    }),
  ],
  [
    'server.vmdk',
    writeHostedSparse({
      capacity: disk.length / 512,
      grainSectors: 2048,
      grains: new Map(stored),
    }),
  ],
];

test.each(FILES)(
  'a cut %s gives the bytes that it has, or an error, and never zeros for what is missing',
  async (name, file) => {
    let right = 0;
    let refused = 0;
    for (let cut = 1; cut <= 24; cut += 1) {
      const length = Math.floor((file.length * cut) / 24 / 512) * 512 - (cut % 3 === 1 ? 100 : 0);
      const source = new MemorySource(file.slice(0, Math.max(length, 1)));
      const opened = await openImage(source, { name }).catch(refusal);
      if (opened === undefined) {
        refused += 1;
        continue;
      }
      for (let at = 0; at < Math.min(opened.size, disk.length); at += MIB / 4) {
        const size = Math.min(MIB / 4, opened.size - at, disk.length - at);
        const bytes = await Promise.resolve(opened)
          .then((one) => one.read(at, size))
          .catch(refusal);
        if (bytes === undefined) refused += 1;
        else if (Buffer.compare(bytes, disk.subarray(at, at + size)) === 0) right += 1;
        else expect.fail(`cut at ${length}: other bytes at ${at}`);
      }
      await opened.close();
    }
    // At least where nothing is cut.
    expect(right).toBeGreaterThanOrEqual(20);
    // A raw disk that was cut is a smaller one.
    if (name !== 'server.raw') expect(refused).toBeGreaterThan(20);
  },
);

/** What is missing is said by an error of deadbox's own. */
function refusal(error: unknown): undefined {
  if (!isDeadboxError(error)) throw error;
}
