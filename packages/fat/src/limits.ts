/** Bytes of a directory entry. */
export const ENTRY_BYTES = 32;

/** The longest directory: 65,536 entries (Microsoft FAT specification, section 6.2). */
export const MAX_DIRECTORY_BYTES: number = 65_536 * ENTRY_BYTES;

/** Bytes of the allocation table read at once. */
export const TABLE_WINDOW = 4096;

/** Table windows kept by one volume: 64 × 4 KiB cover the chains of any EFI system partition. */
export const TABLE_WINDOWS_KEPT = 64;

/** Bytes of a directory read at once. */
export const DIRECTORY_CHUNK: number = 32 << 10;

/** Long-name entries of one name: 20 × 13 characters hold the 255 that are allowed. */
export const MAX_LONG_NAME_PARTS = 20;

/** Directories one below the other: a path of Windows has 260 characters. */
export const MAX_DEPTH = 128;

/**
 * How often all clusters of a volume may be walked along chains, over all chains: many times what reading everything
 * needs.
 */
export const CHAIN_WALKS = 64;

/** Clusters that may be walked in any case. */
export const FREE_CHAIN_STEPS = 4_000_000;
