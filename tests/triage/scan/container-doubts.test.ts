import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { renderScanImage } from '@deadbox/report';
import { scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const bytesOf = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));
const opened = (bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Disk> =>
  openDisk(new MemorySource(bytes), { name });

describe('what the container is in doubt about', () => {
  test.each([
    ['image.chunk-checksum', 'warning', 'review'],
    ['image.parent-not-verified', 'error', 'review'],
    ['image.foreign-files-ignored', 'note', 'none'],
    // A replayed log leaves the container whole.
    ['image.log-replayed', 'warning', 'none'],
  ] as const)('%s (%s) makes a sound Windows %s', async (code, severity, expected) => {
    const disk = await opened(bytesOf(testImagePath('gpt-reverted')), 'server.img');
    disk.issues.add({ code, severity });
    const report = await scanDisk(disk, { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'reverted', severity: expected });
    expect(renderScanImage(report).includes(code)).toBe(expected === 'review');
  });

  test('leaves a verdict that asks for something as it is', async () => {
    const disk = await opened(bytesOf(testImagePath('gpt-faulty')), 'server.img');
    disk.issues.add({ code: 'image.chunk-checksum', severity: 'warning' });
    expect(await scanDisk(disk, { mode: 'quick' })).toMatchObject({ verdict: 'faulty', severity: 'act' });
  });
});

describeWithTools(['qemu-img'], 'a container with a damaged copy of a structure', () => {
  const folder = temporaryFolder();

  test.each([
    // The footer, whose copy stands at the beginning; the first region table.
    ['vpc', -442],
    ['vhdx', 0x3_0020],
  ])('is not called well: %s', async (format, place) => {
    const path = join(folder, `disk.${format}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, testImagePath('gpt-reverted'), path]);
    const bytes = bytesOf(path);
    const severity = async (): Promise<string> =>
      (await scanDisk(await opened(bytes, path), { mode: 'quick' })).severity;
    expect(await severity()).toBe('none');
    bytes[place < 0 ? bytes.length + place : place] ^= 0xff;
    expect(await severity()).toBe('review');
  });

  test.each(['qcow2', 'vmdk', 'parallels'])('is not called well without its end: %s', async (format) => {
    const path = join(folder, `cut.${format}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, testImagePath('gpt-reverted'), path]);
    const bytes = bytesOf(path);
    // The second copy of the partition table lay there.
    const report = await scanDisk(await opened(bytes.slice(0, -70_000), path), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'reverted', severity: 'review' });
    expect(report.image.issues.map(({ code }) => code)).toContain('image.truncated');
  });
});
