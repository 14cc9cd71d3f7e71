import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { type HealthyDraft, type HealthyOptions, healthyDisk } from '../../../support/healthy/healthy-disk.js';
import type { FileOptions } from '../../../support/ntfs-writer/tree.js';

const CS = 'ControlSet001';
const MANAGER = `${CS}\\Control\\Session Manager`;
const VERSION = 'Microsoft\\Windows NT\\CurrentVersion';
const OLD = { modified: '2024-07-01T00:00:00Z' };

type Change = (draft: HealthyDraft) => void;
const system =
  (key: string, values: HealthyDraft['system'][string]): Change =>
  (draft) => {
    draft.system[key] = { ...draft.system[key], ...values };
  };
const software =
  (key: string, values: HealthyDraft['software'][string]): Change =>
  (draft) => {
    draft.software[key] = { ...draft.software[key], ...values };
  };
const file =
  (path: string, options: FileOptions | undefined): Change =>
  (draft) => {
    for (const known of Object.keys(draft.files))
      if (known.toUpperCase() === path.toUpperCase()) delete draft.files[known];
    if (options !== undefined) draft.files[path] = options;
  };
const all =
  (...changes: Change[]): Change =>
  (draft) => {
    for (const change of changes) change(draft);
  };

const FAULTS: Record<string, Change | HealthyOptions> = {
  'core-process-bad': file('/Windows/System32/csrss.exe', undefined),
  'core-process-bad (ntdll)': file('/Windows/System32/ntdll.dll', { content: new Uint8Array(0) }),
  'core-process-bad (userinit)': file('/Windows/System32/userinit.exe', undefined),
  'core-process-bad (autochk)': file('/Windows/System32/autochk.exe', undefined),
  'session-manager-key': system(`${MANAGER}\\SubSystems`, { Windows: '' }),
  'boot-execute-dangling': system(MANAGER, { BootExecute: ['autocheck autochk *', 'lsdelete'] }),
  'known-dlls': system(`${MANAGER}\\KnownDLLs`, { evil: 'evil.dll' }),
  'pending-renames': system(MANAGER, {
    PendingFileRenameOperations: {
      type: 7,
      bytes: Buffer.from('\\??\\C:\\Windows\\System32\\ntdll.dll\0\0\0', 'utf16le'),
    },
  }),
  'servicing-stuck': all(
    system(MANAGER, { SETUPEXECUTE: ['poqexec.exe /display_progress \\SystemRoot\\WinSxS\\pending.xml'] }),
    file('/Windows/WinSxS/pending.xml', { ...OLD, content: Uint8Array.of(60) }),
  ),
  'setup-mode-command': system('Setup', { SetupType: 2, CmdLine: 'C:\\gone.exe' }),
  'sysprep-interrupted': all(
    system('Setup', { SetupType: 2, CmdLine: 'oobe\\windeploy.exe', SystemSetupInProgress: 1 }),
    system('Setup\\Status\\ChildCompletion', { 'setup.exe': 1 }),
  ),
  'winlogon-values': software(`${VERSION}\\Winlogon`, { Userinit: '' }),
  'ifeo-hijack': software(`${VERSION}\\Image File Execution Options\\csrss.exe`, { Debugger: 'C:\\gone.exe' }),
  'lsa-package-missing': system(`${CS}\\Control\\Lsa`, { 'Notification Packages': ['scecli', 'gone'] }),
  'service-critical': system(`${CS}\\Services\\RdAgent`, {
    Start: 2,
    Type: 16,
    ErrorControl: 2,
    ImagePath: 'C:\\gone\\agent.exe',
  }),
  'rpc-host-split': system(`${CS}\\Services\\RpcSs`, { Start: 3 }),
  'ntds-unavailable': all(
    system(`${CS}\\Control\\ProductOptions`, { ProductType: 'LanmanNT' }),
    system(`${CS}\\Services\\NTDS\\Parameters`, { 'DSA Database file': 'C:\\Windows\\NTDS\\ntds.dit' }),
  ),
  'disk-read-only': system(`${CS}\\Enum\\SCSI\\Disk&Ven_Msft&Prod_Virtual_Disk\\000000\\Device Parameters\\Partmgr`, {
    Attributes: 1,
    // A GPT, and the GUID of the healthy disk as Windows stores it.
    PartitionTableCache: Buffer.from('01000000040000000000ed5e0000004080000000000000aa'.padEnd(96, '0'), 'hex'),
  }),
  'ntfs-boot-sector': { patch: (disk, { windows }) => disk.write(windows, new Uint8Array(512)) },
  'ntfs-mft-head': {
    patch: (disk, { windows }) => {
      const at = Number(new DataView(disk.read(windows, 512).slice().buffer).getBigUint64(0x30, true)) * 4096;
      disk.write(windows + at + 3 * 1024, new Uint8Array(4));
    },
  },
};

test.each(Object.entries(FAULTS))('%s is the headline, and has no company', async (name, fault) => {
  const disk = await openDisk(await healthyDisk(typeof fault === 'function' ? { change: fault } : fault));
  const report = await scanDisk(disk);
  await disk.close();
  expect(report.causes.filter(({ severity }) => severity !== 'none').map(({ id }) => id)).toEqual([name.split(' ')[0]]);
  expect(report.cause).toBe(name.split(' ')[0]);
  expect(report.starts).not.toBe('nothing-found');
});
