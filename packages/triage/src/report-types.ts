import type { Evidence, Issue, Json } from '@deadbox/core';
import type { DiskInfo, ImageInfo, VolumeInfo } from '@deadbox/disk';
import type { SharedIdentity } from './shared-identities.js';
import type { FileContent, ProvisionalReason, Severity } from './words.js';

// Report data: ids and numbers only. Every word an operator reads stands in @deadbox/report.

/** The eight times of a file: both sets, ISO-8601 UTC with seven digits, `null` where not set. */
export interface FileTimes {
  /** `$STANDARD_INFORMATION`: content last written. */
  modified: string | null;
  /** `$STANDARD_INFORMATION`: created. */
  created: string | null;
  /** `$STANDARD_INFORMATION`: record last changed. */
  changed: string | null;
  /** `$STANDARD_INFORMATION`: last read. */
  accessed: string | null;
  /** The same four of the `$FILE_NAME` that lies in the judged folder. */
  nameModified: string | null;
  /** `$FILE_NAME`: created. */
  nameCreated: string | null;
  /** `$FILE_NAME`: record last changed. */
  nameChanged: string | null;
  /** `$FILE_NAME`: last read. */
  nameAccessed: string | null;
}

/** One run of clusters of a file. */
export interface ReportedRun {
  /** First cluster on the volume; `null` for a hole. */
  lcn: number | null;
  /** Length in clusters. */
  clusters: number;
  /** Byte offset on the virtual disk; `null` for a hole. */
  offset: number | null;
}

/** One file that a rule looked at. */
export interface FileReport extends FileTimes {
  /** Path on the volume, names as stored. */
  path: string;
  /** What the file is: a class of the rule, or `deleted`, `quarantined`, `look-alike` for files that are shown and not judged. */
  class: string;
  /** Whether the content is whole, by the valid data length first. */
  content: FileContent;
  /** Ids of what is worth knowing besides the class. */
  notes: string[];
  /** Bytes. */
  size: number;
  /** Valid data length in bytes: what was really written. */
  initializedSize: number;
  /** File record number. */
  record: number;
  /** Sequence number of the record. */
  sequence: number;
  /** SHA-256 of the content; `null` when it could not be read. */
  sha256: string | null;
  /** `index`: by the folder's index; `mft`: by the records whose parent is the folder; `index-slack`: by what is left of a removed entry. */
  foundBy: 'index' | 'mft' | 'index-slack';
  /** Whether its record is free. */
  deleted: boolean;
  /** Where its content lies, the first runs of it. */
  runs: ReportedRun[];
  /** Version of its version resource; only where a rule asked for it. */
  fileVersion?: string;
  /** Original name in its version resource; only where a rule asked for it. */
  originalName?: string;
  /** Where its record lies, with the bytes. */
  evidence: Evidence[];
  /** The structures that lead to it, from the partition table to its run list; only with `explain`. */
  steps?: Evidence[];
}

/** A registry value that a fact of the host was read from. */
export interface RegistrySource {
  /** Path of the hive. */
  hive: string;
  /** Path of the key from the root of the hive. */
  key: string;
  /** Name of the value; empty for the default value. */
  value: string;
  /** Byte offset of the value's cell in the hive file. */
  fileOffset: number;
  /** Byte offset of its data in the hive file. */
  dataFileOffset: number;
  /** Byte offset of the cell on the virtual disk; `null` where the hive's bytes do not lie there verbatim. */
  offset: number | null;
}

/** What one rule says of one installation. */
export interface RuleResult {
  /** Name of the rule. */
  rule: string;
  /** A word of the rule's verdict table. */
  verdict: string;
  /** The rule's own text for its verdict; `null` where the report has the words. */
  text: string | null;
  /** What the verdict asks for, after the test of proof. */
  severity: Severity;
  /** How sure the verdict is; `normal` unless something speaks for or against it. */
  confidence: 'normal' | 'lower' | 'confirmed' | 'likely' | 'file-only' | 'contradicted';
  /** Ids of what is worth knowing besides the verdict. */
  notes: string[];
  /** Why a reassuring verdict is not proven; empty when it is. */
  provisional: ProvisionalReason[];
  /** The files that were looked at, judged ones first. */
  files: FileReport[];
}

/** One trace of a file that a rule looks for. */
export interface HistoryEvent {
  /** Where it was recorded. */
  source: 'index-slack' | 'deleted-record' | 'journal';
  /** Name of the file at that time. */
  name: string;
  /** File record number. */
  record: number | null;
  /** When: the journal's time, else the file's modification time. */
  time: string | null;
  /** Last written, ISO-8601 UTC. */
  modified: string | null;
  /** Created, ISO-8601 UTC. */
  created: string | null;
  /** Class that the trace's times give; `null` for the journal, which has none. */
  class: string | null;
  /** USN reason names. */
  reasons: string[];
  /** Journal: the name appeared. */
  came?: boolean;
  /** Journal: the name vanished. */
  went?: boolean;
  /** Byte offset on the volume of an index trace. */
  offset: number | null;
}

/** When files of a rule came and went; it explains, it never changes a verdict. */
export interface HistoryReport {
  /** What happened to the files, oldest first. */
  events: HistoryEvent[];
  /** The folder that the events are about. */
  folder: string;
  /** How far the change journal reaches back; `null` where it was not read or is empty. */
  journalFrom: string | null;
  /** When a file of the bad class came; `null` without a trace of one. */
  faultyFrom: string | null;
  /** When it went; `null` where nothing tells. */
  faultyUntil: string | null;
}

/** One crash, as a dump, an error report or the start-up repair log tells it. */
export interface CrashReport {
  /** What kind of evidence it is. */
  source: 'minidump' | 'memory-dump' | 'page-file' | 'dedicated-dump-file' | 'live-report' | 'error-report' | 'startup-repair' | 'event';
  /** Path of the file. */
  path: string;
  /** When, ISO-8601 UTC; `null` where nothing tells. */
  time: string | null;
  /** Stop code, e.g. `0x00000050`. */
  code: string | null;
  /** Name of the stop code, where it is known. */
  codeName: string | null;
  /** Parameters of the stop code, hexadecimal. */
  parameters: string[];
  /** The driver that the evidence names. */
  module: string | null;
  /** Every driver that it names. */
  modules: string[];
}

/** Condition of one registry hive. */
export interface HiveReport {
  /** Path of the hive. */
  path: string;
  /** `clean`, `recoverable`, `at-risk`, `damaged`, `missing`. */
  verdict: string;
  /** What was found. */
  findings: { id: string; data: Record<string, Json> }[];
  /** Status and stop codes that Windows would show. */
  codes: string[];
}

/** Result of the boot check. */
export interface BootReport {
  /** `consistent`, `identity-changed`, `partition-missing`, `loader-missing`, `default-entry-missing`, `converted-disk`, `store-missing`, `store-damaged`, `no-system-partition`, `not-checked`. */
  verdict: string;
  /** What the boot verdict asks for. */
  severity: Severity;
  /** What was found, in the order of the start. */
  findings: { id: string; data: Record<string, Json> }[];
  /** Codes that the machine would show. */
  codes: string[];
  /** What would mend it. */
  remedies: string[];
  /** The store that the machine would use. */
  store: { partition: number; path: string; firmware: string } | null;
  /** The disk's id now, the id that witnesses name, and the witnesses. */
  identity: { current: string; former: string | null; witnesses: Json } | null;
  /** The entries that the start would use. */
  entries: Json;
  /** Settings of the default entry. */
  flags: Json;
}

/** One Windows installation. */
export interface InstallationReport extends RuleResult {
  /** 1-based volume number. */
  volume: number;
  /** Path of the Windows folder, as stored. */
  root: string;
  /** False for `Windows.old` and shadow copies: shown, never counted. */
  active: boolean;
  /** The shadow copy that it lies in, 1 being the oldest; absent for the volume's present state. */
  shadowCopy?: { number: number; created: string | null };
  /** Results of all rules; the worst is repeated in the installation itself. */
  rules: RuleResult[];
  /** Which server this is; empty where the registry was not read. */
  host: Record<string, Json>;
  /** The registry values that the host's facts were read from; only with `explain`. */
  sources?: RegistrySource[];
  /** Traces of the judged files on the volume: when each came and went. */
  history: HistoryEvent[];
  /** What the history comes to; `null` in a quick scan. */
  historySummary: { journalFrom: string | null; faultyFrom: string | null; faultyUntil: string | null } | null;
  /** Crash evidence: dumps, error reports, events. */
  crash: CrashReport[];
  /** The boot check; `not-checked` where it was not made. */
  boot: BootReport;
  /** Condition of the registry hives. */
  hives: HiveReport[];
  /** What to do, as ids with data. */
  nextSteps: { id: string; data: Record<string, Json> }[];
}

/** Something that keeps the disk's content from being seen or trusted. */
export interface Obstacle {
  /** What it is, e.g. `bitlocker-clear-key`; `@deadbox/report` has the words. */
  id: string;
  /** 1-based volume number; `null` for the whole image. */
  volume: number | null;
  /** The bytes that show it. */
  evidence: Evidence[];
  /** Effect and advice as ids with data; the report has the words. */
  effect: string;
  /** Id of what to do about it. */
  advice: string;
  /** The facts that the words need. */
  data: Record<string, Json>;
}

/** A volume that nobody can judge as it is. */
export interface UnjudgedVolume {
  /** 1-based volume number. */
  volume: number;
  /** `blocked-encrypted`: a key is missing; `unreadable`: damaged or not recognised. */
  verdict: 'blocked-encrypted' | 'unreadable';
  /** Whether it could hold Windows: 4 GiB or more, or the largest of the disk. */
  couldHoldWindows: boolean;
  /** What encrypts it, or why it cannot be read. */
  reason: string;
}

/** What reading cost, counted at the file handle below every cache. */
export interface Cost {
  /** Reads. */
  reads: number;
  /** Bytes read. */
  bytes: number;
  /** Wall-clock time. */
  milliseconds: number;
}

/** The report of one image. */
export interface ImageReport {
  /** Path or name of the image, as it was given. */
  path: string;
  /** The worst word of its installations and barriers. */
  verdict: string;
  /** What the image asks for. */
  severity: Severity;
  /** Why something reassuring is not proven, over all installations. */
  provisional: ProvisionalReason[];
  /** Numbers of the volumes that could hold Windows and could not be judged. */
  unjudged: number[];
  /** Every volume that could not be judged, with the reason. */
  unjudgedVolumes: UnjudgedVolume[];
  /** The container. */
  image: ImageInfo;
  /** The partition table. */
  disk: DiskInfo;
  /** The volumes, in the order of offsets. */
  volumes: VolumeInfo[];
  /** Every Windows installation that was found. */
  installations: InstallationReport[];
  /** What keeps the content from being seen or trusted. */
  obstacles: Obstacle[];
  /** What opening the disk survived. */
  issues: Issue[];
  /** What reading cost; differs from run to run. */
  cost: Cost;
}

/** An image that could not be opened. */
export interface FailedImage {
  /** Path or name of the image, as it was given. */
  path: string;
  /** Why it could not be opened. */
  error: { code: string; message: string };
  /** What kept it from being opened, where it is an obstacle with an advice: a missing parent. */
  obstacles: Obstacle[];
}

/** The whole report of `deadbox scan --json`. */
export interface ScanReport {
  /** Name and version of this form. */
  schema: 'deadbox.scan/1';
  /** What made the report, with which rules and options (without secrets), and when (ISO-8601 UTC). */
  provenance: {
    tool: string;
    version: string;
    rules: { id: string; name: string; sha256: string }[];
    options: Record<string, Json>;
    startedAt: string;
    finishedAt: string;
  };
  /** One entry an image, in the order they were given. */
  images: (ImageReport | FailedImage)[];
  /** Counts. */
  summary: ScanSummary;
}

/** Counts over all images. */
export interface ScanSummary {
  /** How many targets. */
  images: number;
  /** How many could not be opened. */
  failed: number;
  /** How many of each severity. */
  severities: Record<Severity, number>;
  /** How many of each verdict. */
  verdicts: Record<string, number>;
  /** Disks with one identity: they must not be attached to one Windows together. */
  sharedIdentities: SharedIdentity[];
  /** 0 nothing to act on, 1 something to act on, 2 nothing could be opened, 3 a person must look. */
  exitCode: number;
}

/** Whether `image` could not be opened. */
export function isFailedImage(image: ImageReport | FailedImage): image is FailedImage {
  return 'error' in image;
}
