import { DeadboxError, defined, type IssueSink, type Json } from '@deadbox/core';

/** Error codes of `@deadbox/ntfs`. */
export type NtfsErrorCode =
  /** The volume does not begin (or end) with an NTFS boot sector. `data.found` says what is there. */
  | 'NTFS_NOT_NTFS'
  /** An NTFS boot sector whose geometry cannot be. */
  | 'NTFS_BOOT_SECTOR_INVALID'
  /** Neither `$MFT` nor `$MFTMirr` gives a usable record 0. */
  | 'NTFS_MFT_UNREADABLE'
  /** A cluster number outside the volume. */
  | 'NTFS_CLUSTER_OUT_OF_RANGE'
  /** A record number outside `$MFT`. */
  | 'NTFS_RECORD_OUT_OF_RANGE'
  /** A file record without signature, or with impossible header fields. */
  | 'NTFS_RECORD_INVALID'
  /** A multi-sector record whose fixup words disagree: it was written only in part. */
  | 'NTFS_RECORD_TORN'
  /** An attribute, or a list of them, that cannot be. */
  | 'NTFS_ATTRIBUTE_INVALID'
  /** A run list that cannot be, where its bytes were asked for. */
  | 'NTFS_RUNS_INVALID'
  /** The file has no stream of that name. */
  | 'NTFS_NO_SUCH_STREAM'
  /** The stream is encrypted with EFS; its content needs a user's key. */
  | 'NTFS_STREAM_ENCRYPTED'
  /** The stream is stored in a way that this reader does not know. */
  | 'NTFS_STREAM_UNSUPPORTED'
  /** The content is not on this volume (or not where the stream says): deduplicated, in a cloud, in an archive. */
  | 'NTFS_STREAM_ELSEWHERE'
  /** Compressed content that does not expand. */
  | 'NTFS_COMPRESSION_INVALID'
  /** A `$REPARSE_POINT` whose lengths cannot be, or data of a known tag that cannot. */
  | 'NTFS_REPARSE_POINT_INVALID'
  /** A `$LogFile` page or record that cannot be. */
  | 'NTFS_LOG_INVALID'
  /** A security descriptor, or an entry of `$Secure`, that cannot be. */
  | 'NTFS_SECURITY_INVALID'
  /** The value of a small attribute (`$EA`, `$OBJECT_ID`, `$EFS`) that cannot be. */
  | 'NTFS_VALUE_INVALID'
  /** Shadow copy structures that cannot be. */
  | 'NTFS_SHADOW_COPY_INVALID'
  /** Data Deduplication structures that cannot be, or a chunk that does not fit its checksum. */
  | 'NTFS_DEDUP_INVALID'
  /** An index that cannot be read at all. */
  | 'NTFS_INDEX_INVALID'
  /** A directory was asked for, the file is none. */
  | 'NTFS_NOT_A_DIRECTORY'
  /** An index entry whose file record is free, or lives another life by now. */
  | 'NTFS_ENTRY_STALE'
  /** Links lead in a circle, or too far. */
  | 'NTFS_LINK_LOOP'
  /** A link leads out of the volume: to a share, another volume, a Linux path. */
  | 'NTFS_LINK_OUTSIDE';

/** Issue codes of `@deadbox/ntfs`. */
export type NtfsIssueCode =
  | 'ntfs.boot-sector'
  | 'ntfs.boot-sector-signature'
  | 'ntfs.boot-backup-used'
  | 'ntfs.boot-backup-differs'
  | 'ntfs.mft-mirror-used'
  | 'ntfs.mft-mirror-differs'
  | 'ntfs.mft-extent'
  | 'ntfs.mft-bitmap'
  | 'ntfs.record'
  | 'ntfs.record-torn'
  | 'ntfs.record-number'
  | 'ntfs.attribute'
  | 'ntfs.attribute-list'
  | 'ntfs.extension-record'
  | 'ntfs.runs'
  | 'ntfs.sizes'
  | 'ntfs.index-root'
  | 'ntfs.index-node'
  | 'ntfs.index-entry'
  | 'ntfs.index-loop'
  | 'ntfs.index-order'
  | 'ntfs.index-mismatch'
  | 'ntfs.found-by-mft'
  | 'ntfs.path-loop'
  | 'ntfs.up-case'
  | 'ntfs.volume-information'
  | 'ntfs.log-restart'
  | 'ntfs.reparse-point'
  | 'ntfs.usn-record'
  | 'ntfs.security-store'
  | 'ntfs.shadow-copy'
  | 'ntfs.read-failed';

/** Where on a volume something stands. */
export interface Place {
  /** Byte offset on the volume (in `$MFT`, when only that is there). */
  readonly offset: number;
  /** File record number, where the place belongs to one. */
  readonly record?: number;
  /** Name of the layer; `volume` when absent. */
  readonly layer?: string;
}

/** The location that errors and issues carry for `place`. */
export function locationOf(place: Place): { layer: string; offset: number; record?: number } {
  return {
    layer: place.layer ?? 'volume',
    offset: place.offset,
    ...defined({ record: place.record }),
  };
}

/** An error of this package. */
export function ntfsError(
  code: NtfsErrorCode,
  message: string,
  place?: Place,
  data: Record<string, Json> = {},
  cause?: unknown,
): DeadboxError<NtfsErrorCode> {
  return new DeadboxError(code, message, {
    ...defined({ at: place === undefined ? undefined : locationOf(place), cause }),
    data,
  });
}

/** Notes an issue of this package; does nothing without a log. */
export function addIssue(
  issues: IssueSink<NtfsIssueCode> | undefined,
  code: NtfsIssueCode,
  place: Place,
  data: Record<string, Json> = {},
  severity: 'note' | 'warning' | 'error' = 'error',
): void {
  issues?.add({ code, severity, at: locationOf(place), data });
}
