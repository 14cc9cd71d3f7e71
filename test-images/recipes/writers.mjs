// The tests' own writers, which are TypeScript: Node 20 does not run that.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** What modules of `tests/support` export, by their names without the ending. */
export async function loadWriters(...names) {
  const work = mkdtempSync(join(tmpdir(), 'deadbox-writers-'));
  try {
    const outfile = join(work, 'writers.mjs');
    const support = (name) => fileURLToPath(new URL(`../../tests/support/${name}.ts`, import.meta.url));
    await build({
      stdin: {
        contents: names.map((name) => `export * from ${JSON.stringify(support(name))};`).join('\n'),
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['deadbox-source'],
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
