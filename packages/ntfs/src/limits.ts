/** Caps on what a volume may claim: one place, so that a reviewer can judge them together. */

/** Largest cluster, bytes: the limit of Windows 10 and later. */
export const MAX_CLUSTER_SIZE: number = 2 * 1024 * 1024;
/** Largest file record or index block, bytes. */
export const MAX_RECORD_SIZE: number = 65_536;
/** Smallest file record or index block, bytes: one fixup stride. */
export const MIN_RECORD_SIZE: number = 512;
/** Largest `$ATTRIBUTE_LIST`, bytes: Windows and ntfs-3g refuse more. */
export const MAX_ATTRIBUTE_LIST_SIZE: number = 0x4_0000;
/**
 * Most records that are read for one `$ATTRIBUTE_LIST` and turn out to belong to another file; every other one is read
 * for one file only.
 */
export const MAX_FOREIGN_RECORDS = 64;
/** Most runs of one stream. */
export const MAX_RUNS: number = 1 << 20;
/** Most levels of an index tree; real ones have 1 to 4. */
export const MAX_INDEX_DEPTH = 32;
/** Most steps from a file to the root. */
export const MAX_PATH_DEPTH = 256;
/** Largest resident or non-resident `$REPARSE_POINT`, bytes. */
export const MAX_REPARSE_SIZE = 16_384;
/** Largest `$EA`, bytes. */
export const MAX_EA_SIZE = 65_536;
/** Largest `$EFS` stream, bytes (ntfs-3g refuses more). */
export const MAX_EFS_SIZE = 0x4_0000;
/** Largest `$OBJECT_ID`, bytes. */
export const MAX_OBJECT_ID_SIZE = 64;
/** Largest size or offset accepted from the volume: what a `number` holds exactly. */
export const MAX_SAFE_SIZE: number = Number.MAX_SAFE_INTEGER;
/**
 * Highest record number a table is built for: 2^32 records would need more memory than any host has; Windows stops at
 * 2^32 too.
 */
export const MAX_RECORDS = 0x1_0000_0000;
/** Exact length of `$UpCase`, bytes. */
export const UP_CASE_SIZE = 131_072;
/** How far before the end of a volume a displaced backup boot sector is searched, bytes. */
export const BACKUP_SEARCH_SIZE: number = 1 << 20;
/** Most reparse points followed in one path. */
export const MAX_LINKS_FOLLOWED = 32;
/** Largest `$LogFile` that is held in memory, bytes; Windows makes 64 MiB by default. */
export const MAX_LOG_FILE_SIZE: number = 256 * 1024 * 1024;
/** Most shadow copies of a volume: Windows keeps 512 (and a catalog block or two more entries than that). */
export const MAX_SHADOW_COPIES = 1024;
/** Most changed 16-KiB blocks of one shadow copy that are held in memory: 128 GiB of changes. */
export const MAX_SHADOW_BLOCKS: number = 8 * 1024 * 1024;
/**
 * Most lines of a listing that one file's names and named streams make together; a file with one long and one short
 * name never has more.
 */
export const MAX_STREAM_LINES = 16_384;
