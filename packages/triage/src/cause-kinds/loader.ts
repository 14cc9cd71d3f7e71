import type { CauseKind } from './cause-kind.js';

/** Causes in what the loader reads: its own file, the kernel's files, the SYSTEM hive. */
export type LoaderCauseId =
  | 'loader-file-bad'
  | 'select-broken'
  | 'lkg-available'
  | 'core-file-bad'
  | 'core-file-version'
  | 'core-file-machine'
  | 'nls-file-bad'
  | 'catalog-store-damaged'
  | 'sha2-unsupported'
  | 'os-expired'
  | 'ci-policy-bad'
  | 'system-hive-missing'
  | 'system-hive-damaged'
  | 'system-hive-incomplete';

const ERROR_0XC000000F = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC000000F"';
const ERROR_0XC0000221 = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000221"';

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
  'select-broken': {
    phase: 'loader',
    codes: ['0xC0000225', '0x00000074'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, Azure VM troubleshooting: "Start a VM with Last Known Good Configuration"'],
    explains: ['system-hive-damaged'],
  },
  'lkg-available': {
    phase: 'loader',
    codes: [],
    repair: { class: 'in-place', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "Start a VM with Last Known Good Configuration"'],
    harmless: true,
  },
  'core-file-bad': {
    phase: 'loader',
    codes: ['0xC0000221', '0xC000000F', '0xC0000098', '0xC0000102', '0xC00000BA'],
    repair: { class: 'needs-file', operation: 'restore-core-file' },
    sources: [ERROR_0XC0000221, ERROR_0XC000000F],
  },
  'core-file-version': {
    phase: 'loader',
    codes: ['0xC0000011', '0xC0000098'],
    repair: { class: 'needs-file', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000011" and "0xC0000098"'],
  },
  'core-file-machine': {
    phase: 'loader',
    codes: ['0xC0000359'],
    repair: { class: 'needs-file', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000359"'],
  },
  'nls-file-bad': {
    phase: 'loader',
    codes: ['0xC000000F'],
    repair: { class: 'needs-file', operation: null },
    sources: ['ReactOS, freeldr: how the loader finds its NLS tables', ERROR_0XC000000F],
  },
  'catalog-store-damaged': {
    phase: 'loader',
    codes: ['0xC0000428', '0x0000005A'],
    repair: { class: 'needs-file', operation: null },
    sources: [
      'Microsoft, Azure VM troubleshooting: "Critical service failed"',
      'Azure, repair-script-library: win-fix-catalog-store',
    ],
  },
  'sha2-unsupported': {
    phase: 'loader',
    codes: ['0xC0000428'],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, security advisory 3033929: SHA-2 code signing support for Windows 7'],
  },
  'os-expired': {
    phase: 'loader',
    codes: ['0xC0000605'],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "Error code 0xC0000605"'],
  },
  'ci-policy-bad': {
    phase: 'loader',
    codes: ['0xC0E90002', '0xC0000428', '0x0000005C', '0x000000EF'],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, "Remove App Control for Business policies"'],
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
