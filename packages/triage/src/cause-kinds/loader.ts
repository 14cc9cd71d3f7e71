import type { CauseKind } from './cause-kind.js';

/** Causes in what the loader reads: its own file, the kernel's files, the SYSTEM hive. */
export type LoaderCauseId =
  | 'loader-file-bad'
  | 'system-hive-missing'
  | 'system-hive-damaged'
  | 'system-hive-incomplete';

const HIVE_SOURCES = [
  'Microsoft, Azure VM troubleshooting: "VM boot error 0xC000014C"',
  'Microsoft, "Stop error 0x74: BAD_SYSTEM_CONFIG_INFO"',
];

export const LOADER_CAUSES: Readonly<Record<LoaderCauseId, CauseKind>> = {
  'loader-file-bad': {
    phase: 'loader',
    codes: ['0xC000000F', '0xC0000428', '0xC0000605'],
    repair: { class: 'needs-file', operation: 'restore-loader-file' },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC000000F"'],
  },
  'system-hive-missing': {
    phase: 'loader',
    codes: ['0xC000000F', '0xC0000225', '0x00000074'],
    repair: { class: 'needs-file', operation: null },
    sources: HIVE_SOURCES,
  },
  'system-hive-damaged': {
    phase: 'loader',
    codes: ['0xC000014C', '0xC0000218', '0x00000074'],
    repair: { class: 'needs-file', operation: null },
    sources: HIVE_SOURCES,
  },
  'system-hive-incomplete': {
    phase: 'loader',
    codes: ['0xC000014C', '0x00000074'],
    repair: { class: 'needs-file', operation: null },
    sources: HIVE_SOURCES,
  },
};
