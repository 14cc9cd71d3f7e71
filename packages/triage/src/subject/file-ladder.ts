import {
  type ByteSource,
  type DirectoryEntry,
  type Evidence,
  type FileNode,
  type FileTree,
  isDamage,
  type Json,
  type ReadOptions,
  survive,
} from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import {
  MAX_CHECKED_FILES,
  MAX_CHECKSUMMED_BYTES,
  MAX_LADDER_READS,
  MAX_LISTED_NAMES,
  MAX_SUMMED_BYTES,
} from '../limits.js';
import { contentEvidence, recordEvidence } from '../obstacles/obstacle-evidence.js';
import type { DoubtReason } from './doubts.js';
import type { CheckedFile, FileLadder, FileState, FolderNames, LadderDepth } from './file-state.js';
import { contentState, type FileVerdict, imageState, plainState, summedState } from './image-state.js';
import { inFlight } from './shared.js';

/** Why a file behind the {@link MAX_CHECKED_FILES} first of a list is not examined. */
const TOO_MANY: DoubtReason = 'too-many';
/** `$DATA`. */
const DATA_ATTRIBUTE = 0x80;

/** The ladder over one volume. What was asked for once is remembered, a folder's listing too. */
export class VolumeLadder implements FileLadder {
  readonly #volume: Volume | undefined;
  readonly #tree: FileTree;
  readonly #folders = new Map<string, Promise<FolderNames | undefined>>();
  readonly #known: Readonly<Record<LadderDepth, Map<string, Promise<CheckedFile>>>> = {
    presence: new Map(),
    plain: new Map(),
    image: new Map(),
    content: new Map(),
  };

  /** @param volume - where the bytes of files can be shown as evidence */
  constructor(volume: Volume | undefined, tree: FileTree) {
    this.#volume = volume;
    this.#tree = tree;
  }

  check(path: string, depth: LadderDepth, options: ReadOptions = {}): Promise<CheckedFile> {
    return remembered(
      this.#known[depth],
      path,
      options,
      () => (depth === 'presence' ? this.#presence(path, options) : this.#deeper(path, depth, options)),
      // The listing of its folder tells that again at once, and hostile lists name tens of thousands of such.
      ({ state }) => state !== 'absent',
    );
  }

  async checkAll(
    paths: readonly string[],
    depth: LadderDepth,
    options: ReadOptions = {},
  ): Promise<readonly CheckedFile[]> {
    const wanted = paths.slice(0, MAX_CHECKED_FILES);
    const checkAs = (as: LadderDepth): Promise<CheckedFile[]> =>
      inFlight(wanted, MAX_LADDER_READS, (path) => this.check(path, as, options));
    const beyond = paths
      .slice(MAX_CHECKED_FILES)
      .map((path) => this.#checked(folderOf(path), undefined, { state: 'unreadable', data: { reason: TOO_MANY } }));
    if (depth !== 'content') return [...(await checkAs(depth)), ...beyond];
    const images = await checkAs('image');
    const affordable = withinBudget(images);
    const whole = await inFlight(images, MAX_LADDER_READS, (image, index) =>
      affordable[index] ? this.check(wanted[index], 'content', options) : Promise.resolve(image),
    );
    return [...whole, ...beyond];
  }

  list(folder: string, options: ReadOptions = {}): Promise<FolderNames | undefined> {
    return remembered(this.#folders, folder, options, () => this.#list(folder, options));
  }

  async #list(folder: string, options: ReadOptions): Promise<FolderNames | undefined> {
    const { node, complete } = await this.#find(folder, options);
    if (node?.type !== 'directory') return complete ? undefined : { names: new Map(), complete };
    const names = new Map<string, DirectoryEntry>();
    const listing = node.entries(options);
    for await (const batch of listing) {
      for (const entry of batch) names.set(entry.name.toUpperCase(), entry);
      if (names.size > MAX_LISTED_NAMES) return { names, complete: false };
    }
    const whole = !('complete' in listing) || listing.complete === true;
    return { names, complete: complete && whole };
  }

  /** A node by path, and whether nothing on the way contradicts the answer. */
  async #find(path: string, options: ReadOptions): Promise<{ node: FileNode | undefined; complete: boolean }> {
    if (!(this.#tree instanceof NtfsVolume)) return { node: await this.#tree.lookup(path, options), complete: true };
    const { file, complete } = await this.#tree.search(path, options);
    return { node: file, complete };
  }

  async #presence(path: string, options: ReadOptions): Promise<CheckedFile> {
    let node: FileNode | undefined;
    const verdict = await survive<Promise<FileVerdict>, FileVerdict>(
      async () => {
        const folder = await this.list(folderOf(path), options);
        const entry = folder?.names.get(path.slice(path.lastIndexOf('/') + 1).toUpperCase());
        if (entry === undefined)
          return folder?.complete === false ? unreadable('folder-contradicted') : { state: 'absent', data: {} };
        node = await entry.open(options);
        return presenceOf(node);
      },
      ({ code, message }) => unreadable(message, code),
      options,
    );
    return this.#checked(path, node, verdict);
  }

  /** Examines a file further, where nothing was found so far. */
  async #deeper(path: string, depth: Exclude<LadderDepth, 'presence'>, options: ReadOptions): Promise<CheckedFile> {
    const before = await this.check(path, depth === 'content' ? 'image' : 'presence', options);
    const { file } = before;
    if (before.state !== 'good' || file === undefined) return before;
    if (depth === 'content' && file.size > MAX_SUMMED_BYTES) return before;
    const verdict = await survive<Promise<FileVerdict>, FileVerdict>(
      async () => examine(depth, file.size)(await file.stream(undefined, options), options),
      ({ code, message }) => unreadable(message, code),
      options,
    );
    return this.#checked(path, file, { state: verdict.state, data: { ...before.data, ...verdict.data } });
  }

  #checked(path: string, node: FileNode | undefined, { state, data }: FileVerdict): CheckedFile {
    return {
      path: node?.path ?? path,
      state,
      data,
      ...(node === undefined ? {} : { file: node }),
      evidence: (options) => this.#evidence(node, state, options ?? {}),
    };
  }

  async #evidence(node: FileNode | undefined, state: FileState, options: ReadOptions): Promise<readonly Evidence[]> {
    const tree = this.#tree;
    const volume = this.#volume;
    if (volume === undefined || !(node instanceof NtfsFile) || !(tree instanceof NtfsVolume)) return [];
    const open = (): Promise<NtfsFile> => Promise.resolve(node);
    const { recordSize } = tree.geometry;
    return IN_CONTENT.has(state)
      ? contentEvidence(volume, open, `start of ${node.name}`, recordSize, options)
      : recordEvidence(volume, open, recordSize, options);
  }
}

/** States that the content shows, not the record. */
const IN_CONTENT: ReadonlySet<FileState> = new Set(['zeros', 'not-pe', 'wrong-machine', 'bad-checksum', 'bad-digest']);

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function unreadable(reason: string, code?: string): FileVerdict {
  return { state: 'unreadable', data: { reason, ...(code === undefined ? {} : { code }) } };
}

/** What the record alone tells of a file. */
function presenceOf(node: FileNode): FileVerdict {
  const data: Record<string, Json> = { size: node.size };
  if (node instanceof NtfsFile) Object.assign(data, { record: node.record });
  // A folder of another system shows a file that it cannot read, a compressed one for example, as a link to nowhere.
  if (node.type === 'symlink' && !(node instanceof NtfsFile)) return unreadable('unreadable');
  if (node.type === 'directory' || node.type === 'other') return { state: 'not-a-file', data: { type: node.type } };
  if (node.size === 0) return { state: 'empty', data };
  if (node instanceof NtfsFile && validLength(node) === 0) return { state: 'unwritten', data };
  return { state: 'good', data };
}

/** Bytes that were ever written; what compresses its content elsewhere keeps no such length. */
function validLength(file: NtfsFile): number {
  if (file.reparseTag !== undefined) return file.size;
  const content = file.attributes.find(({ type, name }) => type === DATA_ATTRIBUTE && name === '');
  return content === undefined || content.resident ? file.size : content.initializedSize;
}

const EXAMINE = { plain: plainState, image: imageState, content: contentState } as const;

/** The test for a depth. Digests of a large file cost more than they tell beside its checksum. */
function examine(
  depth: Exclude<LadderDepth, 'presence'>,
  size: number,
): (content: ByteSource, options: ReadOptions) => Promise<FileVerdict> {
  return depth === 'content' && size > MAX_CHECKSUMMED_BYTES ? summedState : EXAMINE[depth];
}

/** Which of the files are read as a whole: in their order, as far as the budgets for small and for large ones go. */
function withinBudget(files: readonly CheckedFile[]): boolean[] {
  const left = { small: MAX_CHECKSUMMED_BYTES, large: MAX_SUMMED_BYTES };
  return files.map(({ state, file }) => {
    if (state !== 'good' || file === undefined) return false;
    const kind = file.size > MAX_CHECKSUMMED_BYTES ? 'large' : 'small';
    if (file.size > left[kind]) return false;
    left[kind] -= file.size;
    return true;
  });
}

/**
 * Keeps the promise of `work` under `key`; what an abort or a failing server prevented may be asked for again.
 * @param isWorth - whether an answer is kept
 */
function remembered<T>(
  known: Map<string, Promise<T>>,
  key: string,
  options: ReadOptions,
  work: () => Promise<T>,
  isWorth: (answer: T) => boolean = () => true,
): Promise<T> {
  const name = key.toUpperCase();
  const there = known.get(name);
  if (there !== undefined) return there;
  const found = work().then(
    (answer) => {
      if (!isWorth(answer)) known.delete(name);
      return answer;
    },
    (error: unknown) => {
      if (!isDamage(error, options.signal)) known.delete(name);
      throw error;
    },
  );
  known.set(name, found);
  return found;
}
