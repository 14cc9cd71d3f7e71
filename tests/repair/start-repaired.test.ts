import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { type ImageReport, proposeRepairs, SHIPPED_RULES, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { HEALTHY_DISK_ID, type HealthyOptions, healthyDisk } from '../support/healthy/healthy-disk.js';
import type { SparseMemory } from '../support/healthy/sparse-memory.js';

/*
 * A healthy disk with one thing wrong, in memory: the scan finds it and asks for the repair, the planned bytes are
 * written, and a second scan of the same disk finds nothing any more.
 */

async function scan(disk: SparseMemory): Promise<ImageReport> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  try {
    return await scanDisk(opened);
  } finally {
    await opened.close();
  }
}

/** Writes what a plan says; gives how many bytes that were. */
async function repair(disk: SparseMemory, report: ImageReport): Promise<number> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  const plan = await planRepair(opened, proposeRepairs(report, SHIPPED_RULES), { overlay: true });
  expect(plan.refusals).toEqual([]);
  let bytes = 0;
  for (const { volume, offset, before, after } of plan.operations.flatMap(({ edits }) => edits)) {
    const at = offset + (opened.volumes.find(({ number }) => number === volume)?.offset ?? 0);
    const old = Buffer.from(before, 'hex');
    expect(Buffer.from(disk.read(at, old.length)).equals(old)).toBe(true);
    disk.write(at, Uint8Array.from(Buffer.from(after, 'hex')));
    bytes += old.length;
  }
  await opened.close();
  return bytes;
}

const OTHER_ID = '5EED0000-0000-4000-8000-0000000000FF';

const CASES: readonly (readonly [string, string, HealthyOptions, mostBytes: number])[] = [
  ['the GUID of a GPT disk was changed', 'bcd-identity', { change: (draft) => void (draft.diskId = OTHER_ID) }, 40],
  [
    'the signature of an MBR disk was changed',
    'bcd-identity',
    { firmware: 'bios', patch: (disk) => disk.write(0x1b8, Uint8Array.of(1, 2, 3, 4)) },
    4,
  ],
  [
    'the first sector lost its signature',
    'mbr-no-signature',
    { firmware: 'bios', patch: (disk) => disk.write(510, new Uint8Array(2)) },
    2,
  ],
  [
    'no partition is active',
    'mbr-no-active',
    { firmware: 'bios', patch: (disk) => disk.write(0x1be, new Uint8Array(1)) },
    1,
  ],
  [
    'the boot sector says that the volume begins elsewhere',
    'vbr-hidden-sectors',
    { firmware: 'bios', patch: (disk, { system }) => disk.write(system + 0x1c, new Uint8Array(4)) },
    4,
  ],
  [
    'a command is run in place of the logon',
    'setup-mode-command',
    { change: ({ system }) => void (system.Setup = { ...system.Setup, SetupType: 2, CmdLine: 'C:\\gone.exe' }) },
    4,
  ],
  [
    'the program of a critical service is not there',
    'service-critical',
    {
      change({ system }) {
        system['ControlSet001\\Services\\RdAgent'] = {
          Start: 2,
          Type: 0x10,
          ErrorControl: 3,
          ImagePath: { expand: 'C:\\WindowsAzure\\Packages\\WaAppAgent.exe' },
        };
      },
    },
    4,
  ],
  [
    'the second record of $MFT is gone',
    'ntfs-mft-head',
    {
      patch(disk, { windows }) {
        const boot = new DataView(disk.read(windows, 512).buffer);
        const mft = windows + Number(boot.getBigUint64(0x30, true)) * boot.getUint16(11, true) * boot.getUint8(13);
        disk.write(mft + 1024, new Uint8Array(1024));
      },
    },
    1024,
  ],
];

describe('a disk that does not start because', () => {
  test.each(CASES)('%s starts again: %s', async (_, cause, options, mostBytes) => {
    const disk = await healthyDisk(options);
    const broken = await scan(disk);
    expect(broken.cause).toBe(cause);
    expect(broken.starts).toMatch(/^(no|doubtful)$/);
    const bytes = await repair(disk, broken);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(mostBytes);
    const repaired = await scan(disk);
    expect(repaired.cause).toBeNull();
    expect(repaired.starts).toBe('nothing-found');
    for (const { active, boot } of repaired.installations) if (active) expect(boot.verdict).toBe('consistent');
    if (options.firmware !== 'bios') expect(repaired.disk.diskId).toBe(HEALTHY_DISK_ID);
  });
});
