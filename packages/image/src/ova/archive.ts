import { type ByteSource, type Bytes, isZero } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_TAR_MEMBERS, MAX_TAR_NAME_BYTES } from '../limits.js';
import { isTarHeader, memberName, memberSize, memberType, parsePax, TAR_BLOCK, TarType, tarText } from './header.js';

/** A file in a tar archive. */
export interface TarMember {
  readonly name: string;
  /** Byte offset of its content in the archive. */
  readonly offset: number;
  /** Length in bytes. */
  readonly size: number;
  /** Whether the archive ends before the member does. */
  readonly isCut?: true;
}

/** A tar archive whose headers are read only as far as a member is looked for. */
export class TarArchive {
  readonly #source: ByteSource;
  readonly #read: (offset: number, length: number) => Promise<Bytes>;
  readonly #layer: string;
  readonly #members: TarMember[] = [];
  #next = 0;
  #headers = 0;
  #ended = false;

  /**
   * @param read - bytes of the archive; throws behind its end
   * @param layer - name of the archive for errors
   */
  constructor(source: ByteSource, read: (offset: number, length: number) => Promise<Bytes>, layer: string) {
    this.#source = source;
    this.#read = read;
    this.#layer = layer;
  }

  /**
   * The first regular file that fits.
   * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_TRUNCATED`, `IMAGE_LIMIT`
   */
  async find(fits: (member: TarMember) => boolean): Promise<TarMember | undefined> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#members.length && !this.#ended) await this.#step();
      const member = this.#members[index];
      if (member === undefined || fits(member)) return member;
    }
  }

  /** Regular files whose headers were read. */
  get known(): readonly TarMember[] {
    return this.#members;
  }

  /** All regular files. */
  async list(): Promise<readonly TarMember[]> {
    await this.find(() => false);
    return this.#members;
  }

  /** Reads the header of the next member, with the headers before it that only describe it. */
  async #step(): Promise<void> {
    let longName: string | undefined;
    let paxSize: number | undefined;
    for (;;) {
      const at = this.#next;
      const block = at + TAR_BLOCK <= this.#source.size ? await this.#read(at, TAR_BLOCK) : undefined;
      if (block === undefined || isZero(block)) {
        this.#ended = true;
        return;
      }
      const type = memberType(block);
      const size = this.#check(block, at, type === TarType.pax ? undefined : paxSize);
      const offset = at + TAR_BLOCK;
      const isCut = offset + size > this.#source.size;
      // What it would describe is lost, too.
      this.#ended = isCut;
      if (type === TarType.longName) longName = tarText(await this.#read(offset, Math.min(size, MAX_TAR_NAME_BYTES)));
      else if (type === TarType.pax)
        ({ name: longName, size: paxSize } = parsePax(await this.#read(offset, Math.min(size, MAX_TAR_NAME_BYTES))));
      else {
        if (TarType.regular.some((regular) => regular === type))
          this.#members.push({ name: longName ?? memberName(block), offset, size, ...(isCut && { isCut }) });
        return;
      }
      if (isCut) return;
    }
  }

  /** Checks a header, moves on behind its member, and returns the member's size. */
  #check(block: Bytes, at: number, paxSize: number | undefined): number {
    const layer = this.#layer;
    this.#headers += 1;
    if (this.#headers > MAX_TAR_MEMBERS)
      throw imageError('IMAGE_LIMIT', `${layer} has more than ${MAX_TAR_MEMBERS} members`, { layer, offset: at });
    if (!isTarHeader(block))
      throw imageError('IMAGE_DAMAGED', `${layer} has a damaged tar header at ${at}`, { layer, offset: at });
    const size = paxSize ?? memberSize(block, layer, at);
    this.#next = at + TAR_BLOCK + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
    return size;
  }
}
