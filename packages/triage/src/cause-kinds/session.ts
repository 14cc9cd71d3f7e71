import type { CauseKind } from './cause-kind.js';

/**
 * Causes in the session manager's part of the start: its values, core processes, hives, servicing, Setup, room on the
 * volume.
 */
export type SessionCauseId =
  | 'software-hive-bad'
  | 'session-manager-key'
  | 'core-process-bad'
  | 'boot-execute-dangling'
  | 'known-dlls'
  | 'pending-renames'
  | 'servicing-stuck'
  | 'servicing-log-full'
  | 'update-mixed'
  | 'setup-mode-command'
  | 'sysprep-interrupted'
  | 'upgrade-interrupted'
  | 'chkdsk-each-boot'
  | 'disk-full'
  | 'pagefile-other-disk'
  | 'safe-boot-left';

const LOGON_SUBSYSTEM = 'Azure repair-script-library, win-fix-logon-subsystem';
const STOP_C000021A = 'Microsoft, "Troubleshoot stop error 0xC000021A"';
const BOOT_ISSUES = 'Microsoft, "Troubleshoot Windows boot issues"';

export const SESSION_CAUSES: Readonly<Record<SessionCauseId, CauseKind>> = {
  'software-hive-bad': {
    phase: 'session',
    codes: ['0xC0000218'],
    repair: { class: 'needs-file', operation: null },
    sources: ['Azure repair-script-library, win-fix-registry-corruption'],
  },
  'session-manager-key': {
    phase: 'session',
    codes: ['0xC000021A', '0x00000071'],
    repair: { class: 'resize', operation: null },
    sources: [LOGON_SUBSYSTEM],
  },
  'core-process-bad': {
    phase: 'session',
    codes: ['0xC000021A', '0x000000EF', '0x0000006B', '0xC0000142', '0xC0000135'],
    repair: { class: 'needs-file', operation: null },
    sources: [STOP_C000021A],
    explains: ['session-manager-key', 'boot-execute-dangling', 'known-dlls', 'winlogon-values', 'lsa-package-missing'],
  },
  'boot-execute-dangling': {
    phase: 'session',
    codes: [],
    repair: { class: 'resize', operation: null },
    sources: [LOGON_SUBSYSTEM],
  },
  'known-dlls': {
    phase: 'session',
    codes: ['0xC0000135', '0xC0000142'],
    repair: { class: 'resize', operation: null },
    sources: [STOP_C000021A],
  },
  'pending-renames': {
    phase: 'session',
    codes: ['0xC000021A'],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, MoveFileEx, MOVEFILE_DELAY_UNTIL_REBOOT'],
  },
  'servicing-stuck': {
    phase: 'session',
    codes: ['0xC000021A', '0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [
      'Microsoft, "Windows devices may fail to boot after installing October 10 version of KB 4041676 or 4041691"',
      BOOT_ISSUES,
      'Azure repair-script-library, win-fix-pending-servicing',
    ],
  },
  'servicing-log-full': {
    phase: 'session',
    codes: ['0x800719E4'],
    repair: { class: 'needs-windows', operation: null },
    sources: ['Azure repair-script-library, win-fix-transaction-logs'],
    explains: ['servicing-stuck', 'update-mixed'],
  },
  'update-mixed': {
    phase: 'session',
    codes: ['0x0000007B', '0xC000021A', '0x000000ED'],
    repair: { class: 'needs-windows', operation: null },
    sources: [BOOT_ISSUES],
  },
  'setup-mode-command': {
    phase: 'session',
    codes: [],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: [LOGON_SUBSYSTEM],
  },
  'sysprep-interrupted': {
    phase: 'session',
    codes: [],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, "Windows Setup states" (ImageState)'],
    explains: ['setup-mode-command'],
  },
  'upgrade-interrupted': {
    phase: 'session',
    codes: [],
    repair: { class: 'in-place', operation: null },
    sources: [BOOT_ISSUES],
    explains: ['setup-mode-command'],
  },
  'chkdsk-each-boot': {
    phase: 'session',
    codes: [],
    repair: { class: 'needs-windows', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "Windows shows checking file system when booting an Azure VM"'],
  },
  'disk-full': {
    phase: 'session',
    codes: ['0xC0000017', '0xC000007F'],
    repair: { class: 'resize', operation: null },
    sources: ['libguestfs/virt-v2v: limits of free space for Windows guests'],
  },
  'pagefile-other-disk': {
    phase: 'session',
    codes: [],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, "How to determine the appropriate page file size"'],
  },
  'safe-boot-left': {
    phase: 'session',
    codes: [],
    repair: { class: 'resize', operation: 'remove-boot-element' },
    sources: ['Microsoft, Azure VM troubleshooting: "Windows VM is booted in safe mode"'],
    harmless: true,
  },
};
