import { concat, data, join, phrase, text } from '../../document/phrase.js';
import type { CommonWords } from '../everyday-words.js';
import { formatCount, formatSize, formatSpan, plural } from '../units.js';

export const common: CommonWords = {
  severities: { act: 'ACT', attention: 'ATTENTION', review: 'REVIEW', none: 'OK' },
  issueSeverities: { note: 'note', warning: 'warning', error: 'error' },
  fileTypes: {
    file: 'file',
    directory: 'directory',
    symlink: 'symlink',
    junction: 'junction',
    reparse: 'reparse',
    other: 'other',
  },
  unknown: 'unknown',
  none: 'none',
  notSet: 'not set',
  yes: 'yes',
  no: 'no',
  error: 'ERROR',
  warning: 'WARNING',
  size: formatSize,
  bytes: (count) => `${formatCount(count)} bytes`,
  span: (milliseconds) =>
    formatSpan(milliseconds, {
      day: (count) => plural(count, 'day'),
      hour: (count) => `${count} h`,
      minute: (count) => `${count} min`,
      second: (count) => `${count} s`,
    }),
  list: (parts) => join(parts, ', '),
  either: (parts) => join(parts, ' or '),
  wordGap: ' ',
  sentenceGap: ' ',
  more: (count) => phrase`and ${text(formatCount(count))} more (--json shows all)`,
  labelled: (label, value) => concat(text(`${label}: `), value),
  inParentheses: (value) => concat(text('('), value, text(')')),
  place: (layer, offset) => [data(`${layer} ${offset}`)],
  structure: (what) => [data(what)],
  quoted: (value) => concat(text('"'), data(value), text('"')),
};
