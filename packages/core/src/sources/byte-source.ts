import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { andThen } from '../bytes/maybe-promise.js';
import { SECTOR } from '../bytes/sizes.js';
import { survive } from '../damage.js';
import type { DeadboxError } from '../errors.js';

/** Options that every reading function takes. */
export interface ReadOptions {
  /** Ends the read with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A run of bytes of a source that are stored, or known to be zero. */
export interface Extent {
  /** Byte offset in the source that reported it. */
  readonly offset: number;
  /** Length in bytes, > 0. */
  readonly length: number;
  /** `zero`: reads as zeros without being stored. */
  readonly kind: 'data' | 'zero';
  /** Where these bytes lie verbatim one layer down; absent if compressed, encrypted or generated. */
  origin?: { source: ByteSource; offset: number };
}

/**
 * Random access to a fixed number of bytes: a file, a device, a disk inside an image, a volume, a stream.
 * A user implements `size` and `read`; every layer of deadbox turns one source into another.
 */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** Logical sector size, only when known, never guessed. */
  readonly sectorSize?: 512 | 4096;
  /** What to call this source in messages and evidence: a path for files. */
  readonly name?: string;
  /**
   * Exactly `length` bytes, or ReadError. Callers never write into the result; it stays valid for ever.
   * @throws DeadboxError `READ_OUT_OF_RANGE`, `READ_FAILED`, `SOURCE_CLOSED`
   */
  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes>;
  /** Fills `target`; bulk scans reuse one buffer. */
  readInto?(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void>;
  /** The extents of `[from, to)`: sorted, gap-free, clipped, in batches. */
  extents?(from: number, to: number, options?: ReadOptions): AsyncIterable<readonly Extent[]>;
  /** Idempotent. Whoever opened the source closes it. */
  close?(): MaybePromise<void>;
}

/** Opens files that lie beside an image: parents, extents, segments, logs. */
export interface Siblings {
  /** The file called `name` (a plain file name), or `undefined` when there is none. The caller closes it. */
  open(name: string, options?: ReadOptions): Promise<ByteSource | undefined>;
  /** Names of the files beside the image, when the place can be listed. */
  list?(options?: ReadOptions): Promise<string[]>;
  /** What lies around the image, further than what an image may name, when the place can be listed. */
  around?(): Promise<Surroundings>;
}

/**
 * The files around an image: beside it, in folders below its own, and in those that hypervisors keep snapshots in. They
 * are asked what they say of the image. Paths lead from its folder, with `/` between the names.
 */
export interface Surroundings {
  /** Which folders these are: the same for all images that the same files lie around. */
  readonly place: string;
  /** Paths of the image itself: more than one where it was reached by a link. */
  readonly self: readonly string[];
  /** The plain files, the nearest first. */
  list(options?: ReadOptions): Promise<FilesAround>;
  /**
   * The first `length` bytes of a file, fewer where it is shorter; `undefined` when it is gone.
   * @throws DeadboxError what opening and reading a file throws, `SIBLING_REFUSED`
   */
  head(path: string, length: number, options?: ReadOptions): Promise<Bytes | undefined>;
  /** The file, which the caller closes; `undefined` when it is gone. */
  open(path: string, options?: ReadOptions): Promise<ByteSource | undefined>;
}

/** What was listed around an image. */
export interface FilesAround {
  readonly paths: readonly string[];
  /** Files that are there, too, and are not to be asked: what names one of them does not mean another. */
  readonly present?: readonly string[];
  /** What was not looked at, at least: more than the caps, links that lead away, folders that may not be read. */
  readonly leftOut: number;
}

/** Fills `target` from `source`, through `readInto` where the source has it. */
export function readInto(source: ByteSource, offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
  if (source.readInto !== undefined) return source.readInto(offset, target, options);
  return andThen(source.read(offset, target.length, options), (bytes) => target.set(bytes));
}

/** `read` of a source that knows how to fill a buffer. */
export function readThrough(
  source: Required<Pick<ByteSource, 'readInto'>>,
  offset: number,
  length: number,
  options?: ReadOptions,
): MaybePromise<Bytes> {
  const target = new Uint8Array(length);
  return andThen(source.readInto(offset, target, options), () => target);
}

/** The extents of `source` in `[from, to)`; one data extent without origin for a source that cannot tell. */
export async function* extentsOf(
  source: ByteSource,
  from = 0,
  to: number = source.size,
  options?: ReadOptions,
): AsyncGenerator<readonly Extent[]> {
  if (to <= from) return;
  if (source.extents === undefined) yield [{ offset: from, length: to - from, kind: 'data' }];
  else yield* source.extents(from, to, options);
}

/**
 * The extent of a layer that hands on the bytes of `inner` unchanged, whose own extent is `below`; `shift` leads from
 * its offsets to the layer's.
 */
export function passThrough(inner: ByteSource, below: Extent, shift: number): Extent {
  const place = { offset: below.offset + shift, length: below.length, kind: below.kind };
  return below.kind === 'zero' ? place : { ...place, origin: { source: inner, offset: below.offset } };
}

/** The extents of `[from, to)` of `inner` for such a layer. */
export async function* passExtents(
  inner: ByteSource,
  from: number,
  to: number,
  shift: number,
  options?: ReadOptions,
): AsyncGenerator<readonly Extent[]> {
  for await (const batch of extentsOf(inner, from, to, options))
    yield batch.map((extent) => passThrough(inner, extent, shift));
}

/**
 * Reads a few sectors of which the medium may refuse some: these are zeros in the answer, and told. For heads and
 * tables
 * that have a copy elsewhere; what else the disk holds has nothing to do with one bad sector.
 * @param onBad - told of every sector that could not be read, with its byte offset in the source
 * @throws what reading throws, damage aside
 */
export async function readAround(
  source: ByteSource,
  { offset, length }: { readonly offset: number; readonly length: number },
  options: ReadOptions,
  onBad: (offset: number, error: DeadboxError) => void,
): Promise<Bytes> {
  const step = source.sectorSize ?? SECTOR;
  const sectors = async (): Promise<Bytes> => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += step) {
      const sector = bytes.subarray(at, Math.min(at + step, length));
      await survive(
        async () => sector.set(await source.read(offset + at, sector.length, options)),
        (error) => onBad(offset + at, error),
        options,
      );
    }
    return bytes;
  };
  return survive(async () => source.read(offset, length, options), sectors, options);
}
