import type { FileTime } from './bytes/filetime.js';
import type { ByteSource, ReadOptions } from './sources/byte-source.js';

/**
 * What a name leads to; `other` is an entry without content of its own (no unnamed `$DATA`), `reparse` a link whose
 * kind is not known.
 */
export type FileType = 'file' | 'directory' | 'symlink' | 'junction' | 'reparse' | 'other';

/** Options of {@link FileNode.entries}. */
export interface EntriesOptions extends ReadOptions {
  /**
   * Only names that begin with this text, compared as the file system compares names; indexed file systems read only
   * that range.
   */
  readonly prefix?: string;
}

/** One name in a directory, as the directory itself tells it. */
export interface DirectoryEntry {
  /** The name as stored. */
  readonly name: string;
  /** A stable number of the file in its file system (NTFS: file record number); absent where there is none. */
  readonly record?: number;
  /** What the directory says; `undefined` where only the file itself knows. */
  readonly type?: FileType;
  /** Opens the file that the entry names. */
  open(options?: ReadOptions): Promise<FileNode>;
}

/** A file or directory of any file system. Times are FILETIMEs, `undefined` where the file system has none. */
export interface FileNode {
  /** The last name of the path, as stored; empty for the root. */
  readonly name: string;
  /** Absolute path with `/`, the names as stored. */
  readonly path: string;
  /** What the file is. */
  readonly type: FileType;
  /** Bytes of the unnamed stream; 0 for directories. */
  readonly size: number;
  /** When it was created. */
  readonly created?: FileTime | undefined;
  /** When its content was last written. */
  readonly modified?: FileTime | undefined;
  /** When its record was last changed. */
  readonly changed?: FileTime | undefined;
  /** When it was last read, as far as the file system keeps that. */
  readonly accessed?: FileTime | undefined;
  /**
   * The content of the unnamed stream, or of a named one where the file system has such.
   * @throws DeadboxError when there is no such stream or its content cannot be read
   */
  stream(name?: string, options?: ReadOptions): Promise<ByteSource>;
  /** The names in this directory, in batches; nothing for other types. */
  entries(options?: EntriesOptions): AsyncIterable<readonly DirectoryEntry[]>;
}

/** Read access to a file system, by path. */
export interface FileTree {
  /** `ntfs`, `fat12`, `fat16`, `fat32`… */
  readonly fileSystem: string;
  /**
   * The file at `path`: `/` or `\` separated, an optional drive letter (`C:\…`), compared as the file system compares
   * names.
   * @returns `undefined` when there is no such name
   */
  lookup(path: string, options?: ReadOptions): Promise<FileNode | undefined>;
}

/** The names of a path: drive letter, empty parts and `.` removed, `/` and `\` both separate. */
export function splitPath(path: string): string[] {
  return path
    .replace(/^[A-Za-z]:(?=[\\/]|$)/, '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.');
}
