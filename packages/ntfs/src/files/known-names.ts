import { type IssueLog, keepNewest, type ReadOptions } from '@deadbox/core';
import { IndexTree, type KeptBlocks } from '../index/index-tree.js';
import type { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import type { NamedReference } from './named-reference.js';

/** Searches that are kept: a scan asks for most of its folders and files several times. */
const MOST_SEARCHES = 2048;
/** Most entries of one of them. */
const MOST_ENTRIES = 64;
/** Most index blocks of a volume that are kept as parsed. */
const MOST_BLOCKS = 256;

/** A directory as the searches need it: its reference, and its attributes when its record could be read. */
export type DirectoryHandle = { readonly reference: FileReference } & (
  | { readonly attributes: AttributeSet }
  /** With the reason why there are no attributes. */
  | { readonly attributes: undefined; readonly reason: string }
);

/** What a name leads to: the entries that match it, and the directory when it is one. */
export interface KnownName {
  readonly found: readonly NamedReference[];
  directory?: DirectoryHandle;
}

/**
 * What searches found in directories where nothing was wrong, so that the next search need not walk the index. What
 * damage had a part in is looked for anew each time: each search says for itself what contradicts it.
 */
export class KnownNames {
  readonly #issues: IssueLog;
  readonly #known = new Map<string, KnownName>();
  readonly #trees = new WeakMap<AttributeSet, IndexTree>();
  readonly #blocks: KeptBlocks = { left: MOST_BLOCKS };
  /** The root directory, when its record is whole. */
  root: DirectoryHandle | undefined;

  /** @param issues - gets what is damaged in the volume */
  constructor(issues: IssueLog) {
    this.#issues = issues;
  }

  /** What is known of the entries of a directory that `match` names. */
  get(directory: FileReference, match: string): KnownName | undefined {
    return this.#known.get(keyOf(directory, match));
  }

  /** Searches, and keeps what was found where nothing was said against it. */
  async search(
    directory: FileReference,
    match: string,
    state: { readonly complete: boolean },
    work: () => Promise<readonly NamedReference[]>,
  ): Promise<KnownName> {
    const before = this.#issues.total;
    const known: KnownName = { found: await work() };
    const isClean = state.complete && this.#issues.total === before;
    if (isClean && known.found.length <= MOST_ENTRIES)
      keepNewest(this.#known, keyOf(directory, match), known, MOST_SEARCHES);
    return known;
  }

  /**
   * The index of a directory, with the whole blocks that walks have met.
   * @throws DeadboxError `NTFS_INDEX_INVALID` when its root is missing or cannot be
   */
  async tree(attributes: AttributeSet, clusterSize: number, options?: ReadOptions): Promise<IndexTree> {
    const known = this.#trees.get(attributes);
    if (known !== undefined) return known;
    const tree = await IndexTree.open(attributes, '$I30', clusterSize, options, this.#blocks);
    this.#trees.set(attributes, tree);
    return tree;
  }
}

function keyOf({ record, sequence }: FileReference, match: string): string {
  return `${record}:${sequence}:${match}`;
}
