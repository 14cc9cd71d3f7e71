import type { CauseKind } from './cause-kind.js';

/** Causes in the container of the disk and in its partition table. */
export type ImageCauseId =
  | 'differencing-without-parent'
  | 'damaged-table-or-boot-sector'
  | 'image-truncated'
  | 'partition-hidden';

export const IMAGE_CAUSES: Readonly<Record<ImageCauseId, CauseKind>> = {
  'differencing-without-parent': {
    phase: 'image',
    codes: [],
    repair: { class: 'needs-file', operation: null },
    sources: ['Microsoft, Virtual Hard Disk Image Format Specification; MS-VHDX, section 2.6.2.6 (parent locator)'],
  },
  'damaged-table-or-boot-sector': {
    phase: 'disk',
    codes: [],
    repair: { class: 'in-place', operation: null },
    sources: ['UEFI Specification 2.10, section 5.3.2 (GPT header and its backup)'],
  },
  'image-truncated': {
    phase: 'image',
    codes: [],
    repair: { class: 'none', operation: null },
    sources: ['UEFI 2.10, 5.3.2; Microsoft, Disk Concepts'],
    explains: ['damaged-table-or-boot-sector'],
  },
  'partition-hidden': {
    phase: 'disk',
    codes: ['0x0000007B', '0xC000000E'],
    repair: { class: 'in-place', operation: 'set-partition-entry' },
    sources: ['Microsoft, PARTITION_INFORMATION_GPT; A. Brouwer, list of partition types'],
  },
};
