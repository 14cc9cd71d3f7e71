import { phrase, text } from '../../document/phrase.js';
import { plural } from '../../words/units.js';
import type { VerboseWords } from './verbose-words.js';

const SOURCE_STATE = {
  whole: 'is whole',
  damaged: 'is damaged',
  stale: 'was not closed',
  absent: 'is not there',
} as const;

export const verbose: VerboseWords = {
  image: ({ name, format, size, table, parents }) =>
    phrase`opened ${name}: ${format}, ${text(size)}, partition table ${table}${
      parents.length === 0 ? '' : phrase`; over ${parents.join(', ')}`
    }`,
  volume: ({ number, role, fileSystem, offset, encryption }) =>
    phrase`volume ${number} at byte ${offset}: ${role}, ${fileSystem}, encryption ${encryption}`,
  survived: (layer, id, count) => phrase`${layer}: ${id}, ${text(plural(count, 'time'))}; the reading went on`,
  source: ({ root, path, state }) => phrase`${root}: ${path} ${text(SOURCE_STATE[state])}`,
  read: ({ name, size, reads, bytes }) =>
    phrase`read ${text(bytes)} of ${text(size)} in ${text(plural(reads, 'read'))}: ${name}`,
  recorded: ({ path, recorded, leftOut, contents }) =>
    phrase`${path} has ${text(recorded)} of what was read${
      contents
        ? phrase`, contents of files among them, which may be secret`
        : phrase`; ${text(leftOut)} are left out, contents of files among them. Names of files and folders are in it`
    }`,
  replayed: ({ path, image, version, made, contents }) =>
    phrase`${path} is a recording of ${image} by deadbox ${version}, made ${made}${
      contents ? '' : phrase`, without contents of files: what depends on them is unreadable here`
    }`,
  setting: (key, value, place) => phrase`--${key} ${value}, from ${place}`,
};
