import type { CauseKind } from './cause-kind.js';

/** Causes in the boot store and in what the boot manager does with it. */
export type BootManagerCauseId =
  | 'bcd-identity'
  | 'bcd-device'
  | 'bcd-missing'
  | 'bcd-damaged'
  | 'bcd-default-missing'
  | 'bcd-wrong-loader-name'
  | 'bcd-systemroot-wrong'
  | 'bcd-default-setup'
  | 'bcd-imc'
  | 'bcd-bootsequence'
  | 'bcd-resume-stale'
  | 'bcd-custom-kernel'
  | 'bcd-debug-wait'
  | 'bcd-memory-limit'
  | 'recovery-loop'
  | 'winre-broken'
  | 'boot-log-failure';

const ERROR_0XC000000E =
  'Microsoft, Azure VM troubleshooting: "Windows boot error 0xC000000E" and Boot Configuration Data reference';
const ERROR_0XC000000F = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC000000F"';

const FIX_BCD = 'Azure repair-script-library, win-fix-bcd';

export const BOOT_MANAGER_CAUSES: Readonly<Record<BootManagerCauseId, CauseKind>> = {
  'bcd-identity': {
    phase: 'boot-manager',
    codes: ['0xC000000E', '0xC0000225'],
    repair: { class: 'in-place', operation: 'restore-disk-identity' },
    sources: [ERROR_0XC000000E, 'Microsoft, "How Windows resolves disk signature collisions"'],
  },
  'bcd-device': {
    phase: 'boot-manager',
    codes: ['0xC000000E', '0xC0000225'],
    repair: { class: 'in-place', operation: 'patch-boot-store' },
    sources: [ERROR_0XC000000E],
  },
  'bcd-missing': {
    phase: 'boot-manager',
    codes: ['0xC000000F', '0xC0000034', '0xC0000098'],
    repair: { class: 'needs-windows', operation: 'rebuild-boot-store' },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000034"', ERROR_0XC000000F],
  },
  'bcd-damaged': {
    phase: 'boot-manager',
    codes: ['0xC0000034', '0xC0000098', '0xC000014C'],
    repair: { class: 'needs-windows', operation: 'rebuild-boot-store' },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC000014C"'],
  },
  'bcd-default-missing': {
    phase: 'boot-manager',
    codes: ['0xC0000098', '0xC000000F'],
    repair: { class: 'needs-windows', operation: 'rebuild-boot-store' },
    sources: ['Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000098"'],
  },
  'bcd-wrong-loader-name': {
    phase: 'boot-manager',
    codes: ['0xC000000F', '0xC0000359', '0xC000007B'],
    repair: { class: 'in-place', operation: 'correct-boot-store' },
    sources: [ERROR_0XC000000F, 'Azure repair-script-library, win-fix-bcd'],
    explains: ['loader-file-bad'],
  },
  'bcd-systemroot-wrong': {
    phase: 'boot-manager',
    codes: ['0xC000000F', '0x0000007B'],
    repair: { class: 'resize', operation: 'correct-boot-store' },
    sources: ['Azure repair-script-library, win-fix-bcd'],
    explains: ['loader-file-bad'],
  },
  'bcd-default-setup': {
    phase: 'boot-manager',
    codes: [],
    repair: { class: 'in-place', operation: 'set-boot-element' },
    sources: [FIX_BCD],
    explains: ['bcd-default-missing', 'loader-file-bad', 'bcd-systemroot-wrong', 'bcd-wrong-loader-name'],
  },
  'bcd-imc': {
    phase: 'boot-manager',
    codes: ['0x00000067'],
    repair: { class: 'resize', operation: null },
    sources: [FIX_BCD],
  },
  'bcd-bootsequence': {
    phase: 'boot-manager',
    codes: [],
    repair: { class: 'resize', operation: 'remove-boot-element' },
    sources: ['Microsoft, "BCDEdit /bootsequence"'],
  },
  'bcd-resume-stale': {
    phase: 'boot-manager',
    codes: ['0xC000000F', '0xC0000411'],
    repair: { class: 'in-place', operation: 'set-boot-element' },
    sources: ['Microsoft, Boot Configuration Data reference (BcdLibraryBoolean_AttemptResume)'],
  },
  'bcd-custom-kernel': {
    phase: 'boot-manager',
    codes: ['0xC0000221', '0xC000000F'],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, Boot Configuration Data reference (kernel, hal, dbgtransport)'],
  },
  'bcd-debug-wait': {
    phase: 'boot-manager',
    codes: [],
    repair: { class: 'in-place', operation: 'set-boot-element' },
    sources: ['Microsoft, "Enabling debug mode causes Windows to hang if no debugger is connected"'],
  },
  'bcd-memory-limit': {
    phase: 'boot-manager',
    codes: ['0xC0000017'],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, Boot Configuration Data reference (truncatememory, removememory, numproc)'],
  },
  'recovery-loop': {
    phase: 'boot-manager',
    codes: [],
    repair: { class: 'in-place', operation: null },
    sources: ['Microsoft, "Advanced troubleshooting for Windows boot issues"'],
    harmless: true,
  },
  'winre-broken': {
    phase: 'boot-manager',
    codes: ['0xC000000F'],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, "Windows Recovery Environment technical reference"'],
    harmless: true,
  },
  'boot-log-failure': {
    phase: 'boot-manager',
    codes: [],
    repair: { class: 'none', operation: null },
    sources: ['geoffchappell.com, "BOOTSTAT.DAT"'],
  },
};
