import { type Dir, type Dirent, lstatSync, opendirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Bytes } from '../bytes/bytes.js';
import type { ByteSource, FilesAround, ReadOptions, Surroundings } from './byte-source.js';
import { type FileOptions, openBeside } from './file-source.node.js';

/** Most entries that are looked at, in all folders together, and most folders. */
const MAX_ENTRIES = 16_384;
const MAX_FOLDERS = 256;
/** Most further files. */
const MAX_ALSO = 64;
/** Most links that lead to one another. */
const MAX_LINKS = 8;

/** Folders beside the image's own in which Hyper-V and libvirt keep the links of its chain. */
const BESIDE = ['Snapshots', 'snapshots', 'Virtual Hard Disks'];
/** Folders that belong to a machine or a chain: what lies in their folders belongs to it, too. */
const OF_A_CHAIN = /^(snapshots|virtual hard disks)$|\.(pvm|hdd|vmwarevm)$/i;

/** Options of what is looked for around an image. */
export interface SiblingOptions extends FileOptions {
  /** Paths that the caller writes to: what lies there is not looked at. */
  readonly outputs?: readonly string[];
  /** Further files that may be newer states of the image, wherever they lie; of more than 64 none is looked at. */
  readonly also?: readonly string[];
}

/**
 * The files around the image at `path`. Nothing is asked of a mounted file system below the image's folder, whose
 * server may be gone, of links that lead out of the folder, nor of devices and pipes.
 */
export function filesAround(path: string, options: SiblingOptions): Surroundings {
  const own = realPath(dirname(path)) ?? resolve(dirname(path));
  const target = realPath(path) ?? join(own, basename(path));
  const folders = [...new Set([own, dirname(target)])];
  const open = (file: string): Promise<ByteSource | undefined> => {
    // As the user named the folder, where the path does not leave it.
    return openBeside(path, join(file.startsWith('../') ? own : dirname(path), file), options);
  };
  return {
    place: folders.join('\0'),
    self: [...new Set([join(own, basename(path)), target])].map((file) => pathFrom(own, file)),
    list: (reading) => Promise.resolve(new Walk(folders, options, reading).list()),
    async head(file: string, length: number, reading?: ReadOptions): Promise<Bytes | undefined> {
      const source = await open(file);
      if (source === undefined) return undefined;
      try {
        return await source.read(0, Math.min(length, source.size), reading);
      } finally {
        await source.close?.();
      }
    },
    open,
  };
}

/** A folder that is still to be looked at. */
interface WaitingFolder {
  readonly folder: string;
  /** How many levels below it belong to it. */
  readonly depth: number;
}

class Walk {
  readonly #own: string;
  /** The folders of the image: its own, and the one that it was reached in by a link. */
  readonly #roots: readonly string[];
  readonly #outputs: ReadonlySet<string>;
  readonly #mounts: ReadonlySet<string> = mountPoints();
  readonly #reading: ReadOptions | undefined;
  readonly #also: readonly string[];
  readonly #paths: string[] = [];
  #entries = 0;
  #leftOut = 0;

  constructor(roots: readonly string[], options: SiblingOptions, reading: ReadOptions | undefined) {
    const { outputs = [], also = [] } = options;
    [this.#own = ''] = roots;
    this.#roots = roots;
    this.#reading = reading;
    this.#also = also.length > MAX_ALSO ? [] : also;
    this.#outputs = new Set(
      outputs.map((path) => join(realPath(dirname(path)) ?? resolve(dirname(path)), basename(path))),
    );
  }

  list(): FilesAround {
    const waiting: WaitingFolder[] = this.#roots.map((folder) => ({ folder, depth: 1 }));
    for (const folder of this.#besideOwn()) waiting.push({ folder, depth: 1 });
    const seen = new Set<string>();
    for (const { folder, depth } of waiting) {
      this.#reading?.signal?.throwIfAborted();
      if (seen.has(folder)) continue;
      if (seen.size >= MAX_FOLDERS || this.#entries >= MAX_ENTRIES) this.#leftOut += 1;
      else for (const below of this.#look(folder, depth)) waiting.push(below);
      seen.add(folder);
    }
    const present = this.#addOthers();
    return { paths: this.#paths, present, leftOut: this.#leftOut };
  }

  /**
   * Takes files that lie elsewhere on the same file system.
   * @returns the paths of what lies beside them
   */
  #addOthers(): string[] {
    const known = new Set(this.#paths);
    const beside = new Set<string>();
    const folders = new Set<string>();
    for (const place of this.#also.map((path) => resolve(path))) {
      const path = pathFrom(this.#own, place);
      if (known.has(path) || this.#mountOf(place) !== this.#mountOf(this.#own)) continue;
      if (orNothing(() => lstatSync(place))?.isFile() !== true) continue;
      this.#paths.push(path);
      folders.add(dirname(place));
    }
    for (const folder of folders)
      for (const { name } of this.#entriesOf(folder)) beside.add(pathFrom(this.#own, join(folder, name)));
    return [...beside];
  }

  /** Where the file system of a place is mounted. */
  #mountOf(place: string): string {
    let found = '';
    for (const mount of this.#mounts)
      if (mount.length > found.length && (place === mount || isIn(place, mount))) found = mount;
    return found;
  }

  /** Takes the files of a folder. @returns the folders in it that belong to it */
  #look(folder: string, depth: number): WaitingFolder[] {
    const below: WaitingFolder[] = [];
    for (const entry of this.#entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (this.#mounts.has(path) || this.#outputs.has(path)) continue;
      if (entry.isFile() || (entry.isSymbolicLink() && this.#isTakenLink(path)))
        this.#paths.push(pathFrom(this.#own, path));
      else if (entry.isDirectory()) {
        const isOfChain = OF_A_CHAIN.test(entry.name);
        if (depth > 0 || isOfChain) below.push({ folder: path, depth: isOfChain ? depth : depth - 1 });
      }
    }
    return below;
  }

  #entriesOf(path: string): Dirent[] {
    const folder = orNothing(() => opendirSync(path));
    const found: Dirent[] = [];
    try {
      for (let entry = nextOf(folder); entry !== null; entry = nextOf(folder)) {
        this.#entries += 1;
        if (this.#entries > MAX_ENTRIES) break;
        found.push(entry);
      }
    } finally {
      folder?.closeSync();
    }
    if (folder === undefined || this.#entries > MAX_ENTRIES) this.#leftOut += 1;
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Whether a link leads to a place in the image's folder. Its text tells that: whoever asks what is there may wait for
   * ever.
   */
  #staysInside(link: string, links = 0): boolean {
    const target = resolve(dirname(link), readlinkSync(link));
    const root = this.#roots.find((folder) => isIn(target, folder));
    if (root === undefined || links > MAX_LINKS || this.#outputs.has(target)) return false;
    let place = root;
    for (const name of target.slice(withEnd(root).length).split(sep)) {
      place = join(place, name);
      if (this.#mounts.has(place)) return false;
      const isLink = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;
      if (isLink) return place === target && this.#staysInside(place, links + 1);
    }
    return true;
  }

  #isTakenLink(link: string): boolean {
    const isTaken = orNothing(() => this.#staysInside(link)) === true;
    if (!isTaken) this.#leftOut += 1;
    return isTaken;
  }

  /** The folders beside the image's own that belong to its chain. */
  #besideOwn(): string[] {
    const parent = dirname(this.#own);
    const found = new Map<string, string>();
    for (const name of BESIDE) {
      const folder = join(parent, name);
      if (this.#mounts.has(folder)) continue;
      const facts = orNothing(() => lstatSync(folder, { bigint: true, throwIfNoEntry: false }));
      // One folder answers to both spellings where case does not count.
      if (facts?.isDirectory() === true) found.set(`${facts.dev}:${facts.ino}`, folder);
    }
    return [...found.values()];
  }
}

/** Where file systems are mounted. Linux alone tells (proc_pid_mountinfo(5)); elsewhere such folders are rare. */
function mountPoints(): ReadonlySet<string> {
  if (process.platform !== 'linux') return new Set();
  const lines = orNothing(() => readFileSync('/proc/self/mountinfo', 'utf8'))?.split('\n') ?? [];
  const plain = (text: string): string =>
    text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
  return new Set(lines.map((line) => plain(line.split(' ')[4] ?? '')).filter((place) => place !== ''));
}

function pathFrom(own: string, file: string): string {
  return relative(own, file).replaceAll(sep, '/');
}

const nextOf = (folder: Dir | undefined): Dirent | null => orNothing(() => folder?.readSync()) ?? null;

const withEnd = (folder: string): string => (folder.endsWith(sep) ? folder : folder + sep);
const isIn = (path: string, folder: string): boolean => path.startsWith(withEnd(folder));

/** What the system answers; `undefined` where it refuses to. */
function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}

const realPath = (path: string): string | undefined => orNothing(() => realpathSync(path));
