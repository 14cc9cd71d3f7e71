import { openDisk } from '@deadbox/disk';
import { renderScanImage } from '@deadbox/report';
import { causes as english } from '@deadbox/report/causes/en';
import { causes as japanese } from '@deadbox/report/causes/ja';
import { ja } from '@deadbox/report/ja';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { healthyDisk } from '../../support/healthy/healthy-disk.js';

const CHANGED = 'AAAAAAAA-0000-4000-8000-0000000000AA';

/** A disk whose identity another Windows changed while it was attached to it. */
async function scanChanged(mode: 'quick' | 'full'): Promise<ImageReport> {
  const disk = await openDisk(await healthyDisk({ change: (draft) => (draft.diskId = CHANGED) }), { name: 'web.img' });
  try {
    return await scanDisk(disk, { mode });
  } finally {
    await disk.close();
  }
}

describe('a disk whose identity was changed by a helper', () => {
  test('is answered in the first line, in both languages', async () => {
    const report = await scanChanged('full');
    expect(report).toMatchObject({ cause: 'bcd-identity', starts: 'no', severity: 'act' });
    expect(report.causes.filter(({ severity }) => severity !== 'none')).toHaveLength(1);
    const width = 400;
    const [first] = renderScanImage(report, { causes: english, width }).split('\n');
    expect(first).toMatch(/^SRV-WEB-03 \(web\.img\) {2}DOES NOT START {2}The disk's identity was changed/);
    expect(first).toContain(CHANGED);
    const [line] = renderScanImage(report, { causes: japanese, language: ja, width }).split('\n');
    expect(line).toMatch(/^SRV-WEB-03 \(web\.img\) {2}起動しません {2}ディスクの識別子が書き換えられた/);
  });

  test('a quick scan says that the boot chain was not checked, and never OK', async () => {
    const report = await scanChanged('quick');
    expect(report).toMatchObject({ cause: null, starts: 'not-checked', severity: 'none' });
    const text = renderScanImage(report);
    expect(text.split('\n')[0]).toContain('BOOT NOT CHECKED');
    expect(text).toContain('The boot chain was not checked');
    expect(text).not.toMatch(/\bOK\b/);
  });
});
