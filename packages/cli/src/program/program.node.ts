import { Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../exit-code.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { writeNow } from '../output/write-bytes.node.js';
import { OPTIONS, type OptionSpec } from '../settings/option-table.js';
import type { Settings } from '../settings/settings.js';
import { VERSION } from '../version.js';
import { CallArguments } from './call-arguments.js';
import { VERBS, type VerbFamily, type VerbSpec } from './verb-table.node.js';

/** What a verb's action calls: gives the exit code. */
export type Run = (verb: (session: Session) => Promise<number>) => Promise<void>;

/** Runs a verb with what the call gave it. */
type Called = (spec: VerbSpec, values: CallArguments, options: CommonOptions) => Promise<void>;

/**
 * The command line. Each verb's code is loaded when it is called.
 * @param first - the first argument: when it names a verb, the others are not described, which takes longer than
 * reading a folder
 * @param noteInputs - hears the files that a verb was told to read, before it begins
 * @param settings - what stands in for options that a call does not give
 */
export function makeProgram(
  first: string | undefined,
  run: Run,
  noteInputs: (paths: readonly string[]) => void,
  settings?: Settings,
): Command {
  const program = new Command('deadbox')
    .version(VERSION)
    // Help has words of its own, in the reader's language.
    .helpOption(false)
    .helpCommand(false)
    // Faults are said in the reader's language; the version is all that the parser itself writes.
    .configureOutput({
      outputError: () => undefined,
      writeOut: (shown) => writeNow(1, new TextEncoder().encode(shown)),
    })
    .showSuggestionAfterError(false)
    .exitOverride();

  const called: Called = (spec, values, options) => {
    if (options.json === true && options.ndjson === true) throw usageError('two-forms', {});
    noteInputs(inputsOf(spec, values, options));
    return run(async (session) => {
      if (options.verbose === true && settings !== undefined)
        await (await import('./say-settings.node.js')).saySettings(settings, spec, session);
      return spec.run(values, options, session);
    });
  };
  const asked = VERBS.filter(({ id }) => id === first);
  for (const spec of asked.length === 0 ? VERBS : asked) {
    if ('verbs' in spec) addFamily(program, spec, called, settings);
    else addVerb(program, spec, called, settings);
  }
  return program;
}

/** Whether a call only asks for help: `--help` anywhere, or `help`. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const before = argv.slice(0, end);
  return argv[0] === 'help' || before.includes('--help') || before.includes('-h');
}

/** Whether a call names no verb: nothing at all, or a family (`fleet`) without one of its verbs. */
export function lacksVerb([first, second]: readonly string[]): boolean {
  if (first === undefined) return true;
  const isFamily = VERBS.some((spec) => spec.id === first && 'verbs' in spec);
  return isFamily && (second === undefined || second.startsWith('-'));
}

function addFamily(program: Command, { id, verbs }: VerbFamily, called: Called, settings?: Settings): void {
  const family = program.command(id).helpOption(false).helpCommand(false);
  for (const verb of verbs) addVerb(family, verb, called, settings);
}

function addVerb(parent: Command, spec: VerbSpec, called: Called, settings?: Settings): void {
  const command = parent.command(spec.id.slice(spec.id.indexOf(' ') + 1)).helpOption(false);
  for (const { shown, preset } of spec.arguments) command.argument(shown, '', preset);
  for (const id of spec.options) if (id !== 'help') command.addOption(optionOf(OPTIONS[id]));
  command.action(async (...call: unknown[]) => {
    if (settings !== undefined) (await import('./apply-settings.js')).applySettings(command, spec, settings);
    return called(spec, new CallArguments(call), command.opts<CommonOptions>());
  });
}

function optionOf({ flags, value, choices, preset }: OptionSpec): Option {
  const option = new Option(flags);
  if (value === 'number') option.argParser(wholeNumber);
  if (value === 'list') option.argParser(collect);
  if (choices !== undefined) option.choices(choices);
  return preset === undefined ? option : option.default(preset);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The files that a verb was told to read: `-o` must not name one of them. */
function inputsOf(spec: VerbSpec, call: CallArguments, options: CommonOptions): string[] {
  const { parent, startupKey, keys, recoveryKey, password } = options;
  const secrets = [...(recoveryKey ?? []), ...(password ?? [])].filter((value) => value.startsWith('@'));
  return [
    ...spec.arguments.flatMap(({ names }, index) => (names === 'files' ? call.all(index) : [])),
    ...(parent ?? []),
    ...(startupKey ?? []),
    ...(keys ?? []),
    ...secrets.map((value) => value.slice(1)),
  ];
}
