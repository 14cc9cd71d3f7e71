import { DeadboxError } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { type PageOptions, type ReportForm, writeReport } from '@deadbox/report';
import { causes as english } from '@deadbox/report/causes/en';
import { causes as japanese } from '@deadbox/report/causes/ja';
import { ja } from '@deadbox/report/ja';
import { failedImage, type ImageReport, type ScanReport, scanDisk, scanReport } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvCell } from '../../../packages/report/src/forms/csv/csv-report.js';
import { artifactUri } from '../../../packages/report/src/forms/sarif/artifact-uri.js';
import { sarifValidator } from '../../support/schemas/sarif-schema.js';
import { testImagePath } from '../../support/test-image.js';

/** A name that does harm wherever it is taken for more than a name. */
const HOSTILE = '/backup/<img src=x>\u202egpj.exe\r\n=cmd|"/C calc"!A0;=1+1;@SUM(1).img';

async function scanOf(id: string): Promise<ImageReport> {
  const source = await openFile(testImagePath(id));
  const disk = await openDisk(source, { name: testImagePath(id) });
  try {
    return await scanDisk(disk, { explain: true });
  } finally {
    await disk.close();
    await source.close?.();
  }
}

let report: ScanReport;
beforeAll(async () => {
  const faulty = await scanOf('gpt-faulty');
  const clean = await scanOf('mbr-absent');
  const image = { ...faulty, path: HOSTILE };
  report = scanReport({
    tool: 'deadbox',
    version: '0.1.0',
    rules: [],
    options: {},
    startedAt: '2026-11-27T17:00:00.0000000Z',
    finishedAt: '2026-11-27T17:00:10.0000000Z',
    images: [faulty, clean, image, failedImage('gone.vhdx', new DeadboxError('INTERNAL', 'It failed.'))],
  });
});

async function written(form: ReportForm, options: PageOptions = { causes: english }): Promise<string> {
  const parts: string[] = [];
  await writeReport(form, report, (text) => parts.push(text), options);
  return parts.join('');
}

describe('a report as SARIF', () => {
  test.each([
    ['en', { causes: english }],
    ['ja', { causes: japanese, language: ja }],
  ] as const)("in %s is valid by the committee's schema", async (language, options) => {
    const validate = sarifValidator();
    const log = JSON.parse(await written('sarif', options));
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
    expect(log.runs[0].language).toBe(language);
  });

  test('has a result for each cause that asks for something, at the bytes that prove it, and says what failed', async () => {
    const [run] = JSON.parse(await written('sarif')).runs;
    const [faulty] = report.images as ImageReport[];
    const asking = faulty?.causes.filter(({ severity }) => severity !== 'none') ?? [];
    const own = run.results.slice(0, asking.length);
    expect(own.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(asking.map(({ id }) => id));
    const ids = new Set(run.tool.driver.rules.map(({ id }: { id: string }) => id));
    for (const { ruleId } of run.results) expect(ids).toContain(ruleId);
    const place = faulty?.installations[0]?.files[0]?.evidence[0];
    expect(place?.file?.offset).toBeGreaterThan(0);
    expect(JSON.stringify(own)).toContain(`"byteOffset":${place?.file?.offset},"byteLength":${place?.length}`);
    expect(run.invocations[0].toolExecutionNotifications).toMatchObject([
      { level: 'error', descriptor: { id: 'INTERNAL' } },
    ]);
  });

  test('names every image by a URI that leads to it', () => {
    expect(artifactUri('/srv/disk one.img')).toBe('file:///srv/disk%20one.img');
    expect(artifactUri('C:\\VMs\\a#b.vhdx')).toBe('file:///C:/VMs/a%23b.vhdx');
    expect(artifactUri('disks/ウェブ.img')).toBe('disks/%E3%82%A6%E3%82%A7%E3%83%96.img');
    expect(artifactUri('https://example.org/a b.vhd')).toBe('https://example.org/a%20b.vhd');
    expect(artifactUri('lone\ud800.img')).toBe('lone%EF%BF%BD.img');
  });
});

/** The cells of a CSV file as RFC 4180 reads them. */
function cellsOf(csv: string): string[][] {
  return csv
    .slice(1, -2)
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) => (cell ?? '').replaceAll('""', '"')),
    );
}

describe('a report as CSV', () => {
  test('has a line a disk below the names of its columns, with a byte order mark and lines as RFC 4180 has them', async () => {
    const csv = await written('csv', { causes: japanese, language: ja });
    expect(csv.startsWith('\uFEFF"path","server"')).toBe(true);
    const [head, faulty, clean, hostile, failed] = cellsOf(csv);
    expect(head).toHaveLength(20);
    for (const line of [faulty, clean, hostile, failed]) expect(line).toHaveLength(20);
    const row = Object.fromEntries((head ?? []).map((name, index) => [name, faulty?.[index]]));
    expect(row).toMatchObject({ severity: 'act', verdict: 'faulty' });
    expect(row.reason).toMatch(/[ぁ-ん]/);
    expect(failed?.at(-1)).toBe('INTERNAL');
  });

  test('runs nothing in a spreadsheet, whatever an image is called', async () => {
    const csv = await written('csv');
    expect(csv.split('\r\n')).toHaveLength(6);
    expect(csv).not.toContain('\u202e');
    // Neither at the start of a cell, nor where another country's spreadsheet starts one.
    expect(csv).not.toMatch(/(?:^|[,;|"\t\n]) *[=+@]/m);
  });

  test.each(['=1+1', '+1', '-1', '@A1', ' =1', '＝1+1', '＠A1', 'a;=1', 'a|-1', '"=1"'])(
    'puts an apostrophe before the formula in %s',
    (text) => {
      expect(csvCell(text)).toMatch(/' *[=+\-@＝＠]|'["=]/);
      expect(csvCell(text)).not.toMatch(/(?:^"|[;|,"]) *[=+\-@＝＠]/);
    },
  );
});
