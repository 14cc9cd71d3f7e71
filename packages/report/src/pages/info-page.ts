import type { DiskInfo, ImageInfo, VolumeInfo } from '@deadbox/disk';
import { type Block, BREAK, type Document, type Field, fields, group, heading } from '../document/document.js';
import { code, concat, data, join, type Phrase, phrase, text } from '../document/phrase.js';
import { plainText } from '../words/facts.js';
import { bitLockerOrigin, encryptionPhrase, lockedPhrase, wholeDiskPhrase } from './encryption-phrases.js';
import { type PageOptions, Reader } from './page.js';

/** What `deadbox info` shows. */
export interface InfoReport {
  /** Name and version of this form. */
  readonly schema: 'deadbox.info/1';
  readonly image: ImageInfo;
  readonly disk: DiskInfo;
  /** In the order of offsets. */
  readonly volumes: VolumeInfo[];
}

/** Issues shown of a volume; --json has all. */
const MAX_ISSUES = 20;
/** Names shown of what an index check found. */
const MAX_NAMES = 5;

/** Container, partition table and volumes. */
export function infoPage(info: InfoReport, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const { image, disk } = info;
  const { disk: words, common } = reader.language;
  const { labels } = words;
  const list: Field[] = [
    { label: labels.format, value: formatPhrase(image, reader) },
    {
      label: labels.virtualSize,
      value: words.virtualSize(common.size(image.virtualSize), common.bytes(image.virtualSize)),
    },
    ...hashPhrases(image, reader).map((value) => ({ label: labels.storedHash, value })),
    ...image.parents.map((parent) => ({
      label: labels.parent,
      value: phrase`${typeof parent.name === 'string' ? parent.name : plainText(parent)}`,
    })),
    { label: labels.partitions, value: words.table(disk.partitionTable, disk.sectorSize, disk.diskId) },
    ...disk.encryption.flatMap((found): Field[] => [
      { label: labels.encryption, value: encryptionPhrase(found, reader) },
      { label: '', value: wholeDiskPhrase(found, reader) },
    ]),
    ...[...image.issues, ...disk.issues].map((issue) => ({ label: labels.issue, value: reader.issue(issue) })),
  ];
  return [
    heading(1, [data(image.path, 'strong')]),
    group(fields(list)),
    ...info.volumes.flatMap((volume) => [BREAK, group(...volumeBlocks(volume, reader))]),
  ];
}

/** `vhd (dynamic)` */
function formatPhrase({ format, variant }: ImageInfo, { language: { common } }: Reader): Phrase {
  return variant === '' || variant === format
    ? [code(format)]
    : concat(code(format), text(common.wordGap), common.inParentheses(variant));
}

function volumeBlocks(volume: VolumeInfo, reader: Reader): Block[] {
  const { disk: words, common } = reader.language;
  const title = concat(
    text(words.volume(volume.number), 'strong'),
    text('  '),
    reader.word(words.roles, volume.role),
    text('  '),
    volume.fileSystem === 'unknown' ? text(words.noFileSystem) : code(volume.fileSystem),
    volume.label === null || volume.label === '' ? undefined : phrase`  ${common.quoted(volume.label)}`,
  );
  return [
    heading(2, title),
    group(fields([...placeFields(volume, reader), ...stateFields(volume, reader), ...issueFields(volume, reader)])),
  ];
}

function placeFields(volume: VolumeInfo, { language: { disk: words, common } }: Reader): Field[] {
  const { labels } = words;
  const list: Field[] = [{ label: labels.place, value: words.place(common.size(volume.length), volume.offset) }];
  if (volume.partitionType !== null)
    list.push({
      label: labels.partition,
      value: words.partition(volume.partitionType, volume.partitionId, volume.name),
    });
  const { dynamic } = volume;
  if (dynamic !== undefined)
    list.push({ label: labels.dynamic, value: words.dynamic(dynamic.layout, dynamic.otherDisks) });
  if (volume.serial !== null) list.push({ label: labels.serial, value: [data(volume.serial)] });
  return list;
}

function stateFields(volume: VolumeInfo, reader: Reader): Field[] {
  const { disk: words, common } = reader.language;
  const { labels } = words;
  const list: Field[] = [];
  if (volume.ntfs !== undefined) {
    const { version, clusterSize, recordSize, dirty, log, logVersion, hibernation, bootSector } = volume.ntfs;
    const ntfs = { version, cluster: common.size(clusterSize), record: common.size(recordSize), dirty };
    list.push({ label: labels.ntfs, value: words.ntfs(ntfs) });
    list.push({ label: labels.journal, value: words.journalState(reader.word(words.journal, log).text, logVersion) });
    if (hibernation !== 'none')
      list.push({ label: labels.hibernation, value: [reader.word(words.hibernation, hibernation)] });
    if (bootSector !== 'primary') list.push({ label: labels.bootSector, value: [text(words.backupBootSector)] });
  }
  const { encryption } = volume;
  if (encryption.product !== null || encryption.verdict !== 'none') {
    list.push({ label: labels.encryption, value: encryptionPhrase(encryption, reader) });
    const origin = bitLockerOrigin(encryption, reader);
    if (origin !== undefined) list.push({ label: labels.made, value: origin });
    for (const { type, id } of encryption.keyProtectors) {
      const word = text(reader.language.encryption.protectors[type]);
      list.push({ label: labels.protector, value: phrase`${word} {${data(id.slice(0, 8), 'strong')}${id.slice(8)}}` });
    }
    if (encryption.verdict !== 'none' && encryption.verdict !== 'unlocked')
      list.push({ label: '', value: lockedPhrase(volume, reader) });
  }
  return list;
}

function issueFields(volume: VolumeInfo, reader: Reader): Field[] {
  const { disk: words, common } = reader.language;
  const list: Field[] = checkPhrases(volume, reader).map((value) => ({ label: words.labels.check, value }));
  if (volume.error !== undefined)
    list.push({ label: words.labels.error, value: reader.language.errors.error(volume.error) });
  for (const issue of volume.issues.slice(0, MAX_ISSUES))
    list.push({ label: words.labels.issue, value: reader.issue(issue) });
  if (volume.issues.length > MAX_ISSUES)
    list.push({ label: words.labels.issue, value: common.more(volume.issues.length - MAX_ISSUES) });
  return list;
}

/** The health of a volume's structures, a line each. */
function checkPhrases({ check }: VolumeInfo, { language: { disk } }: Reader): Phrase[] {
  if (check === undefined) return [];
  const words = disk.check;
  const { boot, mirror, records, indexes } = check;
  const lines: Phrase[] = [
    [check.sound ? text(words.sound) : text(words.notSound, 'bad')],
    words.boot(words.bootSectors[boot.primary], words.backupBootSectors[boot.backup], boot.firstDifference),
  ];
  if (mirror.unreadable !== undefined) lines.push(words.mirrorUnreadable(mirror.unreadable));
  else
    lines.push(
      mirror.differing.length === 0
        ? [text(words.mirrorEqual)]
        : words.mirrorDiffers(mirror.differing.map(({ record }) => record)),
    );
  lines.push(words.records(records.inUse, records.records, records.bad));
  if (records.usedButFree.count > 0) lines.push(words.usedButFree(records.usedButFree.count));
  if (records.freeButUsed.count > 0) lines.push(words.freeButUsed(records.freeButUsed.count));
  lines.push(words.indexes(indexes.directories, indexes.entries, indexes.damaged));
  for (const [say, found] of [
    [words.entriesWithoutRecord, indexes.entriesWithoutRecord],
    [words.recordsWithoutEntry, indexes.recordsWithoutEntry],
    [words.outOfOrder, indexes.outOfOrder],
  ] as const) {
    const names = found.first.slice(0, MAX_NAMES).map(({ name }) => name);
    if (found.count > 0) lines.push(say(found.count, join(names, ', ')));
  }
  return lines;
}

/** Stored hashes of the image against its content, a line each. */
function hashPhrases({ hashCheck }: ImageInfo, { language: { disk: words } }: Reader): Phrase[] {
  if (hashCheck === undefined) return [];
  return hashCheck.verdict === 'none-stored' ? [[text(words.noHash)]] : hashCheck.hashes.map(words.hash);
}
