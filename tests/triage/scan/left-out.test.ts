import { IssueLog, MemorySource } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { scanPage, textWriter } from '@deadbox/report';
import { scanReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { scanShadowCopies } from '../../../packages/triage/src/scan/scan-shadow-copies.js';
import { shadowCatalog } from '../../support/ntfs/shadow-volume.js';
import { scanWindows } from '../../support/triage/windows-volume.js';

describe('what a scan leaves out is told', () => {
  test.each([
    [16, []],
    [17, [{ code: 'triage.placeholders-left', severity: 'note', data: { volume: 1 } }]],
  ])('of %i folders of users in which cloud files may lie', async (users, issues) => {
    const files = Object.fromEntries(
      Array.from({ length: users }, (_, i) => [`/Users/user${i}/OneDrive/plain.txt`, { size: 1 }]),
    );
    const report = await scanWindows({ files });
    expect(report.issues.filter(({ code }) => code.startsWith('triage.'))).toEqual(issues);
    const whole = { tool: 'deadbox', version: '0', rules: [], options: {}, startedAt: '', finishedAt: '' };
    const page = textWriter({ width: 200 })(scanPage(scanReport({ ...whole, images: [report] })));
    expect(page.includes('Not all folders of users were searched')).toBe(issues.length > 0);
  });

  test.each([
    [64, undefined],
    [127, { volume: 1, examined: 64, found: 127 }],
  ])('of %i shadow copies', async (copies, data) => {
    const bytes = shadowCatalog(1, copies);
    const volume = { number: 1, content: new MemorySource(bytes), issues: new IssueLog() };
    expect(await scanShadowCopies(volume as unknown as Volume, [], {})).toEqual([]);
    const left = volume.issues.issues.filter(({ code }) => code === 'triage.shadow-copies-left');
    expect(left.map((issue) => issue.data)).toEqual(data === undefined ? [] : [data]);
    // Each of those that were looked at has no content here, which is told as well.
    expect(volume.issues.count('triage.shadow-copy')).toBe(64);
  });
});
