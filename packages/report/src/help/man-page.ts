import { exitMeanings, type OptionOutline, optionText, usageLine, type VerbOutline } from './help-page.js';
import type { HelpWords } from './help-words.js';

/** What else stands in a manual page's frame. */
export interface ManPageOptions {
  readonly version: string;
  /** Day of the release, `2026-11-27`. */
  readonly date: string;
}

/** The manual page of the whole program: roff with the macros of man(7). */
export function manPage(verbs: readonly VerbOutline[], words: HelpWords, options: ManPageOptions): string {
  const all = verbs.flatMap((verb) => verb.verbs ?? [verb]);
  const shared = new Map(all.flatMap(({ options: own }) => own.filter(isShared).map((option) => [option.id, option])));
  const lines = [
    `.TH DEADBOX 1 ${quoted(options.date)} ${quoted(`deadbox ${options.version}`)} "User Commands"`,
    '.SH NAME',
    `deadbox \\- ${roff('find out why the Windows on a disk image does not boot')}`,
    '.SH SYNOPSIS',
    '.B deadbox',
    '.I command',
    '.RI [ option .\\|.\\|.]',
    '.SH DESCRIPTION',
    roff(words.summary),
    '.SH COMMANDS',
    ...all.flatMap((verb) => verbLines(verb, words)),
    '.SH OPTIONS OF SEVERAL COMMANDS',
    ...[...shared.values()].flatMap((option) => optionLines(option, words)),
    '.SH ENVIRONMENT',
    ...Object.entries(words.environment).flatMap(([name, does]) => ['.TP', `.B ${roff(name)}`, roff(does)]),
  ];
  return `${lines.join('\n')}\n`;
}

function verbLines(verb: VerbOutline, words: HelpWords): string[] {
  const { summary, examples } = words.verbs[verb.id];
  return [
    `.SS ${quoted(usageLine(verb))}`,
    roff(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`),
    ...verb.arguments.flatMap(({ id, shown }) => ['.TP', `.I ${quoted(shown)}`, roff(words.arguments[id])]),
    ...verb.options.filter((option) => !isShared(option)).flatMap((option) => optionLines(option, words)),
    '.PP',
    `${roff(words.headings.examples)}:`,
    ...examples.flatMap(({ command, does }) => [
      '.PP',
      `${roff(does)}:`,
      '.PP',
      '.RS 4',
      '.nf',
      roff(command),
      '.fi',
      '.RE',
    ]),
    '.PP',
    `${roff(words.headings.exitCodes)}: ${exitMeanings(verb, words)
      .map(([number, meaning]) => roff(`${number} ${meaning}`))
      .join('; ')}.`,
  ];
}

function optionLines(option: OptionOutline, words: HelpWords): string[] {
  return ['.TP', `.B ${quoted(option.flags)}`, roff(optionText(option, words))];
}

/** Whether an option says how an image is opened or an answer is shown, which most commands have in common. */
function isShared({ group }: OptionOutline): boolean {
  return group !== 'verb';
}

/** Text of a line: no character of it is a request or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\u2026', '...')
    .replaceAll("'", '\\(aq')
    .replace(/^\./, '\\&.');
}

/** One argument of a macro. */
function quoted(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}
