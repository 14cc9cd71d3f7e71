import { DeadboxError } from '@deadbox/core';
import { fuzzWorker } from './fuzz-worker.js';
import type { FuzzTarget } from './target.js';

const seeds = (): { name: string; bytes: Uint8Array }[] => [{ name: 'zeros', bytes: new Uint8Array(64) }];

/** Parsers that fail in every way that the harness must notice, each for the inputs whose byte 3 is not zero. */
const broken: readonly FuzzTarget[] = [
  {
    name: 'broken/throws',
    seeds,
    parse(input): void {
      if (input[3] !== 0) throw new TypeError('not typed');
    },
  },
  {
    name: 'broken/writes',
    seeds,
    // A Buffer's slice shares its memory: the mistake that this is for.
    parse: (input) => (input[3] === 0 ? undefined : input.slice(0, 8).fill(1)),
  },
  {
    name: 'broken/hangs',
    seeds,
    parse(input): void {
      while (input[3] !== 0);
    },
  },
  {
    name: 'broken/hoards',
    seeds,
    parse(input): void {
      const kept: Uint8Array[] = [];
      while (input[3] !== 0) kept.push(new Uint8Array(16 << 20).fill(1));
    },
  },
  {
    name: 'broken/checksum',
    seeds,
    // Only behind a checksum that mutations alone never get right.
    parse(input): void {
      if (input.length < 64) throw new DeadboxError('CHECKSUM', 'no checksum');
      const sum = input.subarray(0, 60).reduce((left, right) => (left * 31 + right) >>> 0, 7);
      if (new DataView(input.buffer, input.byteOffset).getUint32(60, true) !== sum)
        throw new DeadboxError('CHECKSUM', 'wrong checksum');
      if (input[3] !== 0) throw new RangeError('behind the checksum');
    },
    repair(input): void {
      if (input.length < 64) return;
      input.writeUInt32LE(
        input.subarray(0, 60).reduce((left, right) => (left * 31 + right) >>> 0, 7),
        60,
      );
    },
  },
];

await fuzzWorker(broken);
