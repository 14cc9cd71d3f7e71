import { type ByteSource, type IssueLog, type ReadOptions, unlessDamaged } from '@deadbox/core';
import { parseFileName } from '../attributes/file-name.js';
import { addIssue } from '../errors.js';
import { MAX_CLUSTER_SIZE, MAX_RECORD_SIZE, MIN_RECORD_SIZE } from '../limits.js';
import { type Attribute, AttributeType, type NonResidentAttribute } from '../record/attribute.js';
import type { NtfsGeometry } from '../record/boot-sector.js';
import { parseDataRuns } from '../record/data-runs.js';
import { FILE_MAGIC, FILE_RECORD_HEADER, type FileRecord, parseFileRecord } from '../record/file-record.js';
import { ROOT_RECORD } from '../record/known-records.js';

const CHUNK_SIZE = 1 << 20;
const STEP = 512;

/**
 * Looks through a volume for record 0 of `$MFT` (or its copy in `$MFTMirr`), for the case that both boot sectors are
 * lost: record 0 itself tells the record size, the cluster size and where `$MFT` begins. Reads up to the whole volume.
 * @returns the geometry, with serial number 0 and a guessed sector size, or `undefined`
 */
export async function searchMft(
  source: ByteSource,
  issues: IssueLog,
  options?: ReadOptions,
): Promise<NtfsGeometry | undefined> {
  for (let from = 0; from < source.size; from += CHUNK_SIZE) {
    options?.signal?.throwIfAborted();
    const length = Math.min(CHUNK_SIZE, source.size - from);
    const chunk = await unlessDamaged(async () => source.read(from, length, options), undefined, options);
    if (chunk === undefined) continue;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at + MIN_RECORD_SIZE <= length; at += STEP) {
      if (view.getUint32(at, true) !== FILE_MAGIC) continue;
      const recordSize = view.getUint32(at + FILE_RECORD_HEADER.fields.allocatedSize.offset, true);
      const geometry = await unlessDamaged(
        () => tryRecordZero(source, from + at, recordSize, options),
        undefined,
        options,
      );
      if (geometry === undefined) continue;
      const data = { reason: 'no boot sector', recordZero: from + at };
      addIssue(issues, 'ntfs.boot-backup-used', { offset: 0 }, data, 'warning');
      return geometry;
    }
  }
  return undefined;
}

async function tryRecordZero(
  source: ByteSource,
  offset: number,
  recordSize: number,
  options?: ReadOptions,
): Promise<NtfsGeometry | undefined> {
  const possible = recordSize >= MIN_RECORD_SIZE && recordSize <= MAX_RECORD_SIZE && recordSize % STEP === 0;
  if (!possible || offset + recordSize > source.size) return undefined;
  const bytes = await source.read(offset, recordSize, options);
  const record = parseFileRecord(bytes, { number: 0, place: { offset, record: 0 } });
  if (!isRecordZero(record)) return undefined;
  const clusterSize = clusterSizeOf(record);
  const mftLcn = clusterSize === undefined ? undefined : firstLcn(record, source.size / clusterSize);
  if (clusterSize === undefined || mftLcn === undefined || offset % clusterSize !== 0) return undefined;
  const own = offset / clusterSize;
  const bytesPerSector = Math.min(source.sectorSize ?? 512, clusterSize);
  return {
    bytesPerSector,
    sectorsPerCluster: clusterSize / bytesPerSector,
    clusterSize,
    recordSize,
    indexBlockSize: 0,
    totalSectors: Math.floor(source.size / bytesPerSector),
    totalClusters: Math.floor(source.size / clusterSize),
    mftLcn,
    // The copy that was found serves as the mirror when it is not the original; else the original stands in for its own
    // copy.
    mftMirrorLcn: own,
    serialNumber: 0n,
    hiddenSectors: 0,
    bootSignature: false,
  };
}

function isRecordZero(record: FileRecord): boolean {
  return (
    record.inUse &&
    record.base === undefined &&
    record.attributes.some((attribute) => {
      if (attribute.type !== AttributeType.fileName || !attribute.resident) return false;
      const name = parseFileName(attribute.value);
      return name?.name === '$MFT' && name.parent.record === ROOT_RECORD;
    })
  );
}

/** Bytes in a cluster: what an attribute that lies in one extent allocates, over its clusters. */
function clusterSizeOf(record: FileRecord): number | undefined {
  for (const attribute of record.attributes) {
    if (!isWhole(attribute)) continue;
    const size = attribute.allocatedSize / (attribute.lastVcn + 1);
    if (size >= 256 && size <= MAX_CLUSTER_SIZE && (size & (size - 1)) === 0) return size;
  }
  return undefined;
}

function isWhole(attribute: Attribute): attribute is NonResidentAttribute {
  return !attribute.resident && attribute.firstVcn === 0 && attribute.lastVcn >= 0;
}

function firstLcn(record: FileRecord, clusters: number): number | undefined {
  const data = record.attributes.find((attribute) => attribute.type === AttributeType.data && attribute.name === '');
  if (data === undefined || data.resident) return undefined;
  const [run] = parseDataRuns(data.runs, { firstVcn: 0, totalClusters: Math.floor(clusters) }).runs;
  return run === undefined || run.lcn <= 0 ? undefined : run.lcn;
}
