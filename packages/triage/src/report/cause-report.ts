import type { Evidence, Json } from '@deadbox/core';
import type { BootOutcome } from '@deadbox/windows';
import type { CausePhase, CauseRepair } from '../cause-kinds/cause-kind.js';
import type { CauseId } from '../cause-kinds/cause-kinds.js';
import type { RepairRequest } from './repair-request.js';
import type { Severity } from './words.js';

/** How surely a finding explains a start that fails: it proves it, speaks strongly for it, or is worth a look. */
export type CauseConfidence = 'proves' | 'strong' | 'hint';

/** Why Windows on this disk does not start, or might not. */
export interface CauseReport {
  readonly id: CauseId;
  /** How far the start comes. */
  readonly phase: CausePhase;
  /** `none`: worth knowing, no cause of anything by itself. */
  readonly severity: Severity;
  readonly confidence: CauseConfidence;
  /** 1-based volume number; `null` for the whole disk. */
  readonly volume: number | null;
  /** The Windows folder that it concerns; `null` where it concerns every Windows of the disk. */
  readonly installation: string | null;
  /** Status and stop codes that the screen would show, the likeliest first. */
  readonly codes: readonly string[];
  /** The facts that the words need. */
  readonly data: Readonly<Record<string, Json>>;
  /** The bytes that show it. */
  readonly evidence: readonly Evidence[];
  /** The smallest repair. */
  readonly repair: CauseRepair;
  /** What `deadbox fix` is asked to change for it; absent where nothing in place cures it. */
  readonly requests?: readonly RepairRequest[];
  /** How many more findings of this kind in this place there are that are not listed; absent without any. */
  readonly more?: number;
}

/**
 * Whether Windows on this disk starts, as far as the disk tells: `no` a cause is proven; `doubtful` something speaks
 * against it, or could not be examined; `nothing-found`; `not-checked` in a quick scan, and where there was no Windows
 * to check.
 */
export type StartVerdict = 'no' | 'doubtful' | 'nothing-found' | 'not-checked';

/** What the boot manager's own log tells. Its times are the firmware's clock, without a zone. */
export interface BootLogReport {
  /** Starts, oldest first. */
  readonly starts: readonly {
    readonly at: string | null;
    /** GUID of the boot store's entry that was started last, in braces; `null` where none was. */
    readonly entry: string | null;
    /** The file of that entry, or the file that could not be started. */
    readonly path: string | null;
    readonly outcome: BootOutcome;
  }[];
  /** The failure that was recorded last, with the clock of its start. */
  readonly lastFailure: {
    readonly at: string | null;
    /** NTSTATUS, e.g. `0xC000000E`. */
    readonly status: string;
    readonly path: string | null;
  } | null;
}

/** Whether an installation can start on a platform, and what it lacks there. */
export interface PlatformReport {
  /** `yes`: it ran there or is bound and loadable; `likely`: everything is there; `no`: something is missing. */
  readonly starts: 'yes' | 'likely' | 'no';
  /** What is missing or in the way: names of drivers and devices. */
  readonly missing: readonly string[];
}
