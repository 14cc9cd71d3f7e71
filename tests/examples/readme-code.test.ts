import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { root } from '../support/workspace.js';

const { nativeImport } = createRequire(import.meta.url)('../support/native-import.cjs');

/** Below the checkout, where packages are found as in a project that installed them. */
const folder = join(root, '.cache', `readme-code-${process.pid}`);
const disk = testImage('gpt-faulty');

interface Example {
  readonly name: string;
  readonly at: number;
  readonly code: string;
  /** What the README says that the code prints. */
  readonly prints: string | undefined;
}

function examplesOf(name: string): readonly Example[] {
  const text = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
  const blocks = text.matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm);
  return [...blocks].map(([, code = '', prints], at) => ({ name, at, code, prints }));
}

const packages = readdirSync(join(root, 'packages'));
const examples = packages.flatMap(examplesOf);

/** The code, with the files that it names where they are here. */
const located = (code: string): string =>
  code.replaceAll(/'((?:server-07|volume-\d)\.\w[\w.]*|SYSTEM(?:\.LOG\d)?|MFT\.bin)'/g, (_, path: string) =>
    JSON.stringify(join(folder, path)),
  );

/** One build for all: the examples share the packages, from their sources. */
function build(): void {
  const entryPoints = examples.map(({ name, at, code }) => {
    const path = join(folder, `${name}-${at}.ts`);
    writeFileSync(path, located(code));
    return path;
  });
  const open = join(folder, 'open.ts');
  writeFileSync(open, "export { openPath } from 'deadbox/node';");
  buildSync({
    entryPoints: [...entryPoints, open],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['deadbox-source'],
    logLevel: 'silent',
  });
}
const run = (name: string): Promise<any> => nativeImport(pathToFileURL(join(folder, `${name}.mjs`)).href);

async function printedBy(name: string): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(`${format(...words)}\n`));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed.push(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
    return true;
  });
  try {
    await run(name);
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
  return printed.join('').replaceAll(`${folder}/`, '');
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  build();
  const image = readFileSync(testImagePath('gpt-faulty'));
  writeFileSync(join(folder, 'server-07.img'), image);
  for (const { number, offset, length } of disk.partitions)
    writeFileSync(join(folder, `volume-${number}.img`), image.subarray(offset, offset + length));
  const { openPath } = await run('open');
  const opened = await openPath(join(folder, 'server-07.img'));
  const tree = await opened.volumes[disk.windowsVolume - 1].fileTree();
  for (const [path, name] of [
    ['/$MFT', 'MFT.bin'],
    ['/Windows/System32/config/SYSTEM', 'SYSTEM'],
  ] as const) {
    const stream = await (await tree.lookup(path)).stream();
    writeFileSync(join(folder, name), await stream.read(0, stream.size));
  }
  await opened.close();
  for (const log of ['SYSTEM.LOG1', 'SYSTEM.LOG2']) writeFileSync(join(folder, log), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every package but the queue, which needs a server, shows code', () => {
  expect(packages.filter((name) => examplesOf(name).length === 0)).toEqual(['fleet']);
});

describe('the code in the READMEs of the packages prints what they say', () => {
  test.each(examples)('$name, block $at', async ({ name, at, prints }) => {
    const printed = await printedBy(`${name}-${at}`);
    // A README shows the first lines of what is long, and then an ellipsis.
    const shown = prints?.replace(/^…\n$/m, '');
    expect(shown === prints ? printed : printed.slice(0, shown?.length)).toBe(shown);
  });
});

test('the disk is afterwards what it was: what was repaired was undone', () => {
  const after = createHash('sha256')
    .update(readFileSync(join(folder, 'server-07.img')))
    .digest('hex');
  expect(after).toBe(disk.sha256);
});
