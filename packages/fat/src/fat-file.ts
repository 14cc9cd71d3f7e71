import {
  type ByteSource,
  DeadboxError,
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTime,
  type ReadOptions,
} from '@deadbox/core';
import type { FatEntry } from './directory-entry.js';
import type { FatErrorCode } from './errors.js';
import { foldName } from './name-comparison.js';

/** What a file asks of the volume that it lies on. */
export interface FatContent {
  /** First cluster of the root directory; 0 on FAT12 and FAT16. */
  readonly rootCluster: number;
  /** The content of a file. */
  content(file: FatFile, options?: ReadOptions): Promise<ByteSource>;
  /** The live entries of a directory, in batches. */
  list(directory: FatFile, options?: ReadOptions): AsyncIterable<readonly FatEntry[]>;
}

/** A file or directory of a FAT volume. Times are the writer's local time, given as if it were UTC. */
export class FatFile implements FileNode {
  /** Long name where there is one; empty for the root. */
  readonly name: string;
  /** Path from the root with `/`, the names as stored. */
  readonly path: string;
  /** FAT has nothing else. */
  readonly type: 'file' | 'directory';
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** To 10 ms. */
  readonly created: FileTime | undefined;
  /** To two seconds. */
  readonly modified: FileTime | undefined;
  /** Day only. */
  readonly accessed: FileTime | undefined;
  /** 8.3 name; empty for the root. */
  readonly shortName: string;
  /** Attribute byte: 0x01 read-only, 0x02 hidden, 0x04 system, 0x10 directory, 0x20 archive. */
  readonly attributes: number;
  /** First cluster; 0 for an empty file and for the root of FAT12 and FAT16. */
  readonly firstCluster: number;
  /** Byte offset on the volume of its 8.3 entry; `undefined` for the root. */
  readonly entryOffset: number | undefined;
  readonly #content: FatContent;

  /** @param entry - `undefined` for the root directory */
  constructor(content: FatContent, entry: FatEntry | undefined, parentPath: string) {
    this.#content = content;
    this.name = entry?.name ?? '';
    this.path = entry === undefined ? '/' : `${parentPath === '/' ? '' : parentPath}/${entry.name}`;
    this.type = entry === undefined || entry.isDirectory ? 'directory' : 'file';
    this.size = entry?.size ?? 0;
    this.created = entry?.created;
    this.modified = entry?.modified;
    this.accessed = entry?.accessed;
    this.shortName = entry?.shortName ?? '';
    this.attributes = entry?.attributes ?? 0x10;
    this.firstCluster = entry?.firstCluster ?? content.rootCluster;
    this.entryOffset = entry?.offset;
  }

  /**
   * The content. A chain that ends too early is an issue; the bytes before its end can be read.
   * @throws DeadboxError `FAT_NO_SUCH_STREAM` for directories and for named streams
   */
  async stream(name = '', options?: ReadOptions): Promise<ByteSource> {
    if (this.type === 'directory' || name !== '') {
      const named = `has no stream "${name}": FAT has no named streams`;
      const message = `${this.path} ${name === '' ? 'is a directory and has no content' : named}`;
      const data = { path: this.path, stream: name };
      throw new DeadboxError<FatErrorCode>('FAT_NO_SUCH_STREAM', message, { data });
    }
    return this.#content.content(this, options);
  }

  /** The names in this directory; nothing for a file. */
  async *entries(options: EntriesOptions = {}): AsyncGenerator<readonly DirectoryEntry[]> {
    if (this.type !== 'directory') return;
    const prefix = options.prefix === undefined ? undefined : foldName(options.prefix);
    for await (const batch of this.#content.list(this, options)) {
      const wanted = prefix === undefined ? batch : batch.filter((entry) => foldName(entry.name).startsWith(prefix));
      if (wanted.length === 0) continue;
      yield wanted.map((entry) => ({
        name: entry.name,
        type: entry.isDirectory ? ('directory' as const) : ('file' as const),
        open: () => Promise.resolve(new FatFile(this.#content, entry, this.path)),
      }));
    }
  }
}
