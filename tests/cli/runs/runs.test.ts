import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { deadbox } from '../../support/cli.js';
import { type Ran, runInProcess } from '../../support/cli-in-process.js';
import { findings, manyImages, secondName } from '../../support/many-images.js';
import { temporaryFolder } from '../../support/tools.js';

describe('a scan of many images', () => {
  const folder = temporaryFolder();
  const images = join(folder, 'images');
  const out = (name: string): string => join(folder, name);
  const scan = (...args: string[]): Promise<Ran> => runInProcess(['scan', '--quick', ...args]);
  const linesOf = (path: string): any[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  beforeAll(() => manyImages(images, 12));

  test('in shards on machines that mounted the folder elsewhere comes to what the whole comes to', async () => {
    await scan(images, '--json', '-o', out('whole.json'));
    symlinkSync(images, out('elsewhere'));
    const journals: string[] = [];
    for (const [i, shard] of ['1/3', '2/3', '3/3'].entries()) {
      journals.push(out(`shard-${i}.ndjson`));
      const folderHere = i === 1 ? `${out('elsewhere')}/` : images;
      await scan(folderHere, '--shard', shard, '--journal', journals[i], '--json', '-o', out('shard.json'));
    }
    await runInProcess(['report', ...journals, '--report', out('merged.json')]);
    const paths = (report: unknown): string[] =>
      (report as { images: { path: string }[] }).images.map(({ path }) => path.replace('/elsewhere/', '/images/'));
    const [whole, merged] = [findings(out('whole.json')), findings(out('merged.json'))];
    expect(paths(merged)).toEqual(paths(whole));
    expect(merged).toMatchObject({ summary: { severities: (whole as any).summary.severities } });
  });

  test('does not take two names of a file for two disks with one identity, and says what is wrong with every other name', async () => {
    const odd = join(folder, 'odd');
    mkdirSync(odd);
    secondName(join(images, 'server-0001.img'), join(odd, 'again.img'));
    symlinkSync(join(images, 'server-0001.img'), join(odd, 'link.img'));
    symlinkSync('nowhere.img', join(odd, 'dangling.img'));
    writeFileSync(join(odd, 'text.vhdx'), 'no image\n');
    const hostile = join(odd, '\u202egmi.\u0007.img');
    writeFileSync(hostile, '');
    const { code, said } = await scan(odd, join(odd, 'again.img'), '--json', '-o', out('odd.json'));
    const report = JSON.parse(readFileSync(out('odd.json'), 'utf8'));
    const seen = report.images.map(({ path, error, verdict }: any) => [
      path.slice(odd.length + 1),
      error?.code ?? verdict,
    ]);
    expect(seen).toHaveLength(5);
    expect(report.summary.sharedIdentities).toEqual([]);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['again.img', expect.any(String)],
        ['dangling.img', 'SOURCE_NOT_FOUND'],
      ]),
    );
    expect(said).toContain('link.img is the same file as');
    expect(said).not.toMatch(/[\u0007\u202e]/);
    expect(code).toBe(3);
  });

  test('takes a list of names, from standard input too', async () => {
    const list = `# the ones that matter\n\n${join(images, 'server-0000.img')}\r\n${join(images, 'server-0002.img')}\n`;
    const { stdout } = deadbox(['scan', '--quick', '--ndjson', '--targets', '-'], { input: list });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ path, type }) => path ?? type)).toEqual([...list.split(/\r?\n/).slice(2, 4), 'summary']);
    writeFileSync(out('empty.txt'), '# nothing\n');
    for (const [args, sentence] of [
      [['--targets', out('empty.txt')], 'names no image'],
      [['--targets', out('none.txt')], 'cannot be read'],
      [[], 'name an image'],
      [[images, '--shard', '4/3'], '--shard takes'],
    ] as const) {
      const { said, error } = await scan(...args);
      expect(said).toContain(sentence);
      expect(error).toMatchObject({ exitCode: 2 });
    }
  });

  test('takes a pattern in any part of a path', async () => {
    const patterns = [join(folder, 'im*', 'server-000[0-9].img'), join(folder, 'im?ges', '*-0003.img')];
    await scan(...patterns, '--ndjson', '-o', out('pattern.ndjson'));
    // Brackets stand for themselves.
    expect(linesOf(out('pattern.ndjson')).map(({ path, error, type }) => [path ?? type, error?.code])).toEqual([
      [patterns[0], 'SOURCE_NOT_FOUND'],
      [join(images, 'server-0003.img'), undefined],
      ['summary', undefined],
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('names a folder that may not be read', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0);
    await scan(closed, images, '--json', '-o', out('closed.json'));
    expect(readFileSync(out('closed.json'), 'utf8')).toContain(closed);
  });

  test.skipIf(process.platform !== 'linux')(
    'reports though the journal or a report could not be written, and says so',
    async () => {
      const unkept = await scan(images, '--json', '-o', out('unkept.json'), '--journal', '/dev/full');
      expect(JSON.parse(readFileSync(out('unkept.json'), 'utf8')).images).toHaveLength(12);
      expect(unkept.said).toContain('/dev/full cannot be written');
      expect(unkept.code).toBe(2);
      symlinkSync('/dev/full', out('full.json'));
      const reports = ['--report', out('full.json'), '--report', out('whole.md')];
      const unwritten = await scan(images, '--json', '-o', out('shown.json'), ...reports);
      expect(unwritten.said).toContain('full.json cannot be written');
      expect(unwritten.code).toBe(2);
      expect(readFileSync(out('whole.md'), 'utf8')).toContain('server-0000.img');
    },
  );
});
