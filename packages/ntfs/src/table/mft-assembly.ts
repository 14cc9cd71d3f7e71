import type { IssueLog } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { MAX_STREAM_LINES } from '../limits.js';
import { FILE_RECORD_HEADER } from '../record/file-record.js';
import { type MftColumns, NO_ROW, RecordState } from './mft-columns.js';
import { type Extension, NO_DATA } from './mft-parser.js';

/**
 * Gives what extension records hold to their base records, and chains names and streams by record. An extension counts
 * only when its base is a base record with an `$ATTRIBUTE_LIST`, of the sequence that it names, and both are in use or
 * both free; a left-over of an older file is dropped.
 */
export function assemble(
  columns: MftColumns,
  extensions: readonly Extension[],
  recordSize: number,
  issues: IssueLog | undefined,
): void {
  for (const extension of extensions) {
    if (belongs(columns, extension)) apply(columns, extension);
    else drop(columns, extension, recordSize, issues);
  }
  columns.firstName = chain(columns.nameRecord, columns.names, columns.records, (next) => (columns.nextName = next));
  if (columns.streams > 0)
    columns.firstStream = chain(
      columns.streamRecord,
      columns.streams,
      columns.records,
      (next) => (columns.nextStream = next),
    );
  if (columns.streams > 0) capPairs(columns, recordSize, issues);
}

/**
 * A listing has a line for each stream under each name: of a file with thousands of both only so many streams are kept.
 */
function capPairs(columns: MftColumns, recordSize: number, issues: IssueLog | undefined): void {
  const { firstName, nextName, firstStream, nextStream } = columns;
  for (let record = 0; record < columns.records; record += 1) {
    if (firstStream[record] === NO_ROW) continue;
    const streams = lengthOf(firstStream[record], nextStream);
    const names = lengthOf(firstName[record], nextName);
    if (names * streams <= MAX_STREAM_LINES) continue;
    const kept = Math.max(1, Math.floor(MAX_STREAM_LINES / names));
    let row = firstStream[record];
    for (let i = 1; i < kept; i += 1) row = nextStream[row];
    nextStream[row] = NO_ROW;
    const place = { layer: '$MFT', offset: record * recordSize, record };
    addIssue(issues, 'ntfs.attribute-list', place, { names, streams, kept }, 'warning');
  }
}

function lengthOf(first: number, next: Uint32Array): number {
  let length = 0;
  for (let row = first; row !== NO_ROW; row = next[row]) length += 1;
  return length;
}

function belongs(columns: MftColumns, extension: Extension): boolean {
  const { base, holder, baseSequence } = extension;
  if (base >= columns.records) return false;
  const state = columns.flags[base];
  if ((state & (RecordState.base | RecordState.list)) !== (RecordState.base | RecordState.list)) return false;
  if ((state & RecordState.inUse) !== (columns.flags[holder] & RecordState.inUse)) return false;
  if (baseSequence === 0 || columns.sequence[base] === baseSequence) return true;
  // Deleting raises the sequence number of the base record by one.
  return (state & RecordState.inUse) === 0 && columns.sequence[base] === ((baseSequence + 1) & 0xffff);
}

function apply(columns: MftColumns, extension: Extension): void {
  const { base } = extension;
  if (extension.dataSize !== NO_DATA && (columns.flags[base] & RecordState.data) === 0) {
    columns.flags[base] |= RecordState.data;
    columns.size[base] = extension.dataSize;
  }
  if (extension.reparseTag !== 0) columns.setReparseTag(base, extension.reparseTag);
}

function drop(columns: MftColumns, extension: Extension, recordSize: number, issues: IssueLog | undefined): void {
  columns.nameRecord.fill(NO_ROW, ...extension.names);
  columns.streamRecord.fill(NO_ROW, ...extension.streams);
  if ((columns.flags[extension.holder] & RecordState.inUse) === 0) return;
  const offset = extension.holder * recordSize + FILE_RECORD_HEADER.fields.baseRecord.offset;
  addIssue(
    issues,
    'ntfs.extension-record',
    { layer: '$MFT', offset, record: extension.holder },
    { base: extension.base, baseSequence: extension.baseSequence, found: 'no such base record' },
    'warning',
  );
}

/** Heads by record of chains through rows, each chain in row order. */
function chain(owner: Uint32Array, rows: number, records: number, keepNext: (next: Uint32Array) => void): Uint32Array {
  const heads = new Uint32Array(records).fill(NO_ROW);
  const next = new Uint32Array(rows);
  for (let row = rows - 1; row >= 0; row -= 1) {
    const record = owner[row];
    if (record >= records) continue;
    next[row] = heads[record];
    heads[record] = row;
  }
  keepNext(next);
  return heads;
}
