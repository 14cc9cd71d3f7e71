import type { ByteSource, Bytes, IssueLog, ReadOptions, Siblings } from '@deadbox/core';
import { imageError } from '../errors.js';
import type {
  ImageFormat,
  ImageIdentity,
  OpenContext,
  OpenedParent,
  ParentReference,
  VirtualDisk,
} from '../image-format.js';
import { MAX_COMPANIONS } from '../limits.js';
import { isPlainName, lastPathPart, sameName } from '../text/recorded-path.js';
import { type ChainLink, type ChainSession, type OpenLink, ParentReached } from './chain.js';
import type { FileEnds } from './file-ends.js';
import { findParent } from './parent-chain.js';

/** The one {@link OpenContext}: head and tail, siblings, chain, and what has to be closed. */
export class ImageContext implements OpenContext {
  readonly name: string;
  readonly path: string;
  readonly head: Bytes;
  readonly tail: Bytes;
  readonly parts: number;
  readonly siblings?: Siblings;
  readonly reading: ReadOptions;
  readonly disk?: number;
  readonly snapshot?: string;
  readonly #source: ByteSource;
  readonly #session: ChainSession;
  readonly #link: ChainLink;
  readonly #ends: FileEnds;
  readonly #openLink: OpenLink;
  readonly #owned: { close?(): unknown }[] = [];
  readonly #files = new Set<string>();
  readonly #parentFiles = new Set<string>();
  #companions = 0;

  constructor(
    source: ByteSource,
    facts: {
      path: string;
      head: Bytes;
      tail: Bytes;
      ends: FileEnds;
      siblings: Siblings | undefined;
      snapshot: string | undefined;
      first: ByteSource;
      parts: readonly ByteSource[];
    },
    link: ChainLink,
    session: ChainSession,
    openLink: OpenLink,
  ) {
    this.path = facts.path === '' ? 'image' : facts.path;
    this.name = lastPathPart(facts.path) ?? 'image';
    this.head = facts.head;
    this.tail = facts.tail;
    this.#ends = facts.ends;
    this.parts = facts.parts.length + 1;
    this.#owned.push(...facts.parts);
    for (const part of [facts.first, ...facts.parts]) this.#note(part);
    if (facts.siblings !== undefined) this.siblings = facts.siblings;
    if (facts.snapshot !== undefined) this.snapshot = facts.snapshot;
    this.reading = session.reading;
    if (session.disk !== undefined) this.disk = session.disk;
    this.#source = source;
    this.#session = session;
    this.#link = link;
    this.#openLink = openLink;
  }

  get formats(): readonly ImageFormat[] {
    return this.#session.formats;
  }

  get incomplete(): boolean {
    return this.#session.incomplete;
  }

  get issues(): IssueLog {
    return this.#link.issues ?? this.#session.issues;
  }

  /** A child may look for its parent as for a part of its own; what the parent has is not the child's. */
  get ownFiles(): readonly string[] {
    return [...this.#files].filter((name) => !this.#parentFiles.has(name));
  }

  #note(source: ByteSource): ByteSource {
    if (source.name !== undefined) this.#files.add(source.name);
    return source;
  }

  async read(offset: number, length: number): Promise<Bytes> {
    const { head, tail } = this;
    if (this.#ends.isBad(offset, length)) return this.#source.read(offset, length, this.reading);
    if (offset >= 0 && length >= 0 && offset + length <= head.length) return head.subarray(offset, offset + length);
    const tailStart = this.#source.size - tail.length;
    if (offset >= tailStart && length >= 0 && offset + length <= this.#source.size) {
      return tail.subarray(offset - tailStart, offset - tailStart + length);
    }
    if (!(offset + length <= this.#source.size)) {
      throw imageError(
        'IMAGE_TRUNCATED',
        `${this.name} is truncated: a structure of ${length} bytes should lie at byte ${offset}, but the file ends at ${this.#source.size}`,
        { layer: this.name, offset },
        { length, size: this.#source.size },
      );
    }
    return this.#source.read(offset, length, this.reading);
  }

  async openCompanion(recorded: string): Promise<ByteSource> {
    const found = await this.findCompanion(recorded);
    if (found !== undefined) return found;
    const data = { recorded, lookedFor: lastPathPart(recorded) ?? '' };
    const at = { layer: this.name, offset: 0 };
    if (!isPlainName(recorded)) {
      throw imageError(
        'IMAGE_PATH_REFUSED',
        `${this.name} names the file "${recorded}" outside its own folder; deadbox opens only files that lie beside the image or are given, and that is not so for "${data.lookedFor}"`,
        at,
        data,
      );
    }
    const where =
      this.siblings === undefined ? 'the files beside the image cannot be reached' : 'it does not lie beside the image';
    throw imageError('IMAGE_FILE_MISSING', `${this.name} needs the file "${recorded}", but ${where}`, at, data);
  }

  async findCompanion(recorded: string): Promise<ByteSource | undefined> {
    const name = lastPathPart(recorded);
    if (name === undefined) return undefined;
    // What the user gave is his to close.
    const given = this.#session.given.find((file) => sameName(lastPathPart(file.name) ?? '', name));
    if (given !== undefined) return this.#note(given.source);
    if (this.siblings === undefined) return undefined;
    this.#companions += 1;
    if (this.#companions > MAX_COMPANIONS) {
      throw imageError('IMAGE_LIMIT', `${this.name} is made of more than ${MAX_COMPANIONS} files`, {
        layer: this.name,
        offset: 0,
      });
    }
    const source = await this.#openBeside(name);
    if (source !== undefined) this.#owned.push(this.#note(source));
    return source;
  }

  /** The file of this name, however its accented letters are composed: systems differ in that. */
  async #openBeside(name: string): Promise<ByteSource | undefined> {
    const exact = await this.siblings?.open(name, this.reading);
    if (exact !== undefined || /^[\x20-\x7e]*$/.test(name)) return exact;
    const listed = (await this.siblings?.list?.(this.reading)) ?? [];
    const other = listed.find((file) => file !== name && sameName(file.normalize(), name.normalize()));
    return other === undefined ? undefined : this.siblings?.open(other, this.reading);
  }

  async openParent(reference: ParentReference, self?: ImageIdentity): Promise<OpenedParent> {
    if (this.#link.stopsAtParent === true) throw new ParentReached(reference, self);
    this.#link.accepts?.(self);
    const found = await findParent({
      child: this,
      reference,
      link: this.#link,
      session: this.#session,
      openLink: this.#openLink,
    });
    this.#owned.push(...found.owned);
    for (const name of found.parent.disk.ownFiles ?? []) this.#parentFiles.add(name);
    return found.parent;
  }

  async openNested(source: ByteSource, name: string, siblings: Siblings | undefined): Promise<VirtualDisk> {
    const link: ChainLink = {
      visited: [...this.#link.visited, { siblings, name }],
      used: this.#link.used,
      issues: this.issues,
    };
    const disk = await this.#openLink(source, name, siblings, link, this.#session);
    this.#owned.push(disk);
    for (const file of disk.ownFiles ?? []) this.#files.add(file);
    return disk;
  }

  async release(): Promise<void> {
    // Disks before the files that they lie in.
    for (const owned of this.#owned.splice(0).reverse()) await owned.close?.();
  }
}
