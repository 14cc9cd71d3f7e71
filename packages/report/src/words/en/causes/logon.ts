import type { LogonCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const logon: CauseTexts<LogonCauseId> = {
  'winlogon-values': {
    title: (facts) =>
      facts.is('fault', 'other-drive')
        ? phrase`Winlogon is told to start ${facts.show('path')}, on a drive that Windows is not on.`
        : facts.is('fault', 'empty')
          ? phrase`Winlogon has no program to start: its value ${facts.show('name')} is empty.`
          : phrase`Winlogon is told to start ${facts.show('path')}, which is not there.`,
    screen: 'A black screen with a pointer, a logon that ends at once, or stop code 0xC000021A.',
    proof:
      'Userinit or Shell of Winlogon is empty, names another drive than that of Windows, or its first program does not exist. Another shell that exists (Server Core, kiosk) is ordinary.',
    remedy: 'Restore the value: Userinit C:\\Windows\\system32\\userinit.exe, and Shell explorer.exe',
  },
  'ifeo-hijack': {
    title: (facts) =>
      facts.has('debugger')
        ? phrase`Windows starts ${facts.show('program')} only through ${facts.show('debugger')}, which is not there.`
        : phrase`Windows starts ${facts.show('program')} with a stack that no thread gets.`,
    screen: 'Stop code 0xC000021A, or a logon that ends at once.',
    proof:
      'Image File Execution Options of a program of the logon has a Debugger whose file does not exist, or MinimumStackCommitInBytes of 32 MiB or more. A debugger that exists, or of another program, is not meant.',
    remedy: 'Delete the value. Find out who set it: malware hides this way.',
  },
  'lsa-package-missing': {
    title: (facts) =>
      phrase`The logon service loads a library that is missing or damaged: ${facts.show('path')} (${facts.show('list')}).`,
    screen: 'Stop code 0xC000021A, or a restart one minute after lsass.exe ended.',
    proof:
      'Authentication Packages, Security Packages or Notification Packages of Control\\Lsa name a library that is not in System32, while others of the lists are there.',
    remedy: 'Take the name out of the list, or install the product again that it belongs to.',
  },
  'service-critical': {
    title: (facts) =>
      phrase`The service ${facts.show('service')} may restart the machine when it fails, and its program is missing or damaged: ${facts.show('path')}.`,
    screen: 'The machine restarts after the logo or at the logon, again and again.',
    proof:
      'A service with automatic start has ErrorControl 2 or 3, and the file that its ImagePath names is not there.',
    remedy: 'Set ErrorControl to 1 (four bytes), or Start to 4; then install the product again or remove it.',
  },
  'rpc-host-split': {
    title: (facts) =>
      facts.has('service')
        ? phrase`The service ${facts.show('service')}, which the logon waits for, is not started with Windows.`
        : phrase`The two services of RPC no longer run together.`,
    screen: 'The logon screen never appears, or stays without a field for the password.',
    proof:
      'ImagePath of RpcEptMapper and RpcSs differ (upper and lower case do not matter), or Start of RpcSs, DcomLaunch, Power, BrokerInfrastructure, SystemEventsBroker or LSM is not 2. PlugPlay on demand is ordinary.',
    remedy: 'Set Start to 2 (four bytes), or give RpcEptMapper the ImagePath of RpcSs.',
  },
  'ntds-unavailable': {
    title: (facts) =>
      facts.is('fault', 'missing')
        ? phrase`The directory of this domain controller is not there: ${facts.show('database')}.`
        : facts.is('fault', 'no-database')
          ? phrase`The directory of this domain controller is no database any more: ${facts.show('database')}.`
          : facts.is('fault', 'full')
            ? phrase`The volume of the directory of this domain controller is full: ${facts.show('database')}.`
            : facts.is('fault', 'disk-offline')
              ? phrase`The directory of this domain controller lies on another disk (${facts.show('database')}), and Windows is told to keep other disks offline.`
              : facts.is('fault', 'dirty')
                ? phrase`The directory of this domain controller was not closed; Windows recovers it at the start.`
                : phrase`The directory of this domain controller lies on another disk (${facts.show('database')}): that disk must be there when it starts.`,
    screen: 'Stop code 0xC00002E2 (Windows Server 2012 and later) or 0xC00002E1 (2008 R2), and a restart.',
    proof:
      'ProductType is LanmanNT, and the file that NTDS\\Parameters names is missing, has no ESE signature, its volume is full, or its disk is kept offline by SanPolicy 3 or 4. A database in the state "dirty shutdown" is ordinary after a crash.',
    remedy:
      'Bring the disk back online (SanPolicy 1), make room, or restore the database. Directory services restore mode starts without it: safeboot dsrepair in the boot store.',
  },
  'profile-broken': {
    title: (facts) => phrase`Windows set a user's profile aside because it could not load it: ${facts.show('folder')}.`,
    screen: '"The User Profile Service failed the sign-in", or a temporary profile. Windows starts.',
    proof: 'ProfileList has an entry whose name ends in .bak.',
    remedy: 'Once Windows runs: delete the entry without .bak, take .bak off the other, and check its folder.',
  },
  'drive-letter-moved': {
    title: (facts) =>
      phrase`Windows was installed to ${facts.show('letter')}:, but that letter now belongs to another partition of this disk.`,
    screen: 'Sign-in ends at once, "Preparing your desktop", or stop code 0xC000021A.',
    proof:
      'The record of the letter in MountedDevices names another partition of the same disk than the one that holds Windows. A missing record, or one of another disk, is healed by Windows itself.',
    remedy: 'Put the identity of the Windows partition into the record (12 or 24 bytes), or delete the record.',
  },
};
