import { phrase, text } from '../../document/phrase.js';
import type { FileWords } from '../file-words.js';
import { formatCount } from '../units.js';

export const files: FileWords = {
  labels: {
    type: 'type',
    size: 'size',
    created: 'created',
    modified: 'modified',
    changed: 'changed',
    accessed: 'accessed',
    record: 'record',
    attributes: 'attributes',
    securityId: 'security id',
    usn: 'USN',
    reparseTag: 'reparse tag',
    reparse: 'reparse',
    security: 'security',
    objectId: 'object id',
    extendedAttribute: 'EA',
    run: 'run',
    evidence: 'evidence',
  },
  attributes: {
    readOnly: 'read-only',
    hidden: 'hidden',
    system: 'system',
    archive: 'archive',
    temporary: 'temporary',
    sparse: 'sparse',
    reparsePoint: 'reparse point',
    compressed: 'compressed',
    offline: 'offline',
    notIndexed: 'not indexed',
    encrypted: 'encrypted',
    recallOnOpen: 'recall on open',
    pinned: 'pinned',
    unpinned: 'unpinned',
    recallOnDataAccess: 'recall on data access',
  },
  nameSpaces: { posix: 'posix', win32: 'win32', dos: 'dos', 'win32+dos': 'win32+dos', unknown: 'unknown' },
  deleted: '(deleted)',
  typeOn: (type, volume) => phrase`${text(type)} on volume ${volume}`,
  record: ({ record, sequence, inUse, links }) =>
    phrase`${record}, sequence ${sequence}, ${text(inUse ? 'in use' : 'free (deleted)')}, ${text(links === 1 ? '1 link' : `${links} links`)}`,
  name: (name, nameSpace, parentRecord, parentSequence) =>
    phrase`${text('$FILE_NAME', 'strong')} ${name} (${text(nameSpace)}, in record ${parentRecord}, sequence ${parentSequence})`,
  attribute: ({ type, name, id, resident, compressed, encrypted, sparse, record, offset }) => {
    const flags = [
      resident ? 'resident' : 'non-resident',
      compressed ? 'compressed' : '',
      encrypted ? 'encrypted' : '',
      sparse ? 'sparse' : '',
    ].filter((flag) => flag !== '');
    return phrase`${text(type, 'strong')}${name === '' ? '' : phrase`:${name}`} id ${id}, ${text(flags.join(', '))}, in record ${record}, at byte ${offset} of the disk`;
  },
  attributeSizes: ({ resident, size, allocatedSize, initializedSize }) =>
    resident
      ? phrase`${text(formatCount(size))}`
      : phrase`${text(formatCount(size))}, allocated ${text(formatCount(allocatedSize))}, valid ${text(formatCount(initializedSize))}`,
  moreRuns: (count) => phrase`and ${count} more (--json shows all)`,
  evidence: (what, offset, file) =>
    phrase`${what} at byte ${offset} of the disk${file === undefined ? '' : phrase`; byte ${file.offset} of ${file.path}`}`,
};
