import { concat, data, join, type Phrase, phrase, text } from '../../document/phrase.js';
import type { CrashFacts, ScanWords } from '../scan-words.js';
import { formatCount, plural } from '../units.js';

const stopCode = ({ code, codeName }: CrashFacts): Phrase | string =>
  code === null ? '' : phrase` with ${code}${codeName === null ? '' : phrase` ${codeName}`}`;
const when = ({ time }: CrashFacts): Phrase => (time === null ? phrase`at an unknown time` : phrase`${time}`);
const tableName = (table: 'gpt' | 'mbr' | 'none'): string =>
  table === 'none' ? 'no partition table' : table.toUpperCase();

export const scan: ScanWords = {
  labels: {
    class: 'class',
    modified: 'modified',
    created: 'created',
    size: 'size',
    record: 'record',
    note: 'note',
    changed: '$SI changed',
    accessed: '$SI accessed',
    nameCreated: '$FN created',
    nameModified: '$FN modified',
    nameChanged: '$FN changed',
    nameAccessed: '$FN accessed',
    run: 'run',
  },
  titles: {
    'blocked-encrypted': 'locked by encryption',
    unreadable: 'cannot be read',
    'no-windows': 'no Windows found',
  },
  sentences: {
    'no-windows': phrase`No Windows installation was found on this disk. Perhaps it is the wrong disk: a data disk, or an older link of a snapshot chain.`,
    unreadable: phrase`A volume that could hold Windows cannot be read as it is. What was found there is said below.`,
  },
  contents: {
    ok: 'whole',
    empty: 'empty (0 bytes)',
    unwritten: 'unwritten: it has a size, but none of its bytes reached the disk before the crash',
    'partly-written': 'partly written: the rest did not reach the disk before the crash',
    'zero-filled': 'zero-filled',
    unreadable: 'unreadable',
  },
  provisional: {
    'log-not-examined': 'the NTFS journal is dirty and was not examined: the newest changes may be only there',
    'log-pending':
      'changes that touch this folder are still waiting in the NTFS journal: Windows will apply them at its next start',
    hibernated:
      'Windows is hibernated (or shut down with fast startup): changes may be in its memory image and not on the disk',
    'files-only': 'only the files of a mounted folder were seen, not the disk',
    'listing-incomplete': 'the folder could not be listed without errors: a file may be missing from this report',
  },
  shownClasses: { deleted: 'deleted', quarantined: 'quarantined', 'look-alike': 'look-alike' },
  foundBy: { index: 'index', mft: 'mft', 'index-slack': 'index-slack', folder: 'folder' },
  crashAfterNewestFile: phrase`A crash that names the same driver is later than the newest file: somebody must look, whatever the file says.`,
  confidence: {
    confirmed: phrase`Crash evidence on this disk names the same driver: confirmed.`,
    likely: phrase`The disk shows failed starts and no dump that names another driver.`,
    contradicted: phrase`The newest crash evidence names another driver: the present failure may have another cause (registry, boot store, storage).`,
  },
  next: 'Next',
  platforms: ({ yes, likely }) => {
    if (yes.length === 0 && likely.length === 0)
      return phrase`By its storage drivers it can start on none of the known platforms.`;
    const also = likely.length === 0 ? phrase`` : phrase`most likely on ${join(likely, ', ')}`;
    if (yes.length === 0) return phrase`By its storage drivers it can start ${also}.`;
    const sure = phrase`By its storage drivers it can start on ${join(yes, ', ')}`;
    return likely.length === 0 ? phrase`${sure}.` : phrase`${sure}; ${also}.`;
  },
  notActive: '(not active: shown, not counted)',
  installation: (root, volume) => phrase`${data(root)} on volume ${volume}`,
  shadowCopy: (number, created) => phrase`, shadow copy ${number}${created === null ? '' : phrase` of ${created}`}`,
  ruleVerdict: (rule, verdict) => phrase`Rule ${rule}: ${verdict}.`,
  provisionalBecause: (reason) => phrase`Provisional: ${text(reason)}.`,
  class: (name, content) => phrase`${name}; content ${text(content)}`,
  size: (bytes, written) =>
    phrase`${text(formatCount(bytes))} bytes${written < bytes ? text(`, of which ${formatCount(written)} were written`) : ''}`,
  record: (record, sequence, foundBy) => phrase`${record}, sequence ${sequence}, found by ${text(foundBy)}`,
  run: (clusters, lcn, offset) =>
    lcn === null || offset === null
      ? phrase`${clusters} clusters of a hole`
      : phrase`${clusters} clusters at cluster ${lcn} (byte ${offset} of the disk)`,
  columns: {
    onDisk: 'on the disk',
    inFile: 'in the file',
    bytes: 'bytes',
    what: 'what lies there',
    inHive: 'in the hive',
    value: 'value',
  },
  evidenceIn: (path) =>
    path === undefined ? phrase`Evidence, by byte offset:` : phrase`Evidence, by byte offset, in the file ${path}:`,
  registryIn: (hive) => phrase`Registry values read, by byte offset of their cells, in ${hive}:`,
  bootDevicesIn: (store) => phrase`Devices named in the boot store ${store}:`,
  bootDevice: ({ role, id, element, status, fileOffset }) =>
    phrase`${text(role)} ${id}, element ${element}: ${text(status)}, data at byte ${fileOffset}`,
  host: ({ name, domain, product, version, domainController, addresses }) =>
    concat(
      name === undefined ? text('This machine') : data(name),
      domain === undefined ? undefined : phrase` (${domain})`,
      text(': '),
      product === undefined ? text('Windows') : data(product),
      version === undefined ? undefined : phrase`, build ${version}`,
      domainController ? text(', domain controller') : undefined,
      addresses.length === 0 ? undefined : phrase`, ${join(addresses, ', ')}`,
    ),
  crash: (facts) =>
    phrase`Crashed ${when(facts)}${stopCode(facts)}${facts.module === null ? '' : phrase`, in ${facts.module}`} (${facts.path}).`,
  crashEvent: (facts) => phrase`Windows logged a stop${stopCode(facts)}, ${when(facts)} (${facts.path}).`,
  cannotBeJudged: (volume, size, reason) => phrase`Volume ${volume} (${text(size)}) cannot be judged: ${reason}`,
  nothingToJudge: (table) =>
    phrase`The disk has ${text(table === 'none' ? 'no partition table' : `an ${table.toUpperCase()} without a partition`)}: nothing on it can be judged.`,
  folderOnly: 'the files of a mounted folder, without the disk behind them',
  disk: ({ format, variant, size, table, volumes }) =>
    phrase`${format}${variant === '' || variant === format ? '' : phrase` (${variant})`}, ${text(size)}, ${text(tableName(table))}, ${text(plural(volumes, 'volume'))}`,
  dataDisk: phrase`A data disk: it was read whole and holds no Windows, which another disk of this machine does.`,
  machineDisk: ({ machine, disk, disks, recorded }) => phrase`Disk ${disk} of ${disks} of ${machine}: ${recorded}`,
  cost: (reads, bytes, milliseconds) =>
    phrase`Read: ${text(formatCount(reads))} reads, ${text((bytes / 1_048_576).toFixed(2))} MiB, ${text(formatCount(Math.round(milliseconds)))} ms. The image was not changed.`,
  images: (count, parts) => phrase`${text(plural(count, 'image'))}: ${parts}`,
  countOf: (count, severity) => `${formatCount(count)} ${severity}`,
  starts: (parts) => phrase`Start: ${join(parts, ', ')}`,
  couldNotBeOpened: (count) => `${formatCount(count)} could not be opened`,
  sharedIdentity: (diskId) =>
    phrase`: these disks have one identity (${diskId}); do not attach two of them to one Windows:`,
};
