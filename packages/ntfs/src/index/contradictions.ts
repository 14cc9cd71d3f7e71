import type { IssueLog, Json } from '@deadbox/core';
import { addIssue, type NtfsIssueCode } from '../errors.js';

/**
 * What speaks against taking a directory's index for the whole truth:
 * - `record-unreadable`, `record-damaged`: the directory's own record cannot be read, or an attribute of it was left
 * out
 * - `record-kind`: a record's directory bit and its attributes disagree
 * - `root-invalid`: there is no usable `$INDEX_ROOT`
 * - `node-unreadable`, `node-loop`, `node-foreign`: a block that cannot be read, was met before, or belongs to another
 * directory
 * - `nodes-unreached`, `node-free`: `$BITMAP` has blocks in use that no entry leads to, or calls a block free that an
 * entry leads to
 * - `entry-invalid`: an entry, its length or its key cannot be
 * - `entries-end`: the last entry of a node does not end where the used bytes do
 * - `child-flag`: an entry has a child where its node's header says that there is none, or the other way round
 * - `entry-order`: keys that do not ascend
 * - `entry-parent`: a name that says it belongs to another directory
 * - `entry-stale`, `entry-name`, `entry-kind`: the record that an entry names is free, an extension or reused; has no
 * such name; is of another kind
 * - `short-name-alone`: an 8.3 name without the long name that goes with it
 * - `outside-index`: a record says that it lies in the directory, whose index does not have it
 */
export type ContradictionKind =
  | 'record-unreadable'
  | 'record-damaged'
  | 'record-kind'
  | 'root-invalid'
  | 'node-unreadable'
  | 'node-loop'
  | 'node-foreign'
  | 'nodes-unreached'
  | 'node-free'
  | 'entry-invalid'
  | 'entries-end'
  | 'child-flag'
  | 'entry-order'
  | 'entry-parent'
  | 'entry-stale'
  | 'entry-name'
  | 'entry-kind'
  | 'short-name-alone'
  | 'outside-index';

/** One fact that contradicts an index. */
export interface Contradiction {
  readonly kind: ContradictionKind;
  /** Record number of the directory (of the file, for `record-kind`). */
  readonly record: number;
  /** Byte offset on the volume. */
  readonly offset: number;
  readonly data: Readonly<Record<string, Json>>;
}

const ISSUES: Readonly<Record<ContradictionKind, NtfsIssueCode>> = {
  'record-unreadable': 'ntfs.record',
  'record-damaged': 'ntfs.index-mismatch',
  'record-kind': 'ntfs.index-mismatch',
  'root-invalid': 'ntfs.index-root',
  'node-unreadable': 'ntfs.index-node',
  'node-loop': 'ntfs.index-loop',
  'node-foreign': 'ntfs.index-node',
  'nodes-unreached': 'ntfs.index-node',
  'node-free': 'ntfs.index-node',
  'entry-invalid': 'ntfs.index-entry',
  'entries-end': 'ntfs.index-entry',
  'child-flag': 'ntfs.index-entry',
  'entry-order': 'ntfs.index-order',
  'entry-parent': 'ntfs.index-mismatch',
  'entry-stale': 'ntfs.index-mismatch',
  'entry-name': 'ntfs.index-mismatch',
  'entry-kind': 'ntfs.index-mismatch',
  'short-name-alone': 'ntfs.index-mismatch',
  'outside-index': 'ntfs.index-mismatch',
};

/** Contradictions that are kept in full. */
const KEPT = 100;
/** Contradictions that are told apart; a hostile index can make more than memory should hold. */
const TOLD_APART = 10_000;

/** Collects contradictions, each once, and notes an issue for each. */
export class Contradictions {
  /** The first 100. */
  readonly first: Contradiction[] = [];
  /** How many there are. */
  count = 0;
  readonly #seen = new Set<string>();
  readonly #issues: IssueLog | undefined;
  readonly #above: Contradictions | undefined;

  /**
   * @param issues - gets an issue for each
   * @param above - gets each too, e.g. the log of the whole volume
   */
  constructor(issues?: IssueLog, above?: Contradictions) {
    this.#issues = issues;
    this.#above = above;
  }

  /**
   * Notes a contradiction, unless the same kind is known of the same place.
   * @param record - record number of the directory
   * @param offset - byte offset on the volume
   */
  add(kind: ContradictionKind, record: number, offset: number, data: Record<string, Json> = {}): void {
    const key = `${kind}:${offset}:${record}`;
    if (this.#seen.has(key)) return;
    if (this.#seen.size < TOLD_APART) this.#seen.add(key);
    this.count += 1;
    if (this.first.length < KEPT) this.first.push({ kind, record, offset, data });
    addIssue(this.#issues, ISSUES[kind], { offset, record }, { ...data, contradiction: kind });
    this.#above?.add(kind, record, offset, data);
  }
}
