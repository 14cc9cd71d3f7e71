import { type BigIntStats, type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Bytes } from './bytes/bytes.js';
import { checkRange, DeadboxError } from './errors.js';
import {
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTree,
  type FileType,
  splitPath,
} from './file-tree.js';
import type { ByteSource, ReadOptions } from './sources/byte-source.js';
import { openFile } from './sources/file-source.node.js';
import { openError } from './sources/open-error.node.js';

/** Folders whose names are kept: a scan asks for few folders, many times. */
const MAX_FOLDERS = 256;
/** Files that are open at a time. */
const MAX_OPEN = 64;
/** Names in one batch of entries. */
const BATCH = 1024;
/** Paths that are remembered as not readable. */
const MAX_UNREAD = 1000;
/** What a system says of a file that it has and does not give to this user, or not now. */
const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EBUSY', 'ELOOP', 'EINVAL', 'UNKNOWN']);
/** 100-nanosecond units from 1601 to 1970. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

/**
 * The files of a folder of this system, as far as the system shows them: no deleted files, no record numbers, no boot
 * sector. Names are compared without case, links are followed inside the folder only, and nothing but regular files is
 * opened. What the system refuses is an error that counts as damage, and stands in {@link unread}.
 */
export class FolderTree implements FileTree {
  readonly fileSystem = 'folder';
  readonly #root: string;
  readonly #counted: (source: ByteSource) => ByteSource;
  /** Open files, the one that was asked for last at the end. */
  readonly #open = new Map<string, Promise<ByteSource>>();
  readonly #folders = new Map<string, ReadonlyMap<string, Dirent>>();
  readonly #unread = new Set<string>();

  private constructor(root: string, counted: (source: ByteSource) => ByteSource) {
    this.#root = root;
    this.#counted = counted;
  }

  /**
   * @param counted - puts something over each file that is opened, such as a counter
   * @throws DeadboxError when there is no such folder, or it may not be read
   */
  static open(path: string, counted: (source: ByteSource) => ByteSource = (source) => source): FolderTree {
    try {
      const root = realpathSync(path);
      readdirSync(root);
      return new FolderTree(root, counted);
    } catch (cause) {
      throw openError(path, cause);
    }
  }

  /** Paths below the folder that were asked for and that the system did not give, each once. */
  get unread(): readonly string[] {
    return [...this.#unread];
  }

  lookup(path: string, options?: ReadOptions): Promise<FileNode | undefined> {
    return Promise.resolve().then(() => this.#find(splitPath(path), options));
  }

  /** The open file at `place`; the one that was asked for least lately is closed for it where many are open. */
  async file(place: string, path: string): Promise<ByteSource> {
    const known = this.#open.get(place) ?? openFile(place, { onlyFiles: true }).then(this.#counted);
    this.#open.delete(place);
    this.#open.set(place, known);
    const [oldest] = this.#open;
    if (this.#open.size > MAX_OPEN && oldest !== undefined) {
      this.#open.delete(oldest[0]);
      await closed(oldest[1]);
    }
    try {
      return await known;
    } catch (cause) {
      this.#open.delete(place);
      throw this.refused(path, cause);
    }
  }

  /** Closes the files that are open. */
  async close(): Promise<void> {
    for (const source of this.#open.values()) await closed(source);
    this.#open.clear();
  }

  /**
   * The names in the folder at `place`, whose path is `path`. Of two that differ in case only, one is not seen, which
   * is noted.
   */
  names(place: string, path: string): ReadonlyMap<string, Dirent> {
    const known = this.#folders.get(place);
    if (known !== undefined) return known;
    const names = new Map<string, Dirent>();
    const entries = this.attempt(path, () => readdirSync(place, { withFileTypes: true }));
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const key = entry.name.toUpperCase();
      if (names.has(key)) this.#note(join(path, entry.name));
      else names.set(key, entry);
    }
    if (this.#folders.size >= MAX_FOLDERS) this.#folders.clear();
    this.#folders.set(place, names);
    return names;
  }

  /** What lies at `place`: a link that leads out of the folder, or nowhere, stays a link. */
  node(place: string, name: string, path: string): FileNode {
    const stats = this.attempt(path, () => lstatSync(place, { bigint: true }));
    if (!stats.isSymbolicLink()) return new FolderNode(this, place, { name, path, stats });
    const target = this.#inside(place);
    if (target === undefined) return new FolderNode(this, place, { name, path, stats });
    const targetStats = this.attempt(path, () => statSync(target, { bigint: true }));
    return new FolderNode(this, target, { name, path, stats: targetStats });
  }

  /** Asks the system; what it refuses is noted. */
  attempt<T>(path: string, ask: () => T): T {
    try {
      return ask();
    } catch (cause) {
      throw this.refused(path, cause);
    }
  }

  /** The error for a path that the system did not give; a failing way to the folder stays one. */
  refused(path: string, cause: unknown): unknown {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (!REFUSALS.has(code) && code !== 'SOURCE_DENIED' && code !== 'SOURCE_NOT_READABLE')
      return code.startsWith('SOURCE_') || code === '' ? cause : openError(path, cause);
    this.#note(path);
    return new DeadboxError('FILE_REFUSED', `${path} cannot be read: ${message}`, {
      at: { layer: path, offset: 0 },
      data: { path, system: code },
    });
  }

  #note(path: string): void {
    if (this.#unread.size < MAX_UNREAD) this.#unread.add(path.replaceAll('\\', '/'));
  }

  #find(parts: readonly string[], options: ReadOptions | undefined): FileNode | undefined {
    let node: FileNode = this.node(this.#root, '', '/');
    let place = this.#root;
    for (const part of parts) {
      options?.signal?.throwIfAborted();
      if (!(node instanceof FolderNode) || node.type !== 'directory') return undefined;
      const name = this.names(place, node.path).get(part.toUpperCase())?.name;
      if (name === undefined) return undefined;
      node = this.node(join(place, name), name, node.path === '/' ? `/${name}` : `${node.path}/${name}`);
      place = (node as FolderNode).place;
    }
    return node;
  }

  /** Where a link leads, inside the folder. */
  #inside(place: string): string | undefined {
    try {
      const target = realpathSync(place);
      const inside = this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`;
      return target === this.#root || target.startsWith(inside) ? target : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A file or folder. */
class FolderNode implements FileNode {
  readonly name: string;
  readonly path: string;
  readonly type: FileType;
  readonly size: number;
  readonly created: bigint | undefined;
  readonly modified: bigint | undefined;
  readonly accessed: bigint | undefined;
  /** Path on this system, without links. */
  readonly place: string;
  readonly #tree: FolderTree;

  constructor(tree: FolderTree, place: string, facts: { name: string; path: string; stats: BigIntStats }) {
    const { name, path, stats } = facts;
    this.#tree = tree;
    this.place = place;
    this.name = name;
    this.path = path;
    this.type = typeOf(stats);
    this.size = this.type === 'file' ? Number(stats.size) : 0;
    this.created = fileTimeOf(stats.birthtimeNs);
    this.modified = fileTimeOf(stats.mtimeNs);
    this.accessed = fileTimeOf(stats.atimeNs);
  }

  async stream(name?: string, options?: ReadOptions): Promise<ByteSource> {
    options?.signal?.throwIfAborted();
    const { path, type } = this;
    if (type !== 'file' || (name !== undefined && name !== ''))
      throw new DeadboxError('FILE_REFUSED', `${path} has no content that a folder shows`, { data: { path, type } });
    await this.#tree.file(this.place, path);
    return new FolderFile(this.#tree, this);
  }

  async *entries(options?: EntriesOptions): AsyncGenerator<readonly DirectoryEntry[]> {
    if (this.type !== 'directory') return;
    const prefix = (options?.prefix ?? '').toUpperCase();
    const names = [...this.#tree.names(this.place, this.path)].filter(([upper]) => upper.startsWith(prefix));
    names.sort(([left], [right]) => (left < right ? -1 : 1));
    for (let at = 0; at < names.length; at += BATCH) {
      options?.signal?.throwIfAborted();
      yield names.slice(at, at + BATCH).map(([, entry]) => this.#entry(entry));
    }
  }

  #entry(entry: Dirent): DirectoryEntry {
    const { name } = entry;
    const path = this.path === '/' ? `/${name}` : `${this.path}/${name}`;
    const open = (): Promise<FileNode> =>
      Promise.resolve().then(() => this.#tree.node(join(this.place, name), name, path));
    return { name, type: typeOf(entry), open };
  }
}

/** The content of a file, opened again when it has been closed meanwhile. */
class FolderFile implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #tree: FolderTree;
  readonly #place: string;

  constructor(tree: FolderTree, { size, path, place }: FolderNode) {
    this.#tree = tree;
    this.size = size;
    this.name = path;
    this.#place = place;
  }

  async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    return (await this.#tree.file(this.#place, this.name)).read(offset, length, options);
  }
}

async function closed(source: Promise<ByteSource>): Promise<void> {
  const opened = await source.catch(() => undefined);
  await opened?.close?.();
}

function typeOf(is: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileType {
  if (is.isFile()) return 'file';
  if (is.isDirectory()) return 'directory';
  return is.isSymbolicLink() ? 'symlink' : 'other';
}

/** Some file systems tell no time, and say 0. */
function fileTimeOf(nanoseconds: bigint): bigint | undefined {
  return nanoseconds <= 0n ? undefined : nanoseconds / 100n + UNIX_EPOCH;
}
