import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { root } from '../support/workspace.js';

/**
 * What a quick scan never asks, or few images need: it is loaded where it is used. Bytes: what the bundle of a quick
 * scan had before field tables, Japanese and repair.
 */
const LEFT_OUT = [
  'windows/src/registry',
  'windows/src/boot/boot-check.ts',
  'windows/src/crash',
  'windows/src/events',
  'ntfs/src/compression/lzx',
  'ntfs/src/compression/xpress',
  'ntfs/src/table',
  'ntfs/src/log/log-file.ts',
  'ntfs/src/shadow-copy',
  'ntfs/src/dedup',
  'partitions/src/ldm/read-ldm.ts',
  'encryption/src/bitlocker/unlock.ts',
  'encryption/src/bitlocker/metadata/metadata-block.ts',
  'core/src/sources/http-source.ts',
  'report/src/words/ja',
  'repair/src/operations',
];

test('A quick scan loads neither the registry nor decoders, and no more bytes than before there was all that', async () => {
  const { forNode } = await import(pathToFileURL(join(root, 'scripts/bundle.mjs')).href);
  const bundler = await rolldown({ ...forNode, input: { main: forNode.input.main } });
  const { output } = await bundler.generate({ format: 'esm', minify: true });
  await bundler.close();
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
  const loaded = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined): void => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const next of chunk.imports) load(chunks.find(({ fileName }) => fileName === next));
  };
  const holding = (source: string): OutputChunk | undefined =>
    chunks.find(({ moduleIds }) => moduleIds.some((id) => id.replaceAll('\\', '/').endsWith(source)));
  for (const source of ['src/main.node.ts', 'src/start.node.ts', 'verbs/scan.node.ts']) {
    expect(holding(source), source).toBeDefined();
    load(holding(source));
  }
  const sources = [...loaded].flatMap(({ moduleIds }) => moduleIds.map((id) => id.replaceAll('\\', '/')));
  expect(sources.filter((path) => LEFT_OUT.some((part) => path.includes(`packages/${part}`)))).toEqual([]);
  expect([...loaded].reduce((sum, { code }) => sum + code.length, 0)).toBeLessThan(508_000);
});
