import { type Bytes, formatGuid, utf16Text } from '@deadbox/core';
import { encryptionError } from '../errors.js';
import { MAX_KEY_FILE } from '../limits.js';
import { parseDelimited } from './delimited-text.js';
import type { KeyProvider, LockedVolume, UnlockKey } from './key-provider.js';

/** Recovery passwords of many volumes by the id of their key protector. */
export interface KeyFile {
  /** What messages call the file. */
  readonly label: string;
  /** Passwords by id: upper-case GUID, or its first eight digits where the file has no more. */
  readonly entries: ReadonlyMap<string, readonly KeyFileEntry[]>;
  /** Number of entries. */
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

/** Headings of columns (letters and digits only, lower case) that hold the id, best first: plain, manage-bde, AD, Entra / Graph, MBAM / ConfigMgr. */
const ID_COLUMNS = [
  'keyid',
  'recoverykeyid',
  'bitlockerkeyid',
  'bitlockerrecoverykeyid',
  'keyprotectorid',
  'msfverecoveryguid',
  'recoveryguid',
  'recoveryid',
  'passwordid',
  'id',
  'name',
  'distinguishedname',
];
/** The same for the password. */
const PASSWORD_COLUMNS = [
  'recoverypassword',
  'msfverecoverypassword',
  'bitlockerrecoverypassword',
  'recoverykey',
  'bitlockerrecoverykey',
  'key',
  'password',
];

/**
 * Reads a key file: CSV (comma, semicolon or tab) with the headings that exports of Active Directory, Entra and MBAM have, the plain form
 * `keyId,recoveryPassword` with or without heading, or JSON (a list of objects, `{"value": […]}` as Graph answers, or an object id → password).
 * @param input - text, or the file's bytes (UTF-8 or UTF-16 with its mark, as PowerShell writes)
 * @throws DeadboxError `KEY_FILE_MALFORMED` when it holds no entry at all
 */
export function parseKeyFile(input: string | Bytes, label = 'key file'): KeyFile {
  if (input.length > MAX_KEY_FILE) throw malformed(label, `it is larger than ${MAX_KEY_FILE} bytes`);
  const text = (typeof input === 'string' ? input : decodeText(input)).replace(/^\uFEFF/, '');
  const rows = /^\s*[[{]/.test(text) ? jsonRows(text, label) : csvRows(text);
  const entries = new Map<string, KeyFileEntry[]>();
  const skipped: SkippedLine[] = [];
  let count = 0;
  for (const { line, ids, passwords } of rows) {
    const id = firstOf(ids, idOf);
    const password = firstOf(passwords, passwordOf);
    if (id === undefined || password === undefined) {
      if (skipped.length < MAX_SKIPPED) skipped.push({ line, reason: id === undefined ? 'no-id' : 'no-password' });
      continue;
    }
    const same = entries.get(id);
    if (same === undefined) entries.set(id, [{ line, password }]);
    else same.push({ line, password });
    count += 1;
  }
  if (count === 0) throw malformed(label, 'it holds no line with a key id and a recovery password');
  return { label, entries, count, skipped };
}

/** Picks the entries whose id is that of one of the volume's recovery passwords; no other is ever stretched. */
export function keyFileProvider(file: KeyFile): KeyProvider {
  return {
    keysFor({ protectors }: LockedVolume): UnlockKey[] {
      return protectors
        .filter((protector) => protector.type === 'recovery-password')
        .flatMap(({ id }) =>
          [...(file.entries.get(id) ?? []), ...(file.entries.get(id.slice(0, 8)) ?? [])].map(
            ({ line, password }): UnlockKey => ({
              kind: 'recovery-password',
              label: `${file.label} line ${line}`,
              text: password,
              protectorId: id,
            }),
          ),
        );
    },
  };
}

interface Row {
  readonly line: number;
  /** Cells that may hold the id, and the password, best first. */
  readonly ids: readonly string[];
  readonly passwords: readonly string[];
}

function csvRows(text: string): Row[] {
  const rows = parseDelimited(text);
  const headings = rows[0]?.cells.map(heading) ?? [];
  const idColumns = columnsOf(headings, ID_COLUMNS);
  const passwordColumns = columnsOf(headings, PASSWORD_COLUMNS);
  const headed = idColumns.length > 0 && passwordColumns.length > 0;
  return rows.slice(headed ? 1 : 0).map(({ line, cells }) => ({
    line,
    ids: headed ? idColumns.map((at) => cells[at] ?? '') : cells,
    passwords: headed ? passwordColumns.map((at) => cells[at] ?? '') : cells,
  }));
}

function jsonRows(text: string, label: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own message may quote the text.
    throw malformed(label, 'it is not valid JSON');
  }
  if (!Array.isArray(value) && isObject(value) && Array.isArray(value['value'])) value = value['value'];
  if (Array.isArray(value)) return value.map((item, i) => objectRow(item, i + 1));
  return isObject(value)
    ? Object.entries(value).map(([id, password], i) => ({ line: i + 1, ids: [id], passwords: [String(password)] }))
    : [];
}

function objectRow(item: unknown, line: number): Row {
  const names = isObject(item) ? Object.keys(item) : [];
  const headings = names.map(heading);
  const values = (columns: number[]): string[] =>
    columns.map((at) => String((item as Record<string, unknown>)[names[at]]));
  return {
    line,
    ids: values(columnsOf(headings, ID_COLUMNS)),
    passwords: values(columnsOf(headings, PASSWORD_COLUMNS)),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function heading(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function columnsOf(headings: readonly string[], wanted: readonly string[]): number[] {
  return wanted.map((name) => headings.indexOf(name)).filter((at) => at >= 0);
}

function firstOf(cells: readonly string[], read: (cell: string) => string | undefined): string | undefined {
  for (const cell of cells) {
    const value = read(cell);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A GUID anywhere in the cell (AD names are `time{GUID}`), an octet string as hexadecimal or base64, or eight digits alone. */
function idOf(cell: string): string | undefined {
  const guid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i.exec(cell)?.[0];
  if (guid !== undefined) return guid.toUpperCase();
  const trimmed = cell.trim();
  if (/^[0-9a-f]{8}$/i.test(trimmed)) return trimmed.toUpperCase();
  const octets = /^(?:X'|0x)?([0-9a-f]{32})'?$/i.exec(trimmed)?.[1];
  if (octets !== undefined)
    return formatGuid(Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(octets.slice(i * 2, i * 2 + 2), 16)));
  if (!/^[A-Za-z0-9+/]{22}==$/.test(trimmed)) return undefined;
  return formatGuid(Uint8Array.from(atob(trimmed), (character) => character.charCodeAt(0)));
}

function passwordOf(cell: string): string | undefined {
  return /(?:\d{6}[-\s]?){7}\d{6}/.exec(cell.normalize('NFKC'))?.[0];
}

function decodeText(bytes: Bytes): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16Text(bytes.subarray(2));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

function malformed(label: string, what: string): Error {
  return encryptionError('KEY_FILE_MALFORMED', `${label} cannot be used: ${what}`);
}
