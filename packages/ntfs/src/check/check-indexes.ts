import { isDamage, type ReadOptions } from '@deadbox/core';
import { parseFileName } from '../attributes/file-name.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { Contradictions } from '../index/contradictions.js';
import { DirectoryIndex } from '../index/directory-index.js';
import { compareNames, type UpCase } from '../index/up-case.js';
import type { FileReference } from '../record/file-reference.js';
import { NO_ROW, RecordState } from '../table/mft-columns.js';
import type { MftTable } from '../table/mft-table.js';

/** Mismatches of one kind that are kept in full. */
const KEPT = 100;

/** A name on one side that the other does not have. */
export interface IndexMismatch {
  /** Record number of the directory. */
  readonly directory: number;
  /** The name that does not fit. */
  readonly name: string;
  /** Record number that the name leads to. */
  readonly record: number;
  /** What does not fit. */
  readonly reason: string;
  /** Byte offset on the volume of the index entry, where there is one. */
  readonly offset?: number;
}

/** Findings of one kind. */
export interface MismatchList {
  /** How many there are. */
  readonly count: number;
  /** The first 100. */
  readonly first: readonly IndexMismatch[];
}

/** Directory indexes against file records, both ways. */
export interface IndexCheck {
  /** Directories whose index was read. */
  readonly directories: number;
  /** Entries in them. */
  readonly entries: number;
  /** Directories whose index could not be read in full. */
  readonly damaged: number;
  /** Entries whose record is free, lives another life, or has no such name. */
  readonly entriesWithoutRecord: MismatchList;
  /** Names of records that no index entry leads to. */
  readonly recordsWithoutEntry: MismatchList;
  /** Entries that do not sort after the one before: lookups of their neighbours can fail. */
  readonly outOfOrder: MismatchList;
}

class Findings {
  count = 0;
  readonly first: IndexMismatch[] = [];

  add(mismatch: IndexMismatch): void {
    this.count += 1;
    if (this.first.length < KEPT) this.first.push(mismatch);
  }
}

/** Walks every directory's index and compares it with the names in the records. `table` must hold 8.3 names. */
export async function checkIndexes(
  context: VolumeContext,
  table: MftTable,
  upCase: UpCase,
  options?: ReadOptions & { onProgress?: (done: number, all: number) => void },
): Promise<IndexCheck> {
  const { columns } = table;
  const entriesWithoutRecord = new Findings();
  const recordsWithoutEntry = new Findings();
  const outOfOrder = new Findings();
  let directories = 0;
  let entries = 0;
  let damaged = 0;
  const wanted = RecordState.base | RecordState.inUse | RecordState.directory;
  for (let record = 0; record < columns.records; record += 1) {
    if ((columns.flags[record] & wanted) !== wanted) continue;
    options?.signal?.throwIfAborted();
    directories += 1;
    const rows = new Map<string, number>();
    for (const row of table.children(record))
      rows.set(nameKey(columns.nameRecord[row], columns.nameSpace[row], table.name(row).name), row);
    const state = new Contradictions(context.issues);
    let previous: string | undefined;
    try {
      const set = await attributesOf(context, record, options);
      const reference = { record, sequence: columns.sequence[record] };
      const index = await DirectoryIndex.open(set, reference, context.geometry.clusterSize, options);
      for await (const batch of index.walk(state, undefined, options)) {
        for (const { entry, nodeOffset } of batch) {
          const name = parseFileName(entry.key);
          const offset = nodeOffset + entry.offset;
          if (name === undefined) {
            state.add('entry-invalid', record, offset, { field: 'key' });
            continue;
          }
          entries += 1;
          const found = { directory: record, name: name.name, record: entry.reference.record, offset };
          if (previous !== undefined && compareNames(previous, name.name, upCase) >= 0)
            outOfOrder.add({ ...found, reason: `sorts before "${previous}"` });
          previous = name.name;
          const key = nameKey(entry.reference.record, name.nameSpace, name.name);
          const row = rows.get(key);
          rows.delete(key);
          const reason = whyNoRecord(table, row, entry.reference);
          if (reason !== undefined) entriesWithoutRecord.add({ ...found, reason });
        }
      }
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      state.add('root-invalid', record, 0, { reason: error.message });
    }
    if (state.count > 0) damaged += 1;
    for (const row of rows.values()) addUnindexed(table, record, row, state.count === 0, recordsWithoutEntry);
    options?.onProgress?.(record + 1, columns.records);
  }
  return { directories, entries, damaged, entriesWithoutRecord, recordsWithoutEntry, outOfOrder };
}

function whyNoRecord(
  { columns }: MftTable,
  row: number | undefined,
  { record, sequence }: FileReference,
): string | undefined {
  if (record >= columns.records) return 'there is no such record';
  const state = columns.flags[record];
  if ((state & RecordState.bad) !== 0) return 'the record is damaged';
  if ((state & RecordState.inUse) === 0) return 'the record is free';
  if (sequence !== 0 && columns.sequence[record] !== sequence)
    return `the record has sequence ${columns.sequence[record]}, the entry ${sequence}`;
  return row === undefined ? 'the record has no such name' : undefined;
}

function addUnindexed(table: MftTable, directory: number, row: number, indexWhole: boolean, findings: Findings): void {
  const { columns } = table;
  const record = columns.nameRecord[row];
  if (record === NO_ROW || (columns.flags[record] & RecordState.inUse) === 0) return;
  const sequence = columns.nameParentSequence[row];
  const reason =
    sequence !== 0 && sequence !== columns.sequence[directory]
      ? `its parent reference has sequence ${sequence}, the directory ${columns.sequence[directory]}`
      : indexWhole
        ? 'no index entry'
        : 'no index entry in the readable part of the index';
  findings.add({ directory, name: table.name(row).name, record, reason });
}

function nameKey(record: number, nameSpace: number, name: string): string {
  return `${record}:${nameSpace}:${name}`;
}
