import { describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { manifestOf, packageNames, sourcesOf, textOf } from '../support/workspace.js';

/** What a module may consist of. An expression, a loop or a condition at the top would run when somebody imports it. */
const DECLARATIONS = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSDeclareFunction',
  'TSEnumDeclaration',
  'EmptyStatement',
]);

interface Statement {
  type: string;
  start: number;
  specifiers?: unknown[];
  source?: { value: string };
}

/** The statements of a source that run on import. */
function running(path: string): string[] {
  const text = textOf(path);
  const { body } = parseAst(text, { lang: 'ts' }) as unknown as { body: Statement[] };
  return body
    .filter(
      (node) => !DECLARATIONS.has(node.type) || (node.type === 'ImportDeclaration' && node.specifiers?.length === 0),
    )
    .map((node) => `${path}:${text.slice(0, node.start).split('\n').length}: ${node.type}`);
}

describe.each(packageNames)('package %s', (name) => {
  test('declares itself free of side effects', () => {
    expect(manifestOf(name).sideEffects).toBe(false);
  });

  test('has modules that only declare', () => {
    // The command line's entry is there to be run.
    const sources = sourcesOf(name).filter((path) => path !== 'packages/cli/src/main.node.ts');
    expect(sources.flatMap(running)).toEqual([]);
  });
});
