import { gptDevice, integer } from '../bcd-writer.js';
import { makeBitLockerVolume } from '../bitlocker-volume.js';
import { writeGpt } from '../disk-writer/gpt.js';
import { csagentCrash } from '../dump-writer.js';
import { plainVolume } from '../encryption/volumes.js';
import { writeEventLog } from '../evtx-writer.js';
import { HEALTHY_ESP_ID, type HealthyDraft, healthyDisk } from '../healthy/healthy-disk.js';
import { gptLetter } from '../healthy/hives.js';
import { SparseMemory } from '../healthy/sparse-memory.js';
import { type FileOptions, fileTime } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';

const CHANNEL = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-';
const SET = 'ControlSet001';

/** What is the matter with a server of the story. */
export type Ailment =
  | 'none'
  | 'looping'
  | 'safe-mode'
  | 'healed'
  | 'identity-changed'
  | 'no-loader'
  | 'no-boot-manager'
  | 'system-hive-gone';

/** One disk of a server at one time. */
export interface ServerSpec {
  readonly name: string;
  readonly ailment: Ailment;
  /** When the state was taken: the newest event, and the last shutdown. ISO-8601 UTC. */
  readonly at?: string;
}

const bytesOf = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) ^ (i >> 3) ^ 0xaa);

function channel(modified: string, version: number): FileOptions {
  return { content: bytesOf(9000 + version, version), modified, created: modified };
}

/** The four bytes of a number that tells one server's identities from another's. */
function idOf(name: string): string {
  let hash = 7;
  for (const unit of name) hash = (hash * 31 + unit.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0').toUpperCase();
}

function fileTimeBytes(time: string): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, fileTime(time), true);
  return bytes;
}

const EVENT = { provider: 'EventLog', eventId: 6006, data: {} };

function draftFor({ name, ailment, at = '2024-07-19T03:00:00Z' }: ServerSpec, draft: HealthyDraft): void {
  const own = idOf(name);
  const { system, software, files, systemFiles } = draft;
  const diskId = `${own}-0000-4000-8000-0000000000AA`;
  const windowsId = `${own}-0000-4000-8000-0000000000A3`;
  const windows = draft.gpt[2];
  if (windows !== undefined) windows.id = windowsId;
  draft.diskId = diskId;
  draft.store.system = gptDevice(HEALTHY_ESP_ID, diskId);
  draft.store.windows = gptDevice(windowsId, diskId);
  system.MountedDevices = { '\\DosDevices\\C:': gptLetter(windowsId) };
  Object.assign(system, {
    [`${SET}\\Control\\ComputerName\\ComputerName`]: { ComputerName: name },
    [`${SET}\\Services\\Tcpip\\Parameters`]: { Hostname: name.toLowerCase(), Domain: 'corp.example' },
  });
  Object.assign(system[`${SET}\\Control\\Windows`] ?? {}, { ShutdownTime: fileTimeBytes(at) });
  software['Microsoft\\Cryptography'] = { MachineGuid: `${own.toLowerCase()}-1111-4222-8333-444444444444` };
  files['/Windows/System32/winevt/Logs/System.evtx'] = {
    content: writeEventLog([[{ ...EVENT, time: fileTime(at) }]]),
  };
  switch (ailment) {
    case 'looping':
    case 'safe-mode':
      files[`${CHANNEL}00000032.sys`] = channel('2024-07-19T04:09:35Z', 32);
      system[`${SET}\\Services\\CSAgent`] = {
        Type: 2,
        Start: 1,
        ErrorControl: 1,
        Group: 'FSFilter Activity Monitor',
        ImagePath: { expand: '\\??\\C:\\Windows\\system32\\drivers\\CrowdStrike\\csagent.sys' },
      };
      files['/Windows/System32/drivers/CrowdStrike/csagent.sys'] = {
        content: writePe({ fileVersion: '7.11.18110.0' }),
      };
      files['/Windows/Minidump/071924-10234-01.dmp'] = {
        content: csagentCrash(fileTime('2024-07-19T04:31:00Z')),
        modified: '2024-07-19T04:31:00Z',
      };
      if (ailment === 'safe-mode') draft.store.loader = { '25000080': integer(0) };
      return;
    case 'healed':
      files[`${CHANNEL}00000033.sys`] = channel('2024-07-19T05:27:48Z', 33);
      return;
    case 'identity-changed':
      draft.diskId = `${own}-DEAD-4000-8000-0000000000AA`;
      return;
    case 'no-loader':
      delete files['/Windows/System32/winload.efi'];
      return;
    case 'no-boot-manager':
      delete systemFiles['/EFI/Microsoft/Boot/bootmgfw.efi'];
      delete systemFiles['/EFI/Boot/bootx64.efi'];
      return;
    case 'system-hive-gone':
      draft.hives.SYSTEM = new Uint8Array(8192);
      return;
    case 'none':
      return;
  }
}

/** The disk of a server, in memory. */
export function serverDisk(spec: ServerSpec): Promise<SparseMemory> {
  return healthyDisk({ change: (draft) => draftFor(spec, draft) });
}

const RECOVERY_PASSWORD = '235818-357951-253979-013365-241120-245575-342914-591910';

/** A small server whose one volume is BitLocker's: with a clear key, or locked. */
export function bitLockerDisk(name: string, key: 'clear' | 'recovery'): SparseMemory {
  const { bytes } = makeBitLockerVolume(
    plainVolume(),
    key === 'clear' ? { clearKey: true } : { recoveryPassword: RECOVERY_PASSWORD },
  );
  const own = idOf(name);
  const disk = new SparseMemory(bytes.length + (2 << 20));
  writeGpt(disk, disk.size, 512, `${own}-0000-4000-8000-0000000000AA`, [
    {
      type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
      id: `${own}-0000-4000-8000-0000000000A3`,
      name: 'Basic data partition',
      offset: 1 << 20,
      length: bytes.length,
    },
  ]);
  disk.write(1 << 20, bytes);
  return disk;
}
