/** Bytes of a rule file. */
export const MAX_RULE_BYTES: number = 256 << 10;
/** Lists and maps in one another in a rule file; rules need six. */
export const MAX_RULE_DEPTH = 64;
/** Faults of a rule file that are told; the others are counted. */
export const MAX_RULE_FAULTS = 100;
/** Entries of any list or map of a rule file: as many hashes as it has room for are half of that. */
export const MAX_RULE_ITEMS = 8192;
/** Selections, verdict rows, texts, steps of a rule: more is not a rule that somebody wrote. */
export const MAX_RULE_ENTRIES = 128;
/** Paths, classes or notes of one selection. */
export const MAX_SELECTION_ENTRIES = 32;
/** Characters of a regular expression, and of the text that it is tried on. */
export const MAX_PATTERN = 200;
export const MAX_MATCHED_TEXT = 256;
/** Bytes of the largest file that is hashed: what rules look for is smaller. */
export const MAX_HASHED_BYTES: number = 256 << 20;
/**
 * Bytes of all files of a volume that are hashed for its rules: a record of a kilobyte can stand for as many holes as
 * one likes.
 */
export const MAX_HASHED_TOGETHER: number = 1 << 30;
/**
 * Files that one selection judges, and files that it only shows: a folder with more matches is hostile or not what the
 * rule means.
 */
export const MAX_JUDGED_FILES = 1000;
export const MAX_SHOWN_FILES = 200;
/** Windows installations of one volume that are judged; a server has one, and setup keeps an old one or two. */
export const MAX_INSTALLATIONS = 32;
/** Folders below each other that `**` stands for, and folders that one selection lists in all. */
export const MAX_FOLDER_DEPTH = 32;
export const MAX_FOLDERS = 2000;
/** Bytes of a file table that a full scan reads to prove that a verdict may calm; a deep scan reads any. */
export const MAX_PROOF_TABLE_BYTES: number = 64 << 20;
/** Names kept of one folder: System32 of a server has five thousand. */
export const MAX_LISTED_NAMES = 200_000;
/** Files of one list that are examined: a machine has about 300 boot-start drivers. */
export const MAX_CHECKED_FILES = 4096;
/** Names in lists of the registry that one detector examines: real machines have up to fifty. */
export const MAX_LISTED_NAMES_EXAMINED = 4096;
/** Files examined at the same time: over a network the waiting is the cost. */
export const MAX_LADDER_READS = 16;
/** Causes of one kind in one place that a report lists; it counts the others. */
export const MAX_CAUSES_OF_KIND = 50;
/** Values of the registry whose bytes are shown for the causes of one Windows: far more than are listed. */
export const MAX_SHOWN_VALUES = 500;
/** Detectors at work at the same time. */
export const MAX_DETECTORS = 8;
/** Doubts kept of one scan. */
export const MAX_DOUBTS = 100;
/** Files beyond the known ones that the imports of core files and drivers lead to; real machines have about thirty. */
export const MAX_IMPORTED_FILES = 512;
/** Bytes of all catalogs up to which a catalog store is read as a whole; that of a server has some ten MiB. */
export const MAX_CATALOG_BYTES: number = 2 << 20;
/** Catalogs of one store that are opened. */
export const MAX_CATALOGS_EXAMINED = 64;
/** Bytes of drivers without a signature of their own that are digested to look them up in the catalogs. */
export const MAX_DIGESTED_BYTES: number = 8 << 20;
/** Boot-start drivers that are read as a whole for their checksums, as far as the bytes go. */
export const MAX_CHECKSUMMED_DRIVERS = 64;
/** Bytes of one list of files that are read as a whole for their checksums, in its order. */
export const MAX_CHECKSUMMED_BYTES: number = 4 << 20;
/** Steps of a walk: a path of 30 folders with deep indexes takes about 150. */
export const MAX_WALK_STEPS = 400;
/** Pieces in which the bytes of one step may lie. */
export const MAX_WALK_PIECES = 16;
/** Bytes of a file's content, or of a registry value, that a walk shows. */
export const MAX_WALK_CONTENT = 256;
/** Bytes of a hive's log that a walk looks at. */
export const MAX_WALK_LOG_BYTES: number = 64 << 20;
/**
 * Bytes of those files of a list that are larger than that, of which only the checksum is computed: the kernel has 10
 * to 13 MiB.
 */
export const MAX_SUMMED_BYTES: number = 16 << 20;
