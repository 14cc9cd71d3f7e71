/**
 * Bytes read at the start of a disk: both sector sizes' MBR, GPT header and 128 entries, the LDM private header. Two
 * cache blocks, one read.
 */
export const TABLE_HEAD_BYTES: number = 32 * 1024;

/** The largest partition entry array that is read: 8192 entries of 128 bytes, 64 times what Windows makes. */
export const MAX_ENTRY_ARRAY_BYTES: number = 1 << 20;

/** The largest size of one GPT entry; UEFI 2.10 section 5.3.2 asks for 128 × 2ⁿ and every known writer uses 128. */
export const MAX_ENTRY_BYTES = 4096;

/** The longest chain of extended boot records that is followed. Linux stops at 255 partitions. */
export const MAX_LOGICAL_PARTITIONS = 256;

/** The most that is read of an LDM database; Windows gives its whole configuration 1 MiB. */
export const MAX_LDM_DATABASE_BYTES: number = 2 << 20;

/** Volumes of a dynamic disk group; Windows makes 2000 at most. */
export const MAX_LDM_VOLUMES = 2000;

/**
 * Partitions of a table; each is opened. Windows makes 128 at most, and 2000 volumes of a dynamic disk come from
 * elsewhere.
 */
export const MAX_PARTITIONS = 1024;

/**
 * Partitions that may lie over others. A true table has none; each is opened, and may show the same file system again.
 */
export const MAX_OVERLAPPING = 16;

/** Bytes of an LDM database read at once; the records of a few volumes fit. */
export const LDM_READ: number = 16 << 10;
