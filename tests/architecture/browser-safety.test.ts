import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { manifestOf, packageNames, root, sourcesOf, textOf } from '../support/workspace.js';

/**
 * Bundles an entry point as a browser would get it. Node's modules cannot be found then, so an import of one fails the
 * bundle.
 */
async function bundleForBrowser(file: string): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['deadbox-source'],
    // Sources say themselves whether they have side effects; nothing may be dropped, or we would not see what it
    // imports.
    ignoreAnnotations: true,
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

function withoutComments(path: string): string {
  return textOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
}

describe.each(packageNames)('package %s in a browser', (name) => {
  const entries = Object.entries<any>(manifestOf(name).exports)
    .filter(([path, conditions]) => path !== './node' && typeof conditions === 'object')
    .map(([path, conditions]) => ({ path, file: join('packages', name, conditions['deadbox-source']) }));

  test.each(entries)('$path needs nothing of Node', async ({ file }) => {
    const code = await bundleForBrowser(file);
    expect(code).not.toMatch(/\bfrom\s*["']node:|\brequire\(["']node:|\bimport\(["']node:/);
  });

  test('uses no global that only Node has', () => {
    const browserFiles = sourcesOf(name).filter((path) => !path.endsWith('.node.ts'));
    const wrong = browserFiles.filter((path) =>
      /(?<![.\w$'"`-])(Buffer|process|global|__dirname|setImmediate)\b(?=[.[(])/.test(withoutComments(path)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('deadbox-source', () => {
  test('is what the tests run, so that nobody tests a stale build', () => {
    expect(readFileSync(join(root, 'vitest.config.ts'), 'utf8')).toContain('deadbox-source');
    expect(import.meta.resolve('@deadbox/core')).toMatch(/packages\/core\/src\/index\.ts$/);
  });
});
