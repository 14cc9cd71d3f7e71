import type { CauseKind } from './cause-kind.js';

/** Causes in NTFS and in the volume. */
export type DataCauseId = 'ntfs-attrlist-name-offset';

export const DATA_CAUSES: Readonly<Record<DataCauseId, CauseKind>> = {
  'ntfs-attrlist-name-offset': {
    phase: 'data',
    codes: ['0x00000024'],
    repair: { class: 'in-place', operation: null },
    sources: ['Azure repair-script-library, win-fix-ntfs-attribute-list'],
  },
};
