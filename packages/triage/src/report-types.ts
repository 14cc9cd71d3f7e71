import type { Evidence, Issue, Json } from '@deadbox/core';
import type { DiskInfo, ImageInfo, VolumeInfo } from '@deadbox/disk';
import type { FileContent, ProvisionalReason, Severity } from './words.js';

// Report data: ids and numbers only. Every word an operator reads stands in @deadbox/report.

/** The eight times of a file: both sets, ISO-8601 UTC with seven digits, `null` where not set. */
export interface FileTimes {
  modified: string | null;
  created: string | null;
  changed: string | null;
  accessed: string | null;
  /** The same four of the `$FILE_NAME` that lies in the judged folder. */
  nameModified: string | null;
  nameCreated: string | null;
  nameChanged: string | null;
  nameAccessed: string | null;
}

/** One run of clusters of a file. */
export interface ReportedRun {
  /** First cluster on the volume; `null` for a hole. */
  lcn: number | null;
  clusters: number;
  /** Byte offset on the virtual disk; `null` for a hole. */
  offset: number | null;
}

/** One file that a rule looked at. */
export interface FileReport extends FileTimes {
  path: string;
  /** What the file is: a class of the rule, or `deleted`, `quarantined`, `look-alike` for files that are shown and not judged. */
  class: string;
  content: FileContent;
  notes: string[];
  /** Bytes. */
  size: number;
  /** Valid data length in bytes: what was really written. */
  initializedSize: number;
  record: number;
  sequence: number;
  /** SHA-256 of the content; `null` when it could not be read. */
  sha256: string | null;
  foundBy: 'index' | 'mft' | 'index-slack';
  deleted: boolean;
  runs: ReportedRun[];
  evidence: Evidence[];
}

/** What one rule says of one installation. */
export interface RuleResult {
  /** Name of the rule. */
  rule: string;
  verdict: string;
  severity: Severity;
  confidence: 'normal' | 'lower' | 'confirmed' | 'likely' | 'file-only' | 'contradicted';
  notes: string[];
  provisional: ProvisionalReason[];
  files: FileReport[];
}

/** One Windows installation. */
export interface InstallationReport extends RuleResult {
  /** 1-based volume number. */
  volume: number;
  /** Path of the Windows folder, as stored. */
  root: string;
  /** False for `Windows.old` and shadow copies: shown, never counted. */
  active: boolean;
  /** Results of all rules; the worst is repeated in the installation itself. */
  rules: RuleResult[];
  /** Which server this is; empty where the registry was not read. */
  host: Record<string, Json>;
  history: Record<string, Json>[];
  crash: Record<string, Json>[];
  boot: { verdict: string; findings: Record<string, Json>[] };
  nextSteps: Record<string, Json>[];
}

/** Something that keeps the disk's content from being seen or trusted. */
export interface Obstacle {
  /** An id of docs/obstacles.md, e.g. `bitlocker-clear-key`. */
  id: string;
  /** 1-based volume number; `null` for the whole image. */
  volume: number | null;
  evidence: Evidence[];
  /** Effect and advice as ids with data; the report has the words. */
  effect: string;
  advice: string;
  data: Record<string, Json>;
}

/** A volume that nobody can judge as it is. */
export interface UnjudgedVolume {
  volume: number;
  verdict: 'blocked-encrypted' | 'unreadable';
  /** Whether it could hold Windows: 4 GiB or more, or the largest of the disk. */
  couldHoldWindows: boolean;
  reason: string;
}

/** What reading cost, counted at the file handle below every cache. */
export interface Cost {
  reads: number;
  bytes: number;
  milliseconds: number;
}

/** The report of one image. */
export interface ImageReport {
  path: string;
  verdict: string;
  severity: Severity;
  provisional: ProvisionalReason[];
  /** Numbers of the volumes that could hold Windows and could not be judged. */
  unjudged: number[];
  unjudgedVolumes: UnjudgedVolume[];
  image: ImageInfo;
  disk: DiskInfo;
  volumes: VolumeInfo[];
  installations: InstallationReport[];
  obstacles: Obstacle[];
  issues: Issue[];
  cost: Cost;
}

/** An image that could not be opened. */
export interface FailedImage {
  path: string;
  error: { code: string; message: string };
}

/** The whole report of `deadbox scan --json`. */
export interface ScanReport {
  schema: 'deadbox.scan/1';
  provenance: {
    tool: string;
    version: string;
    rules: { id: string; name: string; sha256: string }[];
    options: Record<string, Json>;
    startedAt: string;
    finishedAt: string;
  };
  images: (ImageReport | FailedImage)[];
  summary: ScanSummary;
}

/** Counts over all images. */
export interface ScanSummary {
  images: number;
  failed: number;
  severities: Record<Severity, number>;
  verdicts: Record<string, number>;
  exitCode: number;
}

/** Whether `image` could not be opened. */
export function isFailedImage(image: ImageReport | FailedImage): image is FailedImage {
  return 'error' in image;
}
