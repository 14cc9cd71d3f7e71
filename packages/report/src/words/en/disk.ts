import { data, join, phrase, text } from '../../document/phrase.js';
import type { CheckWords, DiskWords } from '../disk-words.js';
import { formatCount, plural } from '../units.js';

const check: CheckWords = {
  sound: 'sound: every structure agrees with its copies and its counterparts',
  notSound: 'NOT sound',
  bootSectors: { ok: 'ok', damaged: 'damaged' },
  backupBootSectors: { equal: 'equal', differs: 'differs', missing: 'missing' },
  boot: (primary, backup, difference) =>
    phrase`boot sector ${text(primary)}, backup ${text(backup)}${difference === undefined ? '' : text(` from byte ${difference} on`)}`,
  mirrorUnreadable: (why) => phrase`MFT mirror unreadable: ${why}`,
  mirrorEqual: 'MFT mirror equal',
  mirrorDiffers: (records) => phrase`MFT mirror differs in records ${text(records.join(', '))}`,
  records: (inUse, records, bad) =>
    phrase`${text(formatCount(inUse))} of ${text(plural(records, 'record'))} in use, ${text(formatCount(bad))} bad`,
  usedButFree: (count) => phrase`${text(plural(count, 'used record'))} marked free`,
  freeButUsed: (count) => phrase`${text(plural(count, 'free record'))} marked used`,
  indexes: (directories, entries, damaged) =>
    phrase`${text(plural(directories, 'directory index', 'directory indexes'))}, ${text(plural(entries, 'entry', 'entries'))}, ${text(formatCount(damaged))} damaged`,
  entriesWithoutRecord: (count, names) => phrase`index entry without record: ${text(formatCount(count))} (${names})`,
  recordsWithoutEntry: (count, names) => phrase`name without index entry: ${text(formatCount(count))} (${names})`,
  outOfOrder: (count, names) => phrase`entry out of order: ${text(formatCount(count))} (${names})`,
};

export const disk: DiskWords = {
  labels: {
    format: 'format',
    virtualSize: 'virtual size',
    storedHash: 'stored hash',
    parent: 'parent',
    partitions: 'partitions',
    issue: 'issue',
    place: 'place',
    partition: 'partition',
    dynamic: 'dynamic disk',
    serial: 'serial',
    ntfs: 'NTFS',
    journal: 'journal',
    hibernation: 'hibernation',
    bootSector: 'boot sector',
    encryption: 'encryption',
    made: 'encrypted on',
    protector: 'protector',
    check: 'check',
    error: 'error',
  },
  roles: {
    'efi-system': 'efi-system',
    'microsoft-reserved': 'microsoft-reserved',
    'system-reserved': 'system-reserved',
    recovery: 'recovery',
    windows: 'windows',
    data: 'data',
    unknown: 'unknown',
  },
  noFileSystem: 'unknown',
  hibernation: {
    none: 'none',
    hibernated: 'hibernated, or shut down with fast startup',
    resumed: 'resumed from hibernation',
    restoring: 'was being resumed from hibernation',
    elsewhere: 'hiberfil.sys is not on this volume',
    unknown: 'hiberfil.sys has content that is not known',
    unreadable: 'hiberfil.sys cannot be read',
  },
  journal: { clean: 'clean', dirty: 'dirty', unreadable: 'unreadable' },
  volume: (number) => `Volume ${number}`,
  volumes: (count) => plural(count, 'volume'),
  noTable: 'no partition table',
  table: (kind, sectorSize, diskId) =>
    phrase`${text(kind === 'none' ? 'none' : kind.toUpperCase())}, ${sectorSize}-byte sectors${diskId === null ? '' : phrase`, disk id ${diskId}`}`,
  place: (size, offset) => phrase`${text(size)} at byte ${text(formatCount(offset))}`,
  partition: (type, id, name) =>
    phrase`type ${type}${id === null ? '' : phrase`, id ${id}`}${name === '' ? '' : phrase`, "${data(name)}"`}`,
  virtualSize: (size, bytes) => phrase`${text(size)} (${text(bytes)})`,
  ntfs: ({ version, cluster, record, dirty }) =>
    phrase`${version}, ${text(cluster)} clusters, ${text(record)} records${dirty ? text(', dirty flag set') : ''}`,
  journalState: (state, version) => phrase`${text(state)}${version === null ? '' : phrase`, version ${version}`}`,
  dynamic: (layout, otherDisks) =>
    phrase`${text(layout === 'raid5' ? 'RAID-5' : layout)}${otherDisks.length === 0 ? '' : phrase`; other parts lie on other disks of the group: ${join(otherDisks, ', ')}`}`,
  backupBootSector: 'damaged: the backup was used',
  check,
  hash: ({ algorithm, stored, computed, match }) =>
    match
      ? phrase`${algorithm.toUpperCase()} ${stored}: the content matches`
      : phrase`${algorithm.toUpperCase()} ${stored}: the content is ${text('DIFFERENT', 'bad')} (${computed})`,
  noHash: 'none: the image carries no hash to compare with',
};
