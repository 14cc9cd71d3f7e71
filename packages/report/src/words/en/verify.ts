import { concat, phrase, text } from '../../document/phrase.js';
import type { VerifyWords } from '../disk-words.js';
import { formatCount, plural } from '../units.js';

export const verify: VerifyWords = {
  labels: { structures: 'structures', content: 'content', unreadable: 'unreadable', result: 'result' },
  verdicts: {
    right: 'Everything that the image stores to be checked fits.',
    wrong: 'The image does NOT fit what it stores to be checked.',
    'nothing-stored': 'The image stores nothing to compare with: no hash, no checksum. Every byte of it could be read.',
  },
  structures: (outcome) =>
    outcome === 'right'
      ? phrase`headers and tables fit their checksums`
      : phrase`headers or tables are ${text('DAMAGED', 'bad')}, or contradict one another`,
  content: ({ wrongBlocks, unreadable }) => {
    if (wrongBlocks === 0 && unreadable === undefined) return phrase`every block can be read and fits its checksum`;
    const wrong = phrase`${text(plural(wrongBlocks, 'block'))} ${text(wrongBlocks === 1 ? 'does' : 'do')} ${text('NOT', 'bad')} fit the stored checksum`;
    const lost = unreadable === undefined ? [] : phrase`${text(unreadable)} ${text('cannot be read', 'bad')}`;
    return concat(wrongBlocks === 0 ? [] : wrong, text(wrongBlocks > 0 && lost.length > 0 ? '; ' : ''), lost);
  },
  hash: ({ stored, computed, file, outcome }) => {
    const of = file === undefined ? [] : phrase`${file}: `;
    if (outcome === 'right') return concat(of, phrase`${stored}: the content matches`);
    if (computed === '') return concat(of, phrase`${stored}: the file is ${text('not there', 'bad')}`);
    return concat(of, phrase`${stored}: the content is ${text('DIFFERENT', 'bad')} (${computed})`);
  },
  unreadable: (size, offset, reason) =>
    phrase`${text(size)} at byte ${text(formatCount(offset))} of the disk: ${reason}`,
  notTried: (failedReads) => phrase`not tried: ${text(formatCount(failedReads))} reads had failed before`,
};
