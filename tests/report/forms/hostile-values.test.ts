import { writeReport } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import { diskDetails, Reader } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { type ImageReport, scanDisk, scanReport } from '@deadbox/triage';
import { openPath } from 'deadbox/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvCell } from '../../../packages/report/src/forms/csv/csv-report.js';
import { causes as englishCauses } from '../../../packages/report/src/words/en/causes/causes.js';
import { causes as japaneseCauses } from '../../../packages/report/src/words/ja/causes/causes.js';
import { hostileReport, RUNS } from '../../support/fleet/hostile-report.js';
import { testImagePath } from '../../support/test-image.js';

const readers = [
  new Reader({ language: en, causes: englishCauses, explain: true }),
  new Reader({ language: ja, causes: japaneseCauses, explain: true }),
];

/** What a page holds besides its own elements and texts: an element, a comment or a mark that nobody wrote there. */
const FOREIGN = /<(?:img|script|!|\/script|\/style|\/template|a )|\son\w+=["']|[\u2028\u202e]/i;

describe('a report whose every text would run', () => {
  let image: ImageReport;
  let places: string[];
  beforeAll(async () => {
    const disk = await openPath(testImagePath('gpt-faulty'));
    ({ image, places } = hostileReport(await scanDisk(disk, { mode: 'deep', explain: true }), readers.slice(0, 1)));
    await disk.close();
  });

  const formOf = async (form: 'html' | 'csv' | 'sarif' | 'json'): Promise<string> => {
    const { provenance, summary, schema } = scanReport({
      tool: 'deadbox',
      version: '1',
      rules: [],
      options: {},
      startedAt: '2026-11-27T17:00:00Z',
      finishedAt: '2026-11-27T17:00:10Z',
      images: [image],
    });
    const parts: string[] = [];
    await writeReport(form, { schema, provenance, summary, images: [image] }, (text) => parts.push(text));
    return parts.join('');
  };

  test('has that text nearly everywhere', () => {
    expect(places.length).toBeGreaterThan(150);
    expect(places).toContain('/path');
  });

  test('shows it as text in the details of a disk, in both languages', () => {
    for (const reader of readers) {
      const page = diskDetails(image, reader);
      expect(page.split('document.title=1').length).toBeGreaterThan(20);
      expect(FOREIGN.exec(page)?.[0]).toBeUndefined();
    }
  });

  test('ends no element of the page around it, and begins none', async () => {
    const page = await formOf('html');
    // Without what is its own: its style, its script, and the blocks of packed data.
    const rest = page.replaceAll(/<(style|script)\b[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(rest.length).toBeLessThan(page.length / 2);
    expect(rest).toContain('document.title=1');
    expect(/<(?:img|script|style|!--)|\son\w+=["']|[\u2028\u202e]/i.exec(rest)?.[0]).toBeUndefined();
  });

  test('runs in no spreadsheet, and is whole in JSON and SARIF', async () => {
    for (const line of (await formOf('csv')).split('\r\n').slice(1))
      for (const cell of line.match(/"(?:[^"]|"")*"/g) ?? []) expect(cell).not.toMatch(/^"[=+\-@]|[\u2028\u202e]/);
    expect(csvCell(RUNS)).not.toMatch(/[;,|"] *=1/);
    expect(JSON.parse(await formOf('json')).images[0]).toEqual(image);
    expect(JSON.stringify(JSON.parse(await formOf('sarif')))).toContain('document.title=1');
  });
});
