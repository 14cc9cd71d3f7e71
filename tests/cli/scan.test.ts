import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImage, testImageNames, testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

const EXIT = { act: 1, attention: 3, review: 3, none: 0 } as const;

describe.each(testImageNames)('deadbox scan %s', (name) => {
  const golden = testImage(name);

  test('ends with the code that the verdict asks for, as text and as JSON', () => {
    for (const mode of [[], ['--quick'], ['--deep']]) {
      const text = deadbox(['scan', ...mode, testImagePath(name)]);
      expect(text.code).toBe(EXIT[golden.severity as keyof typeof EXIT]);
      expect(text.stdout).toContain(`${golden.verdict}:`);
      expect(text.stderr).toBe('');
      const report = deadboxJson(['scan', ...mode, '--json', testImagePath(name)]);
      expect(report.schema).toBe('deadbox.scan/1');
      expect(report.images[0]).toMatchObject({ verdict: golden.verdict, severity: golden.severity });
      expect(report.summary.exitCode).toBe(text.code);
    }
  });

  test('a quick scan keeps to 40 reads and 1 MiB', () => {
    const { cost } = deadboxJson(['scan', '--quick', '--json', testImagePath(name)]).images[0];
    expect(cost.reads).toBeLessThanOrEqual(40);
    expect(cost.bytes).toBeLessThanOrEqual(1 << 20);
  });
});

describe('deadbox scan of several targets', () => {
  const faulty = testImagePath('gpt-faulty');
  const good = testImagePath('gpt-reverted');

  test('the worst decides the exit code, and the worst comes first', () => {
    const { code, stdout } = deadbox(['scan', '--quick', good, faulty]);
    expect(code).toBe(1);
    expect(stdout.indexOf('gpt-faulty')).toBeLessThan(stdout.indexOf('gpt-reverted'));
    expect(stdout).toContain('2 images: 1 ACT, 1 BOOT NOT CHECKED');
  });

  test('a target that cannot be opened leaves the others judged, and a person must look', () => {
    const { images, summary } = deadboxJson(['scan', '--quick', '--json', good, '/nowhere/disk.vhd']);
    expect(images[0].verdict).toBe('reverted');
    expect(images[1].error.code).toBe('SOURCE_NOT_FOUND');
    expect(summary.exitCode).toBe(3);
  });

  test('NDJSON has a line an image and a summary at the end', () => {
    const lines = deadbox(['scan', '--quick', '--ndjson', good, faulty])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual(['image', 'image', 'summary']);
    expect(lines[2]).toMatchObject({ schema: 'deadbox.scan/1', images: 2, exitCode: 1 });
  });

  const folder = temporaryFolder();
  test('a folder is searched for images, deeply, other files left alone', () => {
    mkdirSync(join(folder, 'deep/deeper'), { recursive: true });
    copyFileSync(good, join(folder, 'deep/deeper/a.img'));
    copyFileSync(faulty, join(folder, 'b.raw'));
    writeFileSync(join(folder, 'notes.txt'), 'not a disk');
    const { images } = deadboxJson(['scan', '--quick', '--json', folder]);
    expect(images.map((image: { path: string; verdict: string }) => [image.path, image.verdict])).toEqual([
      [join(folder, 'b.raw'), 'faulty'],
      [join(folder, 'deep/deeper/a.img'), 'reverted'],
    ]);
    const { images: matched } = deadboxJson(['scan', '--quick', '--json', join(folder, '*.raw')]);
    expect(matched).toHaveLength(1);
  });

  test('the same image and options give the same report apart from cost and the two times', () => {
    const strip = (report: any): unknown => {
      delete report.provenance.startedAt;
      delete report.provenance.finishedAt;
      for (const image of report.images) delete image.cost;
      return report;
    };
    const once = strip(deadboxJson(['scan', '--json', faulty]));
    expect(strip(deadboxJson(['scan', '--json', faulty]))).toEqual(once);
  });

  test('times are shown in UTC and in the named zone', () => {
    const { stdout } = deadbox(['scan', '--quick', '--time-zone', 'Asia/Tokyo', faulty]);
    expect(stdout).toMatch(/2024-07-19 04:09:35\S* UTC \/ 2024-07-19 13:09:35 Asia\/Tokyo/);
    expect(deadbox(['scan', '--time-zone', 'Mars/Olympus', faulty])).toMatchObject({ code: 2 });
  });

  test('colour only where it is asked for', () => {
    expect(deadbox(['scan', '--quick', faulty]).stdout).not.toContain('\u001b');
    expect(deadbox(['scan', '--quick', '--color', 'always', faulty]).stdout).toContain('\u001b[31m');
    expect(deadbox(['scan', '--quick', faulty], { env: { NO_COLOR: '1', FORCE_COLOR: '1' } }).stdout).not.toContain(
      '\u001b',
    );
  });
});
