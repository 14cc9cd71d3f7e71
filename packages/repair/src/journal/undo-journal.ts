import { type Bytes, createSha256, equalBytes, type Json, jsonFits, toHex } from '@deadbox/core';
import { repairError } from '../errors.js';
import { MAX_JOURNAL_LEVELS, MAX_JOURNAL_WRITE_BYTES, MAX_JOURNAL_WRITES } from '../limits.js';
import type { RepairPlan } from '../plan/repair-plan.js';
import type { StoredWrite } from '../storage/sector-write.js';

/** The schema of undo files. */
export const JOURNAL_SCHEMA = 'deadbox.undo/1';

/** A file that is changed, as it was when the journal was written. */
export interface JournalFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** One sector, old and new; base64 with SHA-256, so that a journal that was edited is noticed. */
interface JournalWrite {
  readonly file: string;
  readonly offset: number;
  readonly before: string;
  readonly after: string;
  readonly beforeSha256: string;
  readonly afterSha256: string;
}

/** What puts every byte back: written and flushed before the first change. */
export interface UndoJournal {
  readonly schema: string;
  readonly tool: string;
  readonly version: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  readonly image: { readonly path: string; readonly format: string; readonly virtualSize: number };
  readonly files: readonly JournalFile[];
  /** What is done, for a reader: ids and facts of the plan. */
  readonly operations: readonly { readonly id: string; readonly volume: number | null; readonly data: Json }[];
  /** In the order in which they are written. */
  readonly writes: readonly StoredWrite[];
}

/** The journal as the text of its file. */
export function formatJournal(journal: UndoJournal): string {
  const writes = journal.writes.map(
    ({ file, offset, before, after }): JournalWrite => ({
      file,
      offset,
      before: toBase64(before),
      after: toBase64(after),
      beforeSha256: sha256(before),
      afterSha256: sha256(after),
    }),
  );
  return `${JSON.stringify({ ...journal, writes }, null, 2)}\n`;
}

/** The operations of a plan as a journal records them. */
export function journalOperations(plan: RepairPlan): UndoJournal['operations'] {
  return plan.operations.map(({ id, volume, data }) => ({ id, volume, data }));
}

/**
 * Reads an undo file back; every sector is held against its SHA-256.
 * @throws DeadboxError `REPAIR_JOURNAL_INVALID`
 */
export function parseJournal(text: string): UndoJournal {
  let journal: unknown;
  // What a sector is told in takes hundreds of characters.
  if (!jsonFits(text, { levels: MAX_JOURNAL_LEVELS, values: text.length / 16 + 1024 }))
    throw invalid('it has more items than any repair');
  try {
    journal = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(journal) || journal.schema !== JOURNAL_SCHEMA) throw invalid(`its schema is not ${JOURNAL_SCHEMA}`);
  const { writes: listed, files, operations } = journal;
  if (!Array.isArray(listed) || !Array.isArray(files) || !files.every(isFile)) throw invalid('it lists no writes');
  if (!isHead(journal) || !Array.isArray(operations) || !operations.every(isOperation))
    throw invalid('it does not say of which image it is');
  if (listed.length > MAX_JOURNAL_WRITES) throw invalid('it has more writes than any repair');
  // Of a device no size is recorded.
  const known = new Map(files.map(({ path, size }) => [path, size === 0 ? Number.MAX_SAFE_INTEGER : size]));
  const writes = listed.map((write: unknown, number): StoredWrite => {
    const found = isObject(write) ? soundWrite(write, known) : undefined;
    if (found === undefined) throw invalid(`write ${number + 1} does not match its checksums, or its file`);
    return found;
  });
  return { ...journal, files, operations, writes };
}

function soundWrite(write: Record<string, unknown>, ends: ReadonlyMap<unknown, number>): StoredWrite | undefined {
  const { file, offset } = write;
  const [before, after] = [fromBase64(write.before), fromBase64(write.after)];
  const sound =
    typeof file === 'string' &&
    isCount(offset) &&
    before.length > 0 &&
    offset + before.length <= (ends.get(file) ?? 0) &&
    before.length === after.length &&
    sha256(before) === write.beforeSha256 &&
    sha256(after) === write.afterSha256;
  return sound ? { file, offset, before, after } : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFile(value: unknown): value is JournalFile {
  return isObject(value) && typeof value.path === 'string' && isCount(value.size);
}

function isOperation(value: unknown): value is UndoJournal['operations'][number] {
  return isObject(value) && typeof value.id === 'string' && (value.volume === null || isCount(value.volume));
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** What is told of a journal before it is used. */
type Head = Pick<UndoJournal, 'schema' | 'tool' | 'version' | 'createdAt' | 'image'>;

function isHead(journal: Record<string, unknown>): journal is Record<string, unknown> & Head {
  const { tool, version, createdAt, image } = journal;
  if (typeof tool !== 'string' || typeof version !== 'string' || !isObject(image)) return false;
  if (typeof createdAt !== 'string' || !UTC.test(createdAt)) return false;
  return typeof image.path === 'string' && typeof image.format === 'string' && isCount(image.virtualSize);
}

/** What a sector of the image is, seen from a journal: as before, as after, torn between the two, or neither. */
export type SectorState = 'before' | 'after' | 'torn' | 'foreign';

/** A medium writes sectors whole; should it not, every byte is still the old or the new one. */
export function sectorState(write: StoredWrite, now: Bytes): SectorState {
  if (equalBytes(now, write.before)) return 'before';
  if (equalBytes(now, write.after)) return 'after';
  return now.every((value, i) => value === write.before[i] || value === write.after[i]) ? 'torn' : 'foreign';
}

/** An undo file that is not used. */
export function invalid(why: string): Error {
  return repairError('REPAIR_JOURNAL_INVALID', `This undo file cannot be used: ${why}`);
}

function sha256(bytes: Bytes): string {
  const hash = createSha256();
  hash.update(bytes);
  return toHex(hash.digest());
}

function toBase64(bytes: Bytes): string {
  let text = '';
  for (const value of bytes) text += String.fromCharCode(value);
  return btoa(text);
}

/** No bytes for what is no base64, or too long for one write. */
function fromBase64(text: unknown): Bytes {
  if (typeof text !== 'string' || text.length > 2 * MAX_JOURNAL_WRITE_BYTES) return new Uint8Array(0);
  try {
    const units = atob(text);
    const bytes = new Uint8Array(units.length);
    for (let i = 0; i < units.length; i += 1) bytes[i] = units.charCodeAt(i);
    return bytes;
  } catch {
    return new Uint8Array(0);
  }
}
