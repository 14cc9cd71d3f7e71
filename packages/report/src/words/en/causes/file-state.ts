import { type Phrase, phrase, text } from '../../../document/phrase.js';
import type { Facts } from '../../facts.js';

const STATES: Readonly<Record<string, string>> = {
  absent: 'is missing',
  'not-a-file': 'is not a file',
  empty: 'is empty',
  unwritten: 'was never written',
  zeros: 'holds nothing but zeros',
  'not-pe': 'is no executable image',
  truncated: 'is cut short',
  'wrong-machine': 'is made for another processor',
  'bad-checksum': 'does not match its own checksum',
  'bad-digest': 'is not what was signed',
};

/** What is wrong with a file, as the rest of a sentence: "is missing". */
export function fileState(facts: Facts): Phrase {
  const state = facts.value('state');
  return phrase`${text(STATES[typeof state === 'string' ? state : ''] ?? 'is damaged')}`;
}

/** Where another copy of the file lies, as a sentence after the first; nothing where none is known. */
export function copyPlace(facts: Facts): Phrase {
  return facts.has('copy') ? phrase` A copy lies in ${facts.show('copy')}.` : [];
}
