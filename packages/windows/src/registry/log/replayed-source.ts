import { type ByteSource, type Bytes, checkRange, type MaybePromise, type ReadOptions, SECTOR } from '@deadbox/core';

/** A sector of a log; log pages begin and end on sectors. */
interface Patch {
  readonly bytes: Bytes;
  readonly at: number;
}

/**
 * A hive with pages of its log laid over it in memory. Nothing is ever written back. It has no name of its own and reports no extents, so that evidence
 * never claims a place in a file for bytes that only exist after the replay.
 */
export class ReplayedSource implements ByteSource {
  readonly size: number;
  readonly #base: ByteSource;
  readonly #patches = new Map<number, Patch>();

  /** @param size - bytes of the result; what lies beyond the base and is not patched reads as zeros */
  constructor(base: ByteSource, size: number) {
    this.#base = base;
    this.size = size;
  }

  /** Number of patched bytes. */
  get patchedBytes(): number {
    return this.#patches.size * SECTOR;
  }

  /** Lays `bytes` over the source; `offset` and length are multiples of 512. Later patches win. */
  patch(offset: number, bytes: Bytes): void {
    checkRange('replayed hive', this.size, offset, bytes.length);
    for (let at = 0; at < bytes.length; at += SECTOR) this.#patches.set((offset + at) / SECTOR, { bytes, at });
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange('replayed hive', this.size, offset, length);
    const stored = Math.max(0, Math.min(length, this.#base.size - offset));
    if (stored === length && !this.touches(offset, length)) return this.#base.read(offset, length, options);
    const target = new Uint8Array(length);
    if (stored > 0 && !this.#covers(offset, stored)) {
      const bytes = this.#base.read(offset, stored, options);
      if (bytes instanceof Promise) {
        return bytes.then((value) => {
          target.set(value);
          return this.#lay(offset, target);
        });
      }
      target.set(bytes);
    }
    return this.#lay(offset, target);
  }

  /** Whether any of `[offset, offset + length)` comes from a log. */
  touches(offset: number, length: number): boolean {
    for (let sector = Math.floor(offset / SECTOR); sector * SECTOR < offset + length; sector += 1)
      if (this.#patches.has(sector)) return true;
    return false;
  }

  #covers(offset: number, length: number): boolean {
    for (let sector = Math.floor(offset / SECTOR); sector * SECTOR < offset + length; sector += 1)
      if (!this.#patches.has(sector)) return false;
    return true;
  }

  #lay(offset: number, target: Bytes): Bytes {
    for (let sector = Math.floor(offset / SECTOR); sector * SECTOR < offset + target.length; sector += 1) {
      const patch = this.#patches.get(sector);
      if (patch === undefined) continue;
      const start = sector * SECTOR;
      const low = Math.max(offset, start);
      const high = Math.min(offset + target.length, start + SECTOR);
      target.set(patch.bytes.subarray(patch.at + low - start, patch.at + high - start), low - offset);
    }
    return target;
  }
}
