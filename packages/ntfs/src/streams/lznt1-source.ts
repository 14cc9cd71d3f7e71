import {
  advance,
  andThen,
  type ByteSource,
  type Bytes,
  type Extent,
  isDamage,
  type MaybePromise,
  type ReadOptions,
  readInto,
  sideBySide,
} from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { type DataRun, findRun, HOLE, runsUpTo } from '../record/data-runs.js';
import { ChunkedSource } from './chunked-source.js';
import { expandParts, PART_INDICES } from './expand-parts.js';

/** Where the content of an NTFS-compressed stream lies. */
export interface Lznt1StreamLayout {
  readonly volume: ByteSource;
  /** Bytes per cluster. */
  readonly clusterSize: number;
  /** Clusters per compression unit: 2^unit of the attribute, normally 16. */
  readonly unitClusters: number;
  /** All runs of the stream, ascending and without gaps from VCN 0 on. */
  runs: readonly DataRun[];
  /** Data size in bytes. */
  readonly size: number;
  /** Initialised size in bytes; what follows reads as zero whatever is stored. */
  readonly initializedSize: number;
  /** What to call the stream in messages. */
  readonly name?: string;
}

/** Successive stored bytes of one unit. */
interface Piece {
  /** Byte offset on the volume. */
  readonly place: number;
  length: number;
}

/** How one unit is stored: `zero` without clusters, `plain` with all, else `packed`. */
interface Unit {
  readonly kind: 'zero' | 'plain' | 'packed';
  readonly pieces: Piece[];
  /** Bytes in all pieces. */
  readonly stored: number;
}

const ZERO: Unit = { kind: 'zero', pieces: [], stored: 0 };
/** Largest unit accepted, bytes: Windows compresses in units of 64 KiB, and only on clusters up to 4 KiB. */
const MAX_UNIT_SIZE = 1 << 22;
/** Stored bytes fetched with one read at most, when units lie one behind the other. */
const FETCH_BYTES = 1 << 20;

/**
 * The expanded content of a stream that NTFS compresses in units of 2^n clusters (attribute flag 0x0001). A unit
 * without holes is stored plainly, one of holes only is zero, one with both is an LZNT1 stream (ntfs-3g compress.c;
 * [MS-XCA] 2.5). Any position is reached by expanding its own unit only.
 */
export class Lznt1Source extends ChunkedSource {
  readonly #layout: Lznt1StreamLayout;

  /** @throws DeadboxError `NTFS_STREAM_UNSUPPORTED` when the unit is larger than any NTFS has */
  constructor(layout: Lznt1StreamLayout) {
    const unitSize = layout.clusterSize * layout.unitClusters;
    if (!(unitSize >= 512 && unitSize <= MAX_UNIT_SIZE)) {
      throw ntfsError(
        'NTFS_STREAM_UNSUPPORTED',
        `A compression unit of ${unitSize} bytes is outside 512…${MAX_UNIT_SIZE}`,
        undefined,
        { unitSize },
      );
    }
    super(layout.name ?? 'compressed stream', layout.size, unitSize);
    this.#layout = layout;
  }

  protected override expand(first: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    return advance(Math.ceil(target.length / this.chunkSize), (units) =>
      this.#fetch(first + units, target, units * this.chunkSize, options),
    );
  }

  /**
   * Expands as many units as one fetch of stored bytes brings, from unit `first` to index `at` of `target`; returns
   * their number.
   */
  #fetch(first: number, target: Bytes, at: number, options?: ReadOptions): MaybePromise<number> {
    const { initializedSize } = this.#layout;
    const units: Unit[] = [];
    const wanted = Math.ceil((target.length - at) / this.chunkSize);
    let stored = 0;
    for (let i = 0; i < wanted; i += 1) {
      const unit = (first + i) * this.chunkSize < initializedSize ? this.#unit(first + i) : ZERO;
      if (i > 0 && stored + unit.stored > FETCH_BYTES) break;
      units.push(unit);
      stored += unit.stored;
    }
    const scratch = this.takeScratch(stored);
    return andThen(this.#fill(units, scratch, options), () => {
      const parts = this.#layOut(units, scratch, target, at);
      const damage = expandParts('lznt1', scratch, target, parts);
      if (damage !== undefined) {
        const [from, , out] = parts.subarray(damage.part * PART_INDICES);
        const index = (out - at) / this.chunkSize;
        throw this.#damaged(units[index], first + index, damage.at - from);
      }
      this.#clearUninitialized(units.length, first, target, at);
      this.keepScratch(scratch);
      return units.length;
    });
  }

  /**
   * Reads the stored bytes of `units` one behind the other into `scratch`; neighbours on the volume come with one read.
   */
  #fill(units: readonly Unit[], scratch: Bytes, options?: ReadOptions): MaybePromise<void> {
    const { volume } = this.#layout;
    const joined: Piece[] = [];
    for (const unit of units) {
      for (const piece of unit.pieces) {
        const last = joined[joined.length - 1];
        if (last !== undefined && last.place + last.length === piece.place) last.length += piece.length;
        else joined.push({ ...piece });
      }
    }
    let at = 0;
    return sideBySide(joined, ({ place, length }) => {
      at += length;
      return readInto(volume, place, scratch.subarray(at - length, at), options);
    });
  }

  /** Fills what is stored as zeros or plainly; gives the places of the packed units, for {@link expandParts}. */
  #layOut(units: readonly Unit[], scratch: Bytes, target: Bytes, at: number): Int32Array {
    const parts = new Int32Array(units.length * PART_INDICES);
    let used = 0;
    let from = 0;
    let out = at;
    for (const unit of units) {
      const end = Math.min(out + this.chunkSize, target.length);
      if (unit.kind === 'zero') target.fill(0, out, end);
      else if (unit.kind === 'plain') {
        const length = Math.min(unit.stored, end - out);
        target.set(scratch.subarray(from, from + length), out);
        target.fill(0, out + length, end);
      } else {
        parts.set([from, from + unit.stored, out, end], used);
        used += PART_INDICES;
      }
      from += unit.stored;
      out = end;
    }
    return parts.subarray(0, used);
  }

  /** Whatever is stored behind the initialised size, zeros are read there. */
  #clearUninitialized(units: number, first: number, target: Bytes, at: number): void {
    const end = Math.min(at + units * this.chunkSize, target.length);
    const initialized = this.#layout.initializedSize - first * this.chunkSize;
    if (initialized < end - at) target.fill(0, at + Math.max(0, initialized), end);
  }

  #damaged(unit: Unit, number: number, offset: number): Error {
    let rest = offset;
    let place = unit.pieces[0].place;
    for (const piece of unit.pieces) {
      place = piece.place + rest;
      if (rest < piece.length) break;
      rest -= piece.length;
    }
    return ntfsError(
      'NTFS_COMPRESSION_INVALID',
      `Compression unit ${number} of ${this.name} is not a valid LZNT1 stream: byte ${offset} of it, at ${place} of the volume`,
      { offset: place },
      { unit: number, unitOffset: offset, streamOffset: number * this.chunkSize },
    );
  }

  /** How unit `number` is stored. */
  #unit(number: number): Unit {
    const { runs, unitClusters, clusterSize } = this.#layout;
    const start = number * unitClusters;
    const end = start + unitClusters;
    const pieces: Piece[] = [];
    let clusters = 0;
    let holes = false;
    let vcn = start;
    const index = findRun(runs, start);
    for (let at = index < 0 ? runs.length : index; vcn < end; at += 1) {
      const run: DataRun | undefined = runs[at];
      if (run === undefined || run.vcn > vcn) break;
      const length = Math.min(run.vcn + run.length, end) - vcn;
      if (run.lcn === HOLE) holes = true;
      else {
        pieces.push({ place: (run.lcn + vcn - run.vcn) * clusterSize, length: length * clusterSize });
        clusters += length;
      }
      vcn += length;
    }
    // Only the last unit may have fewer clusters, when they cover the content that is left.
    if (vcn < end && vcn * clusterSize < Math.min(this.size, this.#layout.initializedSize)) {
      throw ntfsError(
        'NTFS_RUNS_INVALID',
        `No data run covers cluster ${vcn} of ${this.name}: its run list is damaged`,
        undefined,
        { vcn, stream: this.name },
      );
    }
    if (clusters === 0) return ZERO;
    return { kind: holes ? 'packed' : 'plain', pieces, stored: clusters * clusterSize };
  }

  /** A unit that a damaged run list leaves out is data of no known place: reading it fails. */
  #unitOrDamage(number: number): Unit {
    try {
      return this.#unit(number);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return { kind: 'packed', pieces: [], stored: 0 };
    }
  }

  /**
   * Where units end that are stored as unit `number` is: at its own end, or at that of a hole, or of a part that no run
   * covers, which may take in many units.
   */
  #sameUntil(number: number): number {
    const { runs, unitClusters } = this.#layout;
    const start = number * unitClusters;
    const run = runs[findRun(runs, start)];
    const end = run === undefined ? runs[runsUpTo(runs, start)]?.vcn : run.vcn + run.length;
    if (end === undefined) return Number.POSITIVE_INFINITY;
    const whole = run === undefined || run.lcn === HOLE ? Math.floor(end / unitClusters) : 0;
    return Math.max(number + 1, whole) * this.chunkSize;
  }

  /** Zero units and plain units show where they lie; expanded ones have no origin. */
  async *extents(from: number, to: number): AsyncGenerator<readonly Extent[]> {
    const { volume, initializedSize } = this.#layout;
    let batch: Extent[] = [];
    for (let at = from; at < to; ) {
      const number = Math.floor(at / this.chunkSize);
      const unit = at < initializedSize ? this.#unitOrDamage(number) : ZERO;
      const end = at < initializedSize ? Math.min(to, initializedSize, this.#sameUntil(number)) : to;
      if (unit.kind === 'plain') plainExtents(unit, number * this.chunkSize, at, end, volume, batch);
      else push(batch, { offset: at, length: end - at, kind: unit.kind === 'zero' ? 'zero' : 'data' });
      at = end;
      if (batch.length >= 1024) {
        const last = batch.pop() as Extent;
        yield batch;
        batch = [last];
      }
    }
    if (batch.length > 0) yield batch;
  }
}

function plainExtents(
  unit: Unit,
  unitOffset: number,
  from: number,
  to: number,
  volume: ByteSource,
  batch: Extent[],
): void {
  let at = unitOffset;
  for (const piece of unit.pieces) {
    const start = Math.max(at, from);
    const end = Math.min(at + piece.length, to);
    const origin = { source: volume, offset: piece.place + start - at };
    if (end > start) push(batch, { offset: start, length: end - start, kind: 'data', origin });
    at += piece.length;
  }
}

/** Appends `extent`, joined with the one before it where both are of one kind and follow one another below too. */
function push(batch: Extent[], extent: Extent): void {
  const last = batch[batch.length - 1];
  const follows =
    last?.kind === extent.kind &&
    last.origin?.source === extent.origin?.source &&
    (last.origin === undefined || last.origin.offset + last.length === extent.origin?.offset);
  if (follows) batch[batch.length - 1] = { ...last, length: last.length + extent.length };
  else batch.push(extent);
}
