import type { FirmwareCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

const NO_SYSTEM = '"No operating system was found", the UEFI shell, or the next boot device.';

export const firmware: CauseTexts<FirmwareCauseId> = {
  'mbr-no-signature': {
    title: () =>
      phrase`The first sector of the disk lacks its signature, so the firmware does not take it for a boot record.`,
    screen: '"No bootable device", or the firmware goes on to the next device or the network.',
    proof:
      'Bytes 510 and 511 of the disk are not 55 AA, and its partition table still leads to volumes. A disk without a partition table has no such entries.',
    remedy: 'Write 55 AA back (two bytes); then look at what overwrote the sector.',
  },
  'mbr-no-active': {
    title: () => phrase`The disk has no active partition: BIOS firmware finds nothing to start.`,
    screen: '"Missing operating system", "A disk read error occurred", or a blinking cursor.',
    proof:
      'No entry of the MBR partition table is marked active (80h), and there is no EFI system partition that UEFI firmware could start.',
    remedy: 'Mark the partition with \\bootmgr and \\Boot\\BCD active (one byte).',
  },
  'mbr-two-active': {
    title: () =>
      phrase`The partition table marks more than one partition as active, or one in a way that is not allowed.`,
    screen: '"Invalid partition table".',
    proof:
      'Of the four boot indicators at 1BEh exactly one may be 80h and the others must be 00h. Boot code looks at unused entries too.',
    remedy: 'Leave only the partition with \\bootmgr and \\Boot\\BCD active (one byte for each other entry).',
  },
  'mbr-code': {
    title: (facts) =>
      facts.is('code', 'empty')
        ? phrase`The first sector of the disk has no boot code: it is all zeros.`
        : phrase`The first sector of the disk holds boot code that is not from Windows (${facts.show('code')}).`,
    screen: 'A black screen with a blinking cursor, "Missing operating system", or the menu of another boot loader.',
    proof:
      'The 440 bytes of code before the disk signature are zero, or carry the name of another boot loader. Code of any Windows since 2000 starts every later one. Another loader may be there on purpose.',
    remedy:
      'Write the boot code of Windows from a recovery environment: bootrec /fixmbr. It keeps the disk signature and the partition table.',
  },
  'vbr-no-code': {
    title: (facts) =>
      facts.is('why', 'old-code')
        ? phrase`The active partition starts the loader of an older Windows (NTLDR), not the boot manager that lies on it.`
        : phrase`The boot sector of the active partition cannot start anything.`,
    screen: '"BOOTMGR is missing", "NTLDR is missing", or the machine hangs after the firmware.',
    proof:
      'The boot sector has no 55 AA, no code behind its parameters, or code that looks for NTLDR although \\bootmgr is there. The copy at the end of the partition tells whether it was once whole.',
    remedy:
      'Copy the backup boot sector from the last sector of the partition back. Only the first of the sixteen sectors of code has a copy, on NTFS: where the others are not of the boot manager, or the copy describes another volume, write the code anew from a recovery environment: bootsect /nt60 <drive>.',
  },
  'vbr-hidden-sectors': {
    title: (facts) =>
      phrase`The boot sector says that its partition begins at sector ${facts.show('stated')}, but it begins at ${facts.show('wanted')}: the boot code reads from the wrong place.`,
    screen: '"A disk read error occurred". chkdsk and sfc find nothing.',
    proof:
      'The number of sectors before the volume (offset 1Ch of the boot sector) differs from the start of the partition. Only a BIOS start uses it, on the active partition; elsewhere it does no harm. Restoring, moving or formatting with other tools causes it.',
    remedy: 'Write the right number into the boot sector and into its copy (four bytes each).',
  },
  'vbr-geometry-xp': {
    title: (facts) =>
      phrase`The boot sector counts with ${facts.show('heads')} heads, where boot code of Windows 2000 to 2003 needs ${facts.show('wanted')} for a volume of this size.`,
    screen: '"A disk read error occurred".',
    proof:
      'The active partition has boot code that loads NTLDR, and the number of heads at 1Ah does not fit the size of the volume. Newer boot code does not use it.',
    remedy: 'Write the right number of heads (two bytes).',
  },
  'vbr-total-sectors': {
    title: (facts) =>
      phrase`The file system claims ${facts.show('claimed')} bytes, but its partition has only ${facts.show('partition')}.`,
    screen: 'Stop code 0x7B or 0xED; other systems mount the volume read-only or not at all.',
    proof:
      'The number of sectors in the NTFS boot sector is larger than the partition. Sound volumes have one sector less than their partition: the partition table, or the disk, was cut.',
    remedy:
      'Give the partition its former size back. Never make the number in the boot sector smaller: what lies behind would be lost.',
  },
  'bootmgr-missing': {
    title: (facts) =>
      facts.is('state', 'absent')
        ? phrase`The boot manager (bootmgr) is missing on the active partition.`
        : phrase`The boot manager (bootmgr) on the active partition has no content (${facts.show('state')}).`,
    screen: '"BOOTMGR is missing. Press Ctrl+Alt+Del to restart".',
    proof:
      'The active partition could be read, and \\bootmgr in its root is absent, empty, or nothing but zeros. Copies on other volumes are not started.',
    remedy:
      'Copy \\Windows\\Boot\\PCAT\\bootmgr into the root of the active partition, or run bcdboot C:\\Windows from a recovery environment.',
  },
  'bootmgr-compressed': {
    title: () => phrase`The boot manager (bootmgr) is compressed, and the boot sector cannot read it so.`,
    screen: '"BOOTMGR is compressed. Press Ctrl+Alt+Del to restart".',
    proof: 'The content of \\bootmgr is compressed by NTFS or lies in an overlay (WOF).',
    remedy: 'Uncompress it from another system: compact /u <drive>:\\bootmgr.',
  },
  'esp-missing': {
    title: () => phrase`The disk has no EFI system partition: UEFI firmware finds nothing to start.`,
    screen: NO_SYSTEM,
    proof:
      'No partition of the GPT has the type of an EFI system partition, no FAT volume holds \\EFI\\Microsoft\\Boot, and Windows is on the disk.',
    remedy:
      'Make a FAT32 partition of at least 50 MB of that type in a free place, and run bcdboot C:\\Windows /s <letter>: /f UEFI from a recovery environment.',
  },
  'esp-type-wrong': {
    title: (facts) =>
      phrase`The partition with Windows' boot manager does not have the type of an EFI system partition (it has ${facts.show('type')}).`,
    screen: NO_SYSTEM,
    proof:
      'A FAT volume holds \\EFI\\Microsoft\\Boot\\bootmgfw.efi, and no partition has the right type. Some firmware (OVMF, Hyper-V) starts from any FAT volume, if it has the fallback file.',
    remedy:
      'Give the partition the type C12A7328-F81F-11D2-BA4B-00A0C93EC93B (16 bytes, and the checksums of the table).',
  },
  'esp-unreadable': {
    title: (facts) =>
      facts.has('path')
        ? phrase`The boot manager's file on the EFI system partition cannot be read to its end: its cluster chain is broken.`
        : phrase`The EFI system partition holds no file system that firmware can read (${facts.show('fileSystem')}).`,
    screen: NO_SYSTEM,
    proof:
      'The partition has the type of an EFI system partition but no FAT file system, or the cluster chain of bootmgfw.efi ends before the size of the file.',
    remedy:
      'Save what can be read, format the partition with FAT32, and run bcdboot C:\\Windows /s <letter>: /f UEFI from a recovery environment.',
  },
  'bootmgfw-missing': {
    title: (facts) =>
      facts.has('fallback')
        ? phrase`Windows' boot manager (bootmgfw.efi) is not usable on the EFI system partition (${facts.show('state')}); only firmware that tries the fallback file ${facts.show('fallback')} can still start.`
        : phrase`Windows' boot manager (bootmgfw.efi) is not usable on the EFI system partition (${facts.show('state')}).`,
    screen: '"Boot failed", the UEFI shell, or the next boot device.',
    proof:
      'The EFI system partition could be read, and \\EFI\\Microsoft\\Boot\\bootmgfw.efi is absent, empty, zero, cut short or no executable.',
    remedy:
      'Copy \\Windows\\Boot\\EFI\\bootmgfw.efi there, or run bcdboot C:\\Windows from a recovery environment. Never replace a sound, newer file.',
  },
  'bootmgfw-differs': {
    title: () =>
      phrase`The boot manager on the EFI system partition is not the one in the Windows folder. That is normal.`,
    screen: 'Nothing.',
    proof:
      'Link time, checksum or size of the two files differ. Secure Boot servicing renews the file on the EFI system partition first.',
    remedy: 'Nothing. An older file may be revoked: do not copy it over the newer one.',
  },
  'efi-fallback-missing': {
    title: (facts) =>
      phrase`The fallback boot file ${facts.show('path')} is missing: firmware that has lost its boot entry finds nothing to start.`,
    screen:
      'After an import, a restore or a new virtual machine: the UEFI shell, network boot, "No operating system was found".',
    proof:
      'The EFI system partition holds a sound bootmgfw.efi, but not its copy under the name that firmware tries by itself. With its own boot entry the machine starts.',
    remedy: 'Copy \\EFI\\Microsoft\\Boot\\bootmgfw.efi to that name, or add a boot entry in the firmware.',
  },
  'efi-fallback-foreign': {
    title: (facts) =>
      phrase`The fallback boot file ${facts.show('path')} belongs to another system (${facts.show('owner')}).`,
    screen: 'Another boot menu or system comes up, where the firmware has lost its entry for Windows.',
    proof:
      'The file is signed by another authority than Windows, or carries the name of another boot loader. It may be meant.',
    remedy: 'Choose "Windows Boot Manager" in the firmware, or restore the fallback file as a copy of bootmgfw.efi.',
  },
  'efi-entry-mismatch': {
    title: (facts) =>
      phrase`The firmware's boot entry names partition ${facts.show('entryPartition')} (number ${facts.show('entrySlot')}), but the EFI system partition is now ${facts.show('partition')} (number ${facts.show('slot')}).`,
    screen: '"Boot loader did not load an operating system", "Unknown device".',
    proof:
      'The log of the last measured start keeps the boot entry with the identity and the number of its partition. It matters only for a machine that still has such an entry; a new one has none.',
    remedy:
      'Give the EFI system partition its former identity and place in the table back, or make a new boot entry in the firmware.',
  },
  'gpt-blank-entry': {
    title: (facts) =>
      phrase`Entry ${facts.show('slot')} of the partition table is blank, before the one of Windows (entry ${facts.show('windows')}).`,
    screen: 'Stop code 0x7B.',
    proof:
      'Tools other than those of Windows leave such gaps. Whether this Windows minds is not on the disk: look here when it stops with 0x7B and nothing else explains it.',
    remedy:
      'Move the entries together, and correct the checksums of both tables. The numbers of the partitions change.',
  },
  'gpt-protective': {
    title: (facts) =>
      facts.is('why', 'hybrid')
        ? phrase`The protective boot record of the GPT disk lists further partitions (a hybrid MBR).`
        : phrase`The GPT disk lacks its protective boot record.`,
    screen: 'UEFI firmware or Windows takes the disk for empty, or for an MBR disk.',
    proof: 'The first sector has no entry of type EEh, no signature, or entries beside it.',
    remedy: 'Write one entry of type EEh over the whole disk (16 bytes).',
  },
  'layout-vs-firmware': {
    title: (facts) => {
      const own = facts.is('firmware', 'bios') ? phrase`BIOS` : phrase`UEFI`;
      return facts.has('wanted') && !facts.is('wanted', facts.value('firmware') ?? null)
        ? phrase`This disk starts with ${own} firmware only, and ${facts.show('target')} has the other kind.`
        : phrase`This disk starts with ${own} firmware only.`;
    },
    screen:
      'With the other kind: "Boot failure. Insert boot media" (generation 1), "The boot loader failed", "No operating system was found" (generation 2).',
    proof:
      'BIOS needs an MBR disk with an active partition and \\bootmgr; UEFI needs an EFI system partition with a boot manager. Only one of them is there. Which firmware the machine has is not on the disk.',
    remedy:
      'Set the firmware of the virtual machine: generation 1 or 2 on Hyper-V, SeaBIOS or OVMF on KVM, firmware = "bios" or "efi" in a .vmx file.',
  },
  'secure-boot-ca': {
    title: (facts) =>
      phrase`The boot manager is signed under ${facts.show('issuers')}: with Secure Boot on, the firmware must trust that authority.`,
    screen: '"Security Violation", or the boot menu again and again, on firmware that does not.',
    proof:
      'The authority stands in the signature of bootmgfw.efi. What the firmware trusts or has revoked is not on the disk.',
    remedy:
      'If the firmware refuses it: switch Secure Boot off or give the machine current Secure Boot variables. Windows keeps a copy that is signed under the newer authority in \\Windows\\Boot\\EFI_EX.',
  },
  'secure-boot-state': {
    title: (facts) => phrase`Secure Boot servicing still has steps to do (${facts.show('steps')}).`,
    screen: 'Nothing; after a move to other firmware perhaps "Security Violation".',
    proof:
      'Bits of Control\\SecureBoot\\AvailableUpdates in the SYSTEM hive are set. It is routine on a machine that is being serviced.',
    remedy:
      'Nothing while the machine stays where it is. Before a move let it finish, or move its Secure Boot variables too.',
  },
  'boot-manager-damaged': {
    title: (facts) => phrase`The boot manager ${facts.show('path')} is damaged: its content is not what was signed.`,
    screen: '"Security Violation", 0xC0430001, or a hang right after the firmware.',
    proof:
      'The digest of the file differs from the one in its signature; of a file without a signature, the checksum in its header is wrong.',
    remedy:
      'Replace it by \\Windows\\Boot\\EFI\\bootmgfw.efi, if that is whole, or run bcdboot C:\\Windows from a recovery environment.',
  },
  'bitlocker-will-ask': {
    title: () =>
      phrase`BitLocker asks for the recovery key when this disk starts in another machine, or with a new TPM or changed Secure Boot.`,
    screen: '"Enter the recovery key for this drive", or "Plug in the USB drive that has the BitLocker key".',
    proof:
      'The key of the volume is protected by a TPM, or lies on another volume, and no clear key is there. In the machine that sealed it, unchanged, it opens by itself.',
    remedy: 'Have the recovery password with the protector id at hand before the machine is moved or rebuilt.',
  },
};
