import type { ReadOptions } from '@deadbox/core';
import type { Disk, VolumeInfo } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import type { CrashFacts } from '../evidence/crash-report.js';
import type { DiskBootStores } from '../machine/boot-stores.js';
import type { MachineFacts } from '../machine/machine-report.js';
import { platformsOf } from '../platforms/platforms.js';
import type { PlatformReport } from '../report/cause-report.js';
import type { BootReport, InstallationReport, Obstacle } from '../report/report-types.js';
import type { TimelineReport } from '../report/timeline-report.js';
import { diskSubject, firmwareOf } from '../subject/disk-subject.js';
import { Doubts } from '../subject/doubts.js';
import { installationSubject, type VolumeSubject } from '../subject/installation-subject.js';
import { type CauseResult, findCauses } from './find-causes.js';
import { readTimeline } from './timeline/read-timeline.js';

/** What a full scan read before it asks why Windows does not start. */
export interface StartInput {
  readonly disk: Disk;
  readonly volumes: readonly VolumeInfo[];
  readonly stores: DiskBootStores;
  readonly boot: BootReport | undefined;
  readonly obstacles: readonly Obstacle[];
  readonly installations: readonly InstallationReport[];
  /** What stands behind each of `installations`, in their order. */
  readonly read: readonly { readonly machine: MachineFacts | undefined; readonly crash: CrashFacts | undefined }[];
  readonly target: string | undefined;
}

/**
 * {@link CauseResult}, and what else was found of each of the installations that were given, in their order;
 * `undefined` for one that is not active.
 */
export interface StartResult extends CauseResult {
  readonly platforms: readonly (Readonly<Record<string, PlatformReport>> | undefined)[];
  readonly timelines: readonly (TimelineReport | undefined)[];
}

/** Asks why Windows on the disk does not start. */
export async function examineStart(input: StartInput, options: ReadOptions): Promise<StartResult> {
  const { disk, stores, installations } = input;
  const firmware = firmwareOf(disk, stores);
  const subjects: (VolumeSubject | undefined)[] = [];
  for (const [index, { active, volume: number, root }] of installations.entries()) {
    const volume = disk.volumes.find((candidate) => candidate.number === number);
    const tree = active ? await volume?.fileTree(options) : undefined;
    const { machine, crash } = input.read[index] ?? {};
    subjects.push(
      volume === undefined || !(tree instanceof NtfsVolume)
        ? undefined
        : installationSubject({
            volume,
            tree,
            root,
            machine: machine?.opened,
            crash,
            firmware,
            lastKnownGood: input.boot?.flags.lastKnownGood === true,
            target: input.target,
            doubts: new Doubts(),
          }),
    );
  }
  const subject = diskSubject({ ...input, firmware, doubts: new Doubts(), installations: subjects.filter(isThere) });
  const platforms = [];
  for (const one of subjects) platforms.push(one === undefined ? undefined : await platformsOf(one, options));
  const causes = await findCauses(subject, installations, options);
  const timelines = [];
  for (const one of subjects) timelines.push(one === undefined ? undefined : await readTimeline(one, options));
  return { ...causes, platforms, timelines };
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
