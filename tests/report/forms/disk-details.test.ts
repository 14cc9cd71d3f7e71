import { en } from '@deadbox/report/en';
import { diskDetails, Reader } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { openPath } from 'deadbox/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';

describe('the page of a disk', () => {
  let report: ImageReport;

  beforeAll(async () => {
    const disk = await openPath(testImagePath('gpt-faulty'));
    report = await scanDisk(disk);
    await disk.close();
  });

  /** The text of the first line under the heading of the causes. */
  const opening = (language: typeof en, causes: ImageReport['causes']): string => {
    const page = diskDetails({ ...report, causes }, new Reader({ language }));
    const below = /<section class="why"><h2>[^<]*<\/h2>\s*<(?:p|ol|ul)>(.*?)<\/(?:p|li)>/s.exec(page)?.[1] ?? '';
    return below.replace(/<[^>]+>/g, '').trim();
  };

  test.each([
    [en, /^\w.* \(strong sign; kernel and drivers\)$/s],
    [ja, /^[^（].*（強い兆候、カーネルとドライバー）$/s],
  ])('begins under "why" with a sentence, not with how sure it is', (language, expected) => {
    const asking = report.causes.filter(({ severity }) => severity !== 'none');
    expect(asking).toHaveLength(1);
    expect(opening(language, report.causes)).toMatch(expected);
    // Of several causes each has its sentence.
    expect(opening(language, [...asking, ...report.causes])).toMatch(/^[^(（\s].+/);
  });
});
