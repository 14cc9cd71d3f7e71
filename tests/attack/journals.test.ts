import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeadboxError, jsonFits } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { isImageReport } from '@deadbox/report/internals';
import { type FailedImage, failedImage, type ImageReport, scanDisk } from '@deadbox/triage';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type JournalImage, readJournal } from '../../packages/cli/src/runs/journal.js';
import { packReport, placeReport, wholeReport } from '../../packages/cli/src/runs/kept-report.node.js';
import { LineFile } from '../../packages/cli/src/runs/line-file.node.js';
import { mergeJournals } from '../../packages/cli/src/runs/merge-journals.node.js';
import { breakLines } from '../../packages/report/src/writers/break-lines.js';
import { JOURNAL_ATTACKS } from '../support/attack/journal-attacks.js';
import { strangeCopies } from '../support/attack/strange-copies.js';
import { runInProcess } from '../support/cli-in-process.js';
import { serverDisk } from '../support/fleet/servers.js';
import { sampled } from '../support/long.js';
import { temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const head = {
  schema: 'deadbox.run/1',
  type: 'run',
  run: 'a',
  shard: null,
  images: 1,
  provenance: { tool: 'deadbox', version: '1', rules: [], options: {}, startedAt: '2026-01-01T00:00:00Z' },
};

const failed = (key: string, message = 'm', index = 0): JournalImage => ({
  type: 'image',
  key,
  index,
  size: 1,
  mtime: '2026-01-01T00:00:00.000000000Z',
  files: [],
  image: failedImage(key, new DeadboxError('SOURCE_DENIED', message)),
});

const journalOf = (...lines: readonly object[]): string =>
  [head, ...lines].map((l) => `${JSON.stringify(l)}\n`).join('');

const folder = temporaryFolder();
function written(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('a text of JSON', () => {
  test('is measured by its lists, objects and items, not by what its strings hold', () => {
    const text = JSON.stringify({ a: [1, [2, '[[[[,,,,'], '\\"[[,', '\\'], b: { c: ']' } });
    expect(jsonFits(text, { levels: 3, values: 9 })).toBe(true);
    expect(jsonFits(text, { levels: 2, values: 9 })).toBe(false);
    expect(jsonFits(text, { levels: 3, values: 8 })).toBe(false);
  });

  test('whose string never ends is gone through once', () => {
    expect(jsonFits(`"${'\\'.repeat(2_000_000)}`, { levels: 1, values: 1 })).toBe(true);
    expect(jsonFits(`["${'\\"'.repeat(1_000_000)}`, { levels: 1, values: 1 })).toBe(true);
  });
});

describe('a line of a journal', () => {
  const typesOf = (...texts: (string | undefined)[]): string[] =>
    Array.from(
      readJournal(
        [JSON.stringify(head), ...texts].map((text) => ({ text })),
        'a',
      ),
      ([{ type }]) => type,
    );

  test('is cut where it is nested deeper, or has more items, than any report', () => {
    const nested = (levels: number): string =>
      JSON.stringify({ ...failed('a'), deep: 0 }).replace(/0}$/, `${'['.repeat(levels)}${']'.repeat(levels)}}`);
    const wide = (items: number): string => JSON.stringify({ ...failed('a'), wide: Array(items).fill(0) });
    expect(typesOf(nested(63), nested(64), nested(200_000))).toEqual(['run', 'image', 'cut', 'cut']);
    expect(typesOf(wide(400_000), wide(500_000))).toEqual(['run', 'image', 'cut']);
  });

  test('is cut where it names an image that no system could', () => {
    expect(typesOf(JSON.stringify(failed('a'.repeat(65_536))), JSON.stringify(failed('a'.repeat(65_537))))).toEqual([
      'run',
      'image',
      'cut',
    ]);
  });

  test('longer than 16 MiB is passed over, and those behind it are found', () => {
    const path = written('long.ndjson', `${journalOf()}${'x'.repeat((16 << 20) + 1)}\n${JSON.stringify(failed('a'))}`);
    const file = new LineFile(path);
    const lines = [...file.lines()];
    expect(lines.map(({ text }) => text?.length)).toEqual([JSON.stringify(head).length, undefined, lines[2].length]);
    expect(file.lineAt(lines[2])).toBe(JSON.stringify(failed('a')));
    file.close();
  });
});

describe('the report of a journal', () => {
  const images = Array.from({ length: 50 }, (_, i) => failed(`${i}.img`, 'm'.repeat(1000), i));

  test('keeps of an image where its line lies, and reads that once for each time that it is shown', () => {
    const run = mergeJournals([written('many.ndjson', journalOf(...images))]);
    const lineAt = vi.spyOn(LineFile.prototype, 'lineAt');
    expect([...run.results.images].map(({ path }) => path)).toEqual(images.map(({ key }) => key));
    expect(lineAt).toHaveBeenCalledTimes(50);
    expect(run.results.outlines()).toHaveLength(50);
    expect(lineAt).toHaveBeenCalledTimes(50);
    lineAt.mockRestore();
    run.close();
  });

  test('is the same whether its lines can be read again or come through a pipe', async () => {
    const path = written('seek.ndjson', journalOf(...images));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', path, pipe], { stdio: 'ignore' });
    const run = mergeJournals([pipe]);
    const whole = mergeJournals([path]);
    expect([...run.results.worstFirst]).toEqual([...whole.results.worstFirst]);
    run.close();
    whole.close();
    writer.kill();
  });

  test('tells that the journal is no longer what it was', async () => {
    const path = written('changed.ndjson', journalOf(...images));
    const run = mergeJournals([path]);
    writeFileSync(path, journalOf(...images.toReversed()));
    expect(() => [...run.results.images]).toThrow('journal-changed');
    writeFileSync(path, '');
    expect(() => [...run.results.images]).toThrow('journal-changed');
    run.close();
  });

  test('of thousands of disks of one machine reads none of them to judge the machine', () => {
    const machine = { path: 'm.vmx', kind: 'vmx', name: null, disk: 1, disks: 2, recorded: 'a' };
    const disks = images.map((line) => ({ ...line, image: { ...line.image, machine } }));
    const lineAt = vi.spyOn(LineFile.prototype, 'lineAt');
    mergeJournals([written('machine.ndjson', journalOf(...disks))]).close();
    expect(lineAt).not.toHaveBeenCalled();
    lineAt.mockRestore();
  });

  test('shows no more of a message than anybody reads, and JSON has all of it', async () => {
    const path = written('message.ndjson', journalOf(failed('a.img', 'm'.repeat(1_000_000))));
    const outputs = ['a.html', 'a.md', 'a.csv', 'a.sarif', 'a.json', 'a.ndjson'].map((name) => join(folder, name));
    const { error } = await runInProcess(['report', path, ...outputs.flatMap((out) => ['--report', out])]);
    expect(error).toBeUndefined();
    for (const out of outputs.slice(0, 4)) expect(statSync(out).size).toBeLessThan(200_000);
    for (const out of outputs.slice(4)) expect(readFileSync(out, 'utf8')).toContain('m'.repeat(1_000_000));
  });
});

describe('an image line whose parts are of other types', () => {
  let report: ImageReport;
  let copies: unknown[];

  beforeAll(async () => {
    const source = await serverDisk({ name: 'WEB-01', ailment: 'looping', at: '2024-07-19T04:00:00Z' });
    await using disk = await openDisk(source, { name: 'a.img' });
    report = await scanDisk(disk, { mode: 'deep' });
    const images: (ImageReport | FailedImage)[] = [report, failed('b.img').image];
    copies = images.flatMap((image) => [...strangeCopies(JSON.parse(JSON.stringify(image)))]);
  }, 60_000);

  test('fits exactly when the published schema takes it', () => {
    const ajv = new Ajv2020({ strict: false });
    const schemas = join(root, 'packages/report/schemas');
    for (const name of readdirSync(schemas)) ajv.addSchema(JSON.parse(readFileSync(join(schemas, name), 'utf8')), name);
    const takes = ajv.compile({ $ref: 'scan-1.schema.json#/$defs/anyImage' });
    for (const copy of sampled(copies, 500)) {
      const parsed = copy === undefined ? undefined : JSON.parse(JSON.stringify(copy));
      expect([isImageReport(parsed), parsed]).toEqual([takes(parsed), parsed]);
    }
  });

  const lineOf = (image: unknown, index: number): object => ({ ...failed(`${index}`, '', index), image });

  test('never ends a report in any form: it is shown, or left out', async () => {
    // Fourteen thousand copies; an eighth of them takes half a minute.
    const fitting = copies.filter((copy, i) => i % 8 === 0 && isImageReport(copy));
    // What a rule calls a file may be called as what every object has.
    const called = JSON.stringify(report).replace(/"class":"[^"]*"/, '"class":"constructor"');
    expect(called).toContain('"class":"constructor"');
    const lines = [...sampled(fitting, 24), JSON.parse(called)].map(lineOf);
    const options = { ...head, provenance: { ...head.provenance, options: { newestClean: true } } };
    const text = [options, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
    const path = written('strange.ndjson', text);
    const forms = ['html', 'csv', 'sarif', 'md', 'json', 'ndjson'].flatMap((form) => [
      '--report',
      join(folder, `r.${form}`),
    ]);
    for (const form of [['--explain'], forms])
      for (const language of ['en', 'ja'] as const) {
        const { error } = await runInProcess(['report', ...form, '-o', join(folder, 'out'), path], language);
        expect([form, language, error]).toEqual([form, language, undefined]);
      }
  }, 240_000);

  test('is told by its number, and does not stop the others', async () => {
    const strange = { ...failed('a').image, causes: [{ id: 1 }] };
    const path = written('unfit.ndjson', journalOf(failed('a'), lineOf(strange, 1), failed('c', 'm', 2)));
    const { code, said } = await runInProcess(['report', '--json', '-o', join(folder, 'unfit.json'), path]);
    expect(said).toContain('line 3 of');
    expect(code).not.toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'unfit.json'), 'utf8')).images).toHaveLength(2);
    const many = journalOf(...Array.from({ length: 12 }, (_, i) => lineOf(strange, i)), failed('c', 'm', 12));
    const all = await runInProcess(['report', '-o', join(folder, 'out'), written('many-unfit.ndjson', many)], 'ja');
    expect(all.said).toContain('12 行');
    expect(all.said).toContain('11…');
  });
});

test('a report that is kept takes no more memory than its bytes', () => {
  const { whole } = packReport(0, failed('a').image);
  expect(whole.kind === 'packed' && whole.bytes.buffer.byteLength).toBe(whole.kind === 'packed' && whole.bytes.length);
});

test('a report that is kept of a line has the path and the severity that its run gave it', () => {
  const path = written('kept.ndjson', `${JSON.stringify(failed('a'))}\n`);
  const file = new LineFile(path);
  const [line] = file.lines();
  const kept = placeReport(failed('a'), file, line);
  expect(wholeReport({ ...kept, outline: { ...kept.outline, path: 'host: a' } }).path).toBe('host: a');
  file.close();
});

test.each([
  ['one word', 'm'.repeat(500_000), 5000],
  ['words', 'a '.repeat(100_000), 2000],
  ['wide characters', '日'.repeat(100_000), 2000],
])('lines of a long text are broken in one pass over it: %s', (_, text, lines) => {
  const used = process.cpuUsage();
  expect(breakLines([{ text, tone: undefined }], 100)).toHaveLength(lines);
  // What is left of a text that is copied for each line takes minutes.
  expect(process.cpuUsage(used).user).toBeLessThan(5_000_000);
});

test('every journal of the table of attacks is gone through in its own bytes', () => {
  for (const attack of JOURNAL_ATTACKS.filter(({ name }) => /^journal, (JSON nested|a report nested)/.test(name))) {
    const file = new LineFile(written(attack.file, attack.bytes()));
    expect(Array.from(readJournal(file.lines(), attack.file), ([{ type }]) => type)).toEqual(['run', 'cut']);
    file.close();
  }
});
