import type { SessionCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace } from './file-state.js';

export const session: CauseTexts<SessionCauseId> = {
  'software-hive-bad': {
    title: (facts) => phrase`The registry hive ${facts.show('path')} is missing or damaged.`,
    screen: 'Stop code 0xC0000218, naming the hive, or a logon that ends at once.',
    proof: 'The hive is not there, or not valid after its logs were replayed in memory.',
    remedy:
      'Take a copy of the hive from a backup or a shadow copy of this machine. SAM and SECURITY go together as a pair.',
  },
  'session-manager-key': {
    title: (facts) =>
      facts.is('fault', 'no-program')
        ? phrase`The session manager is told to start ${facts.show('value')}, which is not there.`
        : phrase`The session manager is not told how to start the Windows subsystem: its value ${facts.show('name')} is missing or wrong.`,
    screen: 'Stop code 0xC000021A or 0x71 right after the logo.',
    proof:
      'Session Manager\\SubSystems lacks Required, Windows or Kmode, or the program that they name does not exist. Another control set may still have the values.',
    remedy:
      'Put the values back: Required = Debug, Windows; Windows = %SystemRoot%\\system32\\csrss.exe ObjectDirectory=…; Kmode = \\SystemRoot\\System32\\win32k.sys. Take the full text from the other control set or from a machine of the same version.',
  },
  'core-process-bad': {
    title: (facts) =>
      facts.is('state', 'absent')
        ? phrase`A file that every Windows session needs is missing: ${facts.show('path')}.${copyPlace(facts)}`
        : phrase`A file that every Windows session needs is damaged: ${facts.show('path')}.${copyPlace(facts)}`,
    screen: 'Stop code 0xC000021A, 0xEF or 0x6B, or a message box with 0xC0000135 or 0xC0000142.',
    proof:
      'The file is not there, empty, never written, all zeros, no executable image, or shorter than its own headers say, while most of its neighbours are whole.',
    remedy:
      'Copy the same version of the file from the component store (a copy there that is another file record, not a hard link to the damaged one), from a backup or from a machine of the same build; then sfc /scannow.',
  },
  'boot-execute-dangling': {
    title: (facts) =>
      phrase`Windows is told to run a program before anything else that is not there: ${facts.show('entry')}.`,
    screen: 'A black screen without a message, before the logon.',
    proof:
      'An entry of Session Manager\\BootExecute names a program that is not in System32. The default entry is "autocheck autochk *"; an entry of another product whose program exists is ordinary.',
    remedy: 'Take the entry out of BootExecute and leave "autocheck autochk *".',
  },
  'known-dlls': {
    title: (facts) => phrase`A library that all programs share is missing or damaged: ${facts.show('path')}.`,
    screen: 'A message box with 0xC0000135 or 0xC0000142, or stop code 0xC000021A.',
    proof:
      'Session Manager\\KnownDLLs names a library that is not in System32. Libraries of other processors (wow64…, wowarm…, xtajit…) are named everywhere and need not be there.',
    remedy:
      'Copy the library from the component store or a machine of the same build, or take a foreign name out of KnownDLLs.',
  },
  'pending-renames': {
    title: (facts) =>
      facts.is('deletes', true)
        ? phrase`At the next start Windows will delete a file that it needs: ${facts.show('path')}.`
        : phrase`At the next start Windows will replace a file that it needs: ${facts.show('path')}.`,
    screen: 'Stop code 0xC000021A or a missing library, from the start on at which it is done.',
    proof:
      'PendingFileRenameOperations holds an entry whose source or target is a core file. Thousands of other entries are ordinary after an update.',
    remedy: 'Take that pair out of PendingFileRenameOperations; where it was done already, put the file back.',
  },
  'servicing-stuck': {
    title: (facts) =>
      facts.has('path')
        ? phrase`An update was begun and is not finished: Windows tries to go on with it at every start (${facts.show('path')}).`
        : phrase`An update was begun and is not finished: the servicing stack says so in ${facts.show('key')}.`,
    screen:
      '"Getting Windows ready", "Working on updates", "Undoing changes made to your computer" without end; stop code 0xC000021A or 0x7B after an update.',
    proof:
      'WinSxS\\pending.xml exists and SetupExecute runs poqexec.exe, or the component store is marked as being in work, or a servicing session is not complete. It is stuck where Windows started since, or failed to start twice. A restart that merely waits (RebootPending) is none of this.',
    remedy:
      'From a recovery environment: dism /image:C:\\ /cleanup-image /revertpendingactions. Only when that fails: rename pending.xml, empty SetupExecute and delete the marks of the component store, the store first.',
  },
  'servicing-log-full': {
    title: (facts) =>
      phrase`Updates fail because the transaction log of the registry is full, says ${facts.show('path')}.`,
    screen: 'Updates that fail with 0x800719E4 and are undone at each start.',
    proof:
      'The end of the servicing log names ERROR_LOG_FULL (0x800719E4). The files in config\\TxR are there on every machine and prove nothing.',
    remedy:
      'Remove the *.blf and *.regtrans-ms files of System32\\config\\TxR while Windows is off, after a backup. Never touch the .LOG1 and .LOG2 files of the hives.',
  },
  'update-mixed': {
    title: (facts) =>
      phrase`An update was rolled back and left a file of another build: ${facts.show('path')} is of build ${facts.show('found')}, Windows is ${facts.show('build')}.`,
    screen: 'Stop code 0x7B, 0xC000021A or 0xED after an update that was undone.',
    proof:
      'The servicing log tells of a failure that was rolled back, and a core file carries another build than the registry. Builds that share their files (such as 19041 to 19045) do not count.',
    remedy:
      'dism /image:C:\\ /cleanup-image /revertpendingactions, else repair with the installation medium of the same build.',
  },
  'setup-mode-command': {
    title: (facts) =>
      facts.is('waiting', true)
        ? phrase`This is a generalised template: its first start goes through Setup.`
        : facts.is('missing', true)
          ? phrase`Instead of a logon Windows starts ${facts.show('command')}, which is not there.`
          : facts.has('command')
            ? phrase`Instead of a logon Windows starts ${facts.show('command')}: Setup did not end, or somebody used it to get in.`
            : phrase`Windows believes that Setup is still under way.`,
    screen: '"Please wait", or "The computer restarted unexpectedly or encountered an unexpected error".',
    proof:
      'SetupType or SystemSetupInProgress of SYSTEM\\Setup is not 0. A missing program proves it. A freshly generalised template, with oobe\\windeploy.exe, is merely waiting for its first start.',
    remedy:
      'Set SetupType to 0 (four bytes), and SystemSetupInProgress too where CmdLine is not oobe\\windeploy.exe. Find out who set it: it is also a way to reset passwords.',
  },
  'sysprep-interrupted': {
    title: (facts) =>
      facts.has('completion')
        ? phrase`Setup's specialise pass was interrupted, and Windows refuses to go on.`
        : phrase`Sysprep failed on this image: it is marked as undeployable.`,
    screen:
      '"Windows could not finish configuring the system", or "The computer restarted unexpectedly … Windows installation cannot proceed".',
    proof:
      'SYSTEM\\Setup\\Status\\ChildCompletion has setup.exe = 1 or 2 while SetupType is not 0, or ImageState is IMAGE_STATE_UNDEPLOYABLE. States that end in RESEAL_TO_OOBE are ordinary.',
    remedy:
      'Read Windows\\Panther\\UnattendGC\\setuperr.log, correct the answer file, and deploy the image again. Setting setup.exe to 3 lets Setup go on, at the risk of a half-configured machine.',
  },
  'upgrade-interrupted': {
    title: () => phrase`An upgrade of Windows, or its rollback, did not end.`,
    screen: 'Windows Setup, or "Restoring your previous version of Windows", at every start.',
    proof:
      'Upgrade or RollbackActive of SYSTEM\\Setup is not 0. The folder $WINDOWS.~BT alone stays on every upgraded machine for days.',
    remedy: 'Let the rollback end, or set the default entry of the boot store back to the installed Windows.',
  },
  'chkdsk-each-boot': {
    title: (facts) =>
      facts.has('entry')
        ? phrase`Each start checks the disk before Windows: ${facts.show('entry')}.`
        : facts.is('underWay', true)
          ? phrase`A check of the disk was under way when the machine stopped, and begins anew at each start.`
          : facts.is('damaged', true)
            ? phrase`The file system is marked as dirty and damage is left, so that each start checks the disk.`
            : phrase`The file system is marked as dirty: the next start checks the disk.`,
    screen: '"Scanning and repairing drive (C:)" or "Checking file system on C:", for hours, or at every start.',
    proof:
      'The dirty flag of $Volume with a check under way, with damage in the folders that a start reads, or a forced check in BootExecute. The flag alone means one check.',
    remedy:
      'Let it end, or run chkdsk /f from a recovery environment with the disk on fast storage. Clear the flag only when the damage is understood.',
  },
  'disk-full': {
    title: (facts) =>
      phrase`The Windows volume is full: ${facts.show('free')} bytes of ${facts.show('total')} are free.`,
    screen: '"Please wait" without end, 0xC0000017 or 0xC000007F, a loop of updates, services that do not start.',
    proof: '$Bitmap has less than 300 MB, or less than one per cent, of free clusters.',
    remedy:
      'Enlarge the disk and the volume, or delete what is known to be dispensable: MEMORY.DMP, $Recycle.Bin, SoftwareDistribution\\Download.',
  },
  'pagefile-other-disk': {
    title: (facts) =>
      phrase`All page files lie on another volume (${facts.show('files')}): without it there are no crash dumps.`,
    screen: 'A message about a temporary page file after the logon. Windows starts.',
    proof: 'PagingFiles names only letters other than that of Windows. Alone it never stops a start.',
    remedy: 'Bring the other disk along, or let Windows manage the page file on its own volume.',
  },
  'safe-boot-left': {
    title: (facts) => phrase`The boot store starts Windows in safe mode every time (${facts.show('mode')}).`,
    screen:
      '"Safe Mode" in the corners; no remote desktop, no agents; on a domain controller the restore mode of directory services.',
    proof: 'The element safeboot (25000080) stands in the default entry.',
    remedy: 'Delete it: bcdedit /store <BCD> /deletevalue {default} safeboot.',
  },
};
