import { type ByteSource, defined, isDamage, type ReadOptions } from '@deadbox/core';
import { type ObjectIdEntry, readObjectIds } from '../index/object-id.js';
import { SecurityStore } from '../index/security-store.js';
import { readUsnJournal, type UsnJournalOptions } from '../journal/usn-journal.js';
import { parseUsnJournalInformation, type UsnJournalInformation, type UsnRecord } from '../journal/usn-record.js';
import { pendingLogTargets } from '../log/log-file-replay.js';
import type { PendingLog } from '../log/pending-log.js';
import { AttributeType } from '../record/attribute.js';
import { KnownRecord } from '../record/known-records.js';
import type { NtfsVolume } from './volume.js';

/** Bytes of `$UsnJrnl:$Max`. */
const USN_MAX_SIZE = 32;

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
 * Which blocks of the volume Windows would still write when it replays `$LogFile` at the next mount. A log that cannot
 * be read is `not-examined`, never an error: assume then that any block is touched.
 */
export async function pendingReplay(volume: NtfsVolume, options?: ReadOptions): Promise<PendingLog> {
  try {
    const file = await volume.file(KnownRecord.logFile, options);
    return await pendingLogTargets(await file.stream('', { ...options, raw: true }), volume.geometry, options);
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    return { outcome: 'not-examined', gaps: ['unreadable'], records: 0, targets: [], reason: error.message };
  }
}

/**
 * The security descriptors of the volume.
 * @throws DeadboxError `NTFS_SECURITY_INVALID`, `NTFS_INDEX_INVALID` on volumes without `$Secure` (NTFS before 3.0), or
 * when it is damaged
 */
export async function openSecurityStore(volume: NtfsVolume, options?: ReadOptions): Promise<SecurityStore> {
  const file = await volume.file(KnownRecord.secure, options);
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
    (attribute) => attribute.type === AttributeType.data && attribute.name === '$Max' && attribute.size >= USN_MAX_SIZE,
  );
  const max = hasMax ? await file.stream('$Max', options) : undefined;
  return {
    ...defined({ information: max && parseUsnJournalInformation(await max.read(0, USN_MAX_SIZE, options)) }),
    stream,
    records: (recordOptions) => readUsnJournal(stream, { issues: volume.issues, ...recordOptions }),
  };
}

/** Every object id of the volume with its file, in batches; nothing when there is no `$Extend\$ObjId`. */
export async function* listObjectIds(volume: NtfsVolume, options?: ReadOptions): AsyncGenerator<ObjectIdEntry[]> {
  const file = await volume.lookup('/$Extend/$ObjId', options);
  if (file !== undefined) yield* readObjectIds(file.attributeSet, volume.geometry.clusterSize, volume.issues, options);
}
