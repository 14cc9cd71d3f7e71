import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Bytes } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { repairError } from './errors.js';
import { placeOf, writeJournal } from './journal/journal-file.node.js';
import {
  JOURNAL_SCHEMA,
  type JournalFile,
  journalOperations,
  type SectorState,
  sectorState,
  type UndoJournal,
} from './journal/undo-journal.js';
import type { RepairPlan } from './plan/repair-plan.js';
import { type BlockReader, type BlockWriter, endsBefore, openReader, openWriter } from './storage/block-writer.node.js';
import { fileOf, headerWrites, type ImageFile } from './storage/container-headers.js';
import type { StoredWrite } from './storage/sector-write.js';
import { refuseConflicts, storedWrites } from './storage/stored-write.js';

/** Options of {@link applyRepair} and {@link undoRepair}. */
export interface WriteOptions {
  /** Opens a file or device for writing; for tests of power cuts and full disks. */
  readonly open?: (path: string) => BlockWriter;
  /** Name and version of the program that writes, for the journal. */
  readonly tool?: { readonly name: string; readonly version: string };
  /** Time of the journal. */
  readonly now?: () => Date;
}

/** What was written. */
export interface AppliedRepair {
  /** Sectors written. */
  readonly sectors: number;
  /** Bytes that differ. */
  readonly changedBytes: number;
  readonly files: readonly string[];
}

/**
 * Writes a plan. The undo journal is complete and flushed before the first byte changes; each operation is flushed
 * before the next.
 * @param undo - path of the undo file; must not exist
 * @throws DeadboxError `REPAIR_REFUSED`, `REPAIR_JOURNAL_EXISTS`, `REPAIR_NOT_STORED`, `REPAIR_UNEXPECTED_BYTES`,
 * `REPAIR_WRITE_FAILED`
 */
export async function applyRepair(
  disk: Disk,
  plan: RepairPlan,
  undo: string,
  options: WriteOptions = {},
): Promise<AppliedRepair> {
  if (plan.operations.length === 0) throw repairError('REPAIR_REFUSED', 'The plan changes nothing');
  const changes = await storedWrites(disk, plan);
  const [first] = changes;
  const random = crypto.getRandomValues(new Uint8Array(16));
  const headers = await withTop(disk, (top) => headerWrites(disk, top, fileOf(first.source, first.file), random));
  const writes: StoredWrite[] = [...headers, ...changes.map(({ source: _, sector: __, ...write }) => write)];
  // The journal must find the files from any folder.
  const located = writes.map((write) => ({ ...write, file: absolute(write.file) }));
  const files = [...new Set(located.map(({ file }) => file))];
  const places = new Map(files.map((file) => [file, placeOf(file)]));
  refuseConflicts(located, (file) => places.get(file) ?? file);
  checkUnchanged(located, options);
  const { tool = { name: 'deadbox', version: '0' }, now = () => new Date() } = options;
  writeJournal(undo, {
    schema: JOURNAL_SCHEMA,
    tool: tool.name,
    version: tool.version,
    createdAt: now().toISOString(),
    image: { path: disk.name, format: disk.image.format, virtualSize: disk.image.size },
    files: files.map((path) => ({ path, size: sizeOf(path) })),
    operations: journalOperations(plan),
    writes: located,
  });
  writeSectors(located, 'after', options, `; deadbox undo ${undo} puts back what was written`);
  return { sectors: located.length, changedBytes: located.reduce((sum, write) => sum + differing(write), 0), files };
}

/** The file that the image was opened by, which may be another one than those that store its sectors. */
async function withTop<T>(disk: Disk, work: (top: ImageFile) => Promise<T>): Promise<T> {
  const handles: BlockReader[] = [];
  const path = disk.name;
  const read = (offset: number, length: number): Bytes => {
    if (handles.length === 0) handles.push(openReader(path));
    return handles[0].read(offset, length);
  };
  try {
    return await work({ path, size: sizeOf(path), read });
  } finally {
    for (const handle of handles) handle.close();
  }
}

/** A Windows device has no folder that its path could be relative to. */
function absolute(path: string): string {
  return /^\\\\[.?]\\/.test(path) ? path : resolve(path);
}

/** Bytes of a file; 0 for a device, which says nothing of its size here. */
function sizeOf(path: string): number {
  return factsOf(path)?.size ?? 0;
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Nobody may have written to the image since the plan was made; a device that is in use refuses here, before anything
 * is written.
 */
function checkUnchanged(writes: readonly StoredWrite[], options: WriteOptions): void {
  const changed = withWriters(writes, options.open ?? openWriter, stateOf).findIndex((state) => state !== 'before');
  if (changed < 0) return;
  const { file, offset } = writes[changed];
  throw repairError(
    'REPAIR_UNEXPECTED_BYTES',
    `The sector at byte ${offset} of ${file} is not what the plan saw: somebody else writes to it`,
    { at: { layer: file, offset } },
  );
}

/** What an undo file says about the image as it is now. */
export interface JournalState {
  readonly journal: UndoJournal;
  /** One for each write of the journal. */
  readonly sectors: readonly SectorState[];
}

/** What is stored in a file that was cut, or made shorter, lies elsewhere now. */
function checkSizes(files: readonly JournalFile[]): void {
  for (const { path, size } of files) {
    const stats = factsOf(path);
    if (stats?.isFile() === true && stats.size < size) throw endsBefore(path, stats.size);
  }
}

/** Compares the image with a journal: applied, not begun, or cut off in the middle. */
export function journalState(journal: UndoJournal, options: WriteOptions = {}): JournalState {
  checkSizes(journal.files);
  return { journal, sectors: withWriters(journal.writes, options.open ?? openReader, stateOf) };
}

/**
 * Puts every byte back, in the reverse order, whatever point the repair had reached.
 * @throws DeadboxError `REPAIR_UNEXPECTED_BYTES` before anything is written when a sector is neither old nor new;
 * `REPAIR_WRITE_FAILED`
 */
export function undoRepair(journal: UndoJournal, options: WriteOptions = {}): AppliedRepair {
  return moveTo(journal, 'before', options);
}

/** Writes what an interrupted repair left undone. Throws as {@link undoRepair} does. */
export function finishRepair(journal: UndoJournal, options: WriteOptions = {}): AppliedRepair {
  return moveTo(journal, 'after', options);
}

function moveTo(journal: UndoJournal, to: 'before' | 'after', options: WriteOptions): AppliedRepair {
  const { sectors } = journalState(journal, options);
  const foreign = sectors.indexOf('foreign');
  if (foreign >= 0) {
    const { file, offset } = journal.writes[foreign];
    throw repairError(
      'REPAIR_UNEXPECTED_BYTES',
      `The sector at byte ${offset} of ${file} holds neither the old nor the new bytes: the disk was changed since`,
      { at: { layer: file, offset } },
    );
  }
  const open = journal.writes.filter((_, i) => sectors[i] !== to);
  const ordered = to === 'before' ? open.toReversed() : open;
  writeSectors(ordered, to, options);
  const changedBytes = ordered.reduce((sum, write) => sum + differing(write), 0);
  return { sectors: ordered.length, changedBytes, files: [...new Set(ordered.map(({ file }) => file))] };
}

/** @param advice - what is said behind the reason, where it fails */
function writeSectors(
  writes: readonly StoredWrite[],
  to: 'before' | 'after',
  options: WriteOptions,
  advice = '',
): void {
  let written = 0;
  try {
    withWriters(writes, options.open ?? openWriter, (writer, write) => {
      writer.write(write.offset, write[to]);
      // One flush a sector: the order of the plan holds on the medium as well.
      writer.flush();
      written += 1;
    });
  } catch (error) {
    throw repairError(
      'REPAIR_WRITE_FAILED',
      `Writing stopped after ${written} of ${writes.length} sectors: ${(error as Error).message}${advice}`,
      { data: { written, sectors: writes.length }, cause: error },
    );
  }
}

function withWriters<W extends BlockReader, T>(
  writes: readonly StoredWrite[],
  open: (path: string) => W,
  work: (writer: W, write: StoredWrite) => T,
): T[] {
  const writers = new Map<string, W>();
  try {
    // All of them first: where one cannot be opened, nothing has been written to another.
    for (const { file } of writes) if (!writers.has(file)) writers.set(file, open(file));
    return writes.map((write) => work(writers.get(write.file) as W, write));
  } finally {
    for (const writer of writers.values()) writer.close();
  }
}

function stateOf(reader: BlockReader, write: StoredWrite): SectorState {
  return sectorState(write, reader.read(write.offset, write.before.length));
}

function differing({ before, after }: StoredWrite): number {
  return before.reduce((count, value, i) => count + (value === after[i] ? 0 : 1), 0);
}
