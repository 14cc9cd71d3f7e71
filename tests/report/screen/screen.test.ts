import { DeadboxError } from '@deadbox/core';
import { type Block, textWriter } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import { liveLines, type RunState, stateLine, summaryTable, textLine } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { type FailedImage, failedImage, type ImageReport, scanDisk } from '@deadbox/triage';
import { openPath } from 'deadbox/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';

/** Columns as a terminal has them: of East Asian letters two. */
const columnsOf = (line: string): number =>
  Array.from(line).reduce(
    (sum, letter) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/u.test(letter) ? 2 : 1),
    0,
  );

const LONG = `/images/tokyo/${'very-'.repeat(20)}long/サーバー-07\u202e\u0007.vhdx`;

const STATE: RunState = {
  images: 12_345,
  done: 678,
  counts: { act: 12, blocked: 3, look: 40, failed: 1, well: 622 },
  rate: 11.5,
  workers: [{ name: LONG, seconds: 65 }, { name: 'a.img', seconds: 0.2 }, undefined],
};

describe.each([en, ja])('on a terminal, in $code,', (language) => {
  test.each([40, 60, 80, 200])('the live view fits into %i columns', (columns) => {
    const lines = liveLines(STATE, columns, language).map((line) => textLine(line));
    expect(lines).toHaveLength(2 + STATE.workers.length);
    for (const line of lines) expect(columnsOf(line), line).toBeLessThanOrEqual(columns);
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
    // The end of a path tells the server.
    expect(lines[2]).toContain('.vhdx');
  });

  test('the line of the state says how far, how fast, and how long', () => {
    const line = textLine(stateLine(STATE, language));
    for (const part of ['678', '12,345', '5 %', '12', '16:55']) expect(line).toContain(part);
  });
});

describe('the summary of a run', () => {
  let images: (ImageReport | FailedImage)[];

  beforeAll(async () => {
    const disk = await openPath(testImagePath('gpt-faulty'));
    const bad = await scanDisk(disk, { mode: 'quick' });
    await disk.close();
    const failed = failedImage(LONG, new DeadboxError('SOURCE_DENIED', 'not allowed'));
    images = Array.from({ length: 50 }, (_, i) => (i === 1 ? failed : { ...bad, path: `/images/${i}.img` }));
  });

  const text = (blocks: readonly Block[], width: number): string[] =>
    textWriter({ width })(blocks).trimEnd().split('\n');

  test.each([en, ja])('fits a screen of any width, with the one next step of each image, in $code', (language) => {
    for (const columns of [40, 80, 132]) {
      const lines = text(summaryTable(images, { columns, lines: 18 }, { language }), columns);
      expect(lines.length).toBeLessThanOrEqual(19);
      for (const line of lines) expect(columnsOf(line), line).toBeLessThanOrEqual(columns);
      expect(lines.join('\n')).not.toMatch(/[\u202e\u0007]/);
      expect(lines.join('\n')).toMatch(/not allowed|読み取る権限/);
    }
  });

  test.each([
    [en, /server-07\.vhdx {2}ERROR\n +this image does not exist/i],
    [ja, /server-07\.vhdx {2}エラー\n +見つかりません。/],
  ])('says at 40 columns which file is not there, and that it is not', (language, sentence) => {
    const path = '/images/tokyo/the-old-rack/monthly/server-07.vhdx';
    const missing = failedImage(
      path,
      new DeadboxError('SOURCE_NOT_FOUND', `${path} does not exist`, { data: { path } }),
    );
    const lines = text(summaryTable([missing], { columns: 40, lines: 18 }, { language }), 40).join('\n');
    expect(lines).toMatch(sentence);
    expect(lines).not.toMatch(/指定された|このイメージ/);
  });

  test('tells states of one server apart where there is room for one name', async () => {
    const disk = await openPath(testImagePath('gpt-faulty'));
    const full = await scanDisk(disk);
    await disk.close();
    const states = ['monday.img', 'tuesday.img'].map((path) => ({ ...full, path }));
    const shown = (of: readonly ImageReport[]): string =>
      text(summaryTable(of, { columns: 40, lines: 18 }), 40).join('\n');
    expect(shown(states)).toMatch(/monday\.img[\s\S]*tuesday\.img/);
    expect(shown(states.slice(1))).toContain('SERVER-07');
  });

  test('has every image where it goes into a file', () => {
    const lines = text(summaryTable(images, undefined), 200).join('\n');
    for (let i = 0; i < 50; i += 1) if (i !== 1) expect(lines).toContain(`/images/${i}.img`);
  });
});
