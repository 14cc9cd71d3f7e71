import type { Evidence, Json } from '@deadbox/core';
import type { BootRemedy } from '@deadbox/windows';
import type { RuleText, RuleWords } from './rule-text.js';
import type { FileContent, ProvisionalReason, RuleConfidence, Severity } from './words.js';

/** The eight times of a file: both sets, ISO-8601 UTC with seven digits, `null` where not set. */
export interface FileTimes {
  /** `$STANDARD_INFORMATION`: content last written. */
  readonly modified: string | null;
  /** `$STANDARD_INFORMATION`: created. */
  readonly created: string | null;
  /** `$STANDARD_INFORMATION`: record last changed. */
  readonly changed: string | null;
  /** `$STANDARD_INFORMATION`: last read. */
  readonly accessed: string | null;
  /** The same four of the `$FILE_NAME` that lies in the judged folder. */
  readonly nameModified: string | null;
  /** `$FILE_NAME`: created. */
  readonly nameCreated: string | null;
  /** `$FILE_NAME`: record last changed. */
  readonly nameChanged: string | null;
  /** `$FILE_NAME`: last read. */
  readonly nameAccessed: string | null;
}

/** One run of clusters of a file. */
export interface ReportedRun {
  /** First cluster on the volume; `null` for a hole. */
  readonly lcn: number | null;
  /** Length in clusters. */
  readonly clusters: number;
  /** Byte offset on the virtual disk; `null` for a hole. */
  readonly offset: number | null;
}

/** One file that a rule looked at. */
export interface FileReport extends FileTimes {
  /** Path on the volume, names as stored. */
  readonly path: string;
  /**
   * What the file is: a class of the rule, or `deleted`, `quarantined`, `look-alike` for files that are shown and not
   * judged.
   */
  readonly class: string;
  /** Whether the content is whole, by the valid data length first. */
  readonly content: FileContent;
  /** Ids of what is worth knowing besides the class. */
  readonly notes: string[];
  /** Bytes. */
  readonly size: number;
  /** Valid data length in bytes: what was really written; `null` where only the files of a mounted folder were seen. */
  readonly initializedSize: number | null;
  /** File record number; `null` where only the files of a mounted folder were seen. */
  readonly record: number | null;
  /** Sequence number of the record; `null` without one. */
  readonly sequence: number | null;
  /** SHA-256 of the content; `null` when it could not be read. */
  readonly sha256: string | null;
  /**
   * `index`: by the folder's index; `mft`: by the records whose parent is the folder; `index-slack`: by what is left of
   * a removed entry; `folder`: by the system at whose mounted folder it was looked for.
   */
  readonly foundBy: 'index' | 'mft' | 'index-slack' | 'folder';
  /** Whether its record is free. */
  readonly deleted: boolean;
  /** Where its content lies, the first runs of it. */
  readonly runs: ReportedRun[];
  /** Version of its version resource; only where a rule asked for it. */
  readonly fileVersion?: string;
  /** Original name in its version resource; only where a rule asked for it. */
  readonly originalName?: string;
  /** Where its record lies, with the bytes. */
  readonly evidence: Evidence[];
  /** The structures that lead to it, from the partition table to its run list; only with `explain`. */
  readonly steps?: Evidence[];
}

/** Steps that the scan itself gives, of which the report has the words. */
export type ScanStepId =
  | 'copy-first'
  | 'repair-in-place'
  | 'hibernated'
  | 'remove-on-linux'
  | 'keep-disk-identity'
  | 'tpm-bound'
  | 'mend-hive'
  | `boot-${BootRemedy}`;

/** A step of the scan: an id with the facts that its words need. */
export interface ScanStep {
  readonly id: ScanStepId;
  readonly data: Readonly<Record<string, Json>>;
  readonly text?: undefined;
}

/**
 * A step of a rule, with its words: templates with `{paths}`, `{del}` (commands that delete them) and `{hive}`, of
 * `data`.
 */
export interface RuleStep {
  readonly id: string;
  readonly data: Readonly<Record<string, Json>>;
  readonly text: RuleText;
}

/** One thing to do. */
export type NextStep = ScanStep | RuleStep;

/** What decided a rule's verdict. */
export interface RuleDecision {
  /** Place of the row in the rule's verdict table, from 1. */
  readonly row: number;
  /** The row's condition. */
  readonly when: string;
  /** Places in `files` of the files by which the condition holds, the most telling first. */
  readonly files: readonly number[];
}

/** What one rule says of one installation. */
export interface RuleResult {
  /** Name of the rule. */
  readonly rule: string;
  /** A word of the rule's verdict table; `review` when no row of it fits. */
  readonly verdict: string;
  /** The rule's English sentence for its verdict, with the bare facts filled in; `null` where it has none. */
  readonly text: string | null;
  /** What the verdict asks for, after the test of proof. */
  readonly severity: Severity;
  /** How sure the verdict is; `normal` unless something speaks for or against it. */
  readonly confidence: RuleConfidence;
  /** Place in the installation's `crash` of the crash that settled the confidence; `null` where none did. */
  readonly confidenceFrom: number | null;
  /** Ids of what is worth knowing besides the verdict. */
  readonly notes: string[];
  /** Why a reassuring verdict is not proven; empty when it is. */
  readonly provisional: ProvisionalReason[];
  /** The files that were looked at, judged ones first. */
  readonly files: FileReport[];
  /** The row that decided, and the files; `null` when no row fits. */
  readonly decided: RuleDecision | null;
  /** What the rule says of this result, in every language that it has. */
  readonly words: RuleWords;
  /** What to do about it, as the rule says. */
  readonly nextSteps: readonly NextStep[];
}
