import { isDamage, type ReadOptions } from '@deadbox/core';
import type { MftTable, NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { MAX_FOLDER_DEPTH, MAX_FOLDERS } from '../../limits.js';
import { matchesName, type PathPattern } from './path-pattern.js';

const ROOT_RECORD = 5;

/** A file that a pattern means. */
export interface Match {
  readonly file: NtfsFile;
  readonly foundBy: 'index' | 'mft';
}

/** Where was looked without the file table: what the table may have more to say of. */
export type LookedAt =
  /** A folder was looked for by its path; its record when it was found. */
  | { readonly kind: 'path'; readonly path: string; readonly record: number | undefined }
  /** A folder was listed for names; the records of its entries. */
  | {
      readonly kind: 'folder';
      readonly record: number;
      readonly sequence: number;
      readonly name: string;
      readonly seen: ReadonlySet<number>;
    };

/** Compares what was found without the file table with what the table has. */
export class TableProof {
  readonly table: MftTable;
  readonly #folders = new Map<string, number | undefined>();

  constructor(table: MftTable) {
    this.table = table;
  }

  /** Whether a search with the table would find the same there. */
  confirms(place: LookedAt): boolean {
    if (place.kind === 'path') {
      const record = this.#folder(place.path);
      return record === undefined || record === place.record;
    }
    const { record, sequence, name, seen } = place;
    return namesIn(this.table, record, sequence).every(
      (found) => seen.has(found.record) || !matchesName(name, found.name),
    );
  }

  #folder(path: string): number | undefined {
    if (!this.#folders.has(path)) this.#folders.set(path, folderByTable(this.table, path));
    return this.#folders.get(path);
  }
}

/** Where folders are listed. */
export interface WalkOptions extends ReadOptions {
  readonly tree: NtfsVolume;
  /** The names of the whole file table, to compare the folders' indexes with. */
  readonly table?: MftTable | undefined;
}

/** Lists the folders of one selection, and knows whether anything may have been missed. */
export class FolderWalk {
  readonly folders: NtfsFile[] = [];
  readonly lookedAt: LookedAt[];
  #complete = true;
  readonly #options: WalkOptions;
  /** Folders by record: a folder that contains itself is listed once. */
  readonly #listed = new Set<number>();

  /** @param lookedAt - gets where was looked */
  constructor(options: WalkOptions, lookedAt: LookedAt[] = []) {
    this.#options = options;
    this.lookedAt = lookedAt;
  }

  /** Whether every folder was listed without damage, and no name was found that its index does not have. */
  get complete(): boolean {
    return this.#complete;
  }

  /** More is there, or may be, than was looked at. */
  cut(): void {
    this.#complete = false;
  }

  /** The entries that `pattern` means. */
  async *matches(pattern: PathPattern): AsyncGenerator<Match> {
    this.#listed.clear();
    const folder = await this.#folder(pattern.folder);
    if (folder?.isDirectory === true) yield* this.#list(folder, pattern, 0);
  }

  /** The folder; one that damage hides, or that is there in spite of its index, leaves the search incomplete. */
  async #folder(path: string): Promise<NtfsFile | undefined> {
    const { tree, table } = this.#options;
    const found = await this.#survive(async () => {
      const { file, complete } = await tree.search(path, this.#options);
      if (!complete) this.cut();
      return file;
    });
    if (table === undefined) this.lookedAt.push({ kind: 'path', path, record: found?.record });
    const record = table === undefined ? undefined : folderByTable(table, path);
    if (record === undefined || record === found?.record) return found;
    this.cut();
    return found ?? (await this.#survive(() => tree.file(record, this.#options)));
  }

  async *#list(folder: NtfsFile, pattern: PathPattern, depth: number): AsyncGenerator<Match> {
    if (this.#listed.has(folder.record)) return;
    if (this.#listed.size >= MAX_FOLDERS) {
      this.cut();
      return;
    }
    this.#listed.add(folder.record);
    this.folders.push(folder);
    const { tree } = this.#options;
    const listing = await tree.findInDirectory(folder, pattern.deep ? '' : pattern.prefix, this.#options);
    if (!listing.complete) this.cut();
    const seen = new Set<number>();
    for (const entry of listing.entries) {
      seen.add(entry.record);
      const matches = matchesName(pattern.name, entry.name);
      if (!matches && !pattern.deep) continue;
      const file = await this.#survive(() => entry.open(this.#options));
      if (file === undefined) continue;
      if (matches) yield { file, foundBy: listing.foundBy };
      if (!pattern.deep || !file.isDirectory) continue;
      if (depth >= MAX_FOLDER_DEPTH) this.cut();
      else yield* this.#list(file, pattern, depth + 1);
    }
    yield* this.#missing(folder, pattern, seen);
  }

  /** Names of the file table whose parent is the folder and that its index does not have. */
  async *#missing(folder: NtfsFile, pattern: PathPattern, seen: ReadonlySet<number>): AsyncGenerator<Match> {
    const { tree, table } = this.#options;
    if (pattern.deep) return;
    if (table === undefined) {
      const { record, sequence } = folder;
      this.lookedAt.push({ kind: 'folder', record, sequence, name: pattern.name, seen });
      return;
    }
    for (const { record, name } of namesIn(table, folder.record, folder.sequence)) {
      if (seen.has(record) || !matchesName(pattern.name, name)) continue;
      this.cut();
      const file = await this.#survive(() => tree.file(record, this.#options));
      if (file !== undefined) yield { file, foundBy: 'mft' };
    }
  }

  /** What cannot be read could be what is looked for, or lead to it. */
  async #survive(work: () => Promise<NtfsFile | undefined>): Promise<NtfsFile | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error, this.#options.signal)) throw error;
      this.cut();
      return undefined;
    }
  }
}

/** The record of the folder at `path`, by the parents that the records name; `undefined` when none leads there. */
function folderByTable(table: MftTable, path: string): number | undefined {
  let found: { record: number; sequence: number } = { record: ROOT_RECORD, sequence: 0 };
  for (const part of path.split('/').filter((name) => name !== '')) {
    const next = namesIn(table, found.record, found.sequence).find(
      ({ record, name }) => matchesName(part, name) && table.type(record) === 'directory',
    );
    if (next === undefined) return undefined;
    found = { record: next.record, sequence: table.record(next.record)?.sequence ?? 0 };
  }
  return found.record;
}

/** The names of files in use whose parent is `folder`. */
function namesIn(table: MftTable, folder: number, sequence: number): { record: number; name: string }[] {
  return table
    .children(folder, folder === ROOT_RECORD ? 0 : sequence)
    .map((row) => table.name(row))
    .filter(({ record }) => table.record(record)?.inUse === true);
}
