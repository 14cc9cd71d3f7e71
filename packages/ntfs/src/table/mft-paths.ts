import type { IssueSink } from '@deadbox/core';
import { NameSpace, namePreference } from '../attributes/file-name.js';
import type { NtfsIssueCode } from '../errors.js';
import { MAX_PATH_DEPTH } from '../limits.js';
import { ORPHAN_ROOT, ROOT_RECORD } from '../record/known-records.js';
import { type MftColumns, NO_ROW, RecordState } from './mft-columns.js';
import { poolText } from './name-pool.js';

/** Paths of directories kept for the next file in them, bytes in all. */
const CACHE_BYTES = 8 << 20;
const SLASH = 0x2f;

/** The path of a directory. */
interface Prefix {
  /** Where its bytes stand in the arena. */
  readonly offset: number;
  length: number;
  /** Record number of the first component; the file itself when it lies in the root (-1 here). */
  readonly top: number;
  readonly traits: number;
  readonly orphan: boolean;
}

const ROOT: Prefix = { offset: 0, length: 0, top: -1, traits: 0, orphan: false };

/**
 * Writes full paths, as bytes, from the columns of a scan. The path of the directory used last stays at hand, so that a
 * listing in record order, where neighbours share a parent, mostly copies.
 */
export class MftPaths {
  /** Of the path written last: record number of its first component. NTFS's own files have 0 to 15 there. */
  lastTop = 0;
  /** Of the path written last: what its names have, see `NAME_IS_UNSAFE`. */
  lastTraits = 0;
  /** Of the path written last: its chain of parents is broken. */
  lastIsOrphan = false;
  readonly #columns: MftColumns;
  readonly #issues: IssueSink<NtfsIssueCode> | undefined;
  readonly #cache = new Map<number, Prefix>();
  /** The bytes of all prefixes: an array for each would cost more than its content. */
  #arena: Uint8Array = new Uint8Array(1 << 16);
  #used = 0;
  #lastParent = -1;
  #lastSequence = -1;
  #lastPrefix: Prefix = ROOT;
  #lastBytes: Uint8Array = new Uint8Array(0);
  /** For a path that becomes text. */
  #textRoom: Uint8Array = new Uint8Array(4096);

  /** @param issues - is told of paths that run in a circle, or of which more than 256 folders are not at hand */
  constructor(columns: MftColumns, issues?: IssueSink<NtfsIssueCode>) {
    this.#columns = columns;
    this.#issues = issues;
  }

  /**
   * Writes the path of name `row` at `at`: UTF-8, `/` separated; unpaired surrogates as three bytes each (see
   * `NamePool`).
   * @returns the end, or -1 when `target` has no room (nothing is written then)
   */
  write(row: number, target: Uint8Array, at: number): number {
    const columns = this.#columns;
    const record = columns.nameRecord[row];
    if (record === ROOT_RECORD) {
      if (at >= target.length) return -1;
      this.lastTop = ROOT_RECORD;
      this.lastTraits = 0;
      this.lastIsOrphan = false;
      target[at] = SLASH;
      return at + 1;
    }
    const parent = columns.nameParent[row];
    const sequence = columns.nameParentSequence[row];
    if (parent !== this.#lastParent || sequence !== this.#lastSequence) {
      this.#lastPrefix = this.#prefix(parent, sequence, (columns.flags[record] & RecordState.inUse) !== 0);
      this.#lastBytes = this.#arena.subarray(
        this.#lastPrefix.offset,
        this.#lastPrefix.offset + this.#lastPrefix.length,
      );
      this.#lastParent = parent;
      this.#lastSequence = sequence;
    }
    const prefix = this.#lastPrefix;
    const length = columns.nameLength[row];
    const end = at + prefix.length + 1 + length;
    if (end > target.length) return -1;
    target.set(this.#lastBytes, at);
    let out = at + prefix.length;
    target[out++] = SLASH;
    const pool = columns.pool.bytes;
    for (let from = columns.nameOffset[row], stop = from + length; from < stop; from += 1) target[out++] = pool[from];
    this.lastTop = prefix.top < 0 ? record : prefix.top;
    this.lastTraits = prefix.traits | columns.nameTraits[row];
    this.lastIsOrphan = prefix.orphan;
    return end;
  }

  /** The path of name `row` as text. */
  text(row: number): string {
    for (;;) {
      const end = this.write(row, this.#textRoom, 0);
      if (end >= 0) return poolText(this.#textRoom, 0, end);
      this.#textRoom = new Uint8Array(this.#textRoom.length * 4);
    }
  }

  #prefix(parent: number, sequence: number, childInUse: boolean): Prefix {
    const columns = this.#columns;
    if (parent === ROOT_RECORD) return ROOT;
    if (this.#used > CACHE_BYTES) {
      this.#cache.clear();
      this.#used = 0;
    }
    const chain: number[] = [];
    let from: Prefix | undefined;
    let next = parent;
    let nextSequence = sequence;
    while (from === undefined) {
      if (next === ROOT_RECORD) from = ROOT;
      else if (!this.#leadsOn(next, nextSequence, childInUse)) from = this.#orphan(next, nextSequence);
      else {
        const known = this.#cache.get(next);
        if (known !== undefined) from = known;
        else {
          const row = this.#bestName(next);
          if (row === NO_ROW) from = this.#orphan(next, nextSequence);
          else if (chain.length >= MAX_PATH_DEPTH) {
            this.#issues?.add({ code: 'ntfs.path-loop', severity: 'warning', data: { parent } });
            return this.#orphan(parent, sequence);
          } else {
            chain.push(row);
            next = columns.nameParent[row];
            nextSequence = columns.nameParentSequence[row];
          }
        }
      }
    }
    return this.#extend(from, chain);
  }

  /** Appends the names of `chain`, the last first, keeping every directory on the way. */
  #extend(from: Prefix, chain: readonly number[]): Prefix {
    const columns = this.#columns;
    let prefix = from;
    for (let i = chain.length - 1; i >= 0; i -= 1) {
      const row = chain[i];
      const record = columns.nameRecord[row];
      const length = columns.nameLength[row];
      const total = prefix.length + 1 + length;
      this.#reserve(total);
      const offset = this.#used;
      this.#arena.copyWithin(offset, prefix.offset, prefix.offset + prefix.length);
      let out = offset + prefix.length;
      this.#arena[out++] = SLASH;
      for (let at = columns.nameOffset[row], stop = at + length; at < stop; at += 1)
        this.#arena[out++] = columns.pool.bytes[at];
      this.#used = out;
      prefix = {
        offset,
        length: total,
        top: prefix.top < 0 ? record : prefix.top,
        traits: prefix.traits | columns.nameTraits[row],
        orphan: prefix.orphan,
      };
      this.#cache.set(record, prefix);
    }
    return prefix;
  }

  #orphan(record: number, sequence: number): Prefix {
    const text = `${ORPHAN_ROOT}/${record}-${sequence}`;
    this.#reserve(text.length);
    const offset = this.#used;
    for (let i = 0; i < text.length; i += 1) this.#arena[offset + i] = text.charCodeAt(i);
    this.#used += text.length;
    return { offset, length: text.length, top: NO_ROW, traits: 0, orphan: true };
  }

  #reserve(more: number): void {
    if (this.#used + more <= this.#arena.length) return;
    const grown = new Uint8Array(Math.max(this.#arena.length * 2, this.#used + more));
    grown.set(this.#arena.subarray(0, this.#used));
    this.#arena = grown;
  }

  /**
   * Whether a reference to a directory still means it. A deleted file may lie in a directory that was deleted with it.
   */
  #leadsOn(record: number, sequence: number, childInUse: boolean): boolean {
    const columns = this.#columns;
    if (record >= columns.records) return false;
    const state = columns.flags[record];
    const directory = RecordState.base | RecordState.directory;
    if ((state & directory) !== directory) return false;
    if ((state & RecordState.inUse) !== 0) return sequence === 0 || columns.sequence[record] === sequence;
    return !childInUse && columns.sequence[record] === ((sequence + 1) & 0xffff);
  }

  #bestName(record: number): number {
    const columns = this.#columns;
    let best = NO_ROW;
    for (let row = columns.firstName[record]; row !== NO_ROW; row = columns.nextName[row]) {
      if (best === NO_ROW || namePreference(columns.nameSpace[row]) < namePreference(columns.nameSpace[best]))
        best = row;
    }
    return best;
  }
}

/** Whether name `row` is one that listings show: not the 8.3 form of a long name. */
export function isListedName(columns: MftColumns, row: number): boolean {
  return columns.nameRecord[row] !== NO_ROW && columns.nameSpace[row] !== NameSpace.dos;
}
