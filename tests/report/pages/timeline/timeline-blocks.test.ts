import type { TimelineReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { Reader } from '../../../../packages/report/src/pages/page.js';
import { timelineBlocks } from '../../../../packages/report/src/pages/timeline/timeline-blocks.js';
import { en } from '../../../../packages/report/src/words/en/en.js';
import { ja } from '../../../../packages/report/src/words/ja/ja.js';

const timeline: TimelineReport = {
  lastRan: { kind: 'stopped', at: '2024-07-18T13:00:00.0000000Z', what: null, failed: null, path: '/x' },
  changes: [{ kind: 'update', at: '2024-07-19T03:00:00.0000000Z', what: 'KB1', failed: true, path: '/y' }],
  firstFailed: null,
};
const shown = (value: TimelineReport | undefined, language: typeof en): string =>
  JSON.stringify(timelineBlocks(value, new Reader({ language })));

describe('the time line on a page', () => {
  test('has the last run, the changes and the first failure, in both languages', () => {
    const english = shown(timeline, en);
    for (const part of ['Time line', '2024-07-18 13:00:00 UTC', 'KB1', ' (failed)', 'leave no trace'])
      expect(english).toContain(part);
    const japanese = shown(timeline, ja);
    for (const part of ['経過', '2024-07-18 13:00:00 UTC', 'KB1', '（失敗）', '正常にシャットダウン'])
      expect(japanese).toContain(part);
  });

  test('is left out where nothing tells of a run or a failure', () => {
    expect(timelineBlocks(undefined, new Reader({}))).toEqual([]);
    expect(timelineBlocks({ ...timeline, lastRan: null }, new Reader({}))).toEqual([]);
  });
});
