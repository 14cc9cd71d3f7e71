import { phrase, text } from '../../document/phrase.js';
import type { WhyWords } from '../why-words.js';

/** Words of `why`. */
export const why: WhyWords = {
  codes: {
    '0x00000024': 'The NTFS driver met damage that it could not go on with.',
    '0x0000004E': 'The list of physical pages is corrupt: a driver, or memory.',
    '0x00000050': 'A driver read memory that is not there.',
    '0x00000051': 'The registry is damaged, or could not be read.',
    '0x0000005A':
      'A driver without which Windows must not start could not be loaded; the fourth parameter is the status.',
    '0x0000005C': 'The hardware abstraction layer could not be initialised.',
    '0x00000067':
      'The registry could not be initialised: too little memory, or settings of a boot entry that do not belong there.',
    '0x0000006B': 'The first process of Windows could not be created.',
    '0x00000071': 'The first session of Windows could not be set up.',
    '0x00000074': 'The SYSTEM hive lacks something that every start needs.',
    '0x0000007A': 'Kernel data could not be read back from the disk; the second parameter is the status.',
    '0x0000007B':
      'The kernel runs and cannot reach the Windows volume: no driver for the controller, a driver that is not loaded, a filter that is missing, or damage.',
    '0x0000007E': 'A driver failed and nothing caught it.',
    '0x000000C4': 'Driver Verifier stopped the machine: it found a driver at fault, or was left on.',
    '0x000000C9': 'Driver Verifier found that a driver misused an I/O request.',
    '0x000000D1': 'A driver touched memory that it must not touch at that moment.',
    '0x000000E6': 'Driver Verifier found that a driver misused direct memory access.',
    '0x000000ED': 'The Windows volume was found and could not be mounted; the second parameter is the status.',
    '0x000000EF': 'A process that Windows cannot live without ended.',
    '0x000000F4': 'A process or thread that Windows cannot live without ended.',
    '0x800719E4': 'A transaction log of the servicing stack is full.',
    '0xC0000001': 'The start failed; it is a summary after several attempts, not the first failure.',
    '0xC000000E':
      'The device that the boot store names is not there: another disk identity, a partition that is gone, a controller without a driver.',
    '0xC000000F':
      'A file that the start needs is not there: the boot store, the loader, a driver, a hive, or a file that one of them names.',
    '0xC0000011': 'A file ends too early, or belongs to another build.',
    '0xC0000017': 'Too little memory: often a limit in the boot entry.',
    '0xC0000032': 'The file system is damaged.',
    '0xC0000034': 'Something with that name was not found.',
    '0xC000007B': 'A file is no program for this machine: damaged, or of another architecture.',
    '0xC000007F': 'The disk is full.',
    '0xC0000098': 'A file was found and is not valid: cut off, damaged, or of another version.',
    '0xC00000BA': 'There is a folder where a file is expected.',
    '0xC00000BB': 'The request is not supported.',
    '0xC00000E9': 'The disk answered with an unexpected error.',
    '0xC0000102': 'A file or a folder is damaged and cannot be read.',
    '0xC0000135': 'A program needs a DLL that is not there.',
    '0xC0000142': 'A DLL of a core process could not be initialised.',
    '0xC000014C': 'A registry hive is damaged.',
    '0xC000014F': 'The volume has no file system that Windows knows.',
    '0xC0000185': 'Reading from the disk failed.',
    '0xC0000218': 'A registry hive could not be loaded; the screen names it.',
    '0xC000021A': 'Winlogon or the session manager ended: the session cannot go on.',
    '0xC0000221': 'The checksum of a program is wrong: the file is damaged.',
    '0xC0000225': 'Something is missing; often a summary, and the boot log has the first failure.',
    '0xC00002E1': 'The directory service could not start (before Server 2012).',
    '0xC00002E2':
      'The directory service could not start: its database or the volume of it is not there, full or damaged.',
    '0xC0000359': 'A 32-bit file stands where a 64-bit one is expected.',
    '0xC0000411': 'Resuming from hibernation failed.',
    '0xC0000428': 'The signature of a file cannot be verified.',
    '0xC0000605': 'A file of this Windows has expired: a preview or an evaluation.',
    '0xC0430001': 'Secure Boot met a loader that is older than the firmware allows.',
    '0xC0E90002': 'A code integrity policy forbids a file.',
  },
  kinds: { status: 'status', 'stop-code': 'stop code', text: 'text on the screen' },
  causes: (count) => phrase`${count} ${text(count === 1 ? 'cause is' : 'causes are')} known to show this:`,
  noCause: [text('No cause that a disk can prove is known to show this.')],
  unknownCode: [text('This code is not known to come from a start that fails.')],
  screen: 'screen',
  proof: 'proof',
  remedy: 'remedy',
  onDisk: {
    proven: 'PROVEN on this disk',
    found: 'found on this disk, not proven to be it',
    'not-there': 'not on this disk',
    'not-decided': 'could not be decided on this disk',
  },
  answer: (image, proven, found, undecided) =>
    proven > 0
      ? phrase`${image}: ${proven} of them ${text(proven === 1 ? 'is' : 'are')} proven.`
      : found > 0
        ? phrase`${image}: ${found} of them ${text(found === 1 ? 'was' : 'were')} found, none is proven.`
        : undecided > 0
          ? phrase`${image}: none was found; ${undecided} could not be decided.`
          : phrase`${image}: none of them is on this disk.`,
  ofRule: 'a rule file',
};
