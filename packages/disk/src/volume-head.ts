import { type ByteSource, type Bytes, type IssueSink, KIB, type ReadOptions, readAround } from '@deadbox/core';
import type { DiskIssueCode } from './errors.js';

/** First bytes of a volume that every detector shares: one read of one cache block. */
export const HEAD_BYTES: number = 16 * KIB;

/**
 * The first bytes of a volume. A sector that the medium refuses is taken for zeros, with an issue: what it held, a
 * backup boot sector or a copy of BitLocker's metadata may tell, and the other volumes have nothing to do with it.
 * @param offset - where the volume begins on the disk
 */
export async function readHead(
  source: ByteSource,
  offset: number,
  options: ReadOptions,
  issues?: IssueSink<DiskIssueCode>,
): Promise<Bytes> {
  const range = { offset: 0, length: Math.min(HEAD_BYTES, source.size) };
  return readAround(source, range, options, (at, { message }) =>
    issues?.add({
      code: 'volume.sector-unreadable',
      at: { layer: 'disk', offset: offset + at },
      data: { reason: message },
    }),
  );
}
