import { andThen, type ByteSource, type Bytes, type MaybePromise, type ReadOptions, sideBySide } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_PACKED_SPAN_BYTES, UNPACKED_CACHE_BYTES } from '../limits.js';
import type { BlockMap, PackedPart } from './block-map.js';

/** Neighbouring units of one source, read in one piece. */
interface Span {
  readonly source: ByteSource;
  readonly start: number;
  end: number;
  readonly parts: PackedPart[];
}

/**
 * Reads and unpacks the packed units of one disk. Units that are only partly wanted are kept, since the next read often
 * wants the rest.
 */
export class PackedUnits {
  readonly #map: BlockMap;
  readonly #layer: string;
  readonly #cache = new Map<number, Bytes>();
  #cached = 0;

  /** @param layer - name of the image for errors */
  constructor(map: BlockMap, layer: string) {
    this.#map = map;
    this.#layer = layer;
  }

  /** Fills the targets of all `parts`. */
  unpackAll(parts: readonly PackedPart[], options?: ReadOptions): MaybePromise<void> {
    const missing = parts.filter((part) => !this.#fromCache(part));
    if (missing.length === 0) return undefined;
    return sideBySide(this.#spans(missing), (span) =>
      andThen(span.source.read(span.start, span.end - span.start, options), (bytes) => this.#unpackSpan(span, bytes)),
    );
  }

  #fromCache(part: PackedPart): boolean {
    const bytes = this.#cache.get(part.unit.key);
    if (bytes === undefined) return false;
    this.#cache.delete(part.unit.key);
    this.#cache.set(part.unit.key, bytes);
    part.target.set(bytes.subarray(part.skip, part.skip + part.target.length));
    return true;
  }

  #keep(key: number, bytes: Bytes): void {
    this.#cache.set(key, bytes);
    this.#cached += bytes.length;
    for (const [oldest, old] of this.#cache) {
      if (this.#cached <= UNPACKED_CACHE_BYTES || oldest === key) break;
      this.#cache.delete(oldest);
      this.#cached -= old.length;
    }
  }

  /** Groups parts whose packed bytes touch or overlap. */
  #spans(parts: readonly PackedPart[]): Span[] {
    const spans: Span[] = [];
    for (const part of [...parts].sort((a, b) => a.unit.offset - b.unit.offset)) {
      const { source, offset, length } = part.unit;
      const end = Math.min(offset + length, source.size);
      if (offset >= end) {
        throw imageError(
          'IMAGE_TRUNCATED',
          `${this.#layer} is truncated: a packed block lies at byte ${offset}, but the file ends at ${source.size}`,
          { layer: source.name ?? this.#layer, offset },
          { length, size: source.size },
        );
      }
      const last = spans[spans.length - 1];
      if (
        last !== undefined &&
        last.source === source &&
        offset <= last.end &&
        end - last.start <= MAX_PACKED_SPAN_BYTES
      ) {
        last.end = Math.max(last.end, end);
        last.parts.push(part);
      } else spans.push({ source, start: offset, end, parts: [part] });
    }
    return spans;
  }

  #unpackSpan(span: Span, bytes: Bytes): void {
    for (const part of span.parts) {
      const from = part.unit.offset - span.start;
      this.#unpack(part, bytes.subarray(from, from + part.unit.length));
    }
  }

  #unpack(part: PackedPart, packed: Bytes): void {
    const { unit, skip, target } = part;
    if (this.#map.unpack === undefined) throw new TypeError('a block map with packed runs must have unpack()');
    if (skip === 0 && target.length === unit.size) {
      this.#map.unpack(packed, unit, target);
      return;
    }
    // Another read may have brought it meanwhile.
    if (this.#fromCache(part)) return;
    const whole = new Uint8Array(unit.size);
    this.#map.unpack(packed, unit, whole);
    this.#keep(unit.key, whole);
    target.set(whole.subarray(skip, skip + target.length));
  }
}
