import { type ByteSource, type Bytes, createSha1, createSha256, MIB, type ReadOptions, toHex } from '@deadbox/core';
import type { PeImage } from './pe-image.js';

/** What reading a whole image gives. */
export interface PeContent {
  /** The checksum that the header should hold. */
  readonly checksum: number;
  /**
   * Digests as signatures and catalogs count them: without the checksum and the certificate table; lower-case
   * hexadecimal.
   */
  readonly sha1: string;
  readonly sha256: string;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a whole image once, in pieces of 1 MiB, for its checksum and its digests (Microsoft PE/COFF specification;
 * Windows Authenticode Portable Executable Signature Format).
 * @throws DeadboxError when the file cannot be read
 */
export async function readPeContent(source: ByteSource, image: PeImage, options?: ReadOptions): Promise<PeContent> {
  const hashes = [createSha1(), createSha256()] as const;
  const left = leftOut(image);
  let sum = 0;
  for (let at = 0; at < source.size; at += MIB) {
    const piece = await source.read(at, Math.min(MIB, source.size - at), options);
    sum = addWords(sum, piece, image.checksumAt - at);
    for (const part of without(piece, at, left)) for (const hash of hashes) hash.update(part);
  }
  // Signing fills a file up to a multiple of eight bytes before it is digested.
  const odd = source.size % 8;
  if (image.certificates.size === 0 && odd !== 0) for (const hash of hashes) hash.update(new Uint8Array(8 - odd));
  return {
    checksum: (sum + source.size) >>> 0,
    sha1: toHex(hashes[0].digest()),
    sha256: toHex(hashes[1].digest()),
  };
}

/**
 * The checksum alone: many times cheaper than digests, for a file as large as the kernel.
 * @throws DeadboxError when the file cannot be read
 */
export async function readPeChecksum(source: ByteSource, image: PeImage, options?: ReadOptions): Promise<number> {
  let sum = 0;
  for (let at = 0; at < source.size; at += MIB)
    sum = addWords(sum, await source.read(at, Math.min(MIB, source.size - at), options), image.checksumAt - at);
  return (sum + source.size) >>> 0;
}

/** What a signature does not cover, in order. */
function leftOut({ checksumAt, certificatesAt, certificates }: PeImage): Range[] {
  const ranges = [{ from: checksumAt, to: checksumAt + 4 }];
  if (certificatesAt !== undefined) ranges.push({ from: certificatesAt, to: certificatesAt + 8 });
  if (certificates.size > 0) ranges.push({ from: certificates.address, to: certificates.address + certificates.size });
  return ranges;
}

/** The parts of `piece`, which begins at byte `at` of the file, outside the ranges. */
function* without(piece: Bytes, at: number, ranges: readonly Range[]): Generator<Bytes> {
  let from = 0;
  for (const range of ranges) {
    const start = Math.min(Math.max(range.from - at, from), piece.length);
    if (start > from) yield piece.subarray(from, start);
    from = Math.min(Math.max(range.to - at, from), piece.length);
  }
  if (from < piece.length) yield piece.subarray(from);
}

/**
 * Adds the 16-bit words of `piece` with their carries; the checksum's own four bytes, at `skip`, count as zero. Pieces
 * begin at even offsets.
 */
function addWords(start: number, piece: Bytes, skip: number): number {
  let sum = start;
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  const even = piece.length & ~1;
  for (let at = 0; at < even; at += 2) {
    if (at === skip || at === skip + 2) continue;
    sum += view.getUint16(at, true);
    if (sum > 0x7fff_0000) sum = fold(sum);
  }
  if (even < piece.length) sum += piece[even];
  return fold(sum);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}
