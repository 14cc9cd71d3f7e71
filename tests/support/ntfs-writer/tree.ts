import { ShortNames, type Times } from './file-name.js';
import type { Run } from './layout.js';

/** One name of a file: a hard link, with its short name where it has one. */
export interface Name {
  name: string;
  shortName: string | undefined;
  parent: FileEntry;
}

/** A file or folder to be written. */
export interface FileEntry {
  record: number;
  sequence: number;
  directory: boolean;
  names: Name[];
  times: Times;
  /** Bytes of the unnamed stream. */
  size: number;
  /** Bytes behind this one read as zeros though they are allocated. */
  valid: number | undefined;
  /**
   * `undefined`: a file of its own clusters that were never written, or a pattern when it is small enough for its
   * record.
   */
  content: Uint8Array | undefined;
  /** FILE_ATTRIBUTE bits without the directory bit. */
  attributes: number;
  /** In how many pieces the clusters of the content, or of the index, lie. */
  pieces: number;
  /** Named streams, kept in the record. */
  streams: Readonly<Record<string, Uint8Array>>;
  /** Where the content lies; `undefined` while it has no clusters. */
  runs: Run[] | undefined;
  /** Every name in this folder. */
  children: { name: Name; file: FileEntry }[];
  shortNames: ShortNames;
}

/** What may be said of a file when it is added. */
export interface FileOptions {
  size?: number;
  valid?: number;
  content?: Uint8Array;
  /** ISO time of the last change of the data; default the volume's time. */
  modified?: string;
  created?: string;
  attributes?: number;
  pieces?: number;
  /** Named streams, small enough for the file's record. */
  streams?: Readonly<Record<string, Uint8Array>>;
}

/** The FILETIME of an ISO time with a zone. */
export function fileTime(text: string): bigint {
  const match = /^(.*?)(?:\.(\d{1,7}))?Z$/.exec(text);
  if (match === null) throw new Error(`${text} is not a UTC time`);
  return (
    BigInt(Date.parse(`${match[1]}Z`)) * 10_000n + 116_444_736_000_000_000n + BigInt((match[2] ?? '').padEnd(7, '0'))
  );
}

/** The tree of a volume; record numbers are given in the order in which files are added. */
export class Tree {
  readonly root: FileEntry;
  readonly files: FileEntry[] = [];
  readonly #time: string;
  readonly #shortNames: boolean;
  #next = 24;

  /**
   * @param time - ISO time of everything that says nothing else
   * @param shortNames - whether long names get a short one, as on a Windows system volume
   */
  constructor(time: string, shortNames: boolean) {
    this.#time = time;
    this.#shortNames = shortNames;
    this.root = this.#entry(5, 5, true, { attributes: 0x06 });
    this.root.names.push({ name: '.', shortName: undefined, parent: this.root });
    this.root.children.push({ name: this.root.names[0], file: this.root });
  }

  addFile(parent: FileEntry, name: string, options: FileOptions = {}): FileEntry {
    return this.#add(parent, name, false, options);
  }

  addFolder(parent: FileEntry, name: string, options: FileOptions = {}): FileEntry {
    return this.#add(parent, name, true, options);
  }

  /** The folder at `path` (`/` separated), made where it is missing. */
  folder(path: string): FileEntry {
    let at = this.root;
    for (const part of path.split('/').filter((value) => value !== '')) {
      const found = at.children.find((child) => child.name.name === part);
      at = found === undefined ? this.addFolder(at, part) : found.file;
    }
    return at;
  }

  /** Gives a file one more name. */
  link(file: FileEntry, parent: FileEntry, name: string): void {
    const link = { name, shortName: this.#shortNames ? parent.shortNames.of(name) : undefined, parent };
    file.names.push(link);
    parent.children.push({ name: link, file });
  }

  /** A file of the system: fixed record number, name in the root unless it has none. */
  addSystem(record: number, name: string | undefined, options: FileOptions & { directory?: boolean } = {}): FileEntry {
    const known = name === undefined ? undefined : this.root.children.find((child) => child.name.name === name);
    if (known !== undefined) return this.#asSystem(known.file, record);
    const file = this.#entry(record, Math.max(1, record), options.directory === true, { attributes: 0x06, ...options });
    if (name !== undefined) {
      const only = { name, shortName: undefined, parent: this.root };
      file.names.push(only);
      this.root.children.push({ name: only, file });
    }
    return file;
  }

  /**
   * A folder of the system that already holds files, as `$Extend` holds the journal. Records are written in order, so
   * its first one gets a filler.
   */
  #asSystem(file: FileEntry, record: number): FileEntry {
    const filler = this.#entry(file.record, file.sequence, false, {});
    this.link(filler, this.root, `filler-${file.record}.tmp`);
    this.files[this.files.indexOf(file)] = filler;
    file.record = record;
    file.sequence = record;
    file.attributes = 0x06;
    for (const name of file.names) name.shortName = undefined;
    return file;
  }

  /** One more than the highest record number. */
  get recordEnd(): number {
    return this.#next;
  }

  #add(parent: FileEntry, name: string, directory: boolean, options: FileOptions): FileEntry {
    const record = this.#next;
    this.#next += 1;
    const file = this.#entry(record, 1 + ((record * 7) % 5), directory, options);
    this.link(file, parent, name);
    this.files.push(file);
    return file;
  }

  #entry(record: number, sequence: number, directory: boolean, options: FileOptions): FileEntry {
    const modified = fileTime(options.modified ?? this.#time);
    const created = fileTime(options.created ?? options.modified ?? this.#time);
    return {
      record,
      sequence,
      directory,
      names: [],
      times: { created, modified, changed: modified, accessed: modified },
      size: options.content?.length ?? options.size ?? 0,
      valid: options.valid,
      content: options.content,
      attributes: options.attributes ?? (directory ? 0 : 0x20),
      pieces: options.pieces ?? 1,
      streams: options.streams ?? {},
      runs: undefined,
      children: [],
      shortNames: new ShortNames(),
    };
  }
}
