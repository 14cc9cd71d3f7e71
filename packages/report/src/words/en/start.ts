import { code, concat, data, phrase, text } from '../../document/phrase.js';
import type { StartWords } from '../cause-words.js';
import { formatCount } from '../units.js';

export const start: StartWords = {
  badges: {
    no: 'DOES NOT START',
    doubtful: 'DOUBTFUL',
    'nothing-found': 'NOTHING FOUND',
    'not-checked': 'BOOT NOT CHECKED',
    blocked: 'BLOCKED',
  },
  nothingFound: phrase`Nothing on this disk speaks against a start.`,
  undecided: phrase`Something that a start needs could not be examined; what, is said below.`,
  notChecked: phrase`The boot chain was not checked: scan without --quick for that.`,
  blocked: (volume, product, key) =>
    phrase`Volume ${volume} is locked by ${product}${key === undefined ? '' : phrase`; ${key} opens it`}.`,
  giveKey: (command) => phrase`With the key: ${code(command)}`,
  confidences: { proves: 'proven', strong: 'strong sign', hint: 'hint' },
  phases: {
    image: 'in the image',
    disk: 'in the partition table',
    firmware: 'firmware',
    'boot-manager': 'boot manager',
    loader: 'loader',
    kernel: 'kernel and drivers',
    session: 'session manager',
    logon: 'logon',
    data: 'file system',
  },
  causes: 'Why',
  moreAlike: (count) => phrase`and ${text(formatCount(count))} more of this kind`,
  facts: (confidence, phase, codes) =>
    concat(
      text(`(${confidence}; ${phase}`),
      codes === undefined ? undefined : concat(text('; the screen shows '), codes),
      text(')'),
    ),
  labels: {
    screen: 'What you see',
    proof: 'How it is proven',
    remedy: 'What to do',
    evidence: 'Evidence',
    source: 'Source',
  },
  evidence: (what, offset, bytes) => phrase`${what} at byte ${offset} of the disk: ${bytes}`,
  more: (id) => phrase`More on this: docs/causes.md, ${id}`,
  worthKnowing: 'Worth knowing',
  notDecided: 'Could not be examined',
  doubtReasons: {
    unreadable: 'it cannot be read',
    'folder-contradicted': 'the folder is damaged, so that nobody can say whether the file is missing',
    'windows-incomplete': 'most of the files of a Windows are not there: perhaps only parts of one were copied',
    'drivers-incomplete': 'most of the drivers that every Windows has are not there, so that the others are not judged',
    'table-damaged': 'the partition table is damaged',
    'path-unknown': 'it names no file that could be looked for',
    'too-many': 'the list is longer than any that Windows writes, so that its end is not examined',
    'hive.work-exhausted': 'the hive refers to its parts so often that reading was stopped',
  },
  doubt: (where, reason) => (where === undefined ? reason : phrase`${where}: ${reason}`),
  lastFailure: (status, path, at) =>
    phrase`The boot manager recorded at its last start${at === null ? '' : phrase` (${at}, the firmware's clock)`}: ${status}${path === null ? '' : phrase`, ${path}`}.`,
  unnamed: (id) => [data(id)],
};
