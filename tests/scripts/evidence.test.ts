import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { families } from '../campaign/families.js';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const page = readFileSync(join(root, 'docs/evidence.md'), 'utf8');
const japanese = readFileSync(join(root, 'docs/evidence.ja.md'), 'utf8');

/** Cells of every row below a heading row and its line of dashes. */
function rowsOf(text: string): string[][] {
  return text.split('\n').flatMap((line) => {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    return /^\| .*`.*`/.test(line) && !line.startsWith('| ---') ? [cells] : [];
  });
}

const commandIn = (cell: string): string => /^`(.*)`$/.exec(cell)?.[1] ?? '';
/** The last cell of a claim is its command; the first of the bundled disk's rows is theirs. */
const commandOf = (cells: readonly string[]): string => commandIn(cells.length === 2 ? cells[0] : (cells.at(-1) ?? ''));
const commands = rowsOf(page).map(commandOf);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const mutated = readFileSync(join(root, 'scripts/mutation.mjs'), 'utf8');
const gates = readFileSync(join(root, 'scripts/check.mjs'), 'utf8');

describe('docs/evidence.md', () => {
  test('names a command for each claim', () => {
    expect(commands.length).toBeGreaterThan(35);
    expect(commands.filter((command) => !/^(npm test|npm run|deadbox) /.test(`${command} `))).toEqual([]);
  });

  test('says in Japanese what it says in English, with the same commands', () => {
    expect(rowsOf(japanese).map(commandOf)).toEqual(commands);
  });

  test('names tests, scripts, gates, benchmarks and families that exist', () => {
    for (const command of commands) {
      const [, script, rest = ''] = /^npm (?:run )?(\S+)(?: -- (.*))?$/.exec(command) ?? [];
      if (script === undefined) continue;
      expect(scripts, command).toHaveProperty(script);
      if (script === 'test')
        for (const path of rest.split(' ')) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
      const only = /--only (\S+)/.exec(rest)?.[1].split(',') ?? [];
      if (script === 'check') for (const gate of only) expect(gates).toMatch(new RegExp(`^ {2}'?${gate}'?: `, 'm'));
      if (script === 'campaign') for (const name of only) expect(families.map((one) => one.name)).toContain(name);
      if (script === 'mutation')
        for (const part of only) expect(mutated).toMatch(new RegExp(`^ {2}'?${part}'?: \\{`, 'm'));
      if (script === 'bench' && !rest.startsWith('-') && rest !== '')
        expect(readdirSync(join(root, 'tests/bench'))).toContain(`${rest}.bench.ts`);
    }
  });

  const folder = temporaryFolder();
  const shown = rowsOf(page).filter((cells) => cells.length === 2);
  test.each(shown.map((cells) => [commandIn(cells[0]), Number(cells[1])] as const))(
    '%s ends with %d',
    async (command, code) => {
      const argv = command
        .split(' ')
        .slice(1)
        .map((word) => (word === 'gpt-faulty.img' ? testImagePath('gpt-faulty') : word));
      expect((await runInProcess([...argv, '-o', join(folder, 'output')])).code ?? 0).toBe(code);
    },
  );
});
