import type { DataCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const data: CauseTexts<DataCauseId> = {
  'ntfs-boot-sector': {
    title: () => phrase`The boot sector of the Windows volume is damaged; its copy at the end of the volume is whole.`,
    screen: 'Stop code 0x7B or 0xED, or the volume shows as unformatted.',
    proof: 'The first sector of the volume is no NTFS boot sector, and the last one is.',
    remedy: 'Copy the last sector of the volume over the first one, and check the number of hidden sectors in it.',
  },
  'ntfs-mft-head': {
    title: (facts) =>
      phrase`Record ${facts.show('record')} of the file system is damaged in ${facts.show('bad')}; its copy is whole.`,
    screen: 'Stop code 0x24 or 0xED with C0000032 or C000014F.',
    proof:
      'One of the records 0 to 3 of $MFT has no valid signature, fixups or content, and the same record of $MFTMirr has, or the reverse. Records that only differ are no damage.',
    remedy: 'Copy the whole record over the damaged one.',
  },
  'ntfs-attrlist-name-offset': {
    title: (facts) =>
      phrase`Record ${facts.show('record')} of the file system, which every start reads, has an attribute list that newer Windows refuses.`,
    screen: 'Stop code 0x24 NTFS_FILE_SYSTEM at every start, often after an update.',
    proof:
      'In one of the first 32 records of $MFT an entry of the attribute list says that its name begins at 1Ch, while the name stands at 1Ah.',
    remedy: 'Correct that byte. Do not run chkdsk first: it would drop the list.',
  },
  'ntfs-index-or-record-bad': {
    title: (facts) => phrase`A folder that every start reads is damaged: ${facts.show('path')}.`,
    screen: 'Stop code 0x24 or 0xED, or 0xC0000102 naming a file.',
    proof:
      'The index of System32, System32\\drivers or System32\\config contradicts the file records. Where the log of the file system is still to be replayed, that may put it right.',
    remedy: 'Copy the disk first; then chkdsk /f on the copy, from a recovery environment.',
  },
  'ntfs-log-unreplayable': {
    title: () => phrase`The log of the file system cannot be read.`,
    screen: 'Stop code 0xED or 0x24, or a very long first start.',
    proof: 'Neither restart page of $LogFile is valid.',
    remedy: 'Copy the disk first; then chkdsk /f on the copy: it makes a new log.',
  },
  'hibernated-mismatch': {
    title: (facts) =>
      phrase`Windows is hibernated since ${facts.show('written')}, but the volume was changed after that (${facts.show('path')}, ${facts.show('at')}).`,
    screen: '"Resuming Windows" again and again, or files that lose what was written to them.',
    proof:
      'hiberfil.sys holds a valid image, and a hive or a log on the volume was written more than ten minutes after it.',
    remedy:
      'Do not resume. Discard the image (zero the first four bytes of hiberfil.sys): the session is lost, the volume is safe. Then check the volume.',
  },
  'disk-read-only': {
    title: (facts) =>
      phrase`Windows is told to keep this disk offline or read-only (attributes ${facts.show('attributes')}).`,
    screen: 'Updates that fail, rarely stop code 0x7B.',
    proof: 'Device Parameters\\Partmgr of the disk with this identity has Attributes other than 0.',
    remedy: 'Set Attributes to 0 (four bytes), or diskpart: attributes disk clear readonly, online disk.',
  },
  'volume-compressed-core': {
    title: (facts) => phrase`A file that the loader reads by itself is compressed: ${facts.show('path')}.`,
    screen: '0xC0000098 or another status of the loader, naming the file.',
    proof: 'The file is compressed by NTFS or WOF, and Windows is older than 8.1, whose loader reads such files.',
    remedy: 'Uncompress it from another Windows: compact /u /exe, with the disk attached there.',
  },
};
