import type { ReadOptions } from '@deadbox/core';
import { toEntries } from '../files/directory-listing.js';
import { findNames, isWantedName, nameKey, nameTest } from '../files/find-names.js';
import type { NamedReference } from '../files/named-reference.js';
import { type NtfsDirectoryEntry, type NtfsFile, openNamed } from '../files/ntfs-file.js';
import { type SearchOutcome, SearchState } from '../files/search-state.js';
import type { VolumeContext } from '../files/volume-context.js';
import type { MftTable } from '../table/mft-table.js';
import { namesFromTable } from './volume-mft.js';

/** What comparing a directory with the file table came to. */
export interface OutsideIndex extends SearchOutcome {
  /** `part`: the file table is larger than was allowed, and only its first part was read. */
  readonly checked: 'all' | 'part';
  /** Names whose records say that they lie in the directory, whose index does not have them; 8.3 names left out. */
  readonly entries: readonly NtfsDirectoryEntry[];
  /** Records of the table that could not be read: a name may be in one of them. */
  readonly badRecords: number;
}

/** Compares the names of a directory that begin with `prefix` with those that the records of `table` give it. */
export async function compareWithTable(
  context: VolumeContext,
  directory: NtfsFile,
  prefix: string,
  { table, checked }: { readonly table: MftTable; readonly checked: 'all' | 'part' },
  options?: ReadOptions,
): Promise<OutsideIndex> {
  const state = new SearchState(context);
  const range = prefix === '' ? undefined : { text: prefix, match: 'prefix' as const };
  const { reference } = directory;
  const known = new Set<string>();
  for await (const names of findNames(
    context,
    { reference, attributes: directory.attributeSet },
    range,
    state,
    options,
  ))
    for (const name of names) known.add(nameKey(name));
  const matches = await nameTest(context, range, options);
  const missing: NamedReference[] = [];
  for (const name of await namesFromTable(context, table, reference, matches, options)) {
    const named: NamedReference = { ...name, foundBy: 'mft' };
    if (!isWantedName(named, reference.record, matches) || known.has(nameKey(named))) continue;
    missing.push(named);
    state.found.add('outside-index', reference.record, directory.location.offset, {
      name: name.fileName.name,
      record: name.reference.record,
    });
  }
  const open = (name: NamedReference, read?: ReadOptions): Promise<NtfsFile> =>
    openNamed(context, name, directory.path, read);
  const { complete, foundBy, contradictions } = state;
  const entries = toEntries(missing, open);
  return { checked, entries, badRecords: table.badRecords, complete, foundBy, contradictions };
}
