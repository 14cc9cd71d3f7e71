import type { CauseKind } from './cause-kind.js';

/** Causes in NTFS and in the volume. */
export type DataCauseId =
  | 'ntfs-boot-sector'
  | 'ntfs-mft-head'
  | 'ntfs-attrlist-name-offset'
  | 'ntfs-index-or-record-bad'
  | 'ntfs-log-unreplayable'
  | 'hibernated-mismatch'
  | 'disk-read-only'
  | 'volume-compressed-core';

const STOP_ED = 'Microsoft, "Bug check 0xED: UNMOUNTABLE_BOOT_VOLUME"';
const STOP_24 = 'Microsoft, "Bug check 0x24: NTFS_FILE_SYSTEM"';

export const DATA_CAUSES: Readonly<Record<DataCauseId, CauseKind>> = {
  'ntfs-boot-sector': {
    phase: 'data',
    codes: ['0x0000007B', '0x000000ED'],
    repair: { class: 'in-place', operation: 'restore-boot-sector' },
    sources: [STOP_ED],
    explains: ['damaged-table-or-boot-sector'],
  },
  'ntfs-mft-head': {
    phase: 'data',
    codes: ['0x00000024', '0x000000ED'],
    repair: { class: 'in-place', operation: 'restore-mft-records' },
    sources: [STOP_24, 'ntfs-3g, $MFTMirr'],
  },
  'ntfs-attrlist-name-offset': {
    phase: 'data',
    codes: ['0x00000024'],
    repair: { class: 'in-place', operation: 'restore-attribute-list' },
    sources: ['Azure repair-script-library, win-fix-ntfs-attribute-list'],
  },
  'ntfs-index-or-record-bad': {
    phase: 'data',
    codes: ['0x00000024', '0x000000ED', '0xC0000102'],
    repair: { class: 'needs-windows', operation: null },
    sources: [STOP_24, 'Microsoft, Azure VM troubleshooting: "Windows boot error 0xC0000102"'],
  },
  'ntfs-log-unreplayable': {
    phase: 'data',
    codes: ['0x000000ED', '0x00000024'],
    repair: { class: 'needs-windows', operation: null },
    sources: [STOP_ED],
  },
  'hibernated-mismatch': {
    phase: 'data',
    codes: [],
    repair: { class: 'in-place', operation: null },
    sources: ['ntfs-3g: volumes with a hibernated Windows; libguestfs/virt-v2v: fast startup'],
  },
  'disk-read-only': {
    phase: 'data',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: null },
    sources: ['Microsoft, IOCTL_DISK_SET_DISK_ATTRIBUTES'],
  },
  'volume-compressed-core': {
    phase: 'data',
    codes: ['0xC0000098'],
    repair: { class: 'needs-windows', operation: null },
    sources: ['Microsoft, "Windows Image File Boot (WIMBoot) overview"'],
  },
};
