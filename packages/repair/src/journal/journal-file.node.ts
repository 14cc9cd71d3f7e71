import { closeSync, fsyncSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openError } from '@deadbox/core/node';
import { repairError } from '../errors.js';
import { MAX_JOURNAL_BYTES, MAX_JOURNAL_WRITES } from '../limits.js';
import { writeNewFile } from '../storage/new-file.node.js';
import { conflictingWrite } from '../storage/sector-write.js';
import { formatJournal, invalid, parseJournal, type UndoJournal } from './undo-journal.js';

/**
 * What tells one file from another whatever it is called: the device itself, else the place on its file system, else
 * its path.
 */
export function placeOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    if (stats.isBlockDevice()) return `device ${stats.rdev}`;
    if (stats.isFile()) return `${stats.dev}:${stats.ino}`;
  } catch {
    // It is not there, or opening it says why it cannot be looked at.
  }
  return resolve(path);
}

/** @throws DeadboxError `REPAIR_JOURNAL_INVALID`, `SOURCE_NOT_FOUND`, `SOURCE_DENIED`, `SOURCE_NOT_READABLE` */
export function readJournal(path: string): UndoJournal {
  const journal = parseJournal(textOf(path));
  const places = new Map([...new Set(journal.writes.map(({ file }) => file))].map((file) => [file, placeOf(file)]));
  const own = placeOf(path);
  if ([...places.values()].includes(own)) throw invalid('it would be written over itself');
  const conflict = conflictingWrite(journal.writes, (file) => places.get(file) ?? file);
  if (conflict === undefined) return journal;
  throw invalid(`it has different bytes for byte ${conflict.offset} of ${conflict.file}`);
}

const PIECE = 1 << 20;

/** A device or a pipe says nothing of how long it is. */
function textOf(path: string): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const piece = new Uint8Array(PIECE);
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    let text = '';
    for (let total = 0; total <= MAX_JOURNAL_BYTES; ) {
      const count = readSync(handle, piece);
      if (count === 0) return text + decoder.decode();
      text += decoder.decode(piece.subarray(0, count), { stream: true });
      total += count;
    }
  } catch (error) {
    throw openError(path, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  throw repairError('REPAIR_JOURNAL_INVALID', `${path} is too large`);
}

/**
 * Writes a new undo file and flushes it. One that could not be read back is not written.
 * @throws DeadboxError `REPAIR_JOURNAL_EXISTS`, `REPAIR_NOT_STORED`, `REPAIR_WRITE_FAILED`
 */
export function writeJournal(path: string, journal: UndoJournal): void {
  writeNewFile(path, bytesOf(journal), {
    what: 'The undo file',
    kept: 'an undo file is never overwritten',
    mode: 0o600,
  });
  syncFolder(dirname(path));
}

function bytesOf(journal: UndoJournal): Uint8Array {
  const { writes } = journal;
  // Base64 takes four characters for three bytes; what is too long for a string must not be put together first.
  const least = writes.reduce((sum, { before, after }) => sum + ((before.length + after.length) / 3) * 4, 0);
  if (writes.length <= MAX_JOURNAL_WRITES && least <= MAX_JOURNAL_BYTES) {
    const bytes = new TextEncoder().encode(formatJournal(journal));
    if (bytes.length <= MAX_JOURNAL_BYTES) return bytes;
  }
  throw repairError(
    'REPAIR_NOT_STORED',
    `${writes.length} sectors would change: their undo file would be longer than the ${MAX_JOURNAL_BYTES} bytes that are read back`,
    { data: { sectors: writes.length } },
  );
}

/** The name of a new file is safe only when its folder is flushed too; not every system can. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Windows has no handle of a folder that can be flushed.
  }
}
