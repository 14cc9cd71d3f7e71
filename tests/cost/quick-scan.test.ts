import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { buildCrashedDisk, type CrashedDiskOptions, FAULTY_CHANNEL_FILE } from '../support/disk-writer/crashed-disk.js';
import { temporaryFolder } from '../support/tools.js';

/** What a verdict may cost, counted at the file below every cache. */
const MOST_READS = 40;
const MOST_BYTES = 1 << 20;

const reverted = {
  name: 'C-00000291-00000000-00000033.sys',
  modified: '2024-07-19T05:27:48Z',
  content: new Uint8Array(35_406).fill(0xaa),
};

const DISKS: [string, string, CrashedDiskOptions][] = [
  ['4,000 files', 'faulty', { files: 4000 }],
  ['20,000 entries in the CrowdStrike folder', 'faulty', { files: 24_000, crowdStrikeEntries: 20_000 }],
  ['$MFT in 300 fragments', 'faulty', { files: 4000, mftFragments: 300 }],
  [
    'both, and no short names',
    'faulty',
    { files: 24_000, crowdStrikeEntries: 20_000, mftFragments: 300, shortNames: false },
  ],
  ['clusters of 64 KiB', 'faulty', { files: 4000, clusterSize: 65_536 }],
  ['sectors of 4096 bytes', 'faulty', { files: 4000, sectorSize: 4096 }],
  [
    'a hibernated, dirty Windows',
    'faulty',
    { files: 4000, volumeFlags: 1, windowsFiles: { '/hiberfil.sys': { content: hibernated(), attributes: 0x26 } } },
  ],
  [
    'three channel files',
    'superseded',
    {
      files: 4000,
      channelFiles: [FAULTY_CHANNEL_FILE, reverted, { ...reverted, name: 'C-00000291-00000000-00000034.sys' }],
    },
  ],
  ['the reverted file', 'reverted', { files: 4000, channelFiles: [reverted] }],
  ['no channel file', 'cleared', { files: 4000, channelFiles: [] }],
];

function hibernated(): Uint8Array {
  const bytes = new Uint8Array(1 << 20);
  bytes.set(new TextEncoder().encode('HIBR'));
  return bytes;
}

describe('a cold quick scan of a GPT disk of four partitions', () => {
  const folder = temporaryFolder();

  test.each(DISKS)('with %s costs at most 40 reads and 1 MiB', async (name, expected, options) => {
    const path = join(folder, 'disk.raw');
    buildCrashedDisk(path, options);
    const file = await openFile(path);
    try {
      const counting = new CountingSource(file);
      const disk = await openDisk(counting, { name: path });
      const report = await scanDisk(disk, { mode: 'quick', counting });
      await disk.close();
      expect(report.volumes.map((volume) => volume.role)).toEqual([
        'efi-system',
        'microsoft-reserved',
        'windows',
        'recovery',
      ]);
      expect([name, report.verdict]).toEqual([name, expected]);
      expect(report.cost).toMatchObject({ reads: counting.reads, bytes: counting.bytes });
      expect(counting.reads).toBeLessThanOrEqual(MOST_READS);
      expect(counting.bytes).toBeLessThanOrEqual(MOST_BYTES);
    } finally {
      await file.close?.();
      rmSync(path);
    }
  });
});
