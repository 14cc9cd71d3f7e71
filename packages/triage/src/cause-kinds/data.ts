import type { CauseKind } from './cause-kind.js';

/** Causes in NTFS and in the volume. */
export type DataCauseId = never;

export const DATA_CAUSES: Readonly<Record<DataCauseId, CauseKind>> = {};
