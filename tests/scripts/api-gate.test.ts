import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

interface Entry {
  name: string;
}

interface Declarations {
  exportsOf(path: string): Entry[];
  undocumented(entry: Entry): string[];
  listing(entry: Entry): string[];
}

describe('the gate of the public API', () => {
  const folder = temporaryFolder();
  let declarations: Declarations;

  beforeAll(async () => {
    declarations = (await import(pathToFileURL(join(root, 'scripts/check/declarations.mjs')).href)) as Declarations;
    writeFileSync(
      join(folder, 'source.d.ts'),
      `/** Bytes. */
export interface Source {
    /** How many. */
    readonly size: number;
    read(at: number): Uint8Array;
}
/** A source in memory. */
export declare class Memory implements Source {
    #private;
    private hidden;
    readonly size: number;
    read(at: number): Uint8Array;
    rewind(): void;
    constructor(bytes: Uint8Array);
}
export declare function bare(): void;
/** One form. */
export declare function overloaded(a: string): string;
export declare function overloaded(a: number): number;
`,
    );
    writeFileSync(
      join(folder, 'index.d.ts'),
      `import { bare } from './source.js';
export { Memory as MemorySource, type Source } from './source.js';
export * from './more.js';
export * from 'elsewhere';
export { bare };
`,
    );
    writeFileSync(
      join(folder, 'more.d.ts'),
      `export { overloaded } from './source.js';\n/** Nothing. */\nexport declare const NOTHING = 0;\n`,
    );
  });

  const entries = (): Entry[] => declarations.exportsOf(join(folder, 'index.d.ts'));
  const entry = (name: string): Entry => entries().find((each) => each.name === name) as Entry;

  test('follows every form of re-export to the declaration', () => {
    expect(
      entries()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['*', 'MemorySource', 'NOTHING', 'Source', 'bare', 'overloaded']);
  });

  test('reports symbols and members without a doc comment, and no others', () => {
    expect(declarations.undocumented(entry('bare'))).toEqual(['bare']);
    expect(declarations.undocumented(entry('Source'))).toEqual(['Source.read']);
    expect(declarations.undocumented(entry('overloaded'))).toEqual([]);
    expect(declarations.undocumented(entry('NOTHING'))).toEqual([]);
  });

  test('takes members of an interface as described there, and asks for the others', () => {
    expect(declarations.undocumented(entry('MemorySource'))).toEqual(['MemorySource.rewind']);
  });

  test('lists declarations without comments and private members', () => {
    const text = declarations.listing(entry('MemorySource')).join('\n');
    expect(text).toContain('readonly size: number;');
    expect(text).toContain('exported as MemorySource');
    expect(text).not.toMatch(/private|\/\*\*/);
    expect(declarations.listing(entry('overloaded'))).toHaveLength(2);
    expect(declarations.listing(entry('*'))).toEqual(["export * from 'elsewhere';"]);
  });
});
