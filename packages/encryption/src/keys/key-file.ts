import type { Bytes } from '@deadbox/core';
import { encryptionError } from '../errors.js';
import { MAX_KEY_FILE, MAX_KEYS_PER_PROTECTOR } from '../limits.js';
import { freeTextRows } from './free-text.js';
import type { KeyProvider, LockedVolume, UnlockKey } from './key-provider.js';
import { csvRows, jsonRows, type KeyRow, ldifRows } from './key-rows.js';
import { decodeTexts, plainText } from './key-text.js';
import { findIds, findPasswords } from './key-tokens.js';

/** Recovery passwords of many volumes by the id of their key protector. */
export interface KeyFile {
  /** What messages call the file. */
  readonly label: string;
  /** Passwords by id: upper-case GUID, or its first eight digits where the file has no more. */
  readonly entries: ReadonlyMap<string, readonly KeyFileEntry[]>;
  /** The password of a file that holds a single one and no id: it may fit any volume. */
  readonly withoutId?: KeyFileEntry;
  readonly count: number;
  /** Lines (or JSON items), counted from 1, that hold no usable id and password; what stands there is not repeated. */
  readonly skipped: readonly SkippedLine[];
}

/** A line (or JSON item) that was not used. */
export interface SkippedLine {
  /** From 1. */
  readonly line: number;
  readonly reason: 'no-id' | 'no-password';
}

/** One entry of a key file. */
export interface KeyFileEntry {
  /** Line or item, from 1. */
  readonly line: number;
  /** The recovery password, 48 digits in eight groups. */
  readonly password: string;
}

/** Skipped lines that are listed; more are only noticed. */
const MAX_SKIPPED = 100;

/**
 * Reads a file with recovery passwords in whatever form they reached its owner:
 * the text that Windows saves, prints or shows, and the output of `manage-bde -protectors -get`, in any language ·
 * lists and tables of PowerShell · CSV (comma, semicolon or tab) with the headings that exports of Active Directory,
 * Entra and MBAM have, or id and password on one line · LDIF · JSON of Graph, of `ConvertTo-Json`, a list of objects,
 * an object id → password, an object a line.
 * @param input - text, or the file's bytes: UTF-8 or UTF-16, with or without a byte order mark
 * @throws DeadboxError `KEY_FILE_MALFORMED` when it holds no recovery password, or several and no id
 */
export function parseKeyFile(input: string | Bytes, label = 'key file'): KeyFile {
  if (input.length > MAX_KEY_FILE) throw malformed(label, `it is larger than ${MAX_KEY_FILE} bytes`);
  const texts = typeof input === 'string' ? [input] : decodeTexts(input);
  for (const text of texts) {
    const file = keysOfRows(rowsOf(plainText(text), label), label);
    if (file.count > 0) return file;
  }
  throw malformed(label, 'it holds no key id together with its recovery password');
}

function rowsOf(text: string, label: string): Iterable<KeyRow> {
  if (!/^\s*(?:\[|\{\s*["}])/.test(text)) return ldifRows(text) ?? csvRows(text) ?? freeTextRows(text);
  const rows = jsonRows(text);
  // The engine's own message may quote the text.
  if (rows === undefined) throw malformed(label, 'it is not valid JSON');
  return rows;
}

function keysOfRows(rows: Iterable<KeyRow>, label: string): KeyFile {
  const entries = new Map<string, KeyFileEntry[]>();
  const skipped: SkippedLine[] = [];
  const withoutId: KeyFileEntry[] = [];
  let count = 0;
  for (const { line, ids: cells, passwords } of rows) {
    const ids = firstOf(cells, findIds);
    const [found] = firstOf(passwords, findPasswords);
    if (found !== undefined && ids.length > 0) {
      count += 1;
      for (const id of ids) {
        const same = entries.get(id);
        if (same === undefined) entries.set(id, [{ line, password: found.password }]);
        else same.push({ line, password: found.password });
      }
      continue;
    }
    if (found !== undefined && withoutId.length < 2) withoutId.push({ line, password: found.password });
    if (skipped.length < MAX_SKIPPED) skipped.push({ line, reason: found === undefined ? 'no-password' : 'no-id' });
  }
  if (count > 0 || withoutId.length !== 1) return { label, entries, count, skipped };
  return { label, entries, withoutId: withoutId[0], count: 1, skipped: [] };
}

/** What the first text that holds anything holds. */
function firstOf<T>(cells: readonly string[], find: (cell: string) => T[]): T[] {
  for (const cell of cells) {
    const found = find(cell);
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * Picks the entries whose id is that of one of the volume's recovery passwords; no other is ever stretched, and of
 * different passwords for one id no more than 16.
 */
export function keyFileProvider(file: KeyFile): KeyProvider {
  const entriesFor = (id: string): KeyFileEntry[] => {
    const all = [...(file.entries.get(id) ?? []), ...(file.entries.get(id.slice(0, 8)) ?? [])];
    return [...new Map(all.toReversed().map((entry) => [entry.password, entry])).values()]
      .toReversed()
      .slice(0, MAX_KEYS_PER_PROTECTOR);
  };
  const keyOf = ({ line, password }: KeyFileEntry): UnlockKey => ({
    kind: 'recovery-password',
    label: `${file.label} line ${line}`,
    text: password,
  });
  return {
    keysFor({ protectors }: LockedVolume): UnlockKey[] {
      const fitting = protectors.filter((protector) => protector.type === 'recovery-password');
      if (file.withoutId !== undefined) return fitting.length === 0 ? [] : [keyOf(file.withoutId)];
      return fitting.flatMap(({ id }) => entriesFor(id).map((entry) => ({ ...keyOf(entry), protectorId: id })));
    },
  };
}

/**
 * The recovery password in a file or text that should hold one, such as the text that Windows saves.
 * @returns its 48 digits; where there is none, or more than one, the first line as it stands
 */
export function recoveryPasswordIn(input: string | Bytes): string {
  if (input.length > MAX_KEY_FILE) throw malformed('recovery password', `it is larger than ${MAX_KEY_FILE} bytes`);
  const texts = typeof input === 'string' ? [input] : decodeTexts(input);
  for (const text of texts) {
    const found = new Set(freeTextRows(plainText(text)).flatMap((row) => row.passwords));
    if (found.size === 1) return [...found][0];
  }
  return texts[0].split(/\r\n|\r|\n/, 1)[0];
}

function malformed(label: string, what: string): Error {
  return encryptionError('KEY_FILE_MALFORMED', `${label} cannot be used: ${what}`);
}
