import { isDamage, type ReadOptions } from '@deadbox/core';
import { type FileName, parseFileName } from '../attributes/file-name.js';
import { parseStandardInformation, type StandardInformation } from '../attributes/standard-information.js';
import { addIssue, ntfsError } from '../errors.js';
import { MAX_REPARSE_SIZE } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet, HeldAttribute } from '../record/attribute-set.js';
import type { FileRecord } from '../record/file-record.js';
import type { VolumeContext } from './volume-context.js';

/** The names among the attributes of a file; one that cannot be is an issue. */
export function namesAmong(context: VolumeContext, base: FileRecord, held: readonly HeldAttribute[]): FileName[] {
  const names: FileName[] = [];
  for (const { attribute, holder } of held) {
    if (attribute.type !== AttributeType.fileName) continue;
    const parsed = attribute.resident ? parseFileName(attribute.value) : undefined;
    if (parsed !== undefined) names.push(parsed);
    else
      addIssue(
        context.issues,
        'ntfs.attribute',
        { offset: holder.place.offset + attribute.offset, record: base.number },
        { type: AttributeType.fileName, field: 'value', expected: 'a file name', found: attribute.length },
      );
  }
  return names;
}

/** Absent from damaged and from a few reserved records. */
export function standardInformationOf(held: readonly HeldAttribute[]): StandardInformation | undefined {
  const found = held.find((one) => one.attribute.type === AttributeType.standardInformation);
  return found?.attribute.resident === true ? parseStandardInformation(found.attribute.value) : undefined;
}

/** Tag of the reparse point, if there is one; one that cannot be read is an issue. */
export async function reparseTagOf(
  context: VolumeContext,
  set: AttributeSet,
  held: readonly HeldAttribute[],
  options?: ReadOptions,
): Promise<number | undefined> {
  const point = held.find((one) => one.attribute.type === AttributeType.reparsePoint);
  if (point === undefined) return undefined;
  try {
    const value = await set.value(point, MAX_REPARSE_SIZE, options);
    if (value.length >= 8) return new DataView(value.buffer, value.byteOffset, value.length).getUint32(0, true);
    throw ntfsError('NTFS_ATTRIBUTE_INVALID', `$REPARSE_POINT of ${value.length} bytes, expected at least 8`);
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    addIssue(
      context.issues,
      'ntfs.reparse-point',
      { offset: point.holder.place.offset + point.attribute.offset, record: set.base.number },
      { reason: error.message },
    );
    return undefined;
  }
}
