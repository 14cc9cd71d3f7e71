import { type FileNode, type FileTree, formatFileTime, isDamage, type ReadOptions } from '@deadbox/core';
import { MAX_FOLDER_DEPTH, MAX_FOLDERS, MAX_JUDGED_FILES, MAX_SHOWN_FILES } from '../../limits.js';
import type { FileReport } from '../../report/rule-result.js';
import type { FileSelection } from '../rule.js';
import { type FileContents, judgeContent } from './describe-file.js';
import { type GatheredFiles, judgeDescribed } from './gather-files.js';
import { matchesName, type PathPattern, resolvePattern } from './path-pattern.js';

/** Where one selection is looked for. */
export interface TreeGatherOptions extends ReadOptions {
  readonly tree: FileTree;
  /** Path of the Windows folder. */
  readonly root: string;
  /** `quick`: only the judged files; `full`: also look-alikes and quarantine. */
  readonly mode: 'quick' | 'full';
  /** The contents that were read already, and how many more may be. */
  readonly contents: FileContents;
  readonly versions: boolean;
}

/** Finds, classifies and describes the files of `selection` where a file system shows its files, and nothing below. */
export async function gatherInTree(selection: FileSelection, options: TreeGatherOptions): Promise<GatheredFiles> {
  const { root, mode, contents } = options;
  const walk = new TreeWalk(options);
  const judged: FileReport[] = [];
  const seen = new Set<string>();
  const isNew = ({ path }: FileNode): boolean => !seen.has(path) && seen.add(path).has(path);
  for (const path of selection.paths) {
    for await (const file of walk.matches(resolvePattern(path, root))) {
      if ((file.type === 'directory') !== (selection.kind === 'directory') || !isNew(file)) continue;
      if (judged.length >= MAX_JUDGED_FILES) {
        walk.cut();
        break;
      }
      const before = contents.cut;
      const report = await judgeDescribed(selection, file, await describeNode(file, options), options);
      if (report === undefined) continue;
      judged.push(report);
      if (contents.cut !== before) walk.cut();
    }
  }
  judged.sort((left, right) => (left.path < right.path ? -1 : 1));
  const { complete } = walk;
  const shown: FileReport[] = [];
  for (const [word, paths] of mode === 'full' ? shownPaths(selection) : [])
    for (const path of paths)
      for await (const file of walk.matches(resolvePattern(path, root))) {
        if (shown.length >= MAX_SHOWN_FILES) break;
        if (file.type === 'directory' || !isNew(file)) continue;
        shown.push({ ...(await describeNode(file, options)), class: word });
      }
  return { judged, shown, complete, folders: [], lookedAt: [] };
}

function shownPaths({ lookalikes, quarantine }: FileSelection): (readonly [word: string, paths: readonly string[]])[] {
  return [
    ['look-alike', lookalikes],
    ['quarantined', quarantine],
  ];
}

/** What a system tells of a file; what it keeps to itself is `null`. */
async function describeNode(file: FileNode, options: TreeGatherOptions): Promise<FileReport> {
  const { path, size } = file;
  const { content, sha256 } = await contentOf(file, options);
  const time = (value: bigint | undefined): string | null =>
    value === undefined ? null : (formatFileTime(value) ?? null);
  return {
    path,
    class: 'present',
    content,
    notes: [],
    size,
    initializedSize: null,
    modified: time(file.modified),
    created: time(file.created),
    changed: time(file.changed),
    accessed: time(file.accessed),
    nameModified: null,
    nameCreated: null,
    nameChanged: null,
    nameAccessed: null,
    record: null,
    sequence: null,
    sha256,
    foundBy: 'folder',
    deleted: false,
    runs: [],
    evidence: [],
  };
}

async function contentOf(file: FileNode, options: TreeGatherOptions): Promise<Pick<FileReport, 'content' | 'sha256'>> {
  const { path, size, type } = file;
  if (type === 'directory') return { content: 'ok', sha256: null };
  // A link that is not followed, a pipe: what is behind it nobody looked at.
  if (type !== 'file') return { content: 'unreadable', sha256: null };
  return options.contents.judge(path, size, (hashable) =>
    judgeContent(file, { size, initializedSize: size, hashable }, options),
  );
}

/** Lists the folders of one selection, and knows whether anything may have been missed. */
class TreeWalk {
  readonly #options: TreeGatherOptions;
  #folders = 0;
  #complete = true;

  constructor(options: TreeGatherOptions) {
    this.#options = options;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** More is there, or may be, than was looked at. */
  cut(): void {
    this.#complete = false;
  }

  /** The entries that `pattern` means. */
  async *matches(pattern: PathPattern): AsyncGenerator<FileNode> {
    const folder = await this.#survive(() => this.#options.tree.lookup(pattern.folder, this.#options));
    if (folder?.type === 'directory') yield* this.#list(folder, pattern, 0);
  }

  async *#list(folder: FileNode, pattern: PathPattern, depth: number): AsyncGenerator<FileNode> {
    this.#folders += 1;
    if (this.#folders > MAX_FOLDERS) return this.cut();
    const prefix = pattern.deep ? '' : pattern.prefix;
    const batches = folder.entries({ ...this.#options, prefix })[Symbol.asyncIterator]();
    for (;;) {
      const batch = await this.#survive(() => batches.next());
      if (batch === undefined || batch.done === true) return;
      for (const entry of batch.value) {
        const matches = matchesName(pattern.name, entry.name);
        // Links are not gone into: they may lead in circles.
        const isFolder = pattern.deep && entry.type === 'directory';
        if (isFolder && depth >= MAX_FOLDER_DEPTH) this.cut();
        const inner = isFolder && depth < MAX_FOLDER_DEPTH;
        if (!matches && !inner) continue;
        const file = await this.#survive(() => entry.open(this.#options));
        if (file === undefined) continue;
        if (matches) yield file;
        if (inner) yield* this.#list(file, pattern, depth + 1);
      }
    }
  }

  /** What cannot be read could be what is looked for, or lead to it. */
  async #survive<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error, this.#options.signal)) throw error;
      this.cut();
      return undefined;
    }
  }
}
