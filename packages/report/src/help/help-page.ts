import { type Block, type Document, group, heading, paragraph } from '../document/document.js';
import { code, concat, type Phrase, text } from '../document/phrase.js';
import type {
  ArgumentId,
  Example,
  ExitTable,
  HelpWords,
  OptionGroup,
  OptionId,
  VerbGroup,
  VerbId,
} from './help-words.js';

/** An argument as a command line is described: `shown` with its brackets. */
export interface ArgumentOutline {
  readonly id: ArgumentId;
  readonly shown: string;
  readonly preset?: string;
}

/** An option as a command line is described. */
export interface OptionOutline {
  readonly id: OptionId;
  readonly flags: string;
  readonly group: OptionGroup;
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  readonly preset?: string;
}

/** A command as it is called. */
export interface VerbOutline {
  readonly id: VerbId;
  readonly group: VerbGroup;
  readonly exit: ExitTable;
  readonly arguments: readonly ArgumentOutline[];
  readonly options: readonly OptionOutline[];
  /** Its own commands. */
  readonly verbs?: readonly VerbOutline[];
}

/** Exit code of a command that was interrupted. */
const INTERRUPTED = 130;

/** The help of the whole program. */
export function programHelp(verbs: readonly VerbOutline[], words: HelpWords): Document {
  const { headings, verbGroups } = words;
  const groups = [...new Set(verbs.map((verb) => verb.group))];
  return [
    paragraph([text(words.summary)]),
    ...part(headings.usage, { kind: 'code', text: 'deadbox <command> [options]' }),
    ...groups.flatMap((name) =>
      part(
        verbGroups[name],
        twoColumns(
          verbs
            .filter((verb) => verb.group === name)
            .map((verb) => [[code(verb.id)], [text(words.verbs[verb.id].summary)]]),
        ),
      ),
    ),
    ...part(
      headings.options,
      twoColumns(PROGRAM_OPTIONS.map(([flags, id]) => [[code(flags)], [text(words.options[id])]])),
    ),
    ...part(
      headings.examples,
      ...examples([words.verbs.scan.examples[0], words.verbs.why.examples[0], words.verbs.fix.examples[0]]),
    ),
    ...part(
      headings.environment,
      twoColumns(Object.entries(words.environment).map(([name, does]) => [[code(name)], [text(does)]])),
    ),
    { kind: 'break' },
    paragraph([text(words.more)]),
  ];
}

const PROGRAM_OPTIONS: readonly (readonly [flags: string, id: OptionId])[] = [
  ['--lang <language>', 'lang'],
  ['-h, --help', 'help'],
  ['-V, --version', 'version'],
];

/** The help of one command. */
export function verbHelp(verb: VerbOutline, words: HelpWords): Document {
  const { headings } = words;
  const own = words.verbs[verb.id];
  const groups = [...new Set(verb.options.map((option) => option.group))];
  const commands = verb.verbs ?? [];
  return [
    paragraph([text(own.summary)]),
    ...part(headings.usage, { kind: 'code', text: usageLine(verb) }),
    ...(commands.length === 0
      ? []
      : part(headings.commands, twoColumns(commands.map(({ id }) => [[code(id)], [text(words.verbs[id].summary)]])))),
    ...(verb.arguments.length === 0
      ? []
      : part(headings.arguments, twoColumns(verb.arguments.map((argument) => argumentRow(argument, words))))),
    ...groups.flatMap((name) =>
      part(
        words.optionGroups[name],
        twoColumns(verb.options.filter((option) => option.group === name).map((option) => optionRow(option, words))),
      ),
    ),
    ...part(headings.examples, ...examples(own.examples)),
    ...(commands.length === 0
      ? part(
          headings.exitCodes,
          twoColumns(exitMeanings(verb, words).map(([number, meaning]) => [[code(number)], [text(meaning)]])),
        )
      : []),
  ];
}

/** How a command is called, on one line. */
export function usageLine(verb: VerbOutline): string {
  if (verb.verbs !== undefined) return `deadbox ${verb.id} <command> [options]`;
  return ['deadbox', verb.id, ...verb.arguments.map(({ shown }) => shown), '[options]'].join(' ');
}

/** What an option does, with its values. */
export function optionText({ id, repeatable, choices, preset }: OptionOutline, words: HelpWords): string {
  return [
    words.options[id],
    repeatable === true ? words.repeatable : undefined,
    choices === undefined ? undefined : words.choices(choices),
    preset === undefined ? undefined : words.preset(preset),
  ]
    .filter((said) => said !== undefined)
    .join(words.gap);
}

/** The meaning of every exit code of a command. */
export function exitMeanings({ exit }: VerbOutline, words: HelpWords): [code: string, meaning: string][] {
  return Object.entries({ ...words.exitCodes[exit], [INTERRUPTED]: words.interrupted });
}

function optionRow(option: OptionOutline, words: HelpWords): readonly [Phrase, Phrase] {
  return [[code(option.flags)], [text(optionText(option, words))]];
}

function argumentRow({ id, shown, preset }: ArgumentOutline, words: HelpWords): readonly [Phrase, Phrase] {
  return [
    [code(shown)],
    concat(text(words.arguments[id]), preset === undefined ? undefined : text(`${words.gap}${words.preset(preset)}`)),
  ];
}

function part(title: string, ...blocks: readonly Block[]): Block[] {
  return [{ kind: 'break' }, heading(2, [text(title, 'strong')]), group(...blocks)];
}

function twoColumns(rows: readonly (readonly [Phrase, Phrase])[]): Block {
  return { kind: 'table', head: ['', ''], rows };
}

function examples(list: readonly Example[]): Block[] {
  return list.flatMap(({ command, does }): Block[] => [
    paragraph([text(does, 'faint')]),
    group({ kind: 'code', text: command }),
  ]);
}
