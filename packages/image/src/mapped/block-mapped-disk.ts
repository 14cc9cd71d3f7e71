import {
  andThen,
  type Bytes,
  checkRange,
  type DeadboxError,
  defined,
  type Extent,
  type Filling,
  fillPieces,
  type Issue,
  isDeadboxError,
  type Json,
  type MaybePromise,
  passExtents,
  passThrough,
  type ReadOptions,
  readInto,
  sourceClosed,
} from '@deadbox/core';
import { imageError } from '../errors.js';
import type {
  ImageEncryption,
  ImageIdentity,
  OpenContext,
  OpenedParent,
  ParentInfo,
  VirtualDisk,
} from '../image-format.js';
import { EXTENT_BATCH } from '../limits.js';
import type { BlockMap, BlockRun, PackedPart, TableEntry } from './block-map.js';
import { ExtentList } from './extent-list.js';
import { PackedUnits } from './packed-units.js';

/** What a format knows of its disk besides the block map. */
export interface BlockMappedDiskFacts {
  /** Id of the format. */
  readonly format: string;
  /** Kind within the format. */
  readonly variant: string;
  /** What else the container says. */
  readonly details?: Record<string, Json>;
  /** Parent of a differencing image. */
  readonly parent?: OpenedParent | undefined;
  /** What a child records of its parent. */
  readonly identity?: ImageIdentity;
  /** Whether its structures carry checksums. */
  readonly hasChecksums?: boolean;
  /** Whether its blocks carry checksums. */
  readonly hasBlockChecksums?: boolean;
  /** Compares its structures with one another. */
  readonly checkStructures?: (options?: ReadOptions) => Promise<boolean>;
  /** The container's own encryption. */
  readonly encryption?: ImageEncryption;
  /** Logical sector size, only when the format records it. */
  readonly sectorSize?: 512 | 4096;
}

/** Runs shorter than this are not searched for holes of the source below: they would cost more than they save. */
const SMALLEST_HOLE = 64 * 1024;

/**
 * The virtual disk of any format whose allocation is a {@link BlockMap}: reading with neighbouring blocks joined, bulk
 * reads without a copy, fall-through to the parent, extents with origin. It has no `name`: its bytes lie in the image
 * file, not in itself.
 */
export class BlockMappedDisk implements VirtualDisk {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly format: string;
  readonly variant: string;
  readonly parents: readonly ParentInfo[];
  readonly details: Readonly<Record<string, Json>>;
  readonly identity?: ImageIdentity;
  readonly encryption?: ImageEncryption;
  readonly hasChecksums?: boolean;
  readonly hasBlockChecksums?: boolean;
  readonly checkStructures?: (options?: ReadOptions) => Promise<boolean>;
  readonly #map: BlockMap;
  readonly #context: OpenContext;
  readonly #parent: VirtualDisk | undefined;
  readonly #units: PackedUnits;
  #closed = false;

  constructor(map: BlockMap, context: OpenContext, facts: BlockMappedDiskFacts) {
    this.size = map.size;
    this.format = facts.format;
    this.variant = facts.variant;
    this.parents = facts.parent?.parents ?? [];
    this.details = facts.details ?? {};
    if (facts.sectorSize !== undefined) this.sectorSize = facts.sectorSize;
    if (facts.identity !== undefined) this.identity = facts.identity;
    if (facts.hasChecksums !== undefined) this.hasChecksums = facts.hasChecksums;
    if (facts.hasBlockChecksums !== undefined) this.hasBlockChecksums = facts.hasBlockChecksums;
    if (facts.checkStructures !== undefined) this.checkStructures = facts.checkStructures;
    if (facts.encryption !== undefined) this.encryption = facts.encryption;
    this.#map = map;
    this.#context = context;
    this.#parent = facts.parent?.disk;
    this.#units = new PackedUnits(map, context.name);
  }

  get issues(): readonly Issue[] {
    return this.#context.issues.issues;
  }

  get ownFiles(): readonly string[] {
    return this.#context.ownFiles;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    this.#check(offset, length);
    if (length === 0) return new Uint8Array(0);
    return andThen(this.#locate(offset, offset + length, options), (runs) =>
      this.#readRuns(runs, offset, length, options),
    );
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    this.#check(offset, target.length);
    return this.#fill(offset, target, true, [], options);
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    this.#check(0, 0);
    const list = new ExtentList();
    const end = Math.min(to, this.size);
    for (let at = Math.max(from, 0); at < end; ) {
      options?.signal?.throwIfAborted();
      const located = this.#locate(at, end, options);
      for (const run of located instanceof Promise ? await located : located) {
        if (list.length >= EXTENT_BATCH) yield list.takeComplete();
        if (run.kind === 'zero') list.add({ offset: at, length: run.length, kind: 'zero' });
        else if (run.kind === 'packed') list.add({ offset: at, length: run.length, kind: 'data', ...originOf(run) });
        else if (run.kind === 'parent') {
          for await (const batch of this.#parentExtents(at, run.length, options)) {
            if (list.length >= EXTENT_BATCH) yield list.takeComplete();
            for (const extent of batch) list.add(extent);
          }
        } else if (
          run.length >= SMALLEST_HOLE &&
          run.source.extents !== undefined &&
          run.offset + run.length <= run.source.size
        ) {
          for await (const batch of run.source.extents(run.offset, run.offset + run.length, options)) {
            for (const extent of batch) list.add(passThrough(run.source, extent, at - run.offset));
          }
        } else {
          const origin = { source: run.source, offset: run.offset };
          list.add({ offset: at, length: run.length, kind: 'data', origin });
        }
        at += run.length;
      }
    }
    const rest = list.takeAll();
    if (rest.length > 0) yield rest;
  }

  /** The entries of the container's tables that lead to byte `at` of the disk; none where it has no tables. */
  async tableEntries(at: number, options?: ReadOptions): Promise<readonly TableEntry[]> {
    this.#check(at, 0);
    return (await this.#map.tableEntries?.(at, options)) ?? [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#context.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(offset: number, length: number): void {
    if (this.#closed) throw sourceClosed(`the disk in ${this.#context.name}`);
    checkRange(`the disk in ${this.#context.name}`, this.size, offset, length);
    if (this.encryption === undefined || length === 0) return;
    throw imageError(
      'IMAGE_ENCRYPTED',
      `${this.#context.name} is encrypted by its own container (${this.encryption.product}); deadbox has no key for it`,
      { layer: this.#context.name, offset: this.encryption.offset },
    );
  }

  #locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    return this.#telling(() => this.#map.locate(from, to, options));
  }

  #telling<T>(action: () => MaybePromise<T>): MaybePromise<T> {
    const failed = (error: unknown): never => {
      if (isDeadboxError(error, 'IMAGE_TRUNCATED')) this.#noteTruncation(error);
      throw error;
    };
    try {
      const result = action();
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Tells once that the end of the file is missing: most formats show it only where a block is wanted that lay there.
   */
  #noteTruncation({ at, data }: DeadboxError): void {
    if (this.issues.some(({ code }) => /^image\.(?:truncated|part-missing)$/.test(code))) return;
    this.#context.issues.add({ code: 'image.truncated', severity: 'error', ...defined({ at }), data });
  }

  #readRuns(runs: readonly BlockRun[], offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    const first = runs[0];
    if (first.length === length) {
      // The common small read: hand the stored bytes on as they come, without a copy.
      if (first.kind === 'data') return this.#stored(first).source.read(first.offset, length, options);
      if (first.kind === 'parent' && this.#parent !== undefined && offset + length <= this.#parent.size) {
        return this.#parent.read(offset, length, options);
      }
    }
    const target = new Uint8Array(length);
    return andThen(this.#fill(offset, target, false, runs, options), () => target);
  }

  /**
   * Fills `target` from `offset`; `located` are the runs that are known already. Packed runs are kept for the end,
   * where neighbours are read together.
   * @param used - whether `target` holds old bytes, so that zeros must be written
   */
  #fill(
    offset: number,
    target: Bytes,
    used: boolean,
    located: readonly BlockRun[],
    options?: ReadOptions,
  ): MaybePromise<void> {
    const packed: PackedPart[] = [];
    const start = (filling: Filling, runs: readonly BlockRun[]): void => {
      for (const run of runs) {
        const at = offset + filling.done;
        const piece = filling.take(run.length);
        if (run.kind === 'packed') packed.push({ unit: run.unit, skip: run.skip, target: piece });
        else filling.wait(this.#fillRun(run, at, piece, used, options));
      }
    };
    return fillPieces(
      target,
      (filling) => {
        if (filling.done === 0 && located.length > 0) return start(filling, located);
        const runs = this.#locate(offset + filling.done, offset + target.length, options);
        return andThen(runs, (found) => start(filling, found));
      },
      (filling) =>
        filling.wait(packed.length === 0 ? undefined : this.#telling(() => this.#units.unpackAll(packed, options))),
    );
  }

  #fillRun(
    run: Exclude<BlockRun, { kind: 'packed' }>,
    at: number,
    piece: Bytes,
    used: boolean,
    options?: ReadOptions,
  ): MaybePromise<void> {
    const { source, offset } =
      run.kind === 'data' ? this.#stored(run) : { source: run.kind === 'zero' ? undefined : this.#parent, offset: at };
    const available = source === undefined ? 0 : Math.min(piece.length, Math.max(source.size - offset, 0));
    if (used) piece.fill(0, available);
    return source === undefined || available === 0
      ? undefined
      : readInto(source, offset, available === piece.length ? piece : piece.subarray(0, available), options);
  }

  /** `run`, known to lie inside its source. */
  #stored<R extends BlockRun & { kind: 'data' }>(run: R): R {
    if (run.offset + run.length <= run.source.size) return run;
    const layer = run.source.name ?? this.#context.name;
    const error = imageError(
      'IMAGE_TRUNCATED',
      `${this.#context.name} is truncated: the disk continues at byte ${run.offset} of ${layer}, which ends at ${run.source.size}`,
      { layer, offset: run.offset },
      { length: run.length, size: run.source.size },
    );
    this.#noteTruncation(error);
    throw error;
  }

  async *#parentExtents(at: number, length: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    const parent = this.#parent;
    const available = parent === undefined ? 0 : Math.min(length, Math.max(parent.size - at, 0));
    if (parent !== undefined && available > 0) {
      yield* passExtents(parent, at, at + available, 0, options);
    }
    if (available < length) yield [{ offset: at + available, length: length - available, kind: 'zero' }];
  }
}

/** Where the bytes of a packed run lie as they are. */
function originOf({ unit, skip }: BlockRun & { kind: 'packed' }): Pick<Extent, 'origin'> {
  return unit.verbatim === true ? { origin: { source: unit.source, offset: unit.offset + skip } } : {};
}
