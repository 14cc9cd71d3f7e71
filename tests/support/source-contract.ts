import { type ByteSource, type Extent, extentsOf, isDeadboxError, readInto } from '@deadbox/core';
import { expect } from 'vitest';

/** What {@link checkSourceContract} compares with. */
export interface SourceContractOptions {
  /**
   * The bytes that the source must have, from another tool or a recipe; without them only the source's own parts are
   * compared.
   */
  reference?: Uint8Array | ByteSource;
  /** Random ranges that are read. Default 24. */
  rounds?: number;
  /** Longest random range. Default 300,000 bytes. */
  longest?: number;
  /** Seed of the ranges. */
  seed?: number;
}

/**
 * What every source owes its readers: `read` and `readInto` agree with each other and with the reference at any range,
 * `extents` is sorted, gap-free and clipped, its zeros read as zeros and its origins hold the very bytes, and reads
 * outside are refused.
 */
export async function checkSourceContract(source: ByteSource, options: SourceContractOptions = {}): Promise<void> {
  const random = generator(options.seed ?? 20_240_719);
  const longest = Math.min(options.longest ?? 300_000, source.size);
  const reference = options.reference;
  if (reference !== undefined)
    expect(source.size).toBe(reference instanceof Uint8Array ? reference.length : reference.size);
  for (let round = 0; round < (options.rounds ?? 24); round += 1) {
    // Short reads at odd places, long ones over several blocks, the beginning and the end.
    const length = Math.floor(random() ** 3 * longest);
    const from =
      round === 0 ? 0 : round === 1 ? source.size - length : Math.floor(random() * (source.size - length + 1));
    const bytes = await source.read(from, length);
    expect(bytes.length, `length of read at ${from}`).toBe(length);
    const target = new Uint8Array(length).fill(0xaa);
    await readInto(source, from, target);
    expectSame(target, bytes, `readInto at ${from}`);
    if (reference !== undefined) expectSame(bytes, await rangeOf(reference, from, length), `read at ${from}`);
    await checkExtents(source, from, from + length);
  }
  await checkExtentShape(source, 0, source.size);
  for (const [offset, length] of [
    [source.size, 1],
    [-1, 1],
    [0, source.size + 1],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 60, 512],
  ] as const) {
    const error = await Promise.resolve()
      .then(() => source.read(offset, length))
      .catch((cause: unknown) => cause);
    expect(isDeadboxError(error, 'READ_OUT_OF_RANGE'), `read of ${length} at ${offset}`).toBe(true);
  }
}

/** The extents of `[from, to)`, checked for order, gaps and clipping. */
export async function checkExtentShape(source: ByteSource, from: number, to: number): Promise<Extent[]> {
  const all: Extent[] = [];
  let at = from;
  for await (const batch of extentsOf(source, from, to)) {
    for (const extent of batch) {
      if (extent.offset !== at || extent.length <= 0 || extent.offset + extent.length > to) {
        expect.fail(`extent [${extent.offset}, +${extent.length}) follows byte ${at} of range [${from}, ${to})`);
      }
      at += extent.length;
      if (all.length < 100_000) all.push(extent);
    }
  }
  expect(at, 'end of the extents').toBe(Math.max(from, to));
  return all;
}

async function checkExtents(source: ByteSource, from: number, to: number): Promise<void> {
  for (const extent of await checkExtentShape(source, from, to)) {
    const shown = Math.min(extent.length, 65_536);
    const bytes = await source.read(extent.offset, shown);
    if (extent.kind === 'zero') expectSame(bytes, new Uint8Array(shown), `zero extent at ${extent.offset}`);
    else if (extent.origin !== undefined) {
      expectSame(
        await extent.origin.source.read(extent.origin.offset, shown),
        bytes,
        `origin of the extent at ${extent.offset}`,
      );
    }
  }
}

/** Fails with the first difference, not with a print of both arrays. */
export function expectSame(found: Uint8Array, wanted: Uint8Array, what: string): void {
  if (Buffer.compare(found, wanted) === 0) return;
  const at = found.findIndex((byte, index) => byte !== wanted[index]);
  expect.fail(
    `${what}: ${found.length} bytes found, ${wanted.length} wanted, first difference at ${at}: ${found[at]}, not ${wanted[at]}`,
  );
}

async function rangeOf(reference: Uint8Array | ByteSource, from: number, length: number): Promise<Uint8Array> {
  return reference instanceof Uint8Array ? reference.subarray(from, from + length) : reference.read(from, length);
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
