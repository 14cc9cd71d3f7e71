import { DeadboxError } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { markdownWriter, renderScanImage, renderScanSummary, scanImagePage } from '@deadbox/report';
import { causes as english } from '@deadbox/report/causes/en';
import { causes as japanese } from '@deadbox/report/causes/ja';
import { ja } from '@deadbox/report/ja';
import { failedImage, type ImageReport, scanDisk, summarise } from '@deadbox/triage';
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

describe('several images', () => {
  const orphan = failedImage(
    'web-snap.avhdx',
    new DeadboxError('IMAGE_PARENT_MISSING', 'the parent is missing', { data: { parent: 'web.vhdx' } }),
  );
  const other = failedImage('notes.txt', new DeadboxError('SOURCE_NOT_FOUND', 'no such file'));

  test('a chain without its parent is a cause, another reason for not opening is none', () => {
    expect(orphan).toMatchObject({
      cause: 'differencing-without-parent',
      starts: 'doubtful',
      causes: [{ phase: 'image', confidence: 'strong', data: { parent: 'web.vhdx' } }],
    });
    expect(other).toMatchObject({ cause: null, starts: 'not-checked', causes: [] });
  });

  test('the summary counts how many start', async () => {
    const images = [await scanChanged('full'), orphan, other];
    const summary = summarise(images);
    expect(summary.starts).toEqual({ no: 1, doubtful: 1, 'nothing-found': 0, 'not-checked': 1 });
    const report = { summary, images } as unknown as Parameters<typeof renderScanSummary>[0];
    expect(renderScanSummary(report)).toContain('Start: 1 DOES NOT START, 1 DOUBTFUL, 1 BOOT NOT CHECKED');
    expect(renderScanSummary(report, { language: ja })).toContain('起動: 起動しません 1 件、起動は不確実 1 件');
    // A locked disk is called blocked, as in the table.
    const locked = { ...images[0], verdict: 'blocked-encrypted', starts: 'not-checked' } as (typeof images)[number];
    const withLocked = { summary: summarise([...images, locked]), images } as unknown as typeof report;
    expect(renderScanSummary(withLocked)).toContain('1 DOUBTFUL, 1 BLOCKED, 1 BOOT NOT CHECKED');
  });
});

test('what could not be examined is said, with its place and the reason, in both languages', async () => {
  const report = await scanChanged('full');
  const doubt = { code: 'cause.undecided', severity: 'warning' } as const;
  const issues = [
    { ...doubt, data: { causes: [], key: '\\ControlSet001\\Services', reason: 'drivers-incomplete' } },
    { ...doubt, data: { causes: [], path: '/Windows/System32/ci.dll', reason: 'folder-contradicted' } },
    { ...doubt, data: { causes: [], path: '/bootmgr', reason: 'a cluster is gone', code: 'NTFS_RECORD_DAMAGED' } },
  ];
  const doubtful = { ...report, causes: [], cause: null, starts: 'doubtful' as const, issues };
  const text = renderScanImage(doubtful, { width: 400 });
  expect(text.split('\n')[0]).toContain('could not be examined');
  expect(text).toContain('\\ControlSet001\\Services: most of the drivers that every Windows has are not there');
  expect(text).toContain('/Windows/System32/ci.dll: the folder is damaged');
  expect(text).toMatch(/\/bootmgr: .*a cluster is gone/);
  const inJapanese = renderScanImage(doubtful, { language: ja, width: 400 });
  expect(inJapanese).toContain('確認できなかったもの');
  expect(inJapanese).toContain('どの Windows にもあるドライバーの大半がない');
});

test('as Markdown the causes are a list, and names of files are escaped', async () => {
  const report = await scanChanged('full');
  const [cause] = report.causes;
  const second = {
    ...cause,
    id: 'core-file-bad' as const,
    data: { path: '/Windows/System32/a_b*c.sys', state: 'absent' },
  };
  const page = scanImagePage({ ...report, causes: [cause, second] }, { causes: english });
  const markdown = markdownWriter()(page);
  expect(markdown).toMatch(/^# .*SRV-WEB-03.*DOES NOT START/m);
  expect(markdown).toMatch(/^1\. .*identity/m);
  expect(markdown).toMatch(/^2\. .*a\\_b\\\*c\.sys/m);
});
