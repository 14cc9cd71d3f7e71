import { code, type Phrase, phrase, text } from '../../document/phrase.js';
import type { HelpWords } from '../help-words.js';
import type { SettingWords } from './setting-words.js';

const EXPECTED: Readonly<Record<string, Phrase>> = {
  value: phrase`a text in double quotes, a number, true, false or a list of texts should stand here`,
  end: phrase`nothing may follow the last }`,
};
const NO_DEFAULT = {
  secret: 'keys and passwords are given with each call, and best from a file (@FILE)',
  writes: 'what makes deadbox write is only done when the call itself says so',
  weakens: 'what makes an answer less certain is only done when the call itself says so',
  'each-call': 'it depends on the image, so that each call has its own',
} as const;
const TAKES = { none: 'true or false', text: 'a text', number: 'a whole number from 1 on', list: 'a list of texts' };

const meantOrNot = (name: string | null): Phrase => (name === null ? [] : phrase` (did you mean ${code(name)}?)`);

export const settings: SettingWords = {
  unreadable: ({ path, reason }) => phrase`the configuration file ${path} cannot be read: ${reason}`,
  malformed: ({ path, line, expected }) =>
    phrase`${path}:${line}: ${EXPECTED[expected] ?? phrase`${code(expected)} should stand here`}`,
  unknown: ({ place, key, meant }) =>
    phrase`${place}: there is no setting ${key}${meantOrNot(meant)}; deadbox config lists all`,
  refused: ({ place, key, why }) => phrase`${place}: ${key} is no setting: ${text(NO_DEFAULT[why])}`,
  value: ({ place, key, value, takes, meant }) =>
    phrase`${place}: ${key} takes ${text(typeof takes === 'string' ? TAKES[takes] : takes.join(', '))}, not "${value}"${meantOrNot(meant)}`,
};

/** What `deadbox config` shows. */
export const config: Pick<HelpWords, 'configLabels' | 'configLine'> = {
  configLabels: {
    file: 'file',
    absent: 'does not exist',
    key: 'key',
    value: 'value',
    from: 'from',
    builtIn: 'built in',
    none: 'none',
  },
  configLine: (line) => `line ${line}`,
};
