/** Entries of a directory that are held in memory while their order is proven. */
export const MAX_DIRECTORY_ENTRIES = 2_000_000;
/** Sectors that one plan may change; blanking a file's content takes the most. */
export const MAX_CHANGED_SECTORS = 65_536;
/**
 * Writes of an undo file, each flushed on its own: a container may store a sector in two pieces, and its headers change
 * with it.
 */
export const MAX_JOURNAL_WRITES: number = 2 * MAX_CHANGED_SECTORS;
/** Bytes of one write of an undo file; the largest that is made has the 4096 bytes of a sector. */
export const MAX_JOURNAL_WRITE_BYTES: number = 64 << 10;
/** Clusters of 64 KiB of an overlay, which is put together in memory. */
export const MAX_OVERLAY_CLUSTERS = 4096;
/** Bytes of an undo file: a longer one is neither written nor read. */
export const MAX_JOURNAL_BYTES: number = 256 << 20;
/** Lists and objects one in the other of an undo file: the facts of an operation have a few. */
export const MAX_JOURNAL_LEVELS = 64;
