import type { DirectoryEntry, Evidence, FileNode, Json, ReadOptions } from '@deadbox/core';

/**
 * What is wrong with a file that a start needs, from the cheapest test to the dearest; `good` as far as was asked.
 * `unreadable`: a folder on the way, the record or the content is damaged, so that nothing can be said: a doubt, never
 * "missing".
 */
export type FileState =
  | 'good'
  | 'absent'
  | 'not-a-file'
  | 'empty'
  | 'unwritten'
  | 'zeros'
  | 'not-pe'
  | 'truncated'
  | 'wrong-machine'
  | 'bad-checksum'
  | 'bad-digest'
  | 'unreadable';

/** One file on the ladder. */
export interface CheckedFile {
  /** Path on the volume: as stored where the file is there, else as it was asked for. */
  readonly path: string;
  readonly state: FileState;
  /** The facts behind the state: sizes, record, machine, what was wrong. */
  readonly data: Readonly<Record<string, Json>>;
  /** Absent where the file is not there or cannot be opened. */
  readonly file?: FileNode;
  /** The bytes that show the state: the record, the first bytes; none for `absent`. Read on demand. */
  evidence(options?: ReadOptions): Promise<readonly Evidence[]>;
}

/**
 * How far up the ladder a file is examined. `presence`: folder, size and valid data length; `plain`: the first bytes of
 * a file of any kind too; `image`: the headers of an executable image; `content`: all of it, its checksum and signed
 * digest, as far as {@link MAX_CHECKSUMMED_BYTES} of one volume go.
 */
export type LadderDepth = 'presence' | 'plain' | 'image' | 'content';

/**
 * Examines files of one installation, each once however many ask; a folder is listed once, not looked up name by name.
 */
export interface FileLadder {
  /** @param path - absolute on the volume, e.g. `/Windows/System32/ntoskrnl.exe` */
  check(path: string, depth: LadderDepth, options?: ReadOptions): Promise<CheckedFile>;
  /**
   * Many at once, a bounded number of them in flight together; the answers in the order of `paths`. Of a list that is
   * longer than a real one the end is `unreadable`, with the folder for its path.
   */
  checkAll(paths: readonly string[], depth: LadderDepth, options?: ReadOptions): Promise<readonly CheckedFile[]>;
  /**
   * Names in a folder, upper case, with how each is stored; `undefined` where there is no such folder. `complete` is
   * false where something contradicts the listing.
   */
  list(folder: string, options?: ReadOptions): Promise<FolderNames | undefined>;
}

/** The names of one folder. */
export interface FolderNames {
  /** By upper-case name. */
  readonly names: ReadonlyMap<string, DirectoryEntry>;
  /** Nothing contradicts the listing: a name that it does not have is not there. */
  readonly complete: boolean;
}
