import type { Bytes } from '@deadbox/core';
import { encryptionError } from '../errors.js';
import { MAX_KEY_FILE, MAX_KEYS_PER_PROTECTOR } from '../limits.js';
import { freeTextRows } from './free-text.js';
import { type KeyProvider, keyList, type LockedVolume, type TextKey, type UnlockKey } from './key-provider.js';
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
/** Lines of a file of passwords that are looked at: more than are tried, for the empty and repeated ones. */
const MAX_PASSWORD_LINES = 1024;

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
  for (const text of textsOf(input, label)) {
    const file = keysOfRows(rowsOf(plainText(text), label), label);
    if (file.count > 0) return file;
  }
  throw malformed(label, 'it holds no key id together with its recovery password');
}

function rowsOf(text: string, label: string): Iterable<KeyRow> {
  const rows = rowsIn(text);
  // The engine's own message may quote the text.
  if (rows === undefined) throw malformed(label, 'it is not valid JSON');
  return rows;
}

/** `undefined` when it begins as JSON and is none. */
function rowsIn(text: string): Iterable<KeyRow> | undefined {
  if (/^\s*(?:\[|\{\s*["}])/.test(text)) return jsonRows(text);
  return ldifRows(text) ?? csvRows(text) ?? freeTextRows(text);
}

function keysOfRows(rows: Iterable<KeyRow>, label: string): KeyFile {
  const { withoutId, ...file } = sortedRows(rows, 2);
  if (file.count > 0 || withoutId.length !== 1) return { label, ...file };
  return { label, entries: file.entries, withoutId: withoutId[0], count: 1, skipped: [] };
}

interface SortedRows extends Pick<KeyFile, 'entries' | 'count' | 'skipped'> {
  readonly withoutId: readonly KeyFileEntry[];
}

/** @param most - passwords without an id that are kept */
function sortedRows(rows: Iterable<KeyRow>, most: number): SortedRows {
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
    const isNew = found !== undefined && !withoutId.some(({ password }) => password === found.password);
    if (isNew && withoutId.length < most) withoutId.push({ line, password: found.password });
    if (skipped.length < MAX_SKIPPED) skipped.push({ line, reason: found === undefined ? 'no-password' : 'no-id' });
  }
  return { entries, count, skipped, withoutId };
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
 * different passwords for one id no more than 16: the next one is only named (`overLimit`).
 */
export function keyFileProvider(file: KeyFile): KeyProvider {
  return {
    keysFor({ protectors }: LockedVolume): UnlockKey[] {
      const fitting = protectors.filter((protector) => protector.type === 'recovery-password');
      if (file.withoutId === undefined) return fitting.flatMap(({ id }) => keysForId(file, id));
      return fitting.length === 0 ? [] : [keyOf(file.withoutId, file.label)];
    },
  };
}

function keysForId({ entries, label }: Pick<KeyFile, 'entries' | 'label'>, id: string): UnlockKey[] {
  const all = [...(entries.get(id) ?? []), ...(entries.get(id.slice(0, 8)) ?? [])];
  const different = [...new Map(all.toReversed().map((entry) => [entry.password, entry])).values()].toReversed();
  return limited(different.map((entry) => ({ ...keyOf(entry, label), protectorId: id })));
}

function keyOf({ line, password }: KeyFileEntry, label: string): TextKey {
  return { kind: 'recovery-password', label: `${label} line ${line}`, text: password };
}

/** As many keys as are tried for one protector, and one more that is only named. */
function limited(keys: readonly TextKey[]): TextKey[] {
  return keys
    .slice(0, MAX_KEYS_PER_PROTECTOR + 1)
    .map((key, index) => (index < MAX_KEYS_PER_PROTECTOR ? key : { ...key, overLimit: true }));
}

/**
 * The recovery password in a file or text that should hold one, such as the text that Windows saves.
 * @returns its 48 digits; where there is none, or more than one, the first line as it stands
 */
export function recoveryPasswordIn(input: string | Bytes): string {
  const texts = textsOf(input, 'recovery password');
  for (const text of texts) {
    const found = new Set(freeTextRows(plainText(text)).flatMap((row) => row.passwords));
    if (found.size === 1) return [...found][0];
  }
  return firstLine(texts[0]);
}

/**
 * All recovery passwords in a file or text that somebody says to hold what opens a volume. A single one is tried on
 * every volume, whatever id stands beside it. Of several, those with an id are for that id, and up to 16 without one
 * are tried on every volume. A text without any stands for itself, so that what is mistyped in it can be told.
 * @throws DeadboxError `KEY_FILE_MALFORMED` when it is too large
 */
export function recoveryKeysIn(input: string | Bytes, label: string): KeyProvider {
  const texts = textsOf(input, label);
  const all = allPasswordsIn(texts);
  const [first = firstLine(texts[0]), second] = all === undefined ? [] : differentIn(all);
  if (all === undefined || second === undefined) return keyList([{ kind: 'recovery-password', label, text: first }]);
  const file = { label, entries: all.entries };
  const loose = limited(all.withoutId.map((entry) => keyOf(entry, label)));
  return {
    keysFor: ({ protectors }) => [
      ...protectors.flatMap(({ id, type }) => (type === 'recovery-password' ? keysForId(file, id) : [])),
      ...loose,
    ],
  };
}

/**
 * What the first reading of the texts that finds a password finds: by the form that it seems to have, else as prose.
 */
function allPasswordsIn(texts: readonly string[]): SortedRows | undefined {
  for (const text of texts) {
    const plain = plainText(text);
    for (const read of [rowsIn, freeTextRows]) {
      const sorted = sortedRows(read(plain) ?? [], MAX_KEYS_PER_PROTECTOR + 1);
      if (sorted.count > 0 || sorted.withoutId.length > 0) return sorted;
    }
  }
  return undefined;
}

/** The first two different passwords: whether there is more than one. */
function differentIn({ entries, withoutId }: SortedRows): string[] {
  const different = new Set<string>();
  for (const list of [withoutId, ...entries.values()]) {
    for (const { password } of list) different.add(password);
    if (different.size > 1) break;
  }
  return [...different];
}

/**
 * The passwords in a file or text: one a line, tried in their order, up to 16. A password may end in a space, never in
 * a line break.
 * @throws DeadboxError `KEY_FILE_MALFORMED` when it is too large
 */
export function passwordsIn(input: string | Bytes, label: string): TextKey[] {
  const keys = new Map<string, TextKey>();
  const texts = textsOf(input, label);
  for (const text of texts) {
    let line = 0;
    for (const password of text.split(/\r\n|\r|\n/, MAX_PASSWORD_LINES)) {
      line += 1;
      const key: TextKey = { kind: 'password', label: line === 1 ? label : `${label} line ${line}`, text: password };
      if (password !== '' && !keys.has(password)) keys.set(password, key);
    }
  }
  return keys.size === 0 ? [{ kind: 'password', label, text: '' }] : limited([...keys.values()]);
}

function textsOf(input: string | Bytes, label: string): string[] {
  if (input.length > MAX_KEY_FILE) throw malformed(label, `it is larger than ${MAX_KEY_FILE} bytes`);
  return typeof input === 'string' ? [input] : decodeTexts(input);
}

const firstLine = (text: string): string => text.split(/\r\n|\r|\n/, 1)[0];

function malformed(label: string, what: string): Error {
  return encryptionError('KEY_FILE_MALFORMED', `${label} cannot be used: ${what}`);
}
