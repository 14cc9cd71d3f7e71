import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { root } from '../support/workspace.js';

/** Below the checkout, where `deadbox` is found as in a project that installed it. */
const folder = join(root, '.cache', `guide-code-${process.pid}`);

/** The code of a guide, by the heading above it. */
function codeOf(page: string): Map<string, string> {
  const text = readFileSync(join(root, page), 'utf8');
  return new Map(
    text
      .split(/^## /m)
      .map((part) => [part.split('\n', 1)[0] ?? '', /^```ts\n([\s\S]*?)^```/m.exec(part)?.[1]] as const)
      .filter((part): part is [string, string] => part[1] !== undefined),
  );
}

describe('the code of the library guide', () => {
  const code = codeOf('docs/guides/library.md');
  const printed = new Map<string, string[]>();

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    copyFileSync(testImagePath('gpt-faulty'), join(folder, 'server-07.img'));
    const names = [...code.keys()];
    for (const [i, name] of names.entries())
      writeFileSync(join(folder, `${i}.mjs`), transformSync(code.get(name) ?? '', { loader: 'ts' }).code);
    // One process for all: a start of its own costs each a third of a second.
    const all = names.map((_, i) => `console.log('## ${i}'); await import('./${i}.mjs');\n`).join('');
    writeFileSync(join(folder, 'all.mjs'), all);
    const { stdout, stderr, status } = spawnSync(process.execPath, ['all.mjs'], { cwd: folder, encoding: 'utf8' });
    expect([status, stderr.replaceAll(/\r\d+ reads/g, '')]).toEqual([0, '']);
    for (const part of stdout.split('## ').slice(1)) {
      const [i, ...lines] = part.trimEnd().split('\n');
      printed.set(names[Number(i)] ?? '', lines);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const disk = testImage('gpt-faulty');

  test('opens a disk and shows its volumes', () => {
    const [kind, ...volumes] = printed.get('Open a disk') ?? [];
    expect(kind).toBe('gpt');
    expect(volumes).toHaveLength(3);
    expect(volumes[disk.windowsVolume - 1]).toMatch(/^3 ntfs \d+ false$/);
  });

  test('names the verdict and the file', () => {
    const [verdict, ...files] = printed.get('Ask why it does not start') ?? [];
    const [file] = disk.files;
    expect(verdict).toBe(`${disk.verdict} ${disk.severity}`);
    expect(files).toContain(`${file?.path} ${file?.class} ${file?.standardInformation.modified}`);
  });

  test('lists the folder as fls does, with the hash that icat gives', () => {
    const lines = (printed.get('List a folder, read a file') ?? []).map((line) => line.split(' '));
    for (const file of disk.files) {
      const line = lines.find(([name]) => file.path.endsWith(`/${name}`));
      expect(line?.slice(1)).toEqual([
        String(file.size),
        file.standardInformation.modified,
        String(Math.min(4, file.size)),
        file.sha256,
      ]);
    }
  });

  test('finds no locked volume, a missing file, an aborted scan, a small cost, and reads from elsewhere', () => {
    expect(printed.get('Keys')).toEqual(['0']);
    expect(printed.get('Errors')).toEqual(['SOURCE_NOT_FOUND false true']);
    expect(printed.get('Cancel')).toEqual(['stopped']);
    expect(printed.get('Progress and cost')).toEqual(['true true']);
    expect(printed.get('Bytes from elsewhere')).toEqual([disk.verdict]);
  });

  test.each(['library', 'browser'])('is the same in the Japanese %s guide', (name) => {
    const japanese = [...codeOf(`docs/guides/${name}.ja.md`).values()];
    expect(japanese).toEqual([...codeOf(`docs/guides/${name}.md`).values()]);
  });
});
