import { data, type Phrase, phrase } from '../../document/phrase.js';
import type { HiveWords } from '../hive-words.js';

const stop = (codes: Phrase | undefined): Phrase | string =>
  codes === undefined ? '' : phrase` Windows would stop with ${codes}.`;

export const hives: HiveWords = {
  verdicts: {
    recoverable: ({ path }) =>
      phrase`Registry hive ${path} was not closed cleanly, which is normal after a crash: its logs make it whole, and Windows will replay them.`,
    'at-risk': ({ path, codes }) =>
      phrase`Registry hive ${path} was not closed cleanly, and its logs are missing or have a gap: Windows may not be able to repair it.${stop(codes)}`,
    damaged: ({ path, findings, codes }) =>
      phrase`Registry hive ${path} is damaged (${findings}). Removing a driver file will not mend that.${stop(codes)}`,
    missing: ({ path, codes }) => phrase`Registry hive ${path} is not there.${stop(codes)}`,
  },
  findings: {
    'hive-missing': () => phrase`the file is not there`,
    'hive-empty': () => phrase`the file is empty`,
    'hive-not-regf': () => phrase`it does not begin as a hive does`,
    'hive-unreadable': () => phrase`it cannot be read`,
    'hive-root-unreadable': () => phrase`its root key cannot be read`,
    'hive-truncated': () => phrase`it is shorter than it says`,
    'hive-checksum': () => phrase`the checksum of its header is wrong`,
    'hive-dirty': () => phrase`it was not closed cleanly`,
    'hive-log-missing': () => phrase`its logs are not there`,
    'hive-log-unusable': () => phrase`its logs cannot be used`,
    'hive-log-gap': () => phrase`its logs have a gap`,
    'hive-bins-damaged': () => phrase`its blocks (hive bins) do not join without a gap`,
    'hive-records-damaged': () => phrase`records in it are damaged`,
    'hive-select-unreadable': () => phrase`it does not say which control set to use`,
    'hive-control-set-missing': (facts) => {
      const expected = facts.value('expected');
      return typeof expected === 'string'
        ? phrase`the control set ${data(expected)} is not there`
        : phrase`the control set that it names is not there`;
    },
  },
  findingSeparator: '; ',
  defaultValue: '(default)',
  unreadableValue: '(unreadable)',
  notClosed: (replayed) =>
    replayed
      ? phrase`the hive was not closed cleanly; its logs were replayed in memory`
      : phrase`the hive was not closed cleanly; no usable log was found, so its newest changes are missing`,
};
