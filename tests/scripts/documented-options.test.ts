import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VERBS, type VerbFamily, type VerbSpec } from '../../packages/cli/src/program/verb-table.node.js';
import { OPTIONS } from '../../packages/cli/src/settings/option-table.js';
import { root } from '../support/workspace.js';

/** The options of each verb, as a command line has them; those of a family's verbs stand by `fleet work` and the like. */
const optionsOf = new Map<string, ReadonlySet<string>>();
const flagsOf = ({ options }: VerbSpec): Set<string> =>
  new Set([...options.flatMap((id) => OPTIONS[id].flags.match(/--?[\w-]+/g) ?? []), '--help', '-h', '--lang']);
const isFamily = (verb: VerbSpec | VerbFamily): verb is VerbFamily => 'verbs' in verb;
for (const verb of VERBS) {
  if (!isFamily(verb)) optionsOf.set(verb.id, flagsOf(verb));
  else for (const inner of verb.verbs) optionsOf.set(inner.id.replace('-', ' '), flagsOf(inner));
}

const pages = [
  '',
  'docs',
  'docs/guides',
  'docs/learn',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
];
const files = pages.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
    .map((name) => join(folder, name)),
);

/** Commands of deadbox in code, each up to a pipe or the end of the code: `{ verb, words }`. */
function commandsOf(
  text: string,
): { readonly line: string; readonly verb: string; readonly given: readonly string[] }[] {
  const code = [
    ...text.matchAll(/^```(?:sh|bat|powershell|console|)\n([\s\S]*?)^```/gm),
    ...text.matchAll(/^(?: {4}.*\n)+/gm),
    ...text.matchAll(/`([^`\n]+)`/g),
  ].map(([whole, inner]) => inner ?? whole);
  return code.flatMap((block) =>
    [...block.matchAll(/\bdeadbox ((?:fleet |rules )?[a-z]+)\b([^\n|&;#]*)/g)]
      .filter(([, verb = '']) => optionsOf.has(verb))
      .map(([line, verb = '', rest = '']) => ({ line, verb, given: rest.match(/(?<=\s)--?[a-z][\w-]*/g) ?? [] })),
  );
}

test('the table of verbs is whole, and the pages show most of them', () => {
  const shown = new Set(
    files.flatMap((file) => commandsOf(readFileSync(join(root, file), 'utf8')).map(({ verb }) => verb)),
  );
  expect(shown.size).toBeGreaterThan(20);
});

test.each(files)('%s gives verbs the options that they have', (file) => {
  const unknown = commandsOf(readFileSync(join(root, file), 'utf8')).flatMap(({ line, verb, given }) =>
    given.filter((option) => optionsOf.get(verb)?.has(option) !== true).map((option) => `${line}: ${option}`),
  );
  expect(unknown).toEqual([]);
});
