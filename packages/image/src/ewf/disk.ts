import { createMd5, createSha1, readInto, toHex } from '@deadbox/core';
import type { HashVerification, OpenContext, VerifyOptions, VirtualDisk } from '../image-format.js';
import { BlockMappedDisk, type BlockMappedDiskFacts } from '../mapped/block-mapped-disk.js';
import type { EwfMap } from './map.js';
import type { EwfStoredHashes } from './tail.js';

/** Bytes that are hashed in one piece. */
const PIECE = 4 * 1024 * 1024;

/** The disk in an EWF image, which carries hashes of its content. */
export class EwfDisk extends BlockMappedDisk {
  /** Hashes that the acquiring software stored. */
  readonly storedHashes: EwfStoredHashes;

  /** @param hashes - from the last segment file */
  constructor(map: EwfMap, context: OpenContext, facts: BlockMappedDiskFacts, hashes: EwfStoredHashes) {
    super(map, context, facts);
    this.storedHashes = hashes;
  }

  /**
   * Reads the whole disk and compares it with the stored hashes.
   * @throws ImageError when a chunk cannot be read, and the signal's reason
   */
  async verify(options: VerifyOptions = {}): Promise<HashVerification> {
    const { md5, sha1 } = this.storedHashes;
    const running = [
      ...(md5 === undefined ? [] : [{ algorithm: 'md5' as const, stored: md5, hash: createMd5() }]),
      ...(sha1 === undefined ? [] : [{ algorithm: 'sha1' as const, stored: sha1, hash: createSha1() }]),
    ];
    if (running.length === 0) return { verdict: 'none-stored', hashes: [] };
    const buffer = new Uint8Array(Math.min(PIECE, this.size));
    for (let at = 0; at < this.size; at += buffer.length) {
      options.signal?.throwIfAborted();
      const piece = buffer.subarray(0, Math.min(buffer.length, this.size - at));
      await readInto(this, at, piece, options);
      for (const { hash } of running) hash.update(piece);
      options.onProgress?.(at + piece.length, this.size);
    }
    const hashes = running.map(({ algorithm, stored, hash }) => {
      const computed = toHex(hash.digest());
      return { algorithm, stored, computed, match: computed === stored };
    });
    return { verdict: hashes.every(({ match }) => match) ? 'match' : 'mismatch', hashes };
  }
}

/** Whether `disk` carries hashes that {@link EwfDisk.verify} can check. */
export function isEwfDisk(disk: VirtualDisk): disk is EwfDisk {
  return disk.format === 'ewf' && 'verify' in disk;
}
