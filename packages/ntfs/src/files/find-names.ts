import { defined, isDamage, type ReadOptions } from '@deadbox/core';
import { NameSpace, parseFileName } from '../attributes/file-name.js';
import { addIssue } from '../errors.js';
import { DirectoryIndex } from '../index/directory-index.js';
import type { FoundEntry } from '../index/index-tree.js';
import { comparePrefix, compareUpCased, upCaseUnits } from '../index/up-case.js';
import { compareWithRecord } from './entry-record.js';
import type { DirectoryHandle } from './known-names.js';
import type { IndexedName, NamedReference } from './named-reference.js';
import type { SearchState } from './search-state.js';
import type { VolumeContext } from './volume-context.js';

/** Most entries of a range that are compared with their records. */
const MAX_COMPARED = 1024;

/** Which names are wanted. */
export interface NameRange {
  readonly text: string;
  /** `prefix`: names that begin with `text`; `equal`: names equal to it but for case. */
  readonly match: 'prefix' | 'equal';
}

/**
 * The names of a directory, 8.3 names included, in index order. When anything contradicts the index, what it hides is
 * added from `$MFT`, and `state` tells. The entries of a range, and those next to it, are compared with their records:
 * an entry whose record is free or was reused is left out.
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
  for await (const names of namesOfIndex(
    context,
    directory,
    range === undefined ? undefined : matches,
    state,
    options,
  )) {
    for (const name of names) seen.add(nameKey(name));
    if (names.length > 0) yield names;
  }
  if (state.complete) return;
  const { record } = directory.reference;
  state.foundBy = 'mft';
  const offset = directory.attributes?.base.place.offset ?? 0;
  addIssue(context.issues, 'ntfs.found-by-mft', { offset, record }, { directory: record }, 'warning');
  const missing: NamedReference[] = [];
  for (const name of await context.namesByMft(directory.reference, matches, options)) {
    const named: NamedReference = { ...name, foundBy: 'mft' };
    if (isWantedName(named, record, matches) && !seen.has(nameKey(named))) missing.push(named);
  }
  if (missing.length > 0) yield missing;
}

/** The names that the index has; `state` is told of what contradicts it. */
async function* namesOfIndex(
  context: VolumeContext,
  directory: DirectoryHandle,
  test: ((name: string) => number) | undefined,
  state: SearchState,
  options?: ReadOptions,
): AsyncGenerator<NamedReference[]> {
  const { reference } = directory;
  if (directory.attributes === undefined) {
    state.found.add('record-unreadable', reference.record, 0, { reason: directory.reason });
    return;
  }
  const { attributes } = directory;
  const { base } = attributes;
  if (base.damaged) state.found.add('record-damaged', base.number, base.place.offset);
  try {
    const tree = await context.known.tree(attributes, context.geometry.clusterSize, options);
    const index = new DirectoryIndex(tree, attributes, reference);
    const pairs = new NamePairs();
    let compared = 0;
    for await (const batch of index.walk(state.found, test, options)) {
      const names: NamedReference[] = [];
      for (const found of batch) {
        const named = toName(reference.record, found, state);
        if (named === undefined) continue;
        pairs.add(named);
        const checked =
          test === undefined || (compared += 1) > MAX_COMPARED
            ? named
            : await checkName(context, named, state, options);
        if (checked !== undefined) names.push(checked);
      }
      yield names;
    }
    if (test === undefined) pairs.check(reference.record, state);
    for (const found of test === undefined ? [] : index.neighbours) {
      const named = toName(reference.record, found, state);
      if (named !== undefined) await compareWithRecord(context, named, state.found, options);
    }
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    state.found.add('root-invalid', reference.record, base.place.offset, { reason: error.message });
  }
}

/** The name with what its record says against it; `undefined` when it leads nowhere. */
async function checkName(
  context: VolumeContext,
  named: IndexedName,
  state: SearchState,
  options?: ReadOptions,
): Promise<NamedReference | undefined> {
  const agreement = await compareWithRecord(context, named, state.found, options);
  if (agreement === 'entry-stale') return undefined;
  return agreement === 'entry-name' || agreement === 'entry-kind' ? { ...named, contradicted: agreement } : named;
}

/** Long names and 8.3 names of a directory, by record: the latter never stand alone. */
class NamePairs {
  readonly #short = new Map<number, IndexedName>();
  readonly #long = new Set<number>();

  add(named: IndexedName): void {
    if (named.fileName.nameSpace === NameSpace.dos) this.#short.set(named.reference.record, named);
    else this.#long.add(named.reference.record);
  }

  check(directory: number, state: SearchState): void {
    for (const [record, { fileName, place }] of this.#short) {
      if (this.#long.has(record)) continue;
      state.found.add('short-name-alone', directory, place.nodeOffset + place.entryOffset, {
        name: fileName.name,
        record,
      });
    }
  }
}

function toName(directory: number, found: FoundEntry, state: SearchState): IndexedName | undefined {
  const { entry, nodeOffset, vcn } = found;
  const fileName = parseFileName(entry.key);
  if (fileName === undefined) {
    state.found.add('entry-invalid', directory, nodeOffset + entry.offset, {
      field: 'key',
      expected: 'a $FILE_NAME',
      found: entry.key.length,
    });
    return undefined;
  }
  const place = { nodeOffset, entryOffset: entry.offset, ...defined({ vcn }) };
  const named: IndexedName = { reference: entry.reference, fileName, foundBy: 'index', place };
  return isSelf(named, directory) ? undefined : named;
}

/** Whether a name of `directory` that a record gave is one of those that are looked for. */
export function isWantedName(named: NamedReference, directory: number, test: (name: string) => number): boolean {
  return test(named.fileName.name) === 0 && !isSelf(named, directory);
}

/** The root lists itself as ".". */
function isSelf(named: NamedReference, directory: number): boolean {
  return named.reference.record === directory && named.fileName.name === '.';
}

/** Where a name lies against a range: negative before it, 0 inside, positive behind. */
export async function nameTest(
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

/** Tells the names of a directory apart. */
export function nameKey(name: NamedReference): string {
  return `${name.reference.record}:${name.fileName.nameSpace === NameSpace.dos ? 'd' : ''}:${name.fileName.name}`;
}
