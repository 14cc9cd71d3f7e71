import type { CauseKind, CauseRepair } from './cause-kind.js';

/** Causes from the firmware to the boot manager's file. */
export type FirmwareCauseId =
  | 'mbr-no-signature'
  | 'mbr-no-active'
  | 'mbr-two-active'
  | 'mbr-code'
  | 'vbr-no-code'
  | 'vbr-hidden-sectors'
  | 'vbr-geometry-xp'
  | 'vbr-total-sectors'
  | 'bootmgr-missing'
  | 'bootmgr-compressed'
  | 'esp-missing'
  | 'esp-type-wrong'
  | 'esp-unreadable'
  | 'bootmgfw-missing'
  | 'bootmgfw-differs'
  | 'efi-fallback-missing'
  | 'efi-fallback-foreign'
  | 'efi-entry-mismatch'
  | 'gpt-blank-entry'
  | 'gpt-protective'
  | 'layout-vs-firmware'
  | 'secure-boot-ca'
  | 'secure-boot-state'
  | 'boot-manager-damaged'
  | 'bitlocker-will-ask';

const READ_ERROR = 'Microsoft, Azure VM troubleshooting: "A disk read error occurred"';
const BOOT_PARTITION = 'Azure repair-script-library, win-fix-boot-partition';
const BOOT_ISSUES = 'Microsoft, "Advanced troubleshooting for Windows boot issues"';
const FIX_BCD = 'Azure repair-script-library, win-fix-bcd';
const STOP_7B = 'Microsoft, "Stop error 7B INACCESSIBLE_BOOT_DEVICE troubleshooting"';
const SECURE_BOOT = 'Microsoft, "How to manage the Windows Boot Manager revocations for Secure Boot changes"';
const FAT = 'Microsoft FAT specification 1.03; UEFI 2.10, 13.3';

const IN_PLACE = (operation: string | null = null): CauseRepair => ({ class: 'in-place', operation });
const NEEDS_FILE: CauseRepair = { class: 'needs-file', operation: null };
const NONE: CauseRepair = { class: 'none', operation: null };

function firmware(
  repair: CauseRepair,
  sources: readonly string[],
  more: Pick<CauseKind, 'explains' | 'harmless'> & { readonly codes?: readonly string[] } = {},
): CauseKind {
  return { phase: 'firmware', codes: [], repair, sources, ...more };
}

const TABLE = { explains: ['damaged-table-or-boot-sector'] };
/** Without the boot manager's file nobody asks for the boot store. */
const NO_MANAGER = { explains: ['bcd-missing', 'loader-file-bad', 'boot-log-failure'] };

export const FIRMWARE_CAUSES: Readonly<Record<FirmwareCauseId, CauseKind>> = {
  'mbr-no-signature': firmware(IN_PLACE('restore-boot-signature'), [BOOT_PARTITION], TABLE),
  'mbr-no-active': firmware(IN_PLACE('set-active-partition'), [READ_ERROR, BOOT_PARTITION]),
  'mbr-two-active': firmware(IN_PLACE('set-active-partition'), [READ_ERROR, BOOT_PARTITION], TABLE),
  'mbr-code': firmware({ class: 'needs-windows', operation: null }, [
    'Alibaba Cloud ECS offline troubleshooting for Windows, boot configuration',
  ]),
  'vbr-no-code': firmware(IN_PLACE('restore-boot-sector'), [BOOT_PARTITION], {
    explains: ['damaged-table-or-boot-sector', 'ntfs-boot-sector'],
  }),
  'vbr-hidden-sectors': firmware(IN_PLACE('set-hidden-sectors'), [BOOT_PARTITION, 'chenall/grub4dos, issue 219']),
  'vbr-geometry-xp': firmware(IN_PLACE(), ['virt-v2v, convert_windows.ml (fix_ntfs_heads)']),
  'vbr-total-sectors': firmware(NONE, ['NTFS boot sector, total sectors at 28h'], {
    codes: ['0x0000007B', '0x000000ED'],
    explains: ['damaged-table-or-boot-sector'],
  }),
  'bootmgr-missing': firmware(NEEDS_FILE, [BOOT_ISSUES, FIX_BCD], NO_MANAGER),
  'bootmgr-compressed': firmware(NEEDS_FILE, ['Text in the boot sector of Windows'], NO_MANAGER),
  'esp-missing': firmware({ class: 'needs-windows', operation: null }, [BOOT_PARTITION], NO_MANAGER),
  'esp-type-wrong': firmware(IN_PLACE('set-partition-entry'), ['UEFI 2.10, 13.3.3', BOOT_PARTITION], NO_MANAGER),
  'esp-unreadable': firmware({ class: 'needs-windows', operation: null }, [FAT], NO_MANAGER),
  'bootmgfw-missing': firmware(NEEDS_FILE, [BOOT_ISSUES, FIX_BCD], {
    explains: [...NO_MANAGER.explains, 'efi-fallback-missing'],
  }),
  'bootmgfw-differs': firmware(NONE, [SECURE_BOOT], { harmless: true }),
  'efi-fallback-missing': firmware(NEEDS_FILE, ['virt-v2v, convert_windows.ml', 'UEFI 2.10, 3.5.1.1', FIX_BCD]),
  'efi-fallback-foreign': firmware(NONE, ['UEFI 2.10, 3.5.1.1']),
  'efi-entry-mismatch': firmware(IN_PLACE('set-partition-entry'), [
    BOOT_PARTITION,
    'TCG PC Client Platform Firmware Profile 1.05, 10',
  ]),
  'gpt-blank-entry': firmware(IN_PLACE(), [STOP_7B, 'MicrosoftDocs/windows-itpro-docs, issue 9145'], {
    codes: ['0x0000007B'],
  }),
  'gpt-protective': firmware(IN_PLACE(), ['UEFI 2.10, 5.2.3'], TABLE),
  'layout-vs-firmware': firmware(NONE, ['Microsoft, "Convert an MBR disk into a GPT disk"']),
  'secure-boot-ca': firmware(NONE, [SECURE_BOOT], { codes: ['0xC0430001'], harmless: true }),
  'secure-boot-state': firmware(NONE, [SECURE_BOOT], { harmless: true }),
  'boot-manager-damaged': firmware(NEEDS_FILE, ['Azure repair-script-library, win-fix-secure-boot'], {
    codes: ['0xC0430001', '0xC0000428'],
  }),
  'bitlocker-will-ask': firmware(NONE, ['Microsoft, Azure VM troubleshooting: "BitLocker boot error"']),
};
