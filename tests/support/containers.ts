import { type ByteSource, createSha256, extentsOf, isZero, readInto, toHex } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { expect, test } from 'vitest';
import { type CorpusEntry, corpusFile, corpusManifest } from './corpus.js';

const PIECE = 1 << 20;

/** One test for each corpus container of `format`: its size and content equal what the oracle's tools say. */
export function testContainers(format: string): void {
  const entries = corpusManifest().filter((entry) => entry.kind === 'containers' && entry.expected.format === format);
  test(`has containers of format ${format}`, () => expect(entries.length).toBeGreaterThan(0));
  for (const entry of entries) {
    test(`${entry.id}: size and content equal the oracle`, async () => {
      await withDisk(corpusFile(entry), async (disk) => {
        expect(disk.format).toBe(format);
        await expectOracle(disk, entry);
      });
    });
  }
}

/** Opens the image at `path` with its siblings, and closes it all after `use`. */
export async function withDisk<T>(
  path: string,
  use: (disk: VirtualDisk, source: ByteSource) => Promise<T>,
): Promise<T> {
  const source = await openFile(path);
  try {
    const disk = await openImage(source, { siblings: fileSiblings(path) });
    try {
      return await use(disk, source);
    } finally {
      await disk.close();
    }
  } finally {
    await source.close?.();
  }
}

/**
 * The oracle's size, `raw_sha256` and `data_extents`; where only the extents are known, everything else must be zero.
 */
export async function expectOracle(disk: ByteSource, entry: CorpusEntry): Promise<void> {
  const { expected } = entry;
  expect(disk.size).toBe(expected.virtual_size_by_footer ?? expected.virtual_size);
  if (typeof expected.raw_sha256 === 'string') expect(await sha256OfDisk(disk)).toBe(expected.raw_sha256);
  const extents = (expected.data_extents ?? []) as { start: number; length: number; sha256: string }[];
  for (const { start, length, sha256 } of extents)
    expect(await sha256OfDisk(disk, start, start + length), `${start} + ${length}`).toBe(sha256);
  if (typeof expected.raw_sha256 === 'string' || expected.data_extent_count !== extents.length) return;
  let end = 0;
  for (const { start, length } of [...extents, { start: disk.size, length: 0 }]) {
    await expectZero(disk, end, start);
    end = start + length;
  }
}

/** SHA-256 of `[from, to)`; holes are hashed without being read. */
export async function sha256OfDisk(disk: ByteSource, from = 0, to: number = disk.size): Promise<string> {
  const hash = createSha256();
  const buffer = new Uint8Array(PIECE);
  const zeros = new Uint8Array(PIECE);
  await eachPiece(disk, from, to, async (offset, length, kind) => {
    const piece = kind === 'zero' ? zeros.subarray(0, length) : buffer.subarray(0, length);
    if (kind === 'data') await readInto(disk, offset, piece);
    hash.update(piece);
  });
  return toHex(hash.digest());
}

async function expectZero(disk: ByteSource, from: number, to: number): Promise<void> {
  const buffer = new Uint8Array(PIECE);
  await eachPiece(disk, from, to, async (offset, length, kind) => {
    if (kind === 'zero') return;
    const piece = buffer.subarray(0, length);
    await readInto(disk, offset, piece);
    expect(isZero(piece), `zeros at ${offset}`).toBe(true);
  });
}

async function eachPiece(
  disk: ByteSource,
  from: number,
  to: number,
  use: (offset: number, length: number, kind: 'data' | 'zero') => Promise<void>,
): Promise<void> {
  for await (const batch of extentsOf(disk, from, to)) {
    for (const extent of batch) {
      // Whole holes of terabytes need no pieces where nothing is hashed, but hashing wants them all the same.
      for (let at = 0; at < extent.length; at += PIECE)
        await use(extent.offset + at, Math.min(PIECE, extent.length - at), extent.kind);
    }
  }
}
