import * as zlib from 'node:zlib';
import type { Bytes } from '@deadbox/core';
import { unpackZstd as unpackOurselves } from './zstd.js';
import { endOfZstdFrame, readZstdFrame } from './zstd-frame.js';

/** What `node:zlib` has from Node 22.15 and 23.8 on. */
interface SystemZstd {
  readonly zstdDecompressSync?: (
    packed: Uint8Array,
    limits: {
      readonly chunkSize: number;
      readonly maxOutputLength: number;
      readonly params: Readonly<Record<number, number>>;
    },
  ) => Uint8Array;
}

/** `ZSTD_d_windowLogMax` of zstd.h. */
const WINDOW_LOG_MAX = 100;
/** 8 MiB, which RFC 8878 section 3.1.1.1.2 asks of every decoder: a header cannot make it take more. */
const WIDEST_WINDOW_LOG = 23;

/**
 * {@link ./zstd.ts} over the zstd that Node carries, where it carries one: four times as fast as the same in
 * JavaScript.
 * What it refuses is ours to judge, so that an image reads the same, and fails with the same words, on every engine.
 */
export function unpackZstd(packed: Bytes, target: Bytes): number {
  const system = zlib as SystemZstd;
  if (system.zstdDecompressSync === undefined || target.length === 0) return unpackOurselves(packed, target);
  const end = endOfZstdFrame(packed, readZstdFrame(packed));
  if (end === undefined) return unpackOurselves(packed, target);
  const frame = packed.subarray(0, end);
  const limits = {
    chunkSize: Math.max(target.length, 64),
    maxOutputLength: target.length,
    params: { [WINDOW_LOG_MAX]: WIDEST_WINDOW_LOG },
  };
  let bytes: Uint8Array;
  try {
    bytes = system.zstdDecompressSync(frame, limits);
  } catch {
    return unpackOurselves(packed, target);
  }
  target.set(bytes);
  return bytes.length;
}
