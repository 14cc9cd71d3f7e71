import { describe, expect, test } from 'vitest';
import { packageNames, sourcesOf, textOf } from '../support/workspace.js';

/** What changes a file, of `node:fs`. */
const CHANGES =
  /\b(writeSync|writevSync|writeFileSync|writeFile|appendFile(Sync)?|createWriteStream|f?truncate(Sync)?|rename(Sync)?|unlink(Sync)?|rmSync|rmdirSync|mkdirSync|copyFile(Sync)?|linkSync|symlinkSync|f?utimes(Sync)?|f?chmodSync)\b/;
/** Opens an existing file for writing. */
const OPENS_FOR_WRITING = /['"`]r[s]?\+['"`]|O_(RDWR|WRONLY)/;

describe('read-only by construction', () => {
  test('only repair opens an existing file for writing', () => {
    const others = packageNames.filter((name) => name !== 'repair').flatMap((name) => sourcesOf(name));
    const opening = others.filter((path) => OPENS_FOR_WRITING.test(textOf(path)));
    // What `-o` names is written over only when it is no input.
    expect(opening).toEqual(['packages/cli/src/output/output-file.node.ts']);
    const own = sourcesOf('repair').filter((path) => OPENS_FOR_WRITING.test(textOf(path)));
    expect(own).toEqual(['packages/repair/src/storage/block-writer.node.ts']);
  });

  test('besides repair only the output of the command line changes a file, and that is the one it makes', () => {
    const others = packageNames.filter((name) => name !== 'repair').flatMap((name) => sourcesOf(name));
    const changing = others.filter((path) => path.endsWith('.node.ts') && CHANGES.test(textOf(path)));
    expect(changing.filter((path) => !path.startsWith('packages/cli/src/output/'))).toEqual([]);
  });

  test('only the two verbs that write load the writing side of repair', () => {
    const loading = packageNames
      .flatMap((name) => sourcesOf(name))
      .filter((path) => /['"]@deadbox\/repair\/node['"]/.test(textOf(path)));
    expect(loading).toEqual(['packages/cli/src/verbs/fix.node.ts', 'packages/cli/src/verbs/undo.node.ts']);
  });
});
