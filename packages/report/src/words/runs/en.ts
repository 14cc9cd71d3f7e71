import { phrase, text } from '../../document/phrase.js';
import { formatCount, plural } from '../units.js';
import type { RunWords } from './run-words.js';

export const runs: RunWords = {
  columns: { server: 'server', image: 'image', starts: 'starts', verdict: 'verdict', next: 'next step' },
  thisImage: 'this image',
  moreImages: (count) => phrase`and ${text(plural(count, 'image'))} more (--report FILE or -o FILE has all)`,
  counts: {
    act: (count) => `${formatCount(count)} to act on`,
    blocked: (count) => `${formatCount(count)} locked`,
    look: (count) => `${formatCount(count)} to look at`,
    failed: (count) => `${formatCount(count)} failed`,
    well: (count) => `${formatCount(count)} OK`,
  },
  done: (done, images) => `${formatCount(done)} of ${formatCount(images)}`,
  rate: (images) => `${images}/s`,
  left: (time) => `${time} left`,
  seconds: (seconds) => `${seconds} s`,
  fleet: {
    columns: {
      site: 'site',
      workers: 'workers',
      waiting: 'waiting',
      active: 'being judged',
      done: 'done',
      lost: 'lost',
    },
    all: 'all',
    submitted: (images, site, inQueue) =>
      phrase`${text(plural(images, 'image'))} submitted for the site ${site}; the queue has ${text(formatCount(inQueue))} of it`,
    judged: (images) => phrase`${text(plural(images, 'image'))} judged here`,
    cancelled: (images) => phrase`the run and its ${text(plural(images, 'image'))} are no longer in the queue`,
    server: {
      gone: (queue, reason) =>
        phrase`the queue ${queue} does not answer${reason === '' ? '' : phrase` (${reason})`}; the work goes on when it is back`,
      back: (queue) => phrase`the queue ${queue} is back`,
    },
  },
};
