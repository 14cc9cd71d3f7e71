import { phrase, text } from '../../../document/phrase.js';
import { formatCount } from '../../units.js';
import type { WalkWords } from '../../walk/walk-words.js';
import { steps } from './steps.js';

/** Words of `walk`. */
export const walk: WalkWords = {
  steps,
  terms: {
    'volume-start': 'start of the volume',
    sector: 'sector',
    cluster: 'cluster',
    'cluster-from-2': 'clusters behind cluster 2',
    'in-run': 'bytes into the run',
    'metadata-offset': 'offset of the metadata',
    'moved-start': 'offset of the moved start',
    attribute: 'offset in the record',
    entry: 'offset of the entry',
    'entry-number': 'entries before it',
    'bins-start': 'start of the hive bins',
    cell: 'offset of the cell',
    'data-area': 'offset of cluster 2',
    'root-directory': 'offset of the root directory',
    'record-start': 'start of the record',
    'block-start': 'start of the node',
  },
  readings: {
    verbatim: '',
    fixup:
      'The last two bytes of each 512 carry a check number; their true values stand in the update sequence array. They are put back here; xxd shows them as stored.',
    decrypted: 'The image has these bytes encrypted. They are decrypted here; xxd shows the cipher text.',
    log: "The hive's log holds newer bytes, which Windows would put in place at the next start. They are shown here; xxd shows the old ones.",
  },
  labels: { disk: 'disk', file: 'file', map: 'map', next: 'next', check: 'check', value: 'value', hive: 'hive' },
  columns: { at: 'byte', field: 'field', value: 'value', meaning: 'meaning' },
  tables: { 'block-table': 'block table', directory: 'table directory', table: 'block table' },
  title: (target, image) => phrase`The way to ${target} in ${image}`,
  summary: (count) => phrase`${text(formatCount(count))} steps from the first byte. Each can be checked with xxd.`,
  step: (number, question) => phrase`${number}. ${question}`,
  onDisk: (offset, length) =>
    phrase`byte ${text(formatCount(offset))} (0x${text(offset.toString(16))}), ${text(formatCount(length))} bytes`,
  inFile: (offset, path) => phrase`byte ${text(formatCount(offset))} of ${path}`,
  onlyInFile: 'no part of the disk: it belongs to the container',
  nowhere: 'stored nowhere as it is: a hole, or compressed',
  rowsLeftOut: (count) => `… ${count} more ${count === 1 ? 'row' : 'rows'}`,
  piece: (index, length) => `part ${index}, ${length} bytes`,
  mapEntry: (kind, offset, bytes) =>
    phrase`${text(kind)} at byte ${text(formatCount(offset))} of the file: ${text(bytes)}`,
  bytesOf: (space) =>
    space === 'disk'
      ? ', byte of the disk'
      : space === 'file'
        ? ', byte of the hive or log'
        : ', byte of the image file',
  ended: (code, message) => phrase`The way ends here (${text(code)}): ${message}`,
  reached: 'That is it.',
  meaning: ({ meaning }) => meaning,
};
