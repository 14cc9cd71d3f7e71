import type { Rule } from '@deadbox/triage';
import type { Block } from '../document/document.js';
import { data, text } from '../document/phrase.js';
import type { Reader } from './page.js';

const NAME_WIDTH = 32;
const LEVEL_WIDTH = 14;

/** A rule as a line of the list of rules. */
export function ruleRow({ name, level, title }: Rule, { language: { notices } }: Reader): Block {
  return {
    kind: 'row',
    cells: [
      { content: [data(name)], width: NAME_WIDTH },
      { content: [text(notices.ruleLevels[level])], width: LEVEL_WIDTH },
      { content: [data(title)] },
    ],
  };
}
