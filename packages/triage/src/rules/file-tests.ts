import { type FileTime, parseFileTime } from '@deadbox/core';
import type { FileClass, FileTests, TimeTest } from './rule.js';

/** The facts of one file that tests ask about. */
export interface TestedFile {
  readonly name: string;
  readonly size: number;
  /** `$STANDARD_INFORMATION` modified; `undefined` when not set. */
  readonly modified: FileTime | undefined;
  /** Every known creation time: of `$STANDARD_INFORMATION` and of each judged `$FILE_NAME`. */
  readonly created: readonly FileTime[];
  /** First bytes of the content, as far as they were read. */
  head?: Uint8Array;
  readonly sha256?: string;
  readonly peVersion?: string;
  readonly peOriginalName?: string;
}

/** Whether all `tests` hold for `file`; a test on a fact that is not known fails. */
export function fileMeets(tests: FileTests, file: TestedFile): boolean {
  const { modified, created, size, nameMatches, header, sha256, peVersion, peOriginalName } = tests;
  if (modified !== undefined && !timesMeet(modified, file.modified === undefined ? [] : [file.modified], file))
    return false;
  if (created !== undefined && !timesMeet(created, file.created, file)) return false;
  if (size?.gte !== undefined && file.size < size.gte) return false;
  if (size?.lt !== undefined && file.size >= size.lt) return false;
  if (nameMatches !== undefined && !new RegExp(nameMatches, 'i').test(file.name)) return false;
  if (header !== undefined && !headerMatches(file.head, header.offset, header.hex)) return false;
  if (sha256 !== undefined && (file.sha256 === undefined || !sha256.includes(file.sha256))) return false;
  if (peVersion !== undefined) {
    if (file.peVersion === undefined) return false;
    if (peVersion.lt !== undefined && compareVersions(file.peVersion, peVersion.lt) >= 0) return false;
    if (peVersion.gte !== undefined && compareVersions(file.peVersion, peVersion.gte) < 0) return false;
  }
  return peOriginalName === undefined || file.peOriginalName?.toLowerCase() === peOriginalName.toLowerCase();
}

/** The class of `file` and its notes: the first class whose tests hold. */
export function classify(
  classes: readonly FileClass[],
  file: TestedFile,
): { class: string; notes: string[] } | undefined {
  const found = classes.find((candidate) => fileMeets(candidate.tests, file));
  if (found === undefined) return undefined;
  return {
    class: found.class,
    notes: found.notes.filter((note) => fileMeets(note.tests, file)).map((note) => note.note),
  };
}

function timesMeet(test: TimeTest, times: readonly FileTime[], file: TestedFile): boolean {
  if (test.exists !== undefined && times.length > 0 !== test.exists) return false;
  if (test.gte === undefined && test.lt === undefined && test.laterThan === undefined) return true;
  const from = test.gte === undefined ? undefined : parseFileTime(test.gte);
  const before = test.lt === undefined ? undefined : parseFileTime(test.lt);
  const reference =
    test.laterThan === undefined ? undefined : test.laterThan.field === 'modified' ? file.modified : file.created[0];
  if (test.laterThan !== undefined && reference === undefined) return false;
  const after = reference === undefined ? undefined : reference + BigInt(test.laterThan?.seconds ?? 0) * 10_000_000n;
  return times.some(
    (time) =>
      (from === undefined || time >= from) &&
      (before === undefined || time < before) &&
      (after === undefined || time > after),
  );
}

/** Compares dotted version numbers part by part, missing parts as 0. */
export function compareVersions(left: string, right: string): number {
  const a = left.split('.').map(Number);
  const b = right.split('.').map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** YARA hex string without jumps: pairs of hex digits, `?` for any nibble. */
function headerMatches(head: Uint8Array | undefined, offset: number, hex: string): boolean {
  const digits = hex.replaceAll(/\s/g, '').toLowerCase();
  if (head === undefined || offset + digits.length / 2 > head.length) return false;
  for (let i = 0; i < digits.length; i += 1) {
    const want = digits[i];
    const byte = head[offset + (i >> 1)];
    const nibble = (i % 2 === 0 ? byte >> 4 : byte & 15).toString(16);
    if (want !== '?' && want !== nibble) return false;
  }
  return true;
}
