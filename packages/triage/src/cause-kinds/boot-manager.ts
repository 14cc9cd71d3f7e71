import type { CauseKind } from './cause-kind.js';

/** Causes in the boot store and in what the boot manager does with it. */
export type BootManagerCauseId =
  | 'bcd-identity'
  | 'bcd-device'
  | 'bcd-missing'
  | 'bcd-damaged'
  | 'bcd-default-missing'
  | 'bcd-wrong-loader-name'
  | 'bcd-systemroot-wrong';

const ERROR_0XC000000E =
  'Microsoft, Azure VM troubleshooting: "Windows boot error 0xC000000E" and Boot Configuration Data reference';
const ERROR_0XC000000F = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC000000F"';

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
};
