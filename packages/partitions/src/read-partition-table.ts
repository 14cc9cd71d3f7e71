import { type ByteSource, defined, IssueLog, type ReadOptions } from '@deadbox/core';
import { isGptHeader } from './gpt/gpt.js';
import { readGpt } from './gpt/read-gpt.js';
import { findVolumeManager } from './ldm/volume-manager.js';
import { isVolumeBootSector } from './mbr/boot-sector-kind.js';
import { damagedBootRecord } from './mbr/damaged-mbr.js';
import { type BootRecord, parseBootRecord } from './mbr/mbr.js';
import { probeMbrSectorSize } from './mbr/mbr-sector-size.js';
import { readMbrPartitions, signatureText } from './mbr/read-mbr.js';
import { layOut, type PartitionDraft } from './table/layout.js';
import type { PartitionTable } from './table/partition-table.js';
import { MBR_TYPE } from './table/partition-types.js';
import { type SectorSize, TableReader } from './table/table-reader.js';

/** Options of {@link readPartitionTable}. */
export interface PartitionTableOptions extends ReadOptions {
  /** Where issues go; the table's own `issues` always has them. */
  readonly issues?: IssueLog;
}

/**
 * Reads the partition table of a disk: GPT (primary or backup copy), MBR with its logical partitions, or none.
 * Costs one read of 32 KiB at the start and, for GPT, one sector at the end; damage costs a few more.
 *
 * - A protective entry (type EE) in the MBR makes the disk GPT; without any usable header the hybrid MBR's other
 * entries are used.
 * - A boot record without signature, or with a boot indicator that is none, is taken where its entries lead to volumes.
 * - A boot sector of a volume at offset 0 is no MBR: `none`, the disk is one volume.
 * - An MBR with partitions wins over GPT headers left from earlier (`gpt.unused-headers`), as it does for Windows and
 * Linux.
 * - On a dynamic disk (LDM) its volumes take the place of the partitions that hold them; of one that lies on several
 * disks, its first part here.
 * - Without MBR a GPT is still looked for at both ends of the disk.
 *
 * @param disk - the virtual disk; its `sectorSize`, when known, is tried first; then the other size
 * @throws DeadboxError of the source, when it fails; sectors that the medium refuses are issues
 */
export async function readPartitionTable(
  disk: ByteSource,
  options: PartitionTableOptions = {},
): Promise<PartitionTable> {
  const log = new IssueLog();
  const reader = await TableReader.open(disk, log, options);
  const found = await readTable(reader, disk.sectorSize);
  for (const issue of log.issues) options.issues?.add(issue);
  return { ...found, issues: log.issues };
}

type FoundTable = Omit<PartitionTable, 'issues'>;

async function readTable(disk: TableReader, known: SectorSize | undefined): Promise<FoundTable> {
  const sector = disk.head.subarray(0, 512);
  const record = parseBootRecord(sector);
  const protective = record?.entries.some((entry) => entry.type === MBR_TYPE.gptProtective) ?? false;
  const sizes: readonly SectorSize[] = known === undefined ? [512, 4096] : [known, known === 512 ? 4096 : 512];

  if (record !== undefined && record.plausible && protective) return readProtected(disk, record, sizes);
  if (isVolumeBootSector(sector)) return noTable(known ?? statedSectorSize(sector));
  if (record !== undefined && !record.plausible) disk.issue('mbr.boot-indicator', 'warning', 0x1be);
  if (record === undefined || !record.plausible || record.entries.length === 0) {
    const hasHeader = hasGptHeader(disk, sizes) || (await endsWithGptHeader(disk, sizes));
    const gpt = hasHeader ? await readGpt(disk, undefined, sizes) : undefined;
    if (gpt !== undefined) {
      disk.issue('gpt.protective-mbr-missing', 'warning', 0);
      return gptTable(disk, gpt);
    }
    if (record?.plausible === true) return mbrTable(disk, record, known ?? 512);
    const damaged = await damagedBootRecord(disk, sector, sizes);
    if (damaged === undefined) return noTable(known);
    if (record === undefined) disk.issue('mbr.signature-missing', 'error', 0x1fe);
    return mbrTable(disk, damaged, await probeMbrSectorSize(disk, damaged, sizes));
  }
  if (hasGptHeader(disk, sizes)) disk.issue('gpt.unused-headers', 'note', disk.head[512] === 0x45 ? 512 : 4096);
  return mbrTable(disk, record, await probeMbrSectorSize(disk, record, sizes));
}

async function readProtected(disk: TableReader, record: BootRecord, sizes: readonly SectorSize[]): Promise<FoundTable> {
  const others = record.entries.filter((entry) => entry.type !== MBR_TYPE.gptProtective);
  if (others.length > 0) disk.issue('gpt.hybrid-mbr', 'note', 0x1be, { types: others.map((entry) => entry.type) });
  const gpt = await readGpt(disk, record, sizes);
  if (gpt !== undefined) return gptTable(disk, gpt);
  if (others.length > 0) return mbrTable(disk, record, await probeMbrSectorSize(disk, record, sizes));
  return { kind: 'gpt', sectorSize: sizes[0] ?? 512, diskId: undefined, partitions: [] };
}

function hasGptHeader(disk: TableReader, sizes: readonly number[]): boolean {
  return sizes.some((size) => isGptHeader(disk.head, size));
}

/** Both sizes' last sectors in one read. */
async function endsWithGptHeader(disk: TableReader, sizes: readonly number[]): Promise<boolean> {
  const end = disk.size - (disk.size % 512);
  const length = Math.min(4096, end);
  const tail = await disk.read(end - length, length);
  if (tail === undefined) return false;
  return sizes.some((size) => length >= size && isGptHeader(tail, length - size));
}

async function gptTable(disk: TableReader, gpt: NonNullable<Awaited<ReturnType<typeof readGpt>>>): Promise<FoundTable> {
  const volumes = await withVolumes(disk, gpt.partitions);
  const { sectorSize, diskId, which: header, backupDiskId } = gpt;
  return { kind: 'gpt', sectorSize, diskId, header, ...defined({ backupDiskId }), ...volumes };
}

async function mbrTable(disk: TableReader, record: BootRecord, sectorSize: SectorSize): Promise<FoundTable> {
  const volumes = await withVolumes(disk, await readMbrPartitions(disk, record, sectorSize));
  return { kind: 'mbr', sectorSize, diskId: signatureText(record.signature), ...volumes };
}

/** Orders the partitions; on a dynamic disk its volumes take the place of the partitions that hold them. */
async function withVolumes(
  disk: TableReader,
  drafts: readonly PartitionDraft[],
): Promise<Pick<PartitionTable, 'partitions' | 'volumeManager' | 'ldm'>> {
  const volumeManager = findVolumeManager(disk, drafts);
  if (volumeManager?.kind !== 'ldm') return { partitions: layOut(drafts, disk), ...defined({ volumeManager }) };
  // Few disks are dynamic: the rest do not load it.
  const { ldmPartitions, readLdmDatabase } = await import('./ldm/read-ldm.js');
  const ldm = await readLdmDatabase(disk, drafts);
  if (ldm === undefined) return { partitions: layOut(drafts, disk), volumeManager };
  return { partitions: layOut(ldmPartitions(ldm, drafts), disk), volumeManager, ldm };
}

function noTable(known: SectorSize | undefined): FoundTable {
  return { kind: 'none', sectorSize: known ?? 512, diskId: undefined, partitions: [] };
}

/** A boot sector states the sector size that its volume was made for (BIOS parameter block, u16 at 0x0B). */
function statedSectorSize(bootSector: Uint8Array): SectorSize {
  return bootSector[0x0b] === 0x00 && bootSector[0x0c] === 0x10 ? 4096 : 512;
}
