import { type ByteSource, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { ReparseTag } from '../attributes/reparse-tag.js';
import { openDedupFile } from '../dedup/dedup.js';
import { ntfsError } from '../errors.js';
import type { NtfsFile } from '../files/ntfs-file.js';
import { readIndexSlack, type SlackNode } from '../index/index-slack.js';
import { IndexTree } from '../index/index-tree.js';
import { type ObjectIdEntry, readObjectIds } from '../index/object-id.js';
import { SecurityStore } from '../index/security-store.js';
import { readUsnJournal, type UsnJournalOptions } from '../journal/usn-journal.js';
import { parseUsnJournalInformation, type UsnJournalInformation, type UsnRecord } from '../journal/usn-record.js';
import { pendingLogTargets } from '../log/log-file-replay.js';
import type { PendingLog } from '../log/pending-log.js';
import { AttributeType } from '../record/attribute.js';
import { ShadowCopies } from '../shadow-copy/shadow-copy.js';
import type { NtfsVolume } from './volume.js';

const LOG_FILE_RECORD = 2;
const SECURE_RECORD = 9;
const MAX_REPARSE_DATA = 16_384;

/** The change journal of a volume. */
export interface ChangeJournal {
  /** What `$Max` says; absent when the stream is missing. */
  readonly information?: UsnJournalInformation;
  /** The stream `$J`. */
  readonly stream: ByteSource;
  /** All records, oldest first, in batches; the hole at the start is not read. */
  records(options?: UsnJournalOptions): AsyncGenerator<UsnRecord[]>;
}

/**
 * Which blocks of the volume Windows would still write when it replays `$LogFile` at the next mount. A log that cannot be read is
 * `not-examined`, never an error: assume then that any block is touched.
 */
export async function pendingReplay(volume: NtfsVolume, options?: ReadOptions): Promise<PendingLog> {
  try {
    const file = await volume.file(LOG_FILE_RECORD, options);
    return await pendingLogTargets(await file.stream('', { ...options, raw: true }), volume.geometry, options);
  } catch (error) {
    if (options?.signal?.aborted === true || !isDeadboxError(error)) throw error;
    return { outcome: 'not-examined', gaps: ['unreadable'], records: 0, targets: [], reason: error.message };
  }
}

/**
 * The security descriptors of the volume.
 * @throws DeadboxError `NTFS_SECURITY_INVALID`, `NTFS_INDEX_INVALID` on volumes without `$Secure` (NTFS before 3.0), or when it is damaged
 */
export async function openSecurityStore(volume: NtfsVolume, options?: ReadOptions): Promise<SecurityStore> {
  const file = await volume.file(SECURE_RECORD, options);
  return SecurityStore.open(file.attributeSet, volume.geometry.clusterSize, volume.issues, options);
}

/** The change journal; `undefined` when the volume keeps none. */
export async function openChangeJournal(volume: NtfsVolume, options?: ReadOptions): Promise<ChangeJournal | undefined> {
  const file = await volume.lookup('/$Extend/$UsnJrnl', options);
  if (
    file === undefined ||
    !file.attributes.some((attribute) => attribute.type === AttributeType.data && attribute.name === '$J')
  )
    return undefined;
  const stream = await file.stream('$J', options);
  const hasMax = file.attributes.some(
    (attribute) => attribute.type === AttributeType.data && attribute.name === '$Max' && attribute.size >= 32,
  );
  const max = hasMax ? await file.stream('$Max', options) : undefined;
  return {
    ...(max === undefined ? {} : { information: parseUsnJournalInformation(await max.read(0, 32, options)) }),
    stream,
    records: (recordOptions) => readUsnJournal(stream, { issues: volume.issues, ...recordOptions }),
  };
}

/** The shadow copies that the volume holds; `undefined` when it never had any. */
export function openShadowCopies(volume: NtfsVolume, options?: ReadOptions): Promise<ShadowCopies | undefined> {
  return ShadowCopies.open(volume.source, { ...options, issues: volume.issues });
}

/**
 * Old names in the unused parts of a directory's index.
 * @throws DeadboxError `NTFS_INDEX_INVALID` when the file is no directory
 */
export async function* readDirectorySlack(
  volume: NtfsVolume,
  directory: NtfsFile,
  options?: ReadOptions,
): AsyncGenerator<SlackNode> {
  const tree = await IndexTree.open(directory.attributeSet, '$I30', volume.geometry.clusterSize, options);
  yield* readIndexSlack(tree, directory.attributeSet, options);
}

/** Every object id of the volume with its file, in batches; nothing when there is no `$Extend\$ObjId`. */
export async function* listObjectIds(volume: NtfsVolume, options?: ReadOptions): AsyncGenerator<ObjectIdEntry[]> {
  const file = await volume.lookup('/$Extend/$ObjId', options);
  if (file !== undefined) yield* readObjectIds(file.attributeSet, volume.geometry.clusterSize, volume.issues, options);
}

/**
 * The content of a file that Data Deduplication keeps in the chunk store of this volume. See `openDedupFile` for what it rests on.
 * @throws DeadboxError `NTFS_STREAM_UNSUPPORTED` when the file is not deduplicated; as `openDedupFile`
 */
export async function openDeduplicated(volume: NtfsVolume, file: NtfsFile, options?: ReadOptions): Promise<ByteSource> {
  if (file.reparseTag !== ReparseTag.dedup) {
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', `${file.path} is not deduplicated`, file.location, {
      tag: file.reparseTag ?? 0,
    });
  }
  const point = await file.attribute(AttributeType.reparsePoint, '', options);
  const value = await point.read(0, Math.min(point.size, MAX_REPARSE_DATA), options);
  return openDedupFile(volume, value.subarray(8), file.size, file.path, options);
}
