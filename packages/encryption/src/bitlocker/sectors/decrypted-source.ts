import {
  advance,
  andThen,
  type ByteSource,
  type Bytes,
  checkRange,
  type Extent,
  type MaybePromise,
  type ReadOptions,
  readInto,
  sourceClosed,
} from '@deadbox/core';
import type { SectorCipher } from './sector-cipher.js';
import type { VolumeLayout } from './volume-layout.js';

/** Largest piece that is read and decrypted at once. */
const PIECE = 1 << 20;
const LAYER = 'BitLocker volume';
/** Vista's first sector: the OEM name and the place of `$MFTMirr` are put back. */
const VISTA = { oem: 3, oemName: 'NTFS    ', mirror: 56 } as const;

/** The decrypted view of a BitLocker volume. `close()` wipes the key; it never closes the source below. */
export class DecryptedSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  /** What it is built on. */
  readonly below: ByteSource;
  /** Where everything lies. */
  readonly layout: VolumeLayout;
  readonly #cipher: SectorCipher | undefined;
  readonly #mirrorCluster: number;
  #closed = false;

  /**
   * @param cipher - absent for a volume whose data is plain
   * @param mirrorCluster - Vista: cluster number of `$MFTMirr`
   */
  constructor(below: ByteSource, layout: VolumeLayout, cipher: SectorCipher | undefined, mirrorCluster: number) {
    this.below = below;
    this.layout = layout;
    this.size = layout.size;
    if (layout.sectorSize === 512 || layout.sectorSize === 4096) this.sectorSize = layout.sectorSize;
    this.#cipher = cipher;
    this.#mirrorCluster = mirrorCluster;
  }

  async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    checkRange(LAYER, this.size, offset, length);
    const target = new Uint8Array(length);
    await this.readInto(offset, target, options);
    return target;
  }

  async readInto(offset: number, target: Bytes, options?: ReadOptions): Promise<void> {
    if (this.#closed) throw sourceClosed(LAYER);
    checkRange(LAYER, this.size, offset, target.length);
    const { sectorSize } = this.layout;
    for (let done = 0; done < target.length; ) {
      options?.signal?.throwIfAborted();
      const from = offset + done;
      const aligned = from - (from % sectorSize);
      const end = Math.min(offset + target.length, aligned + PIECE);
      const whole = from === aligned && end % sectorSize === 0 && target.byteOffset % 4 === 0 && done % 4 === 0;
      const part = target.subarray(done, done + end - from);
      const buffer = whole ? part : new Uint8Array(Math.ceil((end - aligned) / sectorSize) * sectorSize);
      const pending = this.#fill(aligned, buffer, options);
      if (pending instanceof Promise) await pending;
      if (!whole) part.set(buffer.subarray(from - aligned, end - aligned));
      done += end - from;
    }
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    if (this.#closed) throw sourceClosed(LAYER);
    for (let at = Math.max(0, from); at < Math.min(to, this.size); ) {
      options?.signal?.throwIfAborted();
      const run = this.runAt(at, Math.min(to, this.size));
      const extent: Extent = { offset: at, length: run.end - at, kind: run.kind === 'zero' ? 'zero' : 'data' };
      // Only plain bytes lie below as they are here.
      if (run.kind === 'plain') extent.origin = { source: this.below, offset: run.storedAt };
      yield [extent];
      at = run.end;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cipher?.wipe();
  }

  /** Encrypts `sectors` in place as they are stored at volume offset `storedAt`. Only for `./seal`. */
  seal(sectors: Bytes, storedAt: number): void {
    if (this.#closed) throw sourceClosed(LAYER);
    this.#cipher?.encrypt(sectors, storedAt);
  }

  /** Decrypts what {@link seal} made, in place. */
  unseal(sectors: Bytes, storedAt: number): MaybePromise<void> {
    return this.#cipher?.decrypt(sectors, storedAt);
  }

  /** The run that begins at view offset `at`: where and how its bytes are stored. Only for extents and `./seal`. */
  runAt(at: number, limit: number): DecryptedRun {
    const segment = this.layout.segments[this.layout.segmentAt(at)];
    const end = Math.min(limit, segment.offset + segment.length);
    const storedAt = segment.storedAt + at - segment.offset;
    if (segment.kind !== 'stored') return { kind: segment.kind === 'zero' ? 'zero' : 'generated', storedAt, end };
    const run = this.layout.storedRun(storedAt, storedAt + end - at);
    return { kind: run.encrypted ? 'encrypted' : 'plain', storedAt, end: at + run.end - storedAt };
  }

  /** Fills `buffer` with whole sectors from view offset `from`. */
  #fill(from: number, buffer: Bytes, options?: ReadOptions): MaybePromise<void> {
    return advance(buffer.length, (done) => {
      const run = this.runAt(from + done, from + buffer.length);
      const part = buffer.subarray(done, run.end - from);
      return andThen(this.#fillRun(run, part, options), () => part.length);
    });
  }

  #fillRun(run: DecryptedRun, part: Bytes, options?: ReadOptions): MaybePromise<void> {
    if (run.kind === 'zero') {
      part.fill(0);
      return undefined;
    }
    return andThen(readInto(this.below, run.storedAt, part, options), () => {
      if (run.kind === 'generated') this.#patchVista(part);
      return run.kind === 'encrypted' ? this.#cipher?.decrypt(part, run.storedAt) : undefined;
    });
  }

  #patchVista(sector: Bytes): void {
    for (let i = 0; i < VISTA.oemName.length; i += 1) sector[VISTA.oem + i] = VISTA.oemName.charCodeAt(i);
    const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
    view.setUint32(VISTA.mirror, this.#mirrorCluster % 0x1_0000_0000, true);
    view.setUint32(VISTA.mirror + 4, Math.floor(this.#mirrorCluster / 0x1_0000_0000), true);
  }
}

/** A run of the decrypted view that is stored in one way. */
export interface DecryptedRun {
  readonly kind: 'zero' | 'plain' | 'encrypted' | 'generated';
  /** Volume offset where it is stored. */
  readonly storedAt: number;
  /** View offset where it ends. */
  readonly end: number;
}

/**
 * How and where the run of an unlocked volume that begins at `at` is stored; `undefined` for a source that decrypts
 * nothing.
 */
export function bitLockerRun(source: ByteSource, at: number, limit: number): DecryptedRun | undefined {
  return source instanceof DecryptedSource ? source.runAt(at, limit) : undefined;
}
