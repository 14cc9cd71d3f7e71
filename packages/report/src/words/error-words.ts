import type { CoreErrorCode, Location } from '@deadbox/core';
import type { DiskErrorCode } from '@deadbox/disk';
import type { EncryptionErrorCode } from '@deadbox/encryption';
import type { FatErrorCode } from '@deadbox/fat';
import type { ImageErrorCode } from '@deadbox/image';
import type { NtfsErrorCode } from '@deadbox/ntfs';
import type { RepairErrorCode } from '@deadbox/repair';
import type { TriageErrorCode } from '@deadbox/triage';
import type { WindowsErrorCode } from '@deadbox/windows';
import type { Phrase } from '../document/phrase.js';
import type { Facts } from './facts.js';

/** Error codes of the command line itself. */
export type OutputErrorCode =
  | 'OUTPUT_FAILED'
  | 'OUTPUT_IS_INPUT'
  | 'HASH_LIMIT'
  | 'TARGET_REFUSED'
  | 'OUT_OF_MEMORY'
  | 'TIME_LIMIT'
  | 'DIAGNOSTICS_REFUSED'
  | 'DIAGNOSTICS_DAMAGED'
  | 'NOT_RECORDED'
  | QueueErrorCode;

/** Error codes of a queue: what gives them is installed by those who use one. */
export type QueueErrorCode = 'QUEUE_UNREACHABLE' | 'QUEUE_DENIED' | 'QUEUE_OTHER_RUN' | 'QUEUE_EMPTY' | 'WORKER_LOST';

/** Every code that an error of deadbox can have. */
export type ErrorCode =
  | CoreErrorCode
  | ImageErrorCode
  | EncryptionErrorCode
  | NtfsErrorCode
  | FatErrorCode
  | DiskErrorCode
  | WindowsErrorCode
  | TriageErrorCode
  | RepairErrorCode
  | OutputErrorCode;

/** An error as a report has it: without its place and facts where the report keeps neither. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly at?: Location;
  readonly data?: Facts;
}

/** What was wrong with the way a verb was called, by id with its facts. */
export interface UsageFacts {
  readonly 'include-unknown': { readonly word: string; readonly meant: string | null };
  readonly 'target-unknown': { readonly word: string; readonly known: string; readonly meant: string | null };
  readonly 'target-and-quick': object;
  readonly 'newest-clean-and-quick': object;
  readonly 'no-readable-volume': { readonly image: string; readonly volumes: number };
  readonly 'no-such-volume': { readonly image: string; readonly number: number; readonly numbers: readonly number[] };
  readonly 'no-such-disk': { readonly image: string; readonly number: number; readonly disks: readonly string[] };
  readonly 'machine-without-disks': { readonly path: string };
  readonly 'machine-too-many-disks': { readonly path: string; readonly disks: number; readonly most: number };
  readonly 'records-need-ntfs': object;
  readonly 'timeline-needs-ntfs': object;
  readonly 'not-on-volume': { readonly path: string; readonly meant: string | null };
  readonly 'is-directory': { readonly path: string };
  readonly 'not-a-hive': { readonly name: string; readonly hives: readonly string[] };
  readonly 'page-not-built': object;
  readonly 'no-walk-target': { readonly target: string };
  readonly 'no-key': { readonly path: string; readonly meant: string | null };
  readonly 'no-boot-store': { readonly image: string };
  readonly 'header-malformed': { readonly position: number };
  readonly 'no-variable': { readonly label: string; readonly name: string };
  readonly 'key-file-too-large': { readonly label: string; readonly path: string; readonly mebibytes: number };
  readonly 'key-file-unreadable': { readonly label: string; readonly path: string; readonly reason: string };
  readonly 'nothing-on-stdin': { readonly label: string };
  readonly 'folder-without-images': { readonly path: string };
  readonly 'folder-is-volume': { readonly path: string };
  readonly 'drive-elsewhere': { readonly name: string };
  readonly 'no-match': { readonly pattern: string };
  readonly 'rules-unreadable': { readonly folder: string; readonly reason: string };
  readonly 'rules-empty': { readonly folder: string };
  readonly 'rules-twice': { readonly folder: string; readonly name: string };
  readonly 'rule-unreadable': { readonly path: string; readonly reason: string };
  readonly 'no-rule': { readonly name: string; readonly meant: string | null };
  readonly 'zone-unknown': { readonly zone: string };
  readonly 'write-needs-undo': object;
  readonly 'undo-needs-folder': { readonly path: string };
  readonly 'write-or-overlay': object;
  readonly 'fix-needs-file': { readonly image: string };
  readonly 'time-limit-malformed': { readonly text: string };
  readonly 'fix-needs-no-export': { readonly image: string };
  readonly 'language-unknown': { readonly language: string; readonly meant: string | null };
  readonly 'export-needs-output': object;
  readonly 'two-forms': object;
  readonly 'output-name': { readonly path: string; readonly fault: 'device' | 'stream' | 'end' };
  readonly 'output-twice': { readonly path: string };
  readonly 'no-targets': object;
  readonly 'targets-unreadable': { readonly path: string; readonly reason: string };
  readonly 'targets-empty': { readonly path: string };
  readonly 'no-queue': object;
  readonly 'one-site': object;
  /** `executable`: it runs as one file without Node, which loads no packages. */
  readonly 'fleet-missing': { readonly executable: boolean };
  readonly 'fleet-secret': { readonly path: string };
  readonly 'shard-malformed': { readonly text: string };
  readonly 'report-form': { readonly path: string; readonly known: string; readonly meant: string | null };
  readonly 'journal-unreadable': { readonly path: string; readonly reason: string };
  readonly 'journal-foreign': { readonly path: string };
  readonly 'journal-changed': { readonly path: string };
  readonly 'journal-version': { readonly path: string; readonly found: string; readonly known: string };
  readonly 'journal-other-run': { readonly path: string; readonly other: string | null };
  readonly 'shell-unknown': {
    readonly shell: string;
    readonly known: readonly string[];
    readonly meant: string | null;
  };
  readonly 'verb-missing': { readonly name: string };
}

/** Ids of faults in a call. */
export type UsageId = keyof UsageFacts;

/** One such fault. */
export type UsageProblem = { readonly [Id in UsageId]: { readonly id: Id; readonly facts: UsageFacts[Id] } }[UsageId];

/** Faults in the form of a call, by the name that the parser of the command line has for each. */
export type CallFault =
  | 'unknownOption'
  | 'unknownCommand'
  | 'missingArgument'
  | 'optionMissingArgument'
  | 'invalidArgument'
  | 'excessArguments';

export interface ErrorWords {
  /** What happened, by code, place and facts; the message that the error was made with follows where it says more. */
  error(error: ShownError): Phrase;
  readonly usage: { readonly [Id in UsageId]: (facts: UsageFacts[Id]) => Phrase };
  /**
   * What the parser of the command line refuses.
   * @param names - what it put in quotes: options, arguments, values
   * @param message - its own, in English
   */
  readonly call: Readonly<Record<CallFault, (names: readonly string[], message: string) => Phrase>>;
  /** What was most likely meant: follows a sentence without a full stop. */
  meant(name: string): Phrase;
  /** Where a value stands that nobody typed: follows the same. */
  settingFrom(key: string, place: string): Phrase;
  /** Where all options are listed. */
  readonly callHelp: Phrase;
  unexpected(message: string): Phrase;
  /** How to name a parent that was not found. */
  readonly parentOption: Phrase;
}
