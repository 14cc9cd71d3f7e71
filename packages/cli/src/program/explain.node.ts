import { isDeadboxError } from '@deadbox/core';
import { type Language, type Phrase } from '@deadbox/report';
import { type CallFault, concat, errorPhrase, type Problem, problemPhrase } from '@deadbox/report/internals';
import { CommanderError } from 'commander';
import { closest } from '../closest.js';
import { EXIT, UsageError } from '../exit-code.js';
import type { Session } from '../input/session.node.js';
import { loadHelpWords } from '../output/language.node.js';
import { standardError } from '../output/standard-streams.node.js';
import { OPTIONS } from '../settings/option-table.js';
import { SettingError } from '../settings/setting-error.js';
import { type GivenSetting, originText, type Settings } from '../settings/settings.js';
import { VERBS } from './verb-table.node.js';

/** What the user named is not there, though the volume can be read. */
const LOCKED: ReadonlySet<string> = new Set(['VOLUME_LOCKED', 'IMAGE_ENCRYPTED']);
const NOT_FOUND: ReadonlySet<string> = new Set([
  'NTFS_NO_SUCH_STREAM',
  'NTFS_RECORD_OUT_OF_RANGE',
  'FAT_NO_SUCH_STREAM',
]);

/** Says what went wrong, in one sentence; gives the exit code. */
export async function explain(
  error: unknown,
  argv: readonly string[],
  session: Session,
  settings: Settings | undefined,
): Promise<number> {
  if (error instanceof SettingError) return explainSetting(error, session);
  if (error instanceof CommanderError) return explainCall(error, argv, session);
  if (error instanceof UsageError) {
    const from = settings === undefined ? [] : namedIn(error.problem, settings);
    session.say(
      concat(
        problemPhrase(error.problem, session.reader),
        ...from.map(({ setting, origin }) => session.language.errors.settingFrom(setting.key, originText(origin))),
      ),
    );
    return error.exitCode;
  }
  const { errors }: Language = session.language;
  if (isDeadboxError(error)) {
    const option = error.code === 'IMAGE_PARENT_MISSING' ? errors.parentOption : undefined;
    session.say(concat(errorPhrase(error, session.reader), option));
    return LOCKED.has(error.code) ? EXIT.locked : NOT_FOUND.has(error.code) ? EXIT.notFound : EXIT.error;
  }
  session.say(errors.unexpected(error instanceof Error ? error.message : String(error)));
  session.say((await loadHelpWords(session.language.code)).attach);
  if ((process.env.DEADBOX_DEBUG ?? '') !== '' && error instanceof Error) standardError().write(`${error.stack}\n`);
  return EXIT.error;
}

async function explainSetting({ fault }: SettingError, session: Session): Promise<number> {
  const { settings } = await loadHelpWords(session.language.code);
  session.say((settings[fault.id] as (facts: SettingError['fault']['facts']) => Phrase)(fault.facts));
  return EXIT.error;
}

/** A call that the parser of the command line refuses; help and version end with an error of its own, too. */
function explainCall({ code, message, exitCode }: CommanderError, argv: readonly string[], session: Session): number {
  if (exitCode === 0) return EXIT.ok;
  const { call, callHelp, meant: meantPhrase } = session.language.errors;
  const fault = code.replace(/^commander\./, '');
  if (isCallFault(fault, call)) {
    const names = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1]);
    const meant = meantBy(fault, names, argv);
    session.say(
      concat(
        call[fault](names, message.replace(/^error: /, '')),
        meant === undefined ? undefined : meantPhrase(meant),
        callHelp,
      ),
    );
  }
  return EXIT.error;
}

function isCallFault(fault: string, words: Language['errors']['call']): fault is CallFault {
  return Object.hasOwn(words, fault);
}

/** What whoever made the call most likely meant. */
function meantBy(
  fault: CallFault,
  [first = '', value = '']: readonly string[],
  argv: readonly string[],
): string | undefined {
  const family = VERBS.find(({ id }) => id === argv[0]);
  const inner = family !== undefined && 'verbs' in family ? family.verbs : VERBS;
  if (fault === 'unknownCommand')
    return closest(
      first,
      inner.map(({ id }) => id.slice(id.indexOf(' ') + 1)),
    );
  if (fault === 'invalidArgument') {
    const choices = Object.values(OPTIONS).find(({ flags }) => flags === first)?.choices ?? [];
    return closest(value, choices);
  }
  if (fault !== 'unknownOption') return undefined;
  const verb = inner.find(({ id }) => id === argv[0] || id === `${argv[0]} ${argv[1]}`);
  if (verb === undefined || 'verbs' in verb) return undefined;
  return closest(
    first,
    verb.options.flatMap((id) => OPTIONS[id].flags.split(/[ ,]+/).filter((flag) => flag.startsWith('--'))),
  );
}

/** The defaults whose values the fault names: who did not type one must hear where it stands. */
function namedIn({ facts }: Problem, { given }: Settings): GivenSetting[] {
  const named = Object.entries(facts).filter(([name]) => name !== 'meant');
  const words: ReadonlySet<unknown> = new Set(named.map(([, word]) => word));
  return [...given.values()].filter(({ value }) => words.has(value));
}
