import { phrase, text } from '../../../document/phrase.js';
import type { HtmlWords } from '../../html/html-words.js';
import { formatCount, plural } from '../../units.js';

export const html: HtmlWords = {
  language: 'English',
  switchLanguage: 'Language',
  title: (disks) => `Boot report of ${plural(disks, 'disk')}`,
  headline: (disks, atRisk, unsure) => {
    if (disks === 1)
      return atRisk === 1
        ? 'This disk needs action.'
        : unsure === 1
          ? 'This disk needs a look.'
          : 'Nothing was found on this disk.';
    if (atRisk > 0)
      return `${formatCount(atRisk)} of ${formatCount(disks)} disks ${atRisk === 1 ? 'needs' : 'need'} action.`;
    return unsure > 0
      ? `${formatCount(unsure)} of ${formatCount(disks)} disks ${unsure === 1 ? 'needs' : 'need'} a look.`
      : `Nothing was found on any of ${formatCount(disks)} disks.`;
  },
  examined: (time, tool, version) => phrase`Examined ${text(time)} with ${tool} ${version}. No disk was changed.`,
  states: {
    no: 'Does not start',
    act: 'Needs action',
    doubtful: 'Doubtful',
    blocked: 'Locked',
    failed: 'Not opened',
    'no-windows': 'No Windows',
    'not-checked': 'Not checked',
    'nothing-found': 'Nothing found',
  },
  overview: 'Disks by state',
  first: 'What to do first',
  nothingToDo: phrase`Nothing asks for anything.`,
  disks: (count) => plural(count, 'disk'),
  more: (count) => `and ${formatCount(count)} more`,
  forExample: (name, sentence) => phrase`${name}: ${sentence}`,
  moreGroups: (count) => phrase`And ${text(plural(count, 'other reason'))}; the table has all.`,
  sharedIdentity: (diskId) =>
    phrase`Several disks have one identity (${diskId}). Do not attach two of them to one Windows.`,
  table: 'All disks',
  columns: { server: 'Server', state: 'State', why: 'Why', next: 'Next step' },
  filter: 'Filter',
  filterHint: 'Name, path, cause …',
  clear: 'Clear',
  shown: '{shown} of {total} disks',
  noMatch: 'No disk fits the filter.',
  back: 'All disks',
  previous: 'Previous',
  next: 'Next',
  steps: 'Next steps',
  why: 'Why',
  whole: 'Whole report of this disk',
  theme: 'Theme',
  themes: { auto: 'Auto', light: 'Light', dark: 'Dark' },
  print: 'Print',
  printed: 'The details of a disk are printed from its own page.',
  needsScript:
    'The table and the details need JavaScript, which is switched off here. Nothing is loaded from elsewhere.',
  tooOld: 'This browser is too old to unpack the details of the disks.',
  readOnly: 'This file holds everything and loads nothing.',
};
