import type { HelpWords, OptionId } from '@deadbox/report/internals';
import { PLATFORM_IDS } from '@deadbox/triage/platforms';
import { VERBS, type VerbFamily, type VerbSpec } from '../program/verb-table.node.js';
import { OPTIONS } from '../settings/option-table.js';
import type { Candidate } from './candidate.js';
import { insideImage, volumesOf } from './inside-image.node.js';

/** What a shell offers for the word under the cursor. */
export interface Candidates {
  /** Whether the shell offers its own file names, too. */
  readonly files: boolean;
  readonly words: readonly Candidate[];
}

const NOTHING: Candidates = { files: false, words: [] };
const FILES: Candidates = { files: true, words: [] };
const CONSTANT: Readonly<Partial<Record<OptionId, readonly string[]>>> = {
  include: ['old', 'vss'],
  lang: ['en', 'ja'],
  target: PLATFORM_IDS,
};
const PATH_OPTIONS: ReadonlySet<OptionId> = new Set([
  'rules',
  'report',
  'diagnostics',
  'undo-file',
  'overlay',
  'parent',
  'member',
  'startup-key',
  'keys',
  'output',
]);

/**
 * What may stand in place of the last of `words`, which is the one that is being typed; the words before it are whole.
 * Never fails: where an image cannot be read there is nothing to offer.
 */
export async function candidatesFor(
  words: readonly string[],
  help: HelpWords,
  signal: AbortSignal,
): Promise<Candidates> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const family = VERBS.find(({ id }) => id === before[0]);
  if (family === undefined) return before.length === 0 ? matching(verbCandidates(VERBS, help), typed) : NOTHING;
  if ('verbs' in family) {
    const inner = family.verbs.find(({ id }) => id === `${before[0]} ${before[1]}`);
    if (inner === undefined) return matching(verbCandidates(family.verbs, help), typed);
    return argumentsOf(inner, before.slice(2), typed, help, signal);
  }
  return argumentsOf(family, before.slice(1), typed, help, signal);
}

function verbCandidates(verbs: readonly (VerbSpec | VerbFamily)[], help: HelpWords): Candidate[] {
  return verbs.map(({ id }) => ({ value: id.slice(id.indexOf(' ') + 1), about: help.verbs[id].summary }));
}

async function argumentsOf(
  verb: VerbSpec,
  before: readonly string[],
  typed: string,
  help: HelpWords,
  signal: AbortSignal,
): Promise<Candidates> {
  const { positional, open } = readWords(verb, before);
  if (open !== undefined) return valuesOf(open, typed, positional);
  if (typed.startsWith('-')) return matching(optionCandidates(verb, help), typed);
  const { length } = verb.arguments;
  const argument = verb.arguments[Math.min(positional.length, length - 1)];
  if (argument === undefined || (positional.length >= length && !argument.shown.includes('...'))) return NOTHING;
  if (argument.names === 'files') return FILES;
  const [image] = positional;
  if (argument.names !== 'inside' || image === undefined) return NOTHING;
  return { files: false, words: await insideImage(image, typed, numberOf(before), signal) };
}

/** The words that are no options, and the option whose value comes next. */
function readWords(verb: VerbSpec, words: readonly string[]): { positional: string[]; open: OptionId | undefined } {
  const positional: string[] = [];
  let open: OptionId | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith('-') && word !== '-') {
      const id = verb.options.find((option) => OPTIONS[option].flags.split(/[ ,]+/).includes(word));
      if (id !== undefined && OPTIONS[id].value !== 'none') open = id;
    } else positional.push(word);
  }
  return { positional, open };
}

async function valuesOf(option: OptionId, typed: string, positional: readonly string[]): Promise<Candidates> {
  if (PATH_OPTIONS.has(option)) return FILES;
  const [image] = positional;
  if (option === 'volume' || option === 'volume-only')
    return image === undefined ? NOTHING : matching(await volumesOf(image), typed);
  const values = OPTIONS[option].choices ?? CONSTANT[option] ?? [];
  return matching(
    values.map((value) => ({ value, about: '' })),
    typed,
  );
}

function optionCandidates(verb: VerbSpec, help: HelpWords): Candidate[] {
  return verb.options.flatMap((id) =>
    OPTIONS[id].flags
      .split(/[ ,]+/)
      .filter((flag) => flag.startsWith('--'))
      .map((value) => ({ value, about: help.options[id] })),
  );
}

function matching(words: readonly Candidate[], typed: string): Candidates {
  return { files: false, words: words.filter(({ value }) => value.startsWith(typed)) };
}

/** The value of `--volume` among `words`. */
function numberOf(words: readonly string[]): number | undefined {
  const number = Number(words[words.indexOf('--volume') + 1]);
  return words.includes('--volume') && Number.isInteger(number) ? number : undefined;
}
