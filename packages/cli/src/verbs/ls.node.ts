import {
  type FileNode,
  type FileTree,
  formatFileTime,
  hashSource,
  isDamage,
  isDeadboxError,
  type MaybePromise,
  type ReadOptions,
} from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FatFile } from '@deadbox/fat';
import { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { type LsEntry } from '@deadbox/report/internals';
import { EXIT } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { HashBudget } from '../input/hash-budget.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { listTable } from '../output/ls-table.node.js';
import { type LsOptions, lsWriter } from '../output/ls-writer.node.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Issues that are told one by one. */
const SAID_ISSUES = 8;

/** Lists a folder, or everything below it. */
export async function lsVerb(name: string, path: string, options: LsOptions, session: Session): Promise<number> {
  const reading = { signal: session.signal };
  const target = await openTarget(name, options, session);
  try {
    const { tree, volume } = await chooseTree(target.disk, options.volume, reading);
    const start = await findFile(tree, path, reading, options.follow === true);
    return await withOutput(session.output(options, { endUnread: true }), async (output) => {
      const writer = lsWriter(options, output, session.reader, writerFor(options, output));
      const budget = new HashBudget(target.counting);
      const lister = new Lister(tree, options, session, budget, (entry) => writer.add(entry));
      const below = start.type === 'directory' && (options.recursive === true || options.deleted === true);
      if (tree instanceof NtfsVolume && below) {
        let last = { record: -1, hashes: new Map<string, string | null>() };
        // The names of a file stand together: it is opened, and hashed, once.
        const hash = async (record: number, stream: string): Promise<string | null> => {
          if (last.record !== record) last = { record, hashes: new Map() };
          const known = last.hashes.get(stream);
          if (known !== undefined) return known;
          const made = await lister.hashOf(() => tree.file(record, reading), stream);
          last.hashes.set(stream, made);
          return made;
        };
        await listTable({ tree, folder: start.path, options, signal: session.signal, hash, budget }, output, writer);
      } else if (start.type === 'directory') await lister.folder(start);
      else await lister.file(start);
      writer.end();
      sayDamage(volume, options, session);
      return lister.failed ? EXIT.error : EXIT.ok;
    });
  } finally {
    await target.close();
  }
}

/** What was damaged on the way: names may be missing, or were found by other means. */
function sayDamage({ issues }: Volume, { quiet }: LsOptions, session: Session): void {
  if (quiet === true) return;
  const told = issues.issues.filter(({ severity }) => severity !== 'note');
  for (const issue of told.slice(0, SAID_ISSUES)) session.say(session.reader.issue(issue));
  if (told.length > SAID_ISSUES) session.say(session.language.common.more(told.length - SAID_ISSUES));
}

/** Walks a tree and hands every entry on. */
class Lister {
  failed = false;
  readonly #tree: FileTree;
  readonly #options: LsOptions;
  readonly #session: Session;
  readonly #reading: ReadOptions;
  readonly #emit: (entry: LsEntry) => void;
  readonly #listed = new Set<string>();
  readonly #budget: HashBudget;
  /** Hashes of files with several names, by record and stream: each name is a line. */
  readonly #hashes = new Map<string, string>();
  #complainedOfLimit = false;

  constructor(
    tree: FileTree,
    options: LsOptions,
    session: Session,
    budget: HashBudget,
    emit: (entry: LsEntry) => void,
  ) {
    this.#tree = tree;
    this.#budget = budget;
    this.#options = options;
    this.#session = session;
    this.#reading = { signal: session.signal };
    this.#emit = emit;
  }

  /** How deep folders may lie is bounded by their file system, which tells where it is deeper. */
  async folder(folder: FileNode): Promise<void> {
    if (!this.#isNew(folder)) return;
    for await (const batch of folder.entries(this.#reading)) {
      for (const entry of batch) {
        if (folder.path === '/' && this.#hidden(entry.name, entry.record)) continue;
        let node: FileNode;
        try {
          node = await entry.open(this.#reading);
        } catch (error) {
          this.#complain(error);
          continue;
        }
        await this.file(node);
        if (this.#options.recursive === true && node.type === 'directory') await this.folder(node);
      }
    }
  }

  /**
   * A folder inside itself, or inside two others, exists only on damaged or hostile volumes: listed again, it would
   * take for ever.
   */
  #isNew(folder: FileNode): boolean {
    const place = folder instanceof FatFile ? String(folder.firstCluster) : folder.path;
    if (this.#listed.has(place)) return false;
    this.#listed.add(place);
    return true;
  }

  async file(node: FileNode): Promise<void> {
    this.#emit(await this.#describe(node, '', node.size));
    if (this.#options.streams !== true || !(node instanceof NtfsFile)) return;
    for (const stream of node.streams()) this.#emit(await this.#describe(node, stream.name, stream.size));
  }

  /** The root of an NTFS volume holds its own files and `.`; `--all` shows the former. */
  #hidden(name: string, record: number | undefined): boolean {
    if (this.#tree.fileSystem !== 'ntfs' || record === undefined) return false;
    return name === '.' || (this.#options.all !== true && record < 24);
  }

  async #describe(node: FileNode, stream: string, size: number): Promise<LsEntry> {
    const ntfs = node instanceof NtfsFile ? node : undefined;
    const time = (value: bigint | undefined): string | null =>
      value === undefined ? null : (formatFileTime(value) ?? null);
    const entry: LsEntry = {
      record: ntfs?.record ?? null,
      sequence: ntfs?.sequence ?? null,
      path: node.path,
      stream,
      type: node.type,
      size,
      modified: time(node.modified),
      created: time(node.created),
      changed: time(node.changed),
      accessed: time(node.accessed),
      deleted: ntfs?.inUse === false,
    };
    if (this.#options.hash !== undefined) entry.sha256 = await this.hashOf(() => node, stream);
    return entry;
  }

  /** Hash of a stream of what `open` gives; `null` where there is no content, or where it cannot be read. */
  async hashOf(open: () => MaybePromise<FileNode>, stream: string): Promise<string | null> {
    try {
      const node = await open();
      if (stream === '' && (node.type === 'directory' || node.type === 'other')) return null;
      const key = node instanceof NtfsFile && node.fileRecord.linkCount > 1 ? `${node.record}:${stream}` : undefined;
      const known = key === undefined ? undefined : this.#hashes.get(key);
      if (known !== undefined) return known;
      const content = await node.stream(stream, this.#reading);
      this.#budget.take(content.size, node.path);
      const hash = await hashSource(content, this.#reading);
      if (key !== undefined) this.#hashes.set(key, hash);
      return hash;
    } catch (error) {
      // A link has no content of its own: that is no failure.
      if (!isDeadboxError(error, 'NTFS_NO_SUCH_STREAM')) this.#complain(error);
      return null;
    }
  }

  #complain(error: unknown): void {
    if (!isDamage(error, this.#reading.signal)) throw error;
    this.failed = true;
    if (this.#options.quiet === true) return;
    // Said of the first file: a hostile disk has thousands.
    const isLimit = isDeadboxError(error, 'HASH_LIMIT');
    if (!isLimit || !this.#complainedOfLimit) this.#session.sayError(error);
    this.#complainedOfLimit ||= isLimit;
  }
}
