import type { ReadOptions } from '@deadbox/core';
import type { KnownCauseId } from '../cause-kinds/cause-kinds.js';
import type { DiskSubject } from '../subject/disk-subject.js';
import type { InstallationSubject, VolumeSubject } from '../subject/installation-subject.js';
import type { FoundCause } from './cause.js';

/**
 * Looks for some causes in one thing. Damage that it meets may end it: then its causes are doubts of the report. What
 * it can tell apart itself, it notes with `subject.doubts` and goes on. It never says that something is missing where
 * the folder on the way could not be trusted.
 */
interface Detector<Subject> {
  /** Everything that it may find: what is in doubt when it fails. */
  readonly causes: readonly KnownCauseId[];
  readonly detect: (subject: Subject, options: ReadOptions) => Promise<readonly FoundCause[]>;
}

/** Looks at the disk: container, table, system volume, boot store. */
export type DiskDetector = Detector<DiskSubject>;

/** Looks at one active Windows, by its files. */
export type InstallationDetector = Detector<InstallationSubject>;

/** Looks at one active Windows, and at the structures of the volume that it lies on. */
export type VolumeDetector = Detector<VolumeSubject>;
