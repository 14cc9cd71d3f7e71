/** Entries of a directory that are held in memory while their order is proven. */
export const MAX_DIRECTORY_ENTRIES = 2_000_000;
/** Sectors that one plan may change; blanking a file's content takes the most. */
export const MAX_CHANGED_SECTORS = 65_536;
/** Bytes of an undo file that is read. */
export const MAX_JOURNAL_BYTES: number = 256 << 20;
/** Lists and objects one in the other of an undo file: the facts of an operation have a few. */
export const MAX_JOURNAL_LEVELS = 64;
