import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { corridor, packageNames, sourcesOf, textOf } from '../support/workspace.js';

const rank = (name: string): number => corridor.findIndex((row) => row.includes(name));

interface Statement {
  source?: { value: string } | null;
  importKind?: string;
  exportKind?: string;
}

/**
 * Every module specifier of a source: static, re-exported and dynamic. `import type` leaves no code behind; `types`
 * counts it all the same.
 */
function specifiersOf(path: string, types = true): string[] {
  const text = textOf(path);
  const { body } = parseAst(text, { lang: 'ts' }) as unknown as { body: Statement[] };
  const counted = body.filter((node) => types || (node.importKind !== 'type' && node.exportKind !== 'type'));
  const fixed = counted.flatMap((node) => (typeof node.source?.value === 'string' ? [node.source.value] : []));
  const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1]);
  return [...fixed, ...dynamic];
}

/** `@deadbox/core/node` and `deadbox/node` as folder names of packages; undefined for other modules. */
function packageFolder(specifier: string): string | undefined {
  const scoped = /^@deadbox\/([^/]+)/.exec(specifier);
  if (scoped !== null) return scoped[1];
  return specifier === 'deadbox' || specifier.startsWith('deadbox/') ? 'cli' : undefined;
}

/** `problem` of every specifier of every source that has one. */
function offenders(sources: string[], problem: (specifier: string, path: string) => boolean, types = true): string[] {
  return sources.flatMap((path) =>
    specifiersOf(path, types)
      .filter((specifier) => problem(specifier, path))
      .map((specifier) => `${path} imports ${specifier}`),
  );
}

const isNodeFile = (path: string): boolean => path.endsWith('.node.ts');

describe.each(packageNames)('package %s', (name) => {
  const sources = sourcesOf(name);

  test('has sources', () => {
    expect(sources).not.toEqual([]);
  });

  test('imports only from packages above it', () => {
    const wrong = offenders(sources, (specifier) => {
      const folder = packageFolder(specifier);
      return folder !== undefined && !(rank(folder) >= 0 && rank(folder) < rank(name));
    });
    expect(wrong).toEqual([]);
  });

  test('imports node: modules only in *.node.ts', () => {
    expect(offenders(sources, (specifier, path) => specifier.startsWith('node:') && !isNodeFile(path))).toEqual([]);
  });

  test('reaches *.node.ts files only from *.node.ts files', () => {
    const wrong = offenders(
      sources,
      (specifier, path) =>
        !isNodeFile(path) && (specifier.endsWith('.node.js') || /^(@deadbox\/[^/]+|deadbox)\/node$/.test(specifier)),
      false,
    );
    expect(wrong).toEqual([]);
  });

  test('leaves sealing of encrypted sectors to repair', () => {
    expect(
      name === 'repair' ? [] : offenders(sources, (specifier) => specifier === '@deadbox/encryption/seal'),
    ).toEqual([]);
  });

  test('imports no file of another package by path', () => {
    expect(
      offenders(sources, (specifier) => specifier.startsWith('.') && /(^|\/)(packages|src|dist)\//.test(specifier)),
    ).toEqual([]);
  });
});
