import { textWriter } from '@deadbox/report';
import { help as en } from '@deadbox/report/help/en';
import { help as ja } from '@deadbox/report/help/ja';
import { displayWidth, programHelp, type VerbOutline, verbHelp } from '@deadbox/report/internals';
import { describe, expect, test } from 'vitest';
import { outlines } from '../../packages/cli/src/program/help.node.js';
import { makeProgram } from '../../packages/cli/src/program/program.node.js';
import { deadbox } from '../support/cli.js';

const LANGUAGES = [
  ['en', en],
  ['ja', ja],
] as const;
const verbs = outlines().flatMap((verb): VerbOutline[] => [verb, ...(verb.verbs ?? [])]);

/** The words of a command line of a shell, quotes taken off and globs left as they are. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

describe('help', () => {
  test.each(LANGUAGES)('every example in %s is a call that the parser takes', async (_, words) => {
    const examples = verbs.flatMap(({ id }) => words.verbs[id].examples);
    expect(examples.length).toBeGreaterThan(2 * verbs.length - 1);
    for (const { command } of examples) {
      let ran = false;
      const [name, ...argv] = wordsOf(command);
      expect(name).toBe('deadbox');
      await makeProgram(
        argv[0],
        async () => void (ran = true),
        () => undefined,
      ).parseAsync(argv, { from: 'user' });
      expect(ran, command).toBe(true);
    }
  });

  test('the parser refuses what no help lists', async () => {
    const program = makeProgram(
      'scan',
      async () => undefined,
      () => undefined,
    );
    await expect(program.parseAsync(['scan', 'a.raw', '--quik'], { from: 'user' })).rejects.toMatchObject({
      code: 'commander.unknownOption',
    });
  });

  test.each(LANGUAGES)('fits 80 columns in %s, commands to be copied apart', (_, words) => {
    const write = textWriter({ width: 80 });
    const pages = [programHelp(outlines(), words), ...verbs.map((verb) => verbHelp(verb, words))].map(write);
    for (const line of pages
      .join('\n')
      .split('\n')
      .filter((text) => !text.trim().startsWith('deadbox ')))
      expect(displayWidth(line), line).toBeLessThanOrEqual(80);
  });

  test('both languages give the same commands, and the words differ', () => {
    for (const { id } of verbs) {
      expect(ja.verbs[id].summary).not.toBe(en.verbs[id].summary);
      expect(ja.verbs[id].examples.map(({ command }) => command)).toEqual(
        en.verbs[id].examples.map(({ command }) => command),
      );
    }
  });

  test('of a family stands on stderr, in the language of the reader, where none of its verbs is named', () => {
    expect(deadbox(['rules'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('rules check') });
    const { code, stderr } = deadbox(['fleet', '--lang', 'ja']);
    expect(code).toBe(2);
    expect(stderr).toContain('使い方');
  });

  test('stands under --help, help VERB, and behind a call that is not complete', () => {
    const page = deadbox(['scan', '--help']).stdout;
    expect(page).toContain('--recovery-key <key>');
    expect(page).toContain('Exit codes');
    expect(deadbox(['help', 'scan']).stdout).toBe(page);
    expect(deadbox(['rules', 'check', '--help', '--lang', 'ja']).stdout).toContain('ルールファイルを検査する');
  });
});
