import type { Evidence, Issue, Json } from '@deadbox/core';
import type { DiskInfo, ImageInfo, VolumeInfo } from '@deadbox/disk';
import type {
  BootFinding,
  BootFlags,
  BootRemedy,
  BootVerdict,
  CheckedEntry,
  HiveHealthFinding,
  HiveHealthVerdict,
  IdentityWitness,
  SourceFact,
} from '@deadbox/windows';
import type { CauseId } from '../cause-kinds/cause-kinds.js';
import type { BootLogReport, CauseReport, PlatformReport, StartVerdict } from './cause-report.js';
import type { HostReport } from './host-report.js';
import type { MachineDisk } from './machine-disk.js';
import type { NextStep, RuleResult } from './rule-result.js';
import type { ServerReport } from './server-report.js';
import type { TimelineReport } from './timeline-report.js';
import type { ProvisionalReason, ScanVerdict, Severity } from './words.js';

// Report data: ids and numbers only. Every word an operator reads stands in @deadbox/report.

/** A registry value that a fact of the host was read from. */
export interface RegistrySource {
  /** Path of the hive. */
  readonly hive: string;
  /** Path of the key from the root of the hive. */
  readonly key: string;
  /** Name of the value; empty for the default value. */
  readonly value: string;
  /** Byte offset of the value's cell in the hive file. */
  readonly fileOffset: number;
  /** Byte offset of its data in the hive file. */
  readonly dataFileOffset: number;
  /** Byte offset of the cell on the virtual disk; `null` where the hive's bytes do not lie there verbatim. */
  readonly offset: number | null;
}

/** One trace of a file that a rule looks for. */
export interface HistoryEvent {
  /** Where it was recorded. */
  readonly source: 'index-slack' | 'deleted-record' | 'journal';
  /** Name of the file at that time. */
  readonly name: string;
  /** File record number. */
  readonly record: number | null;
  /** When: the journal's time, else the file's modification time. */
  readonly time: string | null;
  /** Last written, ISO-8601 UTC. */
  readonly modified: string | null;
  /** Created, ISO-8601 UTC. */
  readonly created: string | null;
  /** Class that the trace's times give; `null` for the journal, which has none. */
  readonly class: string | null;
  /** USN reason names. */
  readonly reasons: string[];
  /** Journal: the name appeared. */
  readonly came?: boolean;
  /** Journal: the name vanished. */
  readonly went?: boolean;
  /** Byte offset on the volume of an index trace. */
  readonly offset: number | null;
}

/** When files of a rule came and went; it explains, it never changes a verdict. */
export interface HistoryReport {
  /** What happened to the files, oldest first. */
  readonly events: HistoryEvent[];
  /** The folder that the events are about. */
  readonly folder: string;
  /** How far the change journal reaches back; `null` where it was not read or is empty. */
  readonly journalFrom: string | null;
  /** When a file of a class that the rule calls bad came; `null` without a trace of one. */
  readonly badFrom: string | null;
  /** When it went; `null` where nothing tells. */
  readonly badUntil: string | null;
}

/** One crash, as a dump, an error report or the start-up repair log tells it. */
export interface CrashReport {
  /** What kind of evidence it is. */
  readonly source:
    | 'minidump'
    | 'memory-dump'
    | 'page-file'
    | 'dedicated-dump-file'
    | 'live-report'
    | 'error-report'
    | 'startup-repair'
    | 'event';
  /** Path of the file. */
  readonly path: string;
  /** When, ISO-8601 UTC; `null` where nothing tells. */
  readonly time: string | null;
  /** Stop code, e.g. `0x00000050`. */
  readonly code: string | null;
  /** Name of the stop code, where it is known. */
  readonly codeName: string | null;
  /** Parameters of the stop code, hexadecimal. */
  readonly parameters: string[];
  /** The driver that the evidence names. */
  readonly module: string | null;
  /** Every driver that it names. */
  readonly modules: string[];
}

/** Condition of one registry hive. */
export interface HiveReport {
  /** Path of the hive. */
  readonly path: string;
  readonly verdict: HiveHealthVerdict;
  readonly findings: readonly HiveHealthFinding[];
  /** Status and stop codes that Windows would show. */
  readonly codes: string[];
}

/** Result of the boot check. */
export interface BootReport {
  readonly verdict: BootVerdict;
  /** What the boot verdict asks for. */
  readonly severity: Severity;
  /** What was found, in the order of the start. */
  readonly findings: readonly BootFinding[];
  /** Codes that the machine would show. */
  readonly codes: string[];
  /** What would mend it. */
  readonly remedies: readonly BootRemedy[];
  /** The store that the machine would use. */
  readonly store: { readonly partition: number; readonly path: string; readonly firmware: 'uefi' | 'bios' } | null;
  /** The disk's id now, the id that witnesses name, and the witnesses. */
  readonly identity: {
    readonly current: string;
    readonly former: string | null;
    readonly witnesses: readonly IdentityWitness[];
  } | null;
  /** The entries that the start would use. */
  readonly entries: readonly CheckedEntry[];
  /** Settings of the default entry. */
  readonly flags: BootFlags;
}

/** One Windows installation. */
export interface InstallationReport extends RuleResult {
  /** 1-based volume number. */
  readonly volume: number;
  /** Path of the Windows folder, as stored. */
  readonly root: string;
  /** False for `Windows.old` and shadow copies: shown, never counted. */
  readonly active: boolean;
  /** The shadow copy that it lies in, 1 being the oldest; absent for the volume's present state. */
  readonly shadowCopy?: { number: number; created: string | null };
  /** Results of all rules; the worst is repeated in the installation itself. */
  readonly rules: RuleResult[];
  /** Which server this is; empty where the registry was not read. */
  readonly host: HostReport;
  /** The registry values that the host's facts were read from; only with `explain`. */
  readonly registrySources?: readonly RegistrySource[];
  /** The files that were read for this report, with their state; empty in a quick scan. */
  readonly sources: readonly SourceFact[];
  /** Traces of the judged files on the volume: when each came and went. */
  readonly history: HistoryEvent[];
  /** What the history comes to; `null` in a quick scan. */
  readonly historySummary: Pick<HistoryReport, 'journalFrom' | 'badFrom' | 'badUntil'> | null;
  /** Crash evidence: dumps, error reports, events. */
  readonly crash: CrashReport[];
  /** The boot check; `not-checked` where it was not made. */
  readonly boot: BootReport;
  /** Condition of the registry hives. */
  readonly hives: HiveReport[];
  /** On which platforms it can start, by platform; absent where that was not examined. */
  readonly platforms?: Readonly<Record<string, PlatformReport>>;
  /** When it last ran, what was changed about then, and when it failed first; absent where that was not examined. */
  readonly timeline?: TimelineReport;
  /** What to do, of the rules and of the scan, in the order to try it. */
  readonly nextSteps: readonly NextStep[];
}

/** Ids of the obstacles; docs/obstacles.md lists them. */
export type ObstacleId =
  | 'bitlocker-clear-key'
  | 'bitlocker-leftover'
  | 'case-or-short-name'
  | 'cloud-placeholder'
  | 'damaged-table-or-boot-sector'
  | 'dedup'
  | 'differencing-without-parent'
  | 'dirty-log'
  | 'dynamic-disk'
  | 'files-only'
  | 'foreign-volume-manager'
  | 'hibernated'
  | 'in-use'
  | 'link'
  | 'optical-disc'
  | 'parts-beside'
  | 'refs'
  | 'saved-vm-state'
  | 'sector-size'
  | 'snapshot-beside'
  | 'snapshot-chain'
  | 'storage-spaces'
  | 'vhdx-log'
  | 'wof'
  | 'wrong-partition';

/** Something that keeps the disk's content from being seen or trusted. */
export interface Obstacle {
  readonly id: ObstacleId;
  /** 1-based volume number; `null` for the whole image. */
  readonly volume: number | null;
  /** The bytes that show it. */
  evidence: Evidence[];
  /** Effect and advice as ids with data; the report has the words. */
  readonly effect: `${ObstacleId}.effect`;
  readonly advice: `${ObstacleId}.advice`;
  /** The facts that the words need. */
  readonly data: Record<string, Json>;
}

/** A volume that nobody can judge as it is. */
export interface UnjudgedVolume {
  /** 1-based volume number. */
  readonly volume: number;
  /** `blocked-encrypted`: a key is missing; `unreadable`: damaged or not recognised. */
  readonly verdict: Exclude<ScanVerdict, 'no-windows'>;
  /** Whether it could hold Windows: 4 GiB or more, or the largest of the disk. */
  readonly couldHoldWindows: boolean;
  /** What encrypts it, or why it cannot be read. */
  readonly reason: string;
}

/** What reading cost, counted at the file handle below every cache. */
export interface Cost {
  readonly reads: number;
  readonly bytes: number;
  /** Wall-clock time. */
  readonly milliseconds: number;
}

/** The report of one image. */
export interface ImageReport {
  /** Path or name of the image, as it was given. */
  readonly path: string;
  /** The machine that it is a disk of; absent where the image itself was named. */
  readonly machine?: MachineDisk;
  /** The worst word of its installations and barriers. */
  verdict: string;
  /** What the image asks for. */
  readonly severity: Severity;
  /** Why something reassuring is not proven, over all installations. */
  readonly provisional: ProvisionalReason[];
  /** Numbers of the volumes that could hold Windows and could not be judged. */
  readonly unjudged: number[];
  /** Every volume that could not be judged, with the reason. */
  readonly unjudgedVolumes: UnjudgedVolume[];
  readonly image: ImageInfo;
  readonly disk: DiskInfo;
  /** The volumes, in the order of offsets. */
  readonly volumes: VolumeInfo[];
  /** Every Windows installation that was found. */
  readonly installations: InstallationReport[];
  /** Id of the cause that stands in the headline: the worst of `causes`; `null` without one. */
  readonly cause: CauseId | null;
  /** Whether Windows starts, as far as the disk tells. */
  readonly starts: StartVerdict;
  /** Why it does not start, or might not, the worst first; what is only worth knowing last. */
  readonly causes: CauseReport[];
  /** What the boot manager recorded of the last starts. */
  readonly bootLog: BootLogReport;
  /** What keeps the content from being seen or trusted. */
  readonly obstacles: Obstacle[];
  /** What opening the disk survived. */
  readonly issues: Issue[];
  /** What reading cost; differs from run to run. */
  readonly cost: Cost;
}

/** An image that could not be opened. */
export interface FailedImage {
  /** Path or name of the image, as it was given. */
  readonly path: string;
  /** The machine that it is a disk of; absent where the image itself was named. */
  readonly machine?: MachineDisk;
  /** Why it could not be opened. */
  readonly error: { code: string; message: string };
  /** Id of the cause that stands in the headline; `null` where why it cannot be opened is no cause. */
  readonly cause: CauseId | null;
  /** `doubtful` where what kept it from being opened keeps it from starting as well. */
  readonly starts: StartVerdict;
  /** What kept it from being opened, where that is a cause. */
  readonly causes: CauseReport[];
  /** What kept it from being opened, where it is an obstacle with an advice: a missing parent. */
  readonly obstacles: Obstacle[];
}

/** The whole report of `deadbox scan --json`. */
export interface ScanReport {
  /** Name and version of this form. */
  readonly schema: 'deadbox.scan/1';
  /** What made the report, with which rules and options (without secrets), and when (ISO-8601 UTC). */
  readonly provenance: {
    tool: string;
    version: string;
    rules: { id: string; name: string; sha256: string }[];
    options: Record<string, Json>;
    startedAt: string;
    finishedAt: string;
  };
  /** One entry an image, in the order they were given. */
  readonly images: (ImageReport | FailedImage)[];
  readonly summary: ScanSummary;
}

/**
 * Images whose disks have one identity: attached to one Windows together, it gives one of them another, and that one
 * boots no more.
 */
export interface SharedIdentity {
  /** GPT disk GUID or MBR signature. */
  readonly diskId: string;
  /** Paths of the images, in the order they were given. */
  readonly paths: string[];
}

/** Counts over all images. */
export interface ScanSummary {
  /** How many targets. */
  readonly images: number;
  /** How many could not be opened. */
  readonly failed: number;
  /** How many of each severity. */
  readonly severities: Record<Severity, number>;
  /** How many of each verdict. */
  readonly verdicts: Record<string, number>;
  /** How many of each answer to whether Windows starts; an image that could not be opened counts as well. */
  readonly starts: Record<StartVerdict, number>;
  /** Disks with one identity: they must not be attached to one Windows together. */
  readonly sharedIdentities: SharedIdentity[];
  /** The images by server, and which state of each to restore; only where that was asked for. */
  readonly servers?: readonly ServerReport[];
  /** 0 nothing to act on, 1 something to act on, 2 nothing could be opened, 3 a person must look. */
  readonly exitCode: number;
}

/** Whether `image` could not be opened. */
export function isFailedImage(image: ImageReport | FailedImage): image is FailedImage {
  return 'error' in image;
}
