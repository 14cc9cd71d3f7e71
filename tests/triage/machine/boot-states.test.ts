import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderScanImage } from '@deadbox/report';
import type { ImageReport } from 'deadbox';
import { beforeAll, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';
import { scan } from '../../support/triage/decision-disk.js';

// The test images have a real boot store that points at them. Other tools change the disk, as a helper machine or an
// accident would.
const text = (report: ImageReport): string => renderScanImage(report, { width: 1000 });

describeWithTools(['sgdisk', 'sfdisk', 'mdel', 'mcopy', 'ntfs-3g', 'losetup'], 'states of the boot store', () => {
  const folder = temporaryFolder();
  let made = 0;
  const copy = (name: string): string => {
    made += 1;
    const path = join(folder, `${name}-${made}.raw`);
    copyFileSync(testImagePath(name), path);
    return path;
  };
  const esp = (image: string): string[] => ['-i', `${image}@@${1 << 20}`];
  let consistent: ImageReport;
  beforeAll(async () => {
    consistent = await scan(testImagePath('gpt-reverted'), { mode: 'full' });
  });

  test.each(['gpt-reverted', 'mbr-superseded'])('%s: consistent, and nothing to mend', async (name) => {
    const report = await scan(testImagePath(name), { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({
      verdict: 'consistent',
      severity: 'none',
      codes: [],
      remedies: [],
    });
    expect(report.severity).toBe('none');
  });

  test('GPT disk id changed: says both ids and that a few bytes give the server back', async () => {
    const image = copy('gpt-reverted');
    run('sgdisk', ['-U', '11111111-2222-4333-8444-555555555555', image]);
    const report = await scan(image, { mode: 'full' });
    expect(report).toMatchObject({ verdict: 'reverted', severity: 'act' });
    expect(report.installations[0]?.boot).toMatchObject({
      verdict: 'identity-changed',
      severity: 'act',
      identity: { current: '11111111-2222-4333-8444-555555555555', former: '5EED0000-0000-4000-8000-000000000001' },
    });
    expect(text(report)).toMatch(
      /identity was changed: it is now 11111111-2222-4333-8444-555555555555, .* still names 5EED0000-0000-4000-8000-000000000001/,
    );
    expect(text(report)).toContain('attached to another Windows');
  });

  test('MBR signature changed: the same', async () => {
    const image = copy('mbr-superseded');
    run('sfdisk', ['--disk-id', image, '0x12345678']);
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({
      verdict: 'identity-changed',
      identity: { current: '12345678', former: '5EED0001' },
    });
    expect(text(report)).toContain('0xC000000E');
  });

  test('partition id changed: the partition that the store names is gone', async () => {
    const image = copy('gpt-reverted');
    run('sgdisk', ['-u', '3:99999999-2222-4333-8444-555555555555', image]);
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({ verdict: 'partition-missing', severity: 'review' });
    expect(text(report)).toContain('names a partition that this disk does not have');
  });

  test('loader gone', async () => {
    const image = copy('gpt-reverted');
    const mount = join(folder, 'mount');
    run('mkdir', ['-p', mount]);
    const { offset = 0, length = 0 } = consistent.volumes[2] ?? {};
    const loop = run('losetup', ['-f', '--show', '-o', String(offset), '--sizelimit', String(length), image]).trim();
    try {
      run('ntfs-3g', [loop, mount]);
      rmSync(join(mount, 'Windows/System32/winload.efi'));
      run('umount', [mount]);
    } finally {
      run('losetup', ['-d', loop]);
    }
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({ verdict: 'loader-missing', severity: 'review' });
    expect(text(report)).toContain('names a loader file that is not there');
  });

  test('store damaged', async () => {
    const image = copy('gpt-reverted');
    const store = join(folder, 'BCD');
    run('mcopy', ['-n', ...esp(image), '::/EFI/Microsoft/Boot/BCD', store]);
    writeFileSync(store, readFileSync(store).fill(0x55, 4096, 4096 + 2048));
    run('mdel', [...esp(image), '::/EFI/Microsoft/Boot/BCD']);
    run('mcopy', [...esp(image), store, '::/EFI/Microsoft/Boot/BCD']);
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({ verdict: 'store-damaged', severity: 'review' });
    expect(text(report)).toContain('is damaged and cannot be read');
  });

  test('store missing', async () => {
    const image = copy('gpt-reverted');
    run('mdel', [...esp(image), '::/EFI/Microsoft/Boot/BCD']);
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot).toMatchObject({ verdict: 'store-missing', severity: 'review' });
  });

  test('a boot file that is no store is never "consistent"', async () => {
    const image = copy('gpt-reverted');
    const store = join(folder, 'other');
    writeFileSync(store, 'this is not a registry hive'.repeat(400));
    run('mdel', [...esp(image), '::/EFI/Microsoft/Boot/BCD']);
    run('mcopy', [...esp(image), store, '::/EFI/Microsoft/Boot/BCD']);
    const report = await scan(image, { mode: 'full' });
    expect(report.installations[0]?.boot.verdict).toBe('store-damaged');
    expect(report.severity).toBe('review');
  });
});
