import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type PageOptions, type ReportForm, renderScanImage, writeReport } from '@deadbox/report';
import { causes as english } from '@deadbox/report/causes/en';
import { causes as japanese } from '@deadbox/report/causes/ja';
import { ja } from '@deadbox/report/ja';
import { type CauseReport, type ImageReport, scanDisk, scanReport } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { longTexts, manyFindings } from '../../support/attack/finding-attacks.js';

const MIB = 1 << 20;

async function scanOf(bytes: Uint8Array<ArrayBuffer>): Promise<ImageReport> {
  const disk = await openDisk(new MemorySource(bytes), { name: 'server.img' });
  try {
    return await scanDisk(disk);
  } finally {
    await disk.close();
  }
}

async function written(form: ReportForm, image: ImageReport, options: PageOptions): Promise<string> {
  const times = { startedAt: '2026-11-27T17:00:00Z', finishedAt: '2026-11-27T17:00:10Z' };
  const report = scanReport({ tool: 'deadbox', version: '1', rules: [], options: {}, ...times, images: [image] });
  const parts: string[] = [];
  await writeReport(form, report, (text) => parts.push(text), options);
  return parts.join('');
}

/** The findings of a kind. */
function found({ causes }: ImageReport, id: CauseReport['id']): readonly CauseReport[] {
  return causes.filter((cause) => cause.id === id);
}

describe('a disk with hundreds of wrong entries in each list', () => {
  const COUNT = 230;
  let image: ImageReport;
  beforeAll(async () => {
    image = await scanOf(manyFindings(COUNT, 12 * MIB));
  });

  test.each(['boot-execute-dangling', 'service-critical', 'ci-policy-bad', 'profile-broken'] as const)(
    'lists the first of %s and counts the others',
    (id) => {
      const causes = found(image, id);
      expect(causes).toHaveLength(50);
      expect(causes.map(({ more }) => more)).toEqual([...Array(49).fill(undefined), COUNT - 50]);
    },
  );

  test('has no list of findings longer than what a person reads, whatever its detectors are', () => {
    const kinds = new Map<string, number>();
    for (const { id, severity, confidence } of image.causes) {
      const kind = [id, severity, confidence].join();
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    expect(kinds.size).toBeGreaterThan(8);
    expect(Math.max(...kinds.values())).toBe(50);
  });

  test('tells how many more there are in each form and both languages', async () => {
    const en = { causes: english };
    const inJapanese = { causes: japanese, language: ja };
    expect(renderScanImage(image, { ...en, width: 1000 })).toContain('boot49. (and 180 more of this kind)');
    expect(renderScanImage(image, { ...inJapanese, width: 1000 })).toContain('（同じ種類のものがほかに 180 件）');
    expect(await written('md', image, en)).toContain('(and 180 more of this kind)');
    const { results } = JSON.parse(await written('sarif', image, en)).runs[0];
    const last = results.findLast(({ ruleId }: { ruleId: string }) => ruleId === 'boot-execute-dangling');
    expect(last).toMatchObject({ properties: { more: 180 } });
    expect(last.message.text).toContain('and 180 more of this kind');
    expect((await written('csv', image, en)).length).toBeLessThan(2000);
  });

  test('shortens a list of facts within a sentence, and keeps it whole in the data', () => {
    const [cause] = found(image, 'bcd-bootsequence');
    expect(cause.data.entries).toHaveLength(COUNT);
    const text = renderScanImage(image, { causes: english, width: 10_000 });
    expect(text).toMatch(/\{00000024-0000-4000-8000-000000000001\}, ?… once/);
  });
});

test('a command of a hundred thousand characters does not make a sentence of as many', async () => {
  const image = await scanOf(longTexts(100_000, 16 * MIB));
  const [cause] = found(image, 'boot-execute-dangling');
  expect(cause.data.entry).toHaveLength(100_004);
  const sarif = JSON.parse(await written('sarif', image, { causes: english }));
  for (const { message } of sarif.runs[0].results) expect(message.text.length).toBeLessThan(3000);
  expect(sarif.runs[0].results.map(({ message }: { message: { text: string } }) => message.text)).toContainEqual(
    expect.stringMatching(/: bootx{996}…\.$/),
  );
});
