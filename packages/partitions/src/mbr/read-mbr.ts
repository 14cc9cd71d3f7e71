import type { Bytes } from '@deadbox/core';
import { MAX_LOGICAL_PARTITIONS } from '../limits.js';
import type { PartitionDraft } from '../table/layout.js';
import { mbrPartitionId } from '../table/partition-table.js';
import { MBR_TYPE, partitionTypeName } from '../table/partition-types.js';
import type { TableReader } from '../table/table-reader.js';
import { type BootRecord, isExtended, MBR_ENTRY, type MbrEntry, parseBootRecord } from './mbr.js';

/** The disk signature as eight upper-case hexadecimal digits; `undefined` for 0, which means "none". */
export function signatureText(signature: number): string | undefined {
  return signature === 0 ? undefined : signature.toString(16).toUpperCase().padStart(8, '0');
}

/** The primary and logical partitions of an MBR; extended partitions themselves and protective entries are left out. */
export async function readMbrPartitions(
  disk: TableReader,
  record: BootRecord,
  sectorSize: number,
): Promise<PartitionDraft[]> {
  const drafts: PartitionDraft[] = [];
  const draft = (entry: MbrEntry, slot: number, sectorOffset: number, base: number): PartitionDraft => {
    const offset = (base + entry.firstSector) * sectorSize;
    const type = `0x${entry.type.toString(16).toUpperCase().padStart(2, '0')}`;
    const signature = signatureText(record.signature);
    return {
      slot,
      offset,
      length: entry.sectors * sectorSize,
      type,
      typeName: partitionTypeName(type),
      id: signature === undefined ? undefined : mbrPartitionId(signature, offset),
      name: '',
      attributes: '0000000000000000',
      flags: [],
      bootable: entry.active,
      logical: base > 0,
      entry: { layer: 'disk', offset: sectorOffset + entry.at, length: MBR_ENTRY.size },
    };
  };
  for (const entry of record.entries) {
    if (!isExtended(entry.type) && entry.type !== MBR_TYPE.gptProtective)
      drafts.push(draft(entry, entry.index + 1, 0, 0));
  }
  let slot = 5;
  for (const container of record.entries.filter((entry) => isExtended(entry.type))) {
    for await (const { entry, sector } of logicalEntries(disk, container, sectorSize)) {
      if (slot - 5 >= MAX_LOGICAL_PARTITIONS) {
        disk.issue('mbr.extended-capped', 'error', sector * sectorSize, { limit: MAX_LOGICAL_PARTITIONS });
        return drafts;
      }
      const logical = draft(entry, slot, sector * sectorSize, sector);
      if (logical.offset + logical.length > (container.firstSector + container.sectors) * sectorSize) {
        const { offset, length } = logical;
        disk.issue('mbr.logical-outside-extended', 'warning', logical.entry.offset, { slot, offset, length });
      }
      drafts.push(logical);
      slot += 1;
    }
  }
  return drafts;
}

/**
 * Walks one chain of extended boot records. A record's data entries count from the record itself, its link from the
 * start of the extended partition. The visited set makes loops impossible.
 */
async function* logicalEntries(
  disk: TableReader,
  container: MbrEntry,
  sectorSize: number,
): AsyncGenerator<{ entry: MbrEntry; sector: number }> {
  const visited = new Set<number>();
  let sector: number | undefined = container.firstSector;
  while (sector !== undefined) {
    const offset: number = sector * sectorSize;
    if (visited.has(sector)) {
      disk.issue('mbr.extended-loop', 'error', offset, { sector });
      return;
    }
    if (visited.size >= MAX_LOGICAL_PARTITIONS) {
      disk.issue('mbr.extended-capped', 'error', offset, { limit: MAX_LOGICAL_PARTITIONS });
      return;
    }
    visited.add(sector);
    const bytes: Bytes | undefined = await disk.read(offset, 512);
    const record: BootRecord | undefined = bytes === undefined ? undefined : parseBootRecord(bytes);
    if (record === undefined || !record.plausible) {
      const reason =
        bytes === undefined ? 'not on the disk' : record === undefined ? 'no 55 AA signature' : 'boot indicator';
      disk.issue('mbr.extended-broken', 'error', offset, { sector, reason });
      return;
    }
    for (const entry of record.entries) if (!isExtended(entry.type) && entry.firstSector > 0) yield { entry, sector };
    const link: MbrEntry | undefined = record.entries.find((entry) => isExtended(entry.type));
    sector = link === undefined ? undefined : container.firstSector + link.firstSector;
  }
}
