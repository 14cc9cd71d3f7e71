import { type ByteSource, type Bytes, checkRange, type Extent } from '@deadbox/core';
import type { FileRecord } from './file-record.js';
import { FIXUP_STRIDE } from './fixup.js';

/** The content of a resident stream: bytes of the file record after fixup. */
export class ResidentStream implements ByteSource {
  /** Bytes of content. */
  readonly size: number;
  readonly name: string;
  readonly #value: Bytes;
  readonly #record: FileRecord;
  readonly #offset: number;
  readonly #volume: ByteSource;

  /**
   * @param value - view on the record's bytes
   * @param offset - byte offset of the value in the record
   */
  constructor(volume: ByteSource, record: FileRecord, value: Bytes, offset: number, name: string) {
    this.#volume = volume;
    this.#record = record;
    this.#value = value;
    this.#offset = offset;
    this.size = value.length;
    this.name = name;
  }

  read(offset: number, length: number): Bytes {
    checkRange(this.name, this.size, offset, length);
    return this.#value.subarray(offset, offset + length);
  }

  /**
   * The parts that lie verbatim on the volume: all but the last two bytes of each 512-byte stride, which fixup moved.
   */
  async *extents(from: number, to: number): AsyncGenerator<readonly Extent[]> {
    const batch: Extent[] = [];
    const end = Math.min(to, this.size);
    for (let at = Math.max(from, 0); at < end; ) {
      const inRecord = this.#offset + at;
      const inStride = inRecord % FIXUP_STRIDE;
      const moved = inStride >= FIXUP_STRIDE - 2;
      const length = Math.min(end - at, (moved ? FIXUP_STRIDE : FIXUP_STRIDE - 2) - inStride);
      const origin = { source: this.#volume, offset: this.#record.place.offset + inRecord };
      batch.push({
        offset: at,
        length,
        kind: 'data',
        ...(moved || this.#record.place.layer !== undefined ? {} : { origin }),
      });
      at += length;
    }
    if (batch.length > 0) yield batch;
  }
}
