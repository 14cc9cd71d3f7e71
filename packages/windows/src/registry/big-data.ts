import { type Bytes, Cursor, hasAscii, type Structure, structure } from '@deadbox/core';
import { MAX_VALUE_BYTES } from '../limits.js';
import { BASE_BLOCK_BYTES, REGF } from './base-block.js';
import { type HiveContext, noteDamage, surviveDamage } from './hive-context.js';
import { inlineData, type KeyValue } from './key-value.js';

export const BIG_DATA_FIELDS = {
  signature: [0, 'ascii[2]', 'db'],
  count: [2, 'u16', 'Number of segments'],
  segmentList: [4, 'u32', 'Cell of the list of segments'],
} as const;
/** Record of data in segments; offsets count from the cell's data. */
export const BIG_DATA: Structure<typeof BIG_DATA_FIELDS> = structure('hive-big-data', REGF, BIG_DATA_FIELDS);

/** Data longer than this lies in segments, in hives of a minor version above 3 (msuhanov/regf, "Big data"). */
export const SEGMENT_BYTES = 16_344;

/**
 * The data of a value, from the record itself, its data cell or the segments of a big data record. What damage leaves
 * readable comes back; the missing end is an issue.
 * @returns `undefined` and an issue when nothing can be read
 */
export async function readValueData(context: HiveContext, value: KeyValue): Promise<Bytes | undefined> {
  if (value.inline) return inlineData(value);
  if (value.size === 0) return new Uint8Array(0);
  if (value.size > MAX_VALUE_BYTES || value.size > context.cells.storedBytes) {
    noteDamage(context, 'hive.value-data-damaged', value.offset, {
      size: value.size,
      binsSize: context.cells.storedBytes,
    });
    return undefined;
  }
  try {
    const data = context.cells.data(value.dataOffset);
    const cell = data instanceof Promise ? await data : data;
    if (value.size > SEGMENT_BYTES && context.minorVersion > 3 && hasAscii(cell, 0, 'db'))
      return await readSegments(context, value, cell);
    if (cell.length >= value.size) return cell.subarray(0, value.size);
    noteDamage(context, 'hive.value-data-damaged', value.dataOffset, { size: value.size, found: cell.length });
    return cell;
  } catch (error) {
    surviveDamage(context, error, 'hive.value-data-damaged', value.dataOffset);
    return undefined;
  }
}

async function readSegments(context: HiveContext, value: KeyValue, record: Bytes): Promise<Bytes> {
  const head = new Cursor(record, 'hive', BASE_BLOCK_BYTES + value.dataOffset + 4);
  const { count, segmentList: listOffset } = BIG_DATA.read(head);
  const data = context.cells.data(listOffset);
  const list = new Cursor(data instanceof Promise ? await data : data, 'hive', BASE_BLOCK_BYTES + listOffset + 4);
  // No data is longer than the segments that the list has room for.
  const target = new Uint8Array(Math.min(value.size, (list.length >> 2) * SEGMENT_BYTES));
  let at = 0;
  for (let i = 0; i < count && at < target.length; i += 1) {
    const offset = list.u32(i * 4);
    const wanted = Math.min(SEGMENT_BYTES, target.length - at);
    try {
      const part = context.cells.data(offset);
      const segment = part instanceof Promise ? await part : part;
      target.set(segment.subarray(0, wanted), at);
      if (segment.length < wanted) {
        noteDamage(context, 'hive.value-data-damaged', offset, { segment: i, size: wanted, found: segment.length });
        return target.subarray(0, at + segment.length);
      }
    } catch (error) {
      surviveDamage(context, error, 'hive.value-data-damaged', offset);
      return target.subarray(0, at);
    }
    at += wanted;
  }
  if (at < value.size)
    noteDamage(context, 'hive.value-data-damaged', value.dataOffset, { size: value.size, found: at, segments: count });
  return target.subarray(0, at);
}
