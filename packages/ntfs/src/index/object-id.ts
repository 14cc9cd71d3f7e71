import { type Bytes, Cursor, defined, type IssueLog, type ReadOptions } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import type { AttributeSet } from '../record/attribute-set.js';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';
import { Contradictions } from './contradictions.js';
import { IndexTree } from './index-tree.js';

/** A file's object id, by which links find it after a move. The birth ids say where it was made. */
export interface ObjectId {
  /** Object id (GUID). */
  readonly id: string;
  /** Volume on which the file was made (GUID). */
  readonly birthVolumeId?: string;
  /** Object id that it had there (GUID). */
  readonly birthObjectId?: string;
  /** Domain id (GUID); not used by Windows. */
  readonly domainId?: string;
}

/** One entry of `$Extend\$ObjId`. */
export interface ObjectIdEntry extends ObjectId {
  /** The file that has the id. */
  readonly file: FileReference;
}

/**
 * Parses the value of `$OBJECT_ID`: a GUID, then up to three more (birth volume, birth object, domain); 16 to 64 bytes.
 * @throws DeadboxError `NTFS_VALUE_INVALID` when it is shorter than one GUID
 */
export function parseObjectId(value: Bytes): ObjectId {
  if (value.length < 16) {
    const what = `$OBJECT_ID has ${value.length} bytes, expected 16 to 64`;
    throw ntfsError('NTFS_VALUE_INVALID', what, { layer: '$OBJECT_ID', offset: 0 });
  }
  const cursor = new Cursor(value, '$OBJECT_ID');
  return { id: cursor.guid(0), ...births(cursor, 16) };
}

function births(cursor: Cursor, at: number): Omit<ObjectId, 'id'> {
  const id = (from: number): string | undefined => (cursor.length >= from + 16 ? cursor.guid(from) : undefined);
  return defined({ birthVolumeId: id(at), birthObjectId: id(at + 16), domainId: id(at + 32) });
}

/**
 * All object ids of the volume, from the index `$O` of `$Extend\$ObjId`: key the id, data a file reference and the
 * three other GUIDs.
 * @param attributes - of the file `$Extend\$ObjId`
 * @throws DeadboxError `NTFS_INDEX_INVALID` when the file has no such index
 */
export async function* readObjectIds(
  attributes: AttributeSet,
  clusterSize: number,
  issues: IssueLog,
  options?: ReadOptions,
): AsyncGenerator<ObjectIdEntry[]> {
  const index = await IndexTree.open(attributes, '$O', clusterSize, options);
  for await (const batch of index.walk(new Contradictions(issues), options)) {
    const found: ObjectIdEntry[] = [];
    for (const { entry } of batch) {
      if (entry.key.length < 16 || entry.data.length < 8) continue;
      const data = new Cursor(entry.data, '$ObjId');
      found.push({ id: new Cursor(entry.key, '$ObjId').guid(0), file: fileReferenceAt(data, 0), ...births(data, 8) });
    }
    if (found.length > 0) yield found;
  }
}
