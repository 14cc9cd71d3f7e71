import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { FAULTY_CHANNEL_FILE } from '../support/disk-writer/crashed-disk.js';
import { writeDynamicDisk } from '../support/disk-writer/ldm.js';
import { fillWindows } from '../support/disk-writer/windows-tree.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink, partOf } from '../support/ntfs-writer/sink.js';

const MIB = 1 << 20;

describe('a crashed Windows on a synthetic dynamic disk', () => {
  test.each(['mbr', 'gpt'] as const)('of %s gets its verdict, and the disk is named as dynamic', async (style) => {
    const sink = new MemorySink(224 * MIB);
    const id = '5EED0000-0000-4000-8000-0000000000A1';
    const sectors = (192 * MIB) / 512;
    writeDynamicDisk(sink, {
      style,
      size: 224 * MIB,
      own: 0,
      disks: [{ name: 'Disk1', guid: '5EED0000-0000-4000-8000-0000000000D1' }],
      volumes: [
        { name: 'Volume1', guid: id, layout: 'simple', hint: 'C:', parts: [{ disk: 0, start: 2048, sectors }] },
      ],
    });
    const offset = ((style === 'mbr' ? 63 : 8192) + 2048) * 512;
    const writer = new NtfsVolumeWriter(partOf(sink, offset), { size: sectors * 512 });
    fillWindows(writer.tree, {
      files: 300,
      crowdStrikeEntries: 20,
      channelFiles: [FAULTY_CHANNEL_FILE],
      hardLinks: true,
      extra: {},
    });
    writer.finish();

    const disk = await openDisk(new MemorySource(sink.bytes, { name: 'dynamic.raw' }));
    const report = await scanDisk(disk, { mode: 'quick' });
    await disk.close();
    expect(report.verdict).toBe('faulty');
    expect(report.volumes.find((volume) => volume.role === 'windows')).toMatchObject({
      offset,
      length: sectors * 512,
      partitionId: id,
    });
    expect(report.obstacles.map((obstacle) => obstacle.id)).toContain('dynamic-disk');
  });
});
