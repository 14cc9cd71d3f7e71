import { phrase, text } from '../../../document/phrase.js';
import type { ServerWords } from '../../html/server-words.js';
import { plural } from '../../units.js';

export const servers: ServerWords = {
  title: 'Which state to restore',
  states: (count, sameBy) =>
    phrase`${text(plural(count, 'state'))}${sameBy.length === 0 ? '' : phrase` of one server, told by ${text(sameBy.join(', '))}`}`,
  sameBy: {
    'machine-id': 'machine id',
    name: 'name',
    domain: 'domain',
    'disk-id': 'disk identity',
    'partition-id': 'partition id',
    'volume-serial': 'volume serial',
  },
  timeFrom: {
    'last-event': 'last event',
    'last-shutdown': 'last shutdown',
    'newest-record': 'newest record',
    taken: 'when it was taken',
  },
  unsafe: {
    verdict: 'its files ask for something',
    start: 'something speaks against its start',
    boot: 'its boot check is not consistent',
    hives: 'its registry is not sound',
    locked: 'it is locked',
    'not-checked': 'its start was not checked',
  },
  unnamed: 'a server without a name',
  snapshot: (path, name) => phrase`${path}, snapshot ${name}`,
  shadowCopy: (path, number) => phrase`${path}, shadow copy ${number}`,
  newestIsSafe: (state) => phrase`The newest state is safe: ${state}. Nothing is lost.`,
  restore: (state, when) => phrase`Restore ${state}, of ${when}.`,
  noneSafe: phrase`None of the states is safe to restore.`,
  lost: (span, from, to) =>
    phrase`Lost with it: ${text(span)}, all that was written from ${text(from)} to ${text(to)}.`,
  lostUnknown: phrase`How much would be lost, nothing tells.`,
  changed: (changes) => phrase`Changed in that time: ${changes}.`,
  columns: { state: 'State', when: 'As of', safe: 'Safe to restore' },
  safe: 'safe',
  unknownTime: 'unknown',
  when: (time, source) => phrase`${text(time)} (${text(source)})`,
  noServers: phrase`No server was found among these images.`,
};
