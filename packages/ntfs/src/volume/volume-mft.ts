import { type Bytes, isDamage, type ReadOptions } from '@deadbox/core';
import { parseFileName } from '../attributes/file-name.js';
import { addIssue } from '../errors.js';
import type { NameByMft } from '../files/named-reference.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { AttributeType } from '../record/attribute.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import { ROOT_RECORD } from '../record/known-records.js';
import type { ScanOptions } from '../table/mft-scan.js';
import { MftTable } from '../table/mft-table.js';
import { storedRecords } from '../table/stored-records.js';

/** Bits of `$MFT:$BITMAP` for 2^32 records. */
const MAX_BITMAP = 1 << 29;

/**
 * Scans `$MFT` of an open volume.
 * @param maxRecords - stop after so many records; default all
 */
export async function scanVolume(
  context: VolumeContext,
  options: ScanOptions = {},
  maxRecords: number = Number.POSITIVE_INFINITY,
): Promise<MftTable> {
  const { reader, geometry, issues } = context;
  const { recordSize } = geometry;
  const source = await reader.stream(options);
  const recordCount = Math.min(reader.recordCount, maxRecords);
  const stored = await storedRecords({ source, recordSize, recordCount, issues }, options);
  const bitmap = options.deleted === true ? undefined : await readMftBitmap(context, stored.end, options);
  return MftTable.scan({ source, recordSize, recordCount, bitmap, clusters: geometry, stored, issues }, options);
}

/**
 * `$MFT:$BITMAP`, one bit a record, or `undefined` (and an issue) when it cannot be read: all records are read then.
 */
export async function readMftBitmap(
  context: VolumeContext,
  records: number,
  options?: ReadOptions,
): Promise<Bytes | undefined> {
  const { reader, issues } = context;
  let reason: string;
  try {
    const set = new AttributeSet(reader, reader.record, issues);
    const held = await set.find(AttributeType.bitmap, '', options);
    const value =
      held === undefined ? undefined : await set.value(held, Math.min(MAX_BITMAP, Math.ceil(records / 8)), options);
    // Records 0 to 15 always are in use: a bitmap that says otherwise is no bitmap.
    if (value !== undefined && value.length >= 2 && value[0] === 0xff) return value;
    reason = value === undefined ? 'no $BITMAP' : 'its first records are free';
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    reason = error.message;
  }
  addIssue(issues, 'ntfs.mft-bitmap', { offset: reader.record.place.offset, record: 0 }, { reason }, 'warning');
  return undefined;
}

/**
 * Every name in `directory`, from the table of all records: the way to a folder whose index is damaged.
 * @param wanted - 0 for names of interest; only their records are read
 */
export async function namesFromTable(
  context: VolumeContext,
  table: MftTable,
  directory: FileReference,
  wanted: (name: string, record: number) => number,
  options?: ReadOptions,
): Promise<NameByMft[]> {
  const found: NameByMft[] = [];
  const records = new Set<number>();
  for (const row of table.children(directory.record, directory.record === ROOT_RECORD ? 0 : directory.sequence)) {
    const { record, name } = table.name(row);
    if (wanted(name, record) !== 0 || records.has(record)) continue;
    records.add(record);
    try {
      const set = await attributesOf(context, record, options);
      for (const { attribute } of await set.all(AttributeType.fileName, options)) {
        const fileName = attribute.resident ? parseFileName(attribute.value) : undefined;
        if (fileName?.parent.record === directory.record)
          found.push({ reference: { record, sequence: set.base.sequence }, fileName });
      }
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      addIssue(context.issues, 'ntfs.record', { offset: 0, record }, { reason: error.message });
    }
  }
  return found;
}
