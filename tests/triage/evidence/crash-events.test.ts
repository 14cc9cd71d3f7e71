import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildCrashedDisk, DISK_ID } from '../../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../../support/disk-writer/crashed-machine.js';
import { temporaryFolder } from '../../support/tools.js';
import { patch, scan } from '../../support/triage/decision-disk.js';

const machine = crashedMachine({
  files: 40,
  crowdStrikeEntries: 8,
  services: 20,
  bootDrivers: 2,
  softwareKeys: 20,
  hardLinks: false,
});

describe('the System log', () => {
  const folder = temporaryFolder();

  test('tells of the stop code, names no driver, and does not outweigh the dumps', async () => {
    const path = join(folder, 'events.raw');
    buildCrashedDisk(path, machine);
    const [installation] = (await scan(path, { mode: 'full' })).installations;
    expect(installation.crash.filter(({ source }) => source === 'event')).toEqual([
      expect.objectContaining({
        path: '/Windows/System32/winevt/Logs/System.evtx',
        time: '2024-07-19T04:31:00.0000000Z',
        code: '0x00000050',
        module: null,
        modules: [],
      }),
    ]);
    expect(installation.confidence).toBe('confirmed');
  });

  test('alone it neither confirms nor contradicts', async () => {
    const path = join(folder, 'no-dumps.raw');
    const { windowsFiles, ...options } = machine;
    const files = Object.entries(windowsFiles ?? {}).filter(([name]) => !/Minidump/.test(name));
    buildCrashedDisk(path, { ...options, windowsFiles: Object.fromEntries(files) });
    const [installation] = (await scan(path, { mode: 'full' })).installations;
    expect(installation.crash.map(({ source }) => source)).toEqual(['event']);
    expect(['file-only', 'likely']).toContain(installation.confidence);
  });
});

describe('the backup header of a GPT disk', () => {
  const folder = temporaryFolder();

  test('is a witness of the former identity when only the primary header was changed', async () => {
    const path = join(folder, 'identity.raw');
    buildCrashedDisk(path, machine);
    patch(
      path,
      512,
      (header) => {
        header[0x38] ^= 0xff;
        header.writeUInt32LE(0, 0x10);
        header.writeUInt32LE(crc32(header.subarray(0, 92)), 0x10);
      },
      512,
    );
    const [{ boot }] = (await scan(path, { mode: 'full' })).installations;
    expect(boot.verdict).toBe('identity-changed');
    expect(boot.identity?.former).toBe(DISK_ID);
    expect(boot.identity?.witnesses).toContainEqual({ source: 'gpt-backup-header', diskId: DISK_ID });
  });
});
