import type { WalkStepId } from '@deadbox/triage/walk';
import { phrase, text } from '../../../document/phrase.js';
import type { WalkStepWords } from '../../walk/walk-words.js';

/** The questions of the steps, and how each is answered. */
export const steps: Readonly<Record<WalkStepId, WalkStepWords>> = {
  'container-header': {
    question: (facts) => phrase`What kind of image is this, and where is its map? (${facts.show('structure')})`,
    lesson: (facts) =>
      phrase`The image is a ${facts.show('format')} (${facts.show('variant')}). Its blocks may lie in any order, so the header says where a table tells their places.`,
  },
  'container-entry': {
    question: (facts) =>
      phrase`Where in the file does the disk's first block lie? (${text(facts.is('kind', 'directory') ? 'directory' : 'table')})`,
    lesson: (facts) =>
      phrase`This entry stands for ${facts.show('span')} bytes of the disk. From here on each step names the entry that leads to it.`,
  },
  mbr: {
    question: () => phrase`Is the disk divided into partitions?`,
    lesson: (facts) =>
      facts.is('kind', 'gpt')
        ? phrase`Sector 0 ends with 55 AA. Its only entry has the type EE: a GPT follows in the next sector, and this one only protects it.`
        : phrase`Sector 0 ends with 55 AA. Four entries of 16 bytes begin at byte 446; entry ${facts.show('slot')} is the wanted one.`,
  },
  'gpt-header': {
    question: () => phrase`Where are the partition entries?`,
    lesson: (facts) =>
      phrase`${text(facts.is('copy', 'backup') ? 'The first copy is damaged: this is the backup at the end of the disk. ' : '')}The header names the sector of the entries and the size of each. Entry ${facts.show('slot')} is the wanted one.`,
  },
  'partition-entry': {
    question: (facts) => phrase`Where does volume ${facts.show('volume')} begin?`,
    lesson: () => phrase`The first sector, times the size of a sector, is the byte where the volume begins.`,
  },
  'bitlocker-header': {
    question: () => phrase`What encrypts the volume?`,
    lesson: () =>
      phrase`-FVE-FS- in place of NTFS: this is BitLocker. Three copies of its metadata are named here; the first good one counts.`,
  },
  'bitlocker-metadata': {
    question: () => phrase`With what is it encrypted, and where did its first sectors go?`,
    lesson: (facts) =>
      facts.is('locked', true)
        ? phrase`The method is ${facts.show('method')}. Without a key the way ends here.`
        : phrase`The method is ${facts.show('method')}; the key came from a protector of the type ${facts.show('protector')}. The volume's first sectors were moved to make room; what follows is decrypted.`,
  },
  'boot-sector': {
    question: () => phrase`How large is a cluster, and where is $MFT?`,
    lesson: (facts) =>
      phrase`${text(facts.is('copy', 'backup') ? 'The first sector is damaged: this is its backup behind the file system. ' : '')}A cluster has ${facts.show('clusterSize')} bytes, a file record ${facts.show('recordSize')}. $MFT is the list of all files, and begins at the cluster named here.`,
  },
  mft: {
    question: () => phrase`Where is the rest of $MFT?`,
    lesson: () =>
      phrase`Record 0 describes $MFT itself, so only it can say. Its attributes follow one another; $DATA is the wanted one.`,
  },
  'folder-record': {
    question: (facts) => phrase`What does the folder ${facts.show('folder')} consist of?`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`Record ${facts.show('record')} is the folder. Its names are sorted in an index, which begins in $INDEX_ROOT.`
        : phrase`Record ${facts.show('record')} is the folder. No name ${facts.show('name')} is in its index.`,
  },
  'index-root': {
    question: (facts) => phrase`Where would ${facts.show('name')} stand?`,
    lesson: (facts) =>
      facts.is('found', false)
        ? phrase`The names of the folder begin here. ${facts.show('name')} is not among them.`
        : facts.is('inRoot', true)
          ? phrase`The folder is small: the names lie here, in the record itself.`
          : phrase`The index has outgrown the record. Names up to the wanted one are in the block with cluster number ${facts.show('vcn')} of the index.`,
  },
  'index-allocation': {
    question: (facts) => phrase`Where does block ${facts.show('vcn')} of the index lie?`,
    lesson: () =>
      phrase`A run is a head byte, a count of clusters, and the distance of the first cluster from that of the run before.`,
  },
  'index-block': {
    question: (facts) => phrase`Where in the block is ${facts.show('name')}?`,
    lesson: () =>
      phrase`The block begins with INDX. Its entries are sorted by name; each tells its length, so one leads to the next.`,
  },
  'index-entry': {
    question: (facts) => phrase`Which record is ${facts.show('name')}?`,
    lesson: (facts) =>
      phrase`The entry names record ${facts.show('record')}. That number, times the size of a record, is its place in $MFT, whose runs are known.`,
  },
  'file-record': {
    question: (facts) =>
      facts.has('extensionOf')
        ? phrase`What does record ${facts.show('record')} hold of the file?`
        : phrase`What is known of the file?`,
    lesson: (facts) =>
      phrase`Record ${facts.show('record')}, sequence ${facts.show('sequence')}, is ${text(facts.is('inUse', true) ? 'in use' : 'free: the file is deleted')}. Its attributes follow one another from the offset named here.`,
  },
  'attribute-list': {
    question: () => phrase`Which record holds the content's attribute?`,
    lesson: (facts) =>
      phrase`The file has more attributes than fit into one record. The list says that this one stands in record ${facts.show('holder')}.`,
  },
  'data-attribute': {
    question: (facts) => (facts.has('file') ? phrase`In which clusters does $MFT lie?` : phrase`Where is the content?`),
    lesson: (facts) =>
      facts.is('resident', true)
        ? phrase`The content is so small that it lies in the record itself: ${facts.show('size')} bytes.`
        : phrase`${facts.show('size')} bytes, of which ${facts.show('valid')} are valid: what lies behind reads as zero, whatever the clusters hold. The runs name the clusters.`,
  },
  content: {
    question: () => phrase`What stands in the file?`,
    lesson: (facts) =>
      facts.is('compressed', true)
        ? phrase`The first bytes as they are stored: NTFS compressed them.`
        : phrase`The first of ${facts.show('size')} bytes.`,
  },
  'fat-boot-sector': {
    question: () => phrase`How is the FAT volume laid out?`,
    lesson: (facts) =>
      phrase`${facts.show('type')} with clusters of ${facts.show('clusterSize')} bytes. The allocation tables come first; clusters are numbered from 2 on.`,
  },
  'fat-entry': {
    question: (facts) => phrase`Which cluster does ${facts.show('name')} begin in?`,
    lesson: (facts) => phrase`Cluster ${facts.show('cluster')}. The long name stands in the entries before this one.`,
  },
  'hive-base-block': {
    question: () => phrase`Is the hive whole, and where is its root key?`,
    lesson: (facts) =>
      facts.is('dirty', true)
        ? phrase`The two sequence numbers, or the checksum, say that a write was not finished. The logs: ${facts.show('recovery')}. Offsets in a hive count from byte 4096 of the file.`
        : phrase`The two sequence numbers are equal: the hive was closed well. Offsets in a hive count from byte 4096 of the file.`,
  },
  'hive-log': {
    question: (facts) => phrase`What does the log ${facts.show('name')} add?`,
    lesson: (facts) =>
      phrase`Its entries carry whole pages of the hive. ${facts.show('entries')} were laid over the file in memory; nothing is written.`,
  },
  'key-node': {
    question: (facts) =>
      facts.is('what', 'value')
        ? phrase`Where are the values of ${facts.show('name')}?`
        : facts.is('what', 'subkey')
          ? phrase`Where are the subkeys of ${facts.show('name')}?`
          : phrase`What does the key ${facts.show('name')} say of itself?`,
    lesson: (facts) =>
      facts.has('sought')
        ? phrase`A cell begins with its size, negative while it is in use. The key node names the cell of the list in which ${facts.show('sought')} is looked for.`
        : phrase`A cell begins with its size, negative while it is in use. This is the key.`,
  },
  'subkey-list': {
    question: (facts) => phrase`Which cell is the key ${facts.show('sought')}?`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`The list has ${facts.show('count')} elements (${facts.show('kind')}), in the order of the names.`
        : phrase`The list has ${facts.show('count')} elements (${facts.show('kind')}). None of them is called ${facts.show('sought')}.`,
  },
  'value-list': {
    question: (facts) => phrase`Which cell is the value ${facts.show('sought')}?`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`The list has ${facts.show('count')} elements, each the cell of a value.`
        : phrase`The list has ${facts.show('count')} elements. None of them is called ${facts.show('sought')}.`,
  },
  'key-value': {
    question: (facts) => phrase`What kind of value is ${facts.show('name')}?`,
    lesson: (facts) =>
      facts.is('inline', true)
        ? phrase`${facts.show('type')} of ${facts.show('size')} bytes, so short that it stands in the record itself: ${facts.show('text')}`
        : phrase`${facts.show('type')} of ${facts.show('size')} bytes, in a cell of its own.`,
  },
  'value-data': {
    question: (facts) => phrase`What is the value of ${facts.show('name')}?`,
    lesson: (facts) => phrase`${facts.show('text')}`,
  },
  'boot-log-header': {
    question: () => phrase`Where in the log is the newest record?`,
    lesson: (facts) =>
      phrase`The log is a ring of ${facts.show('entries')} records from ${facts.show('starts')} starts; old ones are overwritten.`,
  },
  'boot-log-entry': {
    question: () => phrase`What did the boot manager record?`,
    lesson: (facts) =>
      facts.has('status')
        ? phrase`Record ${facts.show('number')} is the last failure: ${facts.show('status')}${facts.has('file') ? phrase`, ${facts.show('file')}` : text('')}.`
        : phrase`Record ${facts.show('number')}, the newest; the log has no failure.`,
  },
  evidence: {
    question: (facts) => phrase`What stands there? (${facts.show('what')})`,
    lesson: () => phrase`These bytes are what the finding rests on.`,
  },
};
