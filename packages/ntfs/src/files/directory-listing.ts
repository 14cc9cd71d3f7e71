import type { DirectoryEntry, FileNode, FileType, ReadOptions } from '@deadbox/core';
import { FileAttribute, type FileName, NameSpace } from '../attributes/file-name.js';
import { typeOfTag } from '../attributes/reparse-tag.js';
import type { Contradiction } from '../index/contradictions.js';
import { entryKind } from './entry-record.js';
import type { FoundBy, NamedReference } from './named-reference.js';
import { type SearchOutcome, SearchState } from './search-state.js';
import type { VolumeContext } from './volume-context.js';

/** One name in a directory. */
export interface OpenableEntry<F extends FileNode> extends DirectoryEntry, NamedReference {
  readonly record: number;
  readonly type: FileType;
  /** Opens the file that the name leads to. */
  open(options?: ReadOptions): Promise<F>;
}

/** A listing under way: iterate it, then ask whether it was complete. */
export class DirectoryListing<F extends FileNode> implements AsyncIterable<readonly OpenableEntry<F>[]>, SearchOutcome {
  readonly #context: VolumeContext;
  readonly #run: (state: SearchState) => AsyncGenerator<readonly OpenableEntry<F>[]>;
  #state: SearchState;

  constructor(context: VolumeContext, run: (state: SearchState) => AsyncGenerator<readonly OpenableEntry<F>[]>) {
    this.#context = context;
    this.#run = run;
    this.#state = new SearchState(context);
  }

  /** Whether nothing contradicts the index; final when the iteration has ended. */
  get complete(): boolean {
    return this.#state.complete;
  }

  /** `mft` when the index alone did not do; final when the iteration has ended. */
  get foundBy(): FoundBy {
    return this.#state.foundBy;
  }

  /** What contradicts the index: the first 100; final when the iteration has ended. */
  get contradictions(): readonly Contradiction[] {
    return this.#state.contradictions;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly OpenableEntry<F>[]> {
    this.#state = new SearchState(this.#context);
    return this.#run(this.#state);
  }
}

/** The entries that a user wants to see of `names`: each file's 8.3 name is left out where it has a long one. */
export function toEntries<F extends FileNode>(
  names: readonly NamedReference[],
  open: (name: NamedReference, options?: ReadOptions) => Promise<F>,
): OpenableEntry<F>[] {
  return names
    .filter((name) => name.fileName.nameSpace !== NameSpace.dos)
    .map((name) => ({
      ...name,
      name: name.fileName.name,
      record: name.reference.record,
      type: typeOfName(name.fileName),
      open: (options?: ReadOptions) => open(name, options),
    }));
}

/** What the copy of the attributes in a name says the file is. */
export function typeOfName(name: FileName): FileType {
  const tag = (name.attributes & FileAttribute.reparsePoint) === 0 ? undefined : name.reparseTagOrEaSize;
  return typeOfTag(tag, entryKind(name));
}
