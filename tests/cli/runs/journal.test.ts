import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DeadboxError } from '@deadbox/core';
import { failedImage, scanDisk } from '@deadbox/triage';
import { openPath } from 'deadbox/node';
import { describe, expect, test } from 'vitest';
import type { JournalHead, JournalImage } from '../../../packages/cli/src/runs/journal.js';
import { runInProcess } from '../../support/cli-in-process.js';
import { testImagePath } from '../../support/test-image.js';
import { temporaryFolder } from '../../support/tools.js';

const head = (images: number, mode = 'quick'): JournalHead => ({
  schema: 'deadbox.run/1',
  type: 'run',
  run: '7d7e7a5e-0000-4000-8000-000000000001',
  shard: null,
  images,
  provenance: {
    tool: 'deadbox',
    version: '0.1.0',
    rules: [],
    options: { mode },
    startedAt: '2026-11-27T10:00:00.0000000Z',
  },
});

async function judged(index: number, id: string): Promise<JournalImage> {
  const disk = await openPath(testImagePath(id));
  const image = await scanDisk(disk, { mode: 'quick' });
  await disk.close();
  return {
    type: 'image',
    key: image.path,
    index,
    size: 1,
    mtime: '2026-11-27T10:00:00.000000000Z',
    files: [],
    image,
  };
}

const text = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('deadbox report', () => {
  const folder = temporaryFolder();
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const jsonOf = async (...journals: string[]): Promise<any> => {
    const out = join(folder, 'out.json');
    const { code, said } = await runInProcess(['report', ...journals, '--report', out]);
    return { code, said, ...JSON.parse(readFileSync(out, 'utf8')) };
  };

  test('puts the journals of two shards together in the order of the whole run', async () => {
    const [bad, good, third] = [
      await judged(0, 'gpt-faulty'),
      await judged(1, 'gpt-reverted'),
      await judged(2, 'mbr-absent'),
    ];
    const one = file('one.ndjson', text(head(2), third, bad));
    const two = file('two.ndjson', text(head(1), good));
    const report = await jsonOf(two, one);
    expect(report.images).toEqual([bad, good, third].map(({ image }) => image));
    expect(report.summary).toMatchObject({ images: 3, failed: 0, exitCode: 1 });
    expect(report.code).toBe(1);
  });

  test('takes the last report of an image that was judged twice, and passes over a line that was cut', async () => {
    const bad = await judged(0, 'gpt-faulty');
    const good = { ...(await judged(0, 'gpt-reverted')), key: bad.key };
    const cut = JSON.stringify(good).slice(0, 500);
    const report = await jsonOf(file('twice.ndjson', `${text(head(1), bad)}${cut}\n${text(head(1), good)}`));
    expect(report.images.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      (good.image as { verdict: string }).verdict,
    ]);
  });

  test('says that a run is not finished, and then calls nothing well', async () => {
    const good = await judged(0, 'gpt-reverted');
    const report = await jsonOf(file('unfinished.ndjson', text(head(3), good)));
    expect(report.said).toContain('unfinished.ndjson is not finished: 2 images are missing from it');
    expect(report.code).not.toBe(0);
  });

  test('refuses what is no journal, a journal of another version, and journals of unlike runs', async () => {
    const whole = file('whole.ndjson', text(head(1), await judged(0, 'gpt-reverted')));
    const full = file('full.ndjson', text(head(0, 'full')));
    const cases: [string[], string][] = [
      [[file('text.ndjson', 'no JSON\n')], 'is no journal of deadbox'],
      [[file('empty.ndjson', '')], 'is no journal of deadbox'],
      [[file('zip.ndjson', '\u0000\u0000PK')], 'is no journal of deadbox'],
      [[file('next.ndjson', text({ ...head(0), schema: 'deadbox.run/2' }))], 'was written by another version'],
      [[whole, full], 'are journals of different runs'],
      [[join(folder, 'none.ndjson')], 'cannot be read'],
    ];
    for (const [journals, sentence] of cases) {
      const { said, error } = await runInProcess(['report', ...journals]);
      expect(error).toBeDefined();
      expect(said).toContain(sentence);
    }
  });

  test('refuses a form that it does not know before anything is read', async () => {
    const { said } = await runInProcess(['scan', join(folder, 'none.img'), '--report', 'report.pdf']);
    expect(said).toContain('report.pdf: the ending says the form');
  });
});

test('scan --report writes the same JSON document as scan --json', async () => {
  const folder = temporaryFolder();
  const paths = [testImagePath('gpt-faulty'), testImagePath('gpt-reverted')];
  const [shown, json, lines, page] = ['shown.json', 'a.json', 'a.ndjson', 'a.md'].map((name) => join(folder, name));
  const reports = [json, lines, page].flatMap((path) => ['--report', path]);
  const { code, said } = await runInProcess(['scan', '--quick', ...paths, '--json', '-o', shown, ...reports]);
  expect(said).toBe('');
  expect(code).toBe(1);
  expect(readFileSync(json, 'utf8')).toBe(readFileSync(shown, 'utf8'));
  const kinds = readFileSync(lines, 'utf8').trimEnd().split('\n');
  expect(kinds.map((line) => JSON.parse(line).type)).toEqual(['image', 'image', 'summary']);
  expect(readFileSync(page, 'utf8')).toMatch(/^# .*gpt-faulty/);
});

describe('journals of two hosts', () => {
  const folder = temporaryFolder();
  const failed = (index: number, path: string, host: string | undefined): JournalImage => ({
    type: 'image',
    key: path,
    index,
    size: null,
    mtime: null,
    files: [],
    ...(host === undefined ? {} : { host }),
    image: failedImage(path, new DeadboxError('SOURCE_DENIED', `${path} may not be read`)),
  });
  const pathsOf = async (...contents: string[]): Promise<string[]> => {
    const journals = contents.map((_, i) => join(folder, `${i}.ndjson`));
    for (const [i, content] of contents.entries()) writeFileSync(journals[i], content);
    const out = join(folder, 'out.json');
    await runInProcess(['report', ...journals, '--report', out]);
    return JSON.parse(readFileSync(out, 'utf8')).images.map(({ path }: { path: string }) => path);
  };
  const run = (id: number): JournalHead => ({ ...head(1), run: `7d7e7a5e-0000-4000-8000-00000000000${id}` });

  test('with a device of one name each give two images, by the names of the hosts', async () => {
    const device = (await judged(0, 'gpt-faulty')).image;
    const line = (host: string): JournalImage => ({
      ...failed(0, '/dev/sdb', host),
      image: { ...device, path: '/dev/sdb' },
    });
    expect(await pathsOf(text(run(1), line('alpha')), text(run(2), line('beta')))).toEqual([
      'alpha: /dev/sdb',
      'beta: /dev/sdb',
    ]);
    expect(await pathsOf(text(run(1), line('alpha')), text(run(2), line('alpha')))).toEqual(['/dev/sdb']);
  });

  test('lose no image that could not be opened on either, and count a web address once', async () => {
    const [path, address] = ['/images/a.vhdx', 'https://storage.example/a.vhdx'];
    for (const name of [path, address])
      expect(await pathsOf(text(run(1), failed(0, name, 'alpha')), text(run(2), failed(0, name, 'beta')))).toHaveLength(
        name === path ? 2 : 1,
      );
  });

  test('of an earlier version, which name no host, are told apart by their runs', async () => {
    const line = failed(0, '/dev/sdb', undefined);
    expect(await pathsOf(text(run(1), line), text(run(2), line))).toHaveLength(2);
    expect(await pathsOf(text(run(1), line), text(run(1), line))).toEqual(['/dev/sdb']);
  });

  test('with a description of one path are of two machines: a disk of one does not settle a disk of the other', async () => {
    const { image } = await judged(0, 'gpt-absent');
    const without = { ...image, verdict: 'no-windows', severity: 'attention', installations: [], causes: [] };
    const line = (host: string, disk: number, site = '') => {
      const path = `/images/${disk}.img`;
      const machine = { path: '/etc/libvirt/qemu/db.xml', kind: 'libvirt', name: 'db', disk, disks: 2, recorded: path };
      return {
        ...failed(disk - 1, path, host),
        key: site + path,
        image: { ...[image, without][disk - 1], path, machine },
      };
    };
    const severityOfSecond = async (...contents: string[]): Promise<string> => {
      await pathsOf(...contents);
      return JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')).images[1].severity;
    };
    expect(await severityOfSecond(text(run(1), line('alpha', 1)), text(run(2), line('alpha', 2)))).toBe('none');
    expect(await severityOfSecond(text(run(1), line('alpha', 1)), text(run(2), line('beta', 2)))).toBe('attention');
    // Hosts of one site of a queue see one storage.
    const queued = (site: string): string => text(head(2), line('alpha', 1, 'tokyo: '), line('beta', 2, `${site}: `));
    expect(await severityOfSecond(queued('tokyo'))).toBe('none');
    expect(await severityOfSecond(queued('osaka'))).toBe('attention');
  });

  test('carry the host that judged each image', async () => {
    const journal = join(folder, 'own.ndjson');
    await runInProcess(['scan', '--quick', testImagePath('gpt-absent'), '--journal', journal, '-o', join(folder, 'x')]);
    const [, line] = readFileSync(journal, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(line).host).toBe(hostname());
  });
});
