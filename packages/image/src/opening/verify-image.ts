import {
  type ByteSource,
  type Bytes,
  type DeadboxError,
  defined,
  extentsOf,
  type Issue,
  isDamage,
  type Json,
  type ReadOptions,
  readInto,
} from '@deadbox/core';
import type { VirtualDisk } from '../image-format.js';
import { MAX_FAILED_READS, MAX_HALVED_READS } from '../limits.js';

/** One thing that was checked. */
export interface ImageCheck {
  /**
   * `structures`: checksums of headers and tables; `content`: that every byte can be read and fits its chunk's
   * checksum; `md5` and so on: stored hashes.
   */
  readonly what: 'structures' | 'content' | 'md5' | 'sha1' | 'sha256';
  readonly outcome: 'right' | 'wrong';
  readonly data: Readonly<Record<string, Json>>;
}

/** Why a range counts as unreadable: reading it failed, with an error's code, or it was never tried. */
export type UnreadableCause =
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'not-tried'; readonly failedReads: number };

/** A range of the virtual disk that cannot be read. */
export interface UnreadableRange {
  readonly offset: number;
  readonly length: number;
  /** In English. */
  readonly reason: string;
  readonly cause: UnreadableCause;
}

/** What {@link verifyImage} found. */
export interface ImageVerification {
  /**
   * `right`: everything that the container stores to be checked fits; `wrong`: something does not; `nothing-stored`: it
   * stores nothing of the kind.
   */
  readonly verdict: 'right' | 'wrong' | 'nothing-stored';
  readonly checks: readonly ImageCheck[];
  readonly unreadable: readonly UnreadableRange[];
}

/** Options of {@link verifyImage}. */
export interface VerifyImageOptions extends ReadOptions {
  /**
   * Called with the bytes done and in all, about once for every MiB; again from the start while stored hashes are
   * computed.
   */
  readonly onProgress?: (done: number, total: number) => void;
}

const PIECE: number = 1024 * 1024;
/** The least that a damaged piece is halved to. */
const LEAST = 4096;
/** Ranges that are kept apart; further ones are joined with the last. */
const MAX_RANGES = 1000;

/** Issues that say that a checksum of a structure does not fit, or that structures contradict one another. */
const STRUCTURE_ISSUES: ReadonlySet<string> = new Set([
  'image.header-damaged',
  'image.footer-damaged',
  'image.footer-copy-used',
  'image.backup-structure-used',
  'image.marked-corrupt',
  'image.size-mismatch',
  'image.truncated',
  'image.part-missing',
  'image.cluster-contradiction',
  'image.sector-unreadable',
]);

/**
 * Checks what the container itself stores to be checked: checksums of headers and tables, chunk checksums, stored
 * hashes of an E01; and that every byte can be read.
 * @param disk - an opened disk; it is read from end to end
 * @throws what reading throws, damage aside, and the signal's reason
 */
export async function verifyImage(disk: VirtualDisk, options: VerifyImageOptions = {}): Promise<ImageVerification> {
  const unreadable = await readAll(disk, options);
  const isChecked = (await disk.checkStructures?.(options)) === true;
  const lost = unreadable.reduce((sum, { length }) => sum + length, 0);
  const checks = [...structureChecks(disk, isChecked), ...contentChecks(disk, lost)];
  // A hash over what cannot be read is none.
  const compared = lost === 0 ? await disk.verify?.(options) : undefined;
  for (const { algorithm, stored, computed, match, file } of compared?.hashes ?? [])
    checks.push({
      what: algorithm,
      outcome: match ? 'right' : 'wrong',
      data: { stored, computed, ...defined({ file }) },
    });
  const isWrong = checks.some(({ outcome }) => outcome === 'wrong');
  return { verdict: isWrong ? 'wrong' : checks.length === 0 ? 'nothing-stored' : 'right', checks, unreadable };
}

/** Opening and reading noted what does not fit; a format without checksums says nothing by finding none. */
function structureChecks(disk: VirtualDisk, isChecked: boolean): ImageCheck[] {
  const found = disk.issues.filter(({ code, severity }) => STRUCTURE_ISSUES.has(code) && !isHarmless(code, severity));
  if (found.length === 0 && disk.hasChecksums !== true && !isChecked) return [];
  const issues = found.map(({ code, at, data }) => ({ code, ...defined({ at: at && { ...at } }), data }));
  return [{ what: 'structures', outcome: found.length === 0 ? 'right' : 'wrong', data: { issues } }];
}

/** Space that is lost is no fault of what is there. */
function isHarmless(code: string, severity: Issue['severity']): boolean {
  return code === 'image.cluster-contradiction' && severity === 'note';
}

function contentChecks(disk: VirtualDisk, unreadableBytes: number): ImageCheck[] {
  const wrongChunks = disk.issues.filter(({ code }) => code === 'image.chunk-checksum').length;
  if (disk.hasBlockChecksums !== true && unreadableBytes === 0) return [];
  const outcome = wrongChunks === 0 && unreadableBytes === 0 ? 'right' : 'wrong';
  return [{ what: 'content', outcome, data: { wrongChunks, unreadableBytes } }];
}

/** Reads the whole disk, but its holes; gives the ranges that cannot be read, neighbours with one reason joined. */
async function readAll(disk: ByteSource, options: VerifyImageOptions): Promise<UnreadableRange[]> {
  const ranges: (Omit<UnreadableRange, 'length'> & { length: number })[] = [];
  const lose: Lose = (offset, length, { code, message }) => {
    const last = ranges[ranges.length - 1];
    const continues = last !== undefined && last.offset + last.length === offset && last.reason === message;
    if (last !== undefined && (continues || ranges.length >= MAX_RANGES)) last.length = offset + length - last.offset;
    else ranges.push({ offset, length, reason: message, cause: { kind: 'failed', code } });
  };
  const buffer = new Uint8Array(Math.min(PIECE, disk.size));
  const failures = { count: 0 };
  for await (const { offset, length } of dataOf(disk, options)) {
    for (let at = offset; at < offset + length; at += buffer.length) {
      options.signal?.throwIfAborted();
      if (failures.count >= MAX_FAILED_READS) {
        return [...ranges, notTried(at, disk.size - at, failures.count)];
      }
      const piece = buffer.subarray(0, Math.min(buffer.length, offset + length - at));
      await readPiece(disk, at, piece, options, failures, lose);
      options.onProgress?.(at + piece.length, disk.size);
    }
  }
  return ranges;
}

function notTried(offset: number, length: number, failedReads: number): UnreadableRange {
  const reason = `not tried after ${failedReads} failed reads`;
  return { offset, length, reason, cause: { kind: 'not-tried', failedReads } };
}

/**
 * The stored ranges, neighbours joined. A table that cannot be read leaves the rest to be read piece by piece, which
 * says where it fails.
 */
async function* dataOf(disk: ByteSource, options: ReadOptions): AsyncGenerator<{ offset: number; length: number }> {
  let range = { offset: 0, length: 0 };
  let done = 0;
  try {
    for await (const batch of extentsOf(disk, 0, disk.size, options)) {
      for (const { offset, length, kind } of batch) {
        done = offset + length;
        if (kind === 'zero') continue;
        if (offset === range.offset + range.length) range.length += length;
        else {
          if (range.length > 0) yield range;
          range = { offset, length };
        }
      }
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    if (range.length > 0) yield range;
    range = { offset: done, length: disk.size - done };
  }
  if (range.length > 0) yield range;
}

type Lose = (offset: number, length: number, error: DeadboxError) => void;

/** Reads a piece; where it is damaged, halves it to find what can be read, as long as not too much failed before. */
async function readPiece(
  disk: ByteSource,
  offset: number,
  piece: Bytes,
  options: ReadOptions,
  failures: { count: number },
  lose: Lose,
): Promise<void> {
  try {
    await readInto(disk, offset, piece, options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    failures.count += 1;
    if (piece.length <= LEAST || failures.count > MAX_HALVED_READS) {
      lose(offset, piece.length, error);
      return;
    }
    const half = Math.ceil(piece.length / 2 / LEAST) * LEAST;
    await readPiece(disk, offset, piece.subarray(0, half), options, failures, lose);
    await readPiece(disk, offset + half, piece.subarray(half), options, failures, lose);
  }
}
