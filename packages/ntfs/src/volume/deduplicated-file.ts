import type { ByteSource, ReadOptions } from '@deadbox/core';
import { ReparseTag } from '../attributes/reparse-tag.js';
import { openDedupFile } from '../dedup/dedup.js';
import { ntfsError } from '../errors.js';
import type { NtfsFile } from '../files/ntfs-file.js';
import { MAX_REPARSE_SIZE } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import type { NtfsVolume } from './volume.js';

/**
 * The content of a file that Data Deduplication keeps in the chunk store of this volume. See `openDedupFile` for what
 * it rests on.
 * @throws DeadboxError `NTFS_STREAM_UNSUPPORTED` when the file is not deduplicated; as `openDedupFile`
 */
export async function openDeduplicated(volume: NtfsVolume, file: NtfsFile, options?: ReadOptions): Promise<ByteSource> {
  if (file.reparseTag !== ReparseTag.dedup) {
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', `${file.path} is not deduplicated`, file.location, {
      tag: file.reparseTag ?? 0,
    });
  }
  const point = await file.attribute(AttributeType.reparsePoint, '', options);
  const value = await point.read(0, Math.min(point.size, MAX_REPARSE_SIZE), options);
  return openDedupFile(volume, value.subarray(8), file.size, file.path, options);
}
