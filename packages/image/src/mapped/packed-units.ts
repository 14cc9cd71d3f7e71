import type { ByteSource, Bytes, MaybePromise, ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_PACKED_SPAN_BYTES, UNPACKED_CACHE_BYTES } from '../limits.js';
import type { BlockMap, PackedUnit } from './block-map.js';

/** Part of a packed unit that is wanted: bytes `[skip, skip + target.length)` of the unpacked unit into `target`. */
export interface PackedJob {
  readonly unit: PackedUnit;
  readonly skip: number;
  readonly target: Bytes;
}

/** Neighbouring units of one source, read in one piece. */
interface Span {
  readonly source: ByteSource;
  readonly start: number;
  end: number;
  readonly jobs: PackedJob[];
}

/** Reads and unpacks the packed units of one disk. Units that are only partly wanted are kept, since the next read often wants the rest. */
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

  /** Fills the targets of all `jobs`. */
  fill(jobs: readonly PackedJob[], options?: ReadOptions): MaybePromise<void> {
    const missing = jobs.filter((job) => !this.#fromCache(job));
    if (missing.length === 0) return undefined;
    const waiting: Promise<void>[] = [];
    for (const span of this.#spans(missing)) {
      const packed = span.source.read(span.start, span.end - span.start, options);
      const pending =
        packed instanceof Promise
          ? packed.then((bytes) => this.#unpackSpan(span, bytes))
          : this.#unpackSpan(span, packed);
      if (pending instanceof Promise) waiting.push(pending);
    }
    return waiting.length === 0 ? undefined : this.#settled(waiting);
  }

  async #settled(waiting: readonly Promise<void>[]): Promise<void> {
    for (const outcome of await Promise.allSettled(waiting)) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #fromCache(job: PackedJob): boolean {
    const bytes = this.#cache.get(job.unit.key);
    if (bytes === undefined) return false;
    this.#cache.delete(job.unit.key);
    this.#cache.set(job.unit.key, bytes);
    job.target.set(bytes.subarray(job.skip, job.skip + job.target.length));
    return true;
  }

  #keep(key: number, bytes: Bytes): void {
    if (this.#cache.has(key)) return;
    this.#cache.set(key, bytes);
    this.#cached += bytes.length;
    for (const [oldest, old] of this.#cache) {
      if (this.#cached <= UNPACKED_CACHE_BYTES || oldest === key) break;
      this.#cache.delete(oldest);
      this.#cached -= old.length;
    }
  }

  /** Groups jobs whose packed bytes touch or overlap. */
  #spans(jobs: readonly PackedJob[]): Span[] {
    const spans: Span[] = [];
    for (const job of [...jobs].sort((a, b) => a.unit.offset - b.unit.offset)) {
      const { source, offset, length } = job.unit;
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
        last.jobs.push(job);
      } else spans.push({ source, start: offset, end, jobs: [job] });
    }
    return spans;
  }

  #unpackSpan(span: Span, bytes: Bytes): MaybePromise<void> {
    const waiting: Promise<void>[] = [];
    for (const job of span.jobs) {
      const { unit } = job;
      const from = unit.offset - span.start;
      const pending = this.#unpack(job, bytes.subarray(from, Math.min(from + unit.length, bytes.length)));
      if (pending instanceof Promise) waiting.push(pending);
    }
    return waiting.length === 0 ? undefined : this.#settled(waiting);
  }

  #unpack(job: PackedJob, packed: Bytes): MaybePromise<void> {
    const { unit, skip, target } = job;
    if (this.#map.unpack === undefined) throw new TypeError('a block map with packed runs must have unpack()');
    if (skip === 0 && target.length === unit.size) return this.#map.unpack(packed, unit, target);
    if (this.#fromCache(job)) return undefined;
    const whole = new Uint8Array(unit.size);
    const done = (): void => {
      this.#keep(unit.key, whole);
      target.set(whole.subarray(skip, skip + target.length));
    };
    const pending = this.#map.unpack(packed, unit, whole);
    if (pending instanceof Promise) return pending.then(done);
    done();
    return undefined;
  }
}
