import { type ReadOptions, isDeadboxError } from '@deadbox/core';
import { AttributeType } from './attribute.js';
import { isSurvivable } from './attribute-set.js';
import { addIssue } from './errors.js';
import { parseFileName } from './file-name.js';
import { FILE_MAGIC, parseFileRecord } from './file-record.js';
import type { FileReference } from './file-reference.js';
import { ROOT_RECORD } from './file-reference.js';
import type { NameByMft, VolumeContext } from './volume-context.js';

const CHUNK = 1 << 20;

/**
 * Every name below `directory`, from a pass over all records in use: the way to a folder whose index is damaged.
 * `whole` is false when a record could not be read, so that a name may be missing.
 */
export async function namesByScan(
  context: VolumeContext,
  directory: FileReference,
  options?: ReadOptions,
): Promise<{ names: NameByMft[]; whole: boolean }> {
  const { reader, geometry, issues } = context;
  const { recordSize } = geometry;
  const stream = await reader.stream(options);
  const names: NameByMft[] = [];
  let whole = true;
  const perChunk = Math.max(1, Math.floor(CHUNK / recordSize));
  for (let first = 0; first < reader.recordCount; first += perChunk) {
    const count = Math.min(perChunk, reader.recordCount - first);
    options?.signal?.throwIfAborted();
    let chunk: Uint8Array<ArrayBuffer>;
    try {
      chunk = (await stream.read(first * recordSize, count * recordSize, options)).slice();
    } catch (error) {
      if (!isSurvivable(error, options)) throw error;
      whole = false;
      addIssue(
        issues,
        'ntfs.read-failed',
        { layer: '$MFT', offset: first * recordSize, record: first },
        { records: count, reason: (error as Error).message },
      );
      continue;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let i = 0; i < count; i += 1) {
      if (view.getUint32(i * recordSize, true) !== FILE_MAGIC || (view.getUint16(i * recordSize + 0x16, true) & 1) === 0) continue;
      try {
        const number = first + i;
        const record = parseFileRecord(chunk.subarray(i * recordSize, (i + 1) * recordSize), {
          number,
          place: { layer: '$MFT', offset: number * recordSize, record: number },
        });
        for (const attribute of record.attributes) {
          if (attribute.type !== AttributeType.fileName || !attribute.resident) continue;
          const fileName = parseFileName(attribute.value);
          if (fileName === undefined || !sameDirectory(fileName.parent, directory)) continue;
          names.push({ reference: record.base ?? { record: number, sequence: record.sequence }, fileName });
        }
      } catch (error) {
        if (!isDeadboxError(error)) throw error;
        whole = false;
        addIssue(issues, 'ntfs.record', error.at, { reason: error.message });
      }
    }
  }
  return { names, whole };
}

function sameDirectory(parent: FileReference, directory: FileReference): boolean {
  if (parent.record !== directory.record) return false;
  // The root is asked for without a sequence; a reference with sequence 0 is not to be checked.
  return directory.sequence === 0 || parent.sequence === 0 || parent.sequence === directory.sequence || directory.record === ROOT_RECORD;
}
