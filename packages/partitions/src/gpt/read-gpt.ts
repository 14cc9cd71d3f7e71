import { crc32, defined } from '@deadbox/core';
import { MAX_ENTRY_ARRAY_BYTES } from '../limits.js';
import type { BootRecord } from '../mbr/mbr.js';
import type { PartitionDraft } from '../table/layout.js';
import { MBR_TYPE, partitionTypeName } from '../table/partition-types.js';
import type { SectorSize, TableReader } from '../table/table-reader.js';
import { type GptEntry, type GptHeader, isGptHeader, parseGptEntries, parseGptHeader } from './gpt.js';

/** One of the two copies of a GPT, as far as it could be read. */
interface GptCopy {
  readonly which: 'primary' | 'backup';
  readonly header: GptHeader;
  readonly sectorSize: SectorSize;
  /** Byte offset of the header on the disk. */
  readonly offset: number;
}

/** What a GPT disk's headers and entries say. */
export interface Gpt {
  readonly which: 'primary' | 'backup';
  readonly sectorSize: SectorSize;
  readonly diskId: string;
  /** The disk GUID in the backup header, when that could be read. */
  readonly backupDiskId?: string;
  readonly partitions: readonly PartitionDraft[];
}

/**
 * Reads the GPT of a disk: the primary copy, and the backup's header to compare it with; the backup's entries only when
 * the primary is not usable. A copy is usable when its header and its entries have the right checksums; when neither
 * is, a copy whose numbers make sense is used all the same, with `error` issues.
 * @param mbr - the protective MBR, when there is one: on an enlarged disk its entry still tells where the backup was
 * @returns `undefined` when no header is there at all
 */
export async function readGpt(
  disk: TableReader,
  mbr: BootRecord | undefined,
  sizes: readonly SectorSize[],
): Promise<Gpt | undefined> {
  const primary = await readPrimary(disk, sizes);
  const backup = await readBackup(disk, mbr, primary, primary === undefined ? sizes : [primary.sectorSize]);
  const copies = [primary, backup].filter((copy) => copy !== undefined);
  for (const accept of ['sound', 'any'] as const) {
    for (const copy of copies) {
      if (accept === 'sound' && !copy.header.sound) continue;
      const entries = await readEntries(disk, copy, accept === 'any');
      if (entries === undefined) continue;
      if (copy.which === 'backup')
        disk.issue('gpt.backup-used', 'warning', copy.offset, { sector: copy.offset / copy.sectorSize });
      const { which, sectorSize, header } = copy;
      const ids = { diskId: header.diskId, ...defined({ backupDiskId: backup?.header.diskId }) };
      return { which, sectorSize, ...ids, partitions: toPartitions(disk, copy, entries) };
    }
  }
  return undefined;
}

async function readPrimary(disk: TableReader, sizes: readonly SectorSize[]): Promise<GptCopy | undefined> {
  let fault: { offset: number; reason: string } | undefined;
  for (const sectorSize of sizes) {
    const sector = await disk.read(sectorSize, sectorSize);
    if (sector === undefined) continue;
    const header = parseGptHeader(sector);
    if (header === 'signature') fault ??= { offset: sectorSize, reason: header };
    else if (typeof header === 'string') fault = { offset: sectorSize, reason: header };
    else return accepted(disk, { which: 'primary', header, sectorSize, offset: sectorSize });
  }
  const { offset, reason } = fault ?? { offset: sizes[0] ?? 512, reason: 'not on the disk' };
  disk.issue('gpt.header-damaged', 'error', offset, { copy: 'primary', reason });
  return undefined;
}

/** Notes a wrong checksum or place of a header whose fields make sense. */
function accepted(disk: TableReader, copy: GptCopy): GptCopy {
  const { which, offset } = copy;
  const { sound, ownSector: sector } = copy.header;
  if (!sound) disk.issue('gpt.header-damaged', 'error', offset, { copy: which, reason: 'checksum' });
  else if (sector * copy.sectorSize !== offset)
    disk.issue('gpt.header-damaged', 'warning', offset, { copy: which, reason: 'own sector', sector });
  return copy;
}

async function readBackup(
  disk: TableReader,
  mbr: BootRecord | undefined,
  primary: GptCopy | undefined,
  sizes: readonly SectorSize[],
): Promise<GptCopy | undefined> {
  for (const sectorSize of sizes) {
    const last = Math.floor(disk.size / sectorSize) - 1;
    for (const sector of backupSectors(mbr, primary, last)) {
      const bytes = await disk.read(sector * sectorSize, sectorSize);
      if (bytes === undefined || !isGptHeader(bytes)) continue;
      const header = parseGptHeader(bytes);
      if (typeof header === 'string') continue;
      const offset = sector * sectorSize;
      if (sector !== last) disk.issue('gpt.backup-not-at-end', 'note', offset, { sector, lastSector: last });
      if (primary?.header.sound === true && header.sound) compare(disk, primary.header, header, offset);
      return accepted(disk, { which: 'backup', header, sectorSize, offset });
    }
  }
  const sectorSize = sizes[0] ?? 512;
  const expected =
    primary?.header.sound === true ? primary.header.otherSector * sectorSize : Math.max(0, disk.size - sectorSize);
  const reason = expected + sectorSize > disk.size ? 'not on the disk' : 'signature';
  disk.issue('gpt.header-damaged', 'warning', expected, { copy: 'backup', reason, diskSize: disk.size });
  return undefined;
}

/**
 * Where the backup header may be: where the primary says, in the last sector, and where the disk ended when it was
 * partitioned.
 */
function backupSectors(mbr: BootRecord | undefined, primary: GptCopy | undefined, last: number): Set<number> {
  const sectors = new Set<number>();
  if (primary?.header.sound === true) sectors.add(primary.header.otherSector);
  sectors.add(last);
  const protective = mbr?.entries.find((entry) => entry.type === MBR_TYPE.gptProtective);
  if (protective !== undefined) sectors.add(protective.firstSector + protective.sectors - 1);
  // The primary header is no backup of itself, and a sector before it cannot be one.
  for (const sector of sectors) if (sector < 2) sectors.delete(sector);
  return sectors;
}

function compare(disk: TableReader, primary: GptHeader, backup: GptHeader, offset: number): void {
  const differing = (['diskId', 'entryCount', 'entrySize', 'entriesCrc', 'firstUsable', 'lastUsable'] as const).filter(
    (field) => primary[field] !== backup[field],
  );
  if (differing.length > 0) disk.issue('gpt.copies-differ', 'warning', offset, { fields: differing });
}

async function readEntries(disk: TableReader, copy: GptCopy, evenDamaged: boolean): Promise<GptEntry[] | undefined> {
  const { header, sectorSize } = copy;
  const offset = header.entriesSector * sectorSize;
  const claimed = header.entryCount * header.entrySize;
  let length = claimed;
  if (claimed > MAX_ENTRY_ARRAY_BYTES) {
    length = MAX_ENTRY_ARRAY_BYTES;
    disk.issue('gpt.array-capped', 'error', copy.offset, { copy: copy.which, claimed, read: length });
  }
  if (evenDamaged) length = Math.min(length, Math.max(0, disk.size - offset));
  const array = await disk.read(offset, length);
  if (array === undefined) {
    disk.issue('gpt.entries-damaged', 'error', offset, { copy: copy.which, reason: 'not on the disk', length });
    return undefined;
  }
  // The checksum of an array that is only partly read cannot be checked.
  if (length === claimed && crc32(array) !== header.entriesCrc && !evenDamaged) {
    disk.issue('gpt.entries-damaged', 'error', offset, { copy: copy.which, reason: 'checksum', length });
    return undefined;
  }
  return parseGptEntries(array, header.entrySize);
}

function toPartitions(disk: TableReader, copy: GptCopy, entries: readonly GptEntry[]): PartitionDraft[] {
  const { header, sectorSize } = copy;
  const drafts: PartitionDraft[] = [];
  for (const entry of entries) {
    const at = header.entriesSector * sectorSize + entry.index * header.entrySize;
    const slot = entry.index + 1;
    const { firstSector, lastSector } = entry;
    if (lastSector < firstSector || lastSector * sectorSize >= Number.MAX_SAFE_INTEGER) {
      disk.issue('partition.inverted', 'error', at, { slot, firstSector, lastSector });
      continue;
    }
    drafts.push({
      slot,
      offset: firstSector * sectorSize,
      length: (lastSector - firstSector + 1) * sectorSize,
      type: entry.type,
      typeName: partitionTypeName(entry.type),
      id: entry.id,
      name: entry.name,
      attributes: entry.attributes,
      flags: entry.flags,
      bootable: entry.flags.includes('legacy-boot'),
      logical: false,
      entry: { layer: 'disk', offset: at, length: header.entrySize },
    });
  }
  return drafts;
}
