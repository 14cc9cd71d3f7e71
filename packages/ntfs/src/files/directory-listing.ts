import { type DirectoryEntry, type FileType, type ReadOptions, utf16Text } from '@deadbox/core';
import { FILE_NAME_HEAD, FileAttribute, type FileName, NameSpace, parseFileName } from '../attributes/file-name.js';
import { typeOfTag } from '../attributes/reparse-tag.js';
import { addIssue, isSurvivable } from '../errors.js';
import type { IndexEntry } from '../index/index-node.js';
import { type FoundEntry, IndexTree, type Position, type WalkState } from '../index/index-tree.js';
import { comparePrefix, compareUpCased, upCaseUnits } from '../index/up-case.js';
import type { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import type { NtfsFile } from './ntfs-file.js';
import type { VolumeContext } from './volume-context.js';

/** How a name was found. */
export type FoundBy = 'index' | 'mft';

/** Where an index entry lies: for evidence and for in-place edits. */
export interface IndexPlace {
  /** Byte offset on the volume of the `$INDEX_ROOT` value, or of the `INDX` block. */
  readonly nodeOffset: number;
  /** Byte offset of the entry in that node (after fixup). */
  readonly entryOffset: number;
  /** VCN of the block in the index's own unit; `undefined` in the root. */
  readonly vcn?: number;
}

/** A name in a directory, not yet opened. */
export interface NamedReference {
  /** The file that the name leads to. */
  readonly reference: FileReference;
  /** The `$FILE_NAME` that holds the name. */
  readonly fileName: FileName;
  /** Which way it was found. */
  foundBy: FoundBy;
  /** Absent when the name was found in `$MFT`. */
  readonly place?: IndexPlace;
}

/** One name in a directory. */
export interface NtfsDirectoryEntry extends DirectoryEntry, NamedReference {
  readonly record: number;
  readonly type: FileType;
  /** Opens the file that the name leads to. */
  open(options?: ReadOptions): Promise<NtfsFile>;
}

/** A directory as the listing functions need it: its reference, and its attributes when its record could be read. */
export interface DirectoryHandle {
  readonly reference: FileReference;
  readonly attributes: AttributeSet | undefined;
}

/** What a range of names was searched for, and what came of it. */
export interface SearchState {
  /** No bad index node, bad record or read error on the way. */
  complete: boolean;
  /** `mft` as soon as the index alone did not do. */
  foundBy: FoundBy;
}

/** Which names are wanted. */
export interface NameRange {
  readonly text: string;
  /** `prefix`: names that begin with `text`; `equal`: names equal to it but for case. */
  readonly match: 'prefix' | 'equal';
}

/**
 * The names of a directory, 8.3 names included, in index order; what a damaged index hides is added from `$MFT`, and `state` tells.
 * @param range - leave out for all names
 */
export async function* findNames(
  context: VolumeContext,
  directory: DirectoryHandle,
  range: NameRange | undefined,
  state: SearchState,
  options?: ReadOptions,
): AsyncGenerator<NamedReference[]> {
  const matches = await nameTest(context, range, options);
  const seen = new Set<string>();
  const walk: WalkState = { complete: true };
  if (directory.attributes === undefined) walk.complete = false;
  else {
    try {
      const tree = await IndexTree.open(
        directory.attributes,
        '$I30',
        context.geometry.clusterSize,
        context.issues,
        options,
      );
      const position: Position | undefined = range === undefined ? undefined : (entry) => matches(keyName(entry));
      for await (const batch of tree.walk(walk, position, options)) {
        const names = toNames(context, directory, batch, walk);
        for (const name of names) seen.add(nameKey(name));
        if (names.length > 0) yield names;
      }
    } catch (error) {
      if (!isSurvivable(error, options)) throw error;
      walk.complete = false;
      addIssue(
        context.issues,
        'ntfs.index-root',
        { offset: directory.attributes.base.place.offset, record: directory.reference.record },
        { reason: (error as Error).message },
      );
    }
  }
  if (walk.complete) return;
  state.complete = false;
  state.foundBy = 'mft';
  const { record } = directory.reference;
  addIssue(
    context.issues,
    'ntfs.found-by-mft',
    { offset: directory.attributes?.base.place.offset ?? 0, record },
    { directory: record },
    'warning',
  );
  const names = await context.namesByMft(directory.reference, matches, options);
  const missing = names
    .filter(
      (name) => matches(name.fileName.name) === 0 && !(name.reference.record === record && name.fileName.name === '.'),
    )
    .map((name): NamedReference => ({ ...name, foundBy: 'mft' }))
    .filter((name) => !seen.has(nameKey(name)));
  if (missing.length > 0) yield missing;
}

/** A listing under way: iterate it, then ask whether it was complete. */
export class DirectoryListing implements AsyncIterable<readonly NtfsDirectoryEntry[]> {
  readonly #state: SearchState = { complete: true, foundBy: 'index' };
  readonly #run: (state: SearchState) => AsyncGenerator<readonly NtfsDirectoryEntry[]>;

  constructor(run: (state: SearchState) => AsyncGenerator<readonly NtfsDirectoryEntry[]>) {
    this.#run = run;
  }

  /** Whether no bad index node, bad record or read error was met; final when the iteration has ended. */
  get complete(): boolean {
    return this.#state.complete;
  }

  /** `mft` when the index alone did not do; final when the iteration has ended. */
  get foundBy(): FoundBy {
    return this.#state.foundBy;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly NtfsDirectoryEntry[]> {
    this.#state.complete = true;
    this.#state.foundBy = 'index';
    return this.#run(this.#state);
  }
}

/** The entries that a user wants to see of `names`: each file's 8.3 name is left out where it has a long one. */
export function toEntries(
  names: readonly NamedReference[],
  open: (name: NamedReference, options?: ReadOptions) => Promise<NtfsFile>,
): NtfsDirectoryEntry[] {
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
  const directory = (name.attributes & (FileAttribute.hasDirectoryIndex | FileAttribute.directory)) !== 0;
  const tag = (name.attributes & FileAttribute.reparsePoint) === 0 ? undefined : name.reparseTagOrEaSize;
  return typeOfTag(tag, directory ? 'directory' : 'file');
}

async function nameTest(
  context: VolumeContext,
  range: NameRange | undefined,
  options?: ReadOptions,
): Promise<(name: string) => number> {
  if (range === undefined) return () => 0;
  const upCase = await context.upCaseFor(range.text, options);
  const units = upCaseUnits(range.text, upCase);
  return range.match === 'prefix'
    ? (name) => comparePrefix(name, units, upCase)
    : (name) => compareUpCased(name, units, upCase);
}

/** The name in the key of a `$I30` entry, without decoding the rest. */
function keyName(entry: IndexEntry): string {
  const { key } = entry;
  const units = key.length > FILE_NAME_HEAD ? key[0x40] : 0;
  return utf16Text(key.subarray(FILE_NAME_HEAD, FILE_NAME_HEAD + units * 2));
}

function toNames(
  context: VolumeContext,
  directory: DirectoryHandle,
  batch: readonly FoundEntry[],
  walk: WalkState,
): NamedReference[] {
  const names: NamedReference[] = [];
  const { record } = directory.reference;
  for (const { entry, nodeOffset, vcn } of batch) {
    const fileName = parseFileName(entry.key);
    if (fileName === undefined) {
      walk.complete = false;
      addIssue(
        context.issues,
        'ntfs.index-entry',
        { offset: nodeOffset + entry.offset, record },
        { field: 'key', expected: 'a $FILE_NAME', found: entry.key.length },
      );
      continue;
    }
    // The root lists itself as ".".
    if (entry.reference.record === record && fileName.name === '.') continue;
    const place: IndexPlace = { nodeOffset, entryOffset: entry.offset, ...(vcn === undefined ? {} : { vcn }) };
    names.push({ reference: entry.reference, fileName, foundBy: 'index', place });
  }
  return names;
}

function nameKey(name: NamedReference): string {
  return `${name.reference.record}:${name.fileName.nameSpace === NameSpace.dos ? 'd' : ''}:${name.fileName.name}`;
}
