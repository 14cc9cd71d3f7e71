import type { FileTree, Issue, ReadOptions } from '@deadbox/core';
import type { OpenMachine } from '@deadbox/windows';
import type { CrashFacts } from '../evidence/crash-report.js';
import { MAX_DETECTORS } from '../limits.js';
import { platformsOf } from '../platforms/platforms.js';
import type { CauseReport, PlatformReport } from '../report/cause-report.js';
import type { TimelineReport } from '../report/timeline-report.js';
import { Doubts } from '../subject/doubts.js';
import { installationSubject } from '../subject/installation-subject.js';
import { inFlight } from '../subject/shared.js';
import { doubtExhausted, windowsQuestions } from './ask-windows.js';
import { reportedCause } from './cause.js';
import { readTimeline } from './timeline/read-timeline.js';

/** A Windows of which only the files are seen. */
export interface FolderInput {
  readonly tree: FileTree;
  readonly root: string;
  readonly machine: OpenMachine | undefined;
  readonly crash: CrashFacts | undefined;
}

/** What its files and hives tell of its start. */
export interface FolderResult {
  readonly causes: readonly CauseReport[];
  /** What kept causes from being decided. */
  readonly issues: readonly Issue[];
  readonly platforms: Readonly<Record<string, PlatformReport>>;
  readonly timeline: TimelineReport;
}

/**
 * Asks the files and hives of a folder why its Windows does not start: everything but the firmware, the boot store, the
 * partitions and the volume's structures. Nothing is proven by a folder, which may be a part of a volume, and nothing
 * can be changed in it.
 */
export async function examineFolder(input: FolderInput, options: ReadOptions): Promise<FolderResult> {
  const doubts = new Doubts();
  const unseen = { volume: undefined, firmware: 'none', lastKnownGood: false, target: undefined } as const;
  const subject = installationSubject({ ...input, ...unseen, doubts });
  const detected = await inFlight(await windowsQuestions(subject, options), MAX_DETECTORS, (detect) => detect());
  await doubtExhausted(subject, options);
  const platforms = await platformsOf(subject, options);
  const timeline = await readTimeline(subject, options);
  return { causes: detected.flat().map(reportedCause).map(unproven), issues: doubts.issues, platforms, timeline };
}

function unproven({ requests: _, ...cause }: CauseReport): CauseReport {
  return cause.confidence === 'proves' ? { ...cause, confidence: 'strong' } : cause;
}
