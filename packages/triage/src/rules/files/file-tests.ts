import { type FileTime, parseFileTime } from '@deadbox/core';
import { MAX_MATCHED_TEXT } from '../../limits.js';
import type { FileClass, FileTests } from '../rule.js';
import { FILE_CONDITIONS } from '../rule-keys.js';

/** The facts of one file that tests ask about. */
export interface TestedFile {
  readonly name: string;
  readonly size: number;
  /** `$STANDARD_INFORMATION` modified; `undefined` when not set. */
  readonly modified: FileTime | undefined;
  /** Every known creation time: of `$STANDARD_INFORMATION` and of each judged `$FILE_NAME`. */
  readonly created: readonly FileTime[];
  /** First bytes of the content, as far as they were read. */
  readonly head?: Uint8Array;
  readonly sha256?: string;
  readonly peVersion?: string;
  readonly peOriginalName?: string;
}

type Test<Key extends keyof FileTests> = (
  wanted: NonNullable<FileTests[Key]>,
  file: TestedFile,
  tests: FileTests,
) => boolean;

const modifiedMeets: Test<'modified|gte' | 'modified|lt'> = (_, file, tests) =>
  timesMeet({ from: tests['modified|gte'], before: tests['modified|lt'] }, knownTimes(file.modified));

/** One creation time must meet every bound on it. */
const createdMeets: Test<'created|gte' | 'created|lt' | 'created|later-than'> = (_, file, tests) => {
  const later = tests['created|later-than'];
  const reference = later === undefined ? undefined : later.field === 'modified' ? file.modified : file.created[0];
  if (later !== undefined && reference === undefined) return false;
  const after = reference === undefined ? undefined : reference + BigInt(later?.seconds ?? 0) * 10_000_000n;
  return timesMeet({ from: tests['created|gte'], before: tests['created|lt'], after }, file.created);
};

/** What each condition asks of a file; one on a fact that is not known fails. */
const TESTS: { readonly [key in keyof typeof FILE_CONDITIONS]: Test<key> } = {
  'modified|gte': modifiedMeets,
  'modified|lt': modifiedMeets,
  'modified|exists': (wanted, { modified }) => (modified !== undefined) === wanted,
  'created|gte': createdMeets,
  'created|lt': createdMeets,
  'created|exists': (wanted, { created }) => created.length > 0 === wanted,
  'created|later-than': createdMeets,
  'size|gte': (wanted, { size }) => size >= wanted,
  'size|lt': (wanted, { size }) => size < wanted,
  'name|re': (wanted, { name }) => textMatches(wanted, name),
  header: (wanted, { head }, { offset = 0 }) => headerMatches(head, offset, wanted),
  offset: () => true,
  'hashes.SHA-256': (wanted, { sha256 }) => [wanted].flat().some((digest) => digest.toLowerCase() === sha256),
  'pe.version|gte': (wanted, { peVersion }) => peVersion !== undefined && compareVersions(peVersion, wanted) >= 0,
  'pe.version|lt': (wanted, { peVersion }) => peVersion !== undefined && compareVersions(peVersion, wanted) < 0,
  'pe.original_name': (wanted, { peOriginalName }) => peOriginalName?.toLowerCase() === wanted.toLowerCase(),
};

/** Conditions that need the version resource of a program. */
const VERSION_CONDITIONS = ['pe.version|gte', 'pe.version|lt', 'pe.original_name'] as const;

/** Whether all `tests` hold for `file`. */
export function fileMeets(tests: FileTests, file: TestedFile): boolean {
  return (Object.keys(FILE_CONDITIONS) as (keyof FileTests)[]).every((key) => {
    const wanted = tests[key];
    return wanted === undefined || (TESTS[key] as Test<typeof key>)(wanted, file, tests);
  });
}

/** Whether `tests` ask for the version resource of a program. */
export function asksForVersion(tests: FileTests): boolean {
  return VERSION_CONDITIONS.some((key) => tests[key] !== undefined);
}

/** The class of `file` and its notes: the first class whose tests hold. */
export function classify(
  classes: readonly FileClass[],
  file: TestedFile,
): { class: string; notes: string[] } | undefined {
  const found = classes.find((candidate) => fileMeets(candidate, file));
  if (found === undefined) return undefined;
  return {
    class: found.class,
    notes: found.notes.filter((note) => fileMeets(note, file)).map(({ note }) => note),
  };
}

/** Whether a rule's expression fits a text of the disk, any case. Long texts are cut: the work is bounded by both. */
export function textMatches(pattern: string, text: string): boolean {
  return new RegExp(pattern, 'i').test(text.slice(0, MAX_MATCHED_TEXT));
}

/** The same; `undefined` where it does not fit what is tried of a longer text. */
export function wholeTextMatches(pattern: string, text: string): boolean | undefined {
  return textMatches(pattern, text) || (text.length > MAX_MATCHED_TEXT ? undefined : false);
}

function knownTimes(time: FileTime | undefined): FileTime[] {
  return time === undefined ? [] : [time];
}

function timesMeet(
  bounds: { from: string | undefined; before: string | undefined; after?: FileTime | undefined },
  times: readonly FileTime[],
): boolean {
  const from = bounds.from === undefined ? undefined : parseFileTime(bounds.from);
  const before = bounds.before === undefined ? undefined : parseFileTime(bounds.before);
  const { after } = bounds;
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
