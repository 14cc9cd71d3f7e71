import { defined, SECTOR } from '@deadbox/core';
import { LDM_READ, MAX_LDM_DATABASE_BYTES, MAX_LDM_VOLUMES } from '../limits.js';
import type { DynamicVolume, LdmDatabase, LdmPart, LdmVolume } from '../table/dynamic-disk.js';
import type { PartitionDraft } from '../table/layout.js';
import { GPT_TYPE, partitionTypeName } from '../table/partition-types.js';
import type { TableReader } from '../table/table-reader.js';
import { LdmRecordReader, parseLdmDatabaseHead } from './ldm-database.js';
import { type LdmPrivateHeader, parseLdmContents, parseLdmPrivateHeader } from './ldm-private-header.js';
import { assembleLdmVolumes } from './ldm-volume.js';

/** MBR type of a partition that holds volumes. */
const LDM_MBR_TYPE = '0x42';
/** The private header of an MBR disk. */
const MBR_HEADER = 6 * SECTOR;
/**
 * Tables of contents stand in the first two sectors behind the start of the configuration, the newer one second; both
 * are tried.
 */
const CONTENTS = [2 * SECTOR, SECTOR] as const;

/**
 * Reads the database of a dynamic disk.
 * @param partitions - the table's own partitions
 * @returns `undefined`, with an issue, when the private header or the database is not usable
 */
export async function readLdmDatabase(
  disk: TableReader,
  partitions: readonly PartitionDraft[],
): Promise<LdmDatabase | undefined> {
  const metadata = partitions.find((partition) => partition.type === GPT_TYPE.ldmMetadata);
  const headerAt = metadata === undefined ? MBR_HEADER : metadata.offset + metadata.length - SECTOR;
  const sector = await disk.read(headerAt, SECTOR);
  const header = sector === undefined ? undefined : parseLdmPrivateHeader(sector);
  if (header === undefined) {
    disk.issue('ldm.private-header-missing', 'warning', headerAt);
    return undefined;
  }
  const config = header.configSector * SECTOR;
  const database = await findDatabase(disk, config);
  if (database === undefined) {
    disk.issue('ldm.database-damaged', 'error', config, {
      reason: 'no table of contents, or no database where it says',
    });
    return undefined;
  }
  const reader = await readRecords(disk, database.offset, database.head, header);
  for (const at of reader.damaged) disk.issue('ldm.record-damaged', 'warning', database.offset + at);
  if (reader.records.length < database.head.records) {
    disk.issue('ldm.database-damaged', 'warning', database.offset, {
      expected: database.head.records,
      found: reader.records.length,
    });
  }
  const all = assembleLdmVolumes(reader.records, header.diskId, header.dataSector * SECTOR, database.offset);
  if (all.length > MAX_LDM_VOLUMES)
    disk.issue('ldm.database-damaged', 'error', database.offset, { volumes: all.length, limit: MAX_LDM_VOLUMES });
  const volumes = all.slice(0, MAX_LDM_VOLUMES);
  return { diskId: header.diskId, groupId: header.groupId, groupName: header.groupName, volumes };
}

async function findDatabase(
  disk: TableReader,
  config: number,
): Promise<{ offset: number; head: NonNullable<ReturnType<typeof parseLdmDatabaseHead>> } | undefined> {
  for (const at of CONTENTS) {
    const contents = await disk.read(config + at, SECTOR);
    const start = contents === undefined ? undefined : parseLdmContents(contents);
    if (start === undefined) continue;
    const offset = config + start * SECTOR;
    const sector = await disk.read(offset, SECTOR);
    const head = sector === undefined ? undefined : parseLdmDatabaseHead(sector);
    if (head !== undefined) return { offset, head };
  }
  return undefined;
}

/** Reads blocks until every committed record was found: most of the database is empty. */
async function readRecords(
  disk: TableReader,
  offset: number,
  head: NonNullable<ReturnType<typeof parseLdmDatabaseHead>>,
  header: LdmPrivateHeader,
): Promise<LdmRecordReader> {
  const reader = new LdmRecordReader();
  const end = Math.min(
    head.firstBlock + head.blocks * head.blockSize,
    header.configSectors * SECTOR,
    MAX_LDM_DATABASE_BYTES,
    disk.size - offset,
  );
  const perRead = Math.floor(LDM_READ / head.blockSize) * head.blockSize;
  for (let at = head.firstBlock; at + head.blockSize <= end && reader.records.length < head.records; at += perRead) {
    const length = Math.min(perRead, Math.floor((end - at) / head.blockSize) * head.blockSize);
    const bytes = await disk.read(offset + at, length);
    if (bytes === undefined) break;
    for (let inside = 0; inside < length; inside += head.blockSize)
      reader.take(bytes.subarray(inside, inside + head.blockSize), at + inside);
  }
  return reader;
}

/**
 * The volumes with a part on this disk, as partitions in place of the ones that only hold them: simple volumes, each
 * copy of a mirrored one, and of every other volume the first part that lies here ({@link Partition.dynamic}).
 * @param partitions - the table's own partitions
 */
export function ldmPartitions(database: LdmDatabase, partitions: readonly PartitionDraft[]): PartitionDraft[] {
  const containers: readonly string[] = [GPT_TYPE.ldmData, LDM_MBR_TYPE];
  const type = partitions.some((partition) => partition.type === GPT_TYPE.ldmData) ? GPT_TYPE.ldmData : LDM_MBR_TYPE;
  const bootable = new Set(partitions.filter((partition) => partition.bootable).map((partition) => partition.offset));
  const lastSlot = partitions.reduce((last, partition) => Math.max(last, partition.slot), 0);
  const found = database.volumes.flatMap(placesOf).map(
    ({ volume, offset, length, dynamic }, index): PartitionDraft => ({
      slot: lastSlot + index + 1,
      offset,
      length,
      type,
      typeName: partitionTypeName(type),
      id: volume.id,
      name: volume.name,
      attributes: '0000000000000000',
      flags: [],
      bootable: bootable.has(offset),
      logical: false,
      ...defined({ dynamic }),
      entry: { layer: 'disk', offset: volume.recordOffset, length: 128 },
    }),
  );
  return [...partitions.filter((partition) => !containers.includes(partition.type)), ...found];
}

interface VolumePlace {
  readonly volume: LdmVolume;
  readonly offset: number;
  readonly length: number;
  readonly dynamic?: DynamicVolume;
}

/** Where a volume lies on this disk: whole, once for each copy, or its first part. */
function placesOf(volume: LdmVolume): VolumePlace[] {
  const here = volume.parts.filter((part) => part.offset !== undefined) as (LdmPart & { readonly offset: number })[];
  const isWhole = volume.layout === 'simple' || volume.layout === 'mirrored';
  const whole = here.filter((part) => isWhole && part.volumeOffset === 0 && part.length >= volume.length);
  if (whole.length > 0) return whole.map(({ offset }) => ({ volume, offset, length: volume.length }));
  const [first] = here.toSorted((a, b) => a.offset - b.offset);
  if (first === undefined) return [];
  const dynamic = { layout: volume.layout, otherDisks: volume.otherDisks };
  return [{ volume, offset: first.offset, length: first.length, dynamic }];
}
