import { asciiText, type ByteSource, type Bytes, Cursor, hasAscii, isZero } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_TAR_MEMBERS, MAX_TAR_NAME_BYTES } from '../limits.js';

/** Header block of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"); offsets and lengths in bytes. */
const FIELD = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: 156,
  magic: 257,
  prefix: [345, 155],
} as const;
const BLOCK = 512;
const REGULAR = new Set(['0', '\0', '7']);
/** GNU long name, and pax headers of the next member or of all. */
const LONG_NAME = 'L';
const PAX = 'x';

/** A file in a tar archive. */
export interface TarMember {
  readonly name: string;
  /** Byte offset of its content in the archive. */
  readonly offset: number;
  /** Length in bytes. */
  readonly size: number;
}

/** Whether `block` is the header of a tar member: by its checksum, since old archives have no magic. */
export function isTarHeader(block: Bytes): boolean {
  if (block.length < BLOCK || isZero(block.subarray(0, 8))) return false;
  let sum = 0;
  // The checksum counts its own field as spaces.
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : block[at];
  const stored = Number.parseInt(text(block, FIELD.checksum), 8);
  return stored === sum && (hasAscii(block, FIELD.magic, 'ustar') || /^[\x20-\x7e]+$/.test(text(block, FIELD.name)));
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
      const block = at + BLOCK <= this.#source.size ? await this.#read(at, BLOCK) : undefined;
      if (block === undefined || isZero(block)) {
        this.#ended = true;
        return;
      }
      const type = String.fromCharCode(block[FIELD.type]);
      const size = this.#check(block, at, type === PAX ? undefined : paxSize);
      const offset = at + BLOCK;
      if (type === LONG_NAME) longName = decode(await this.#read(offset, Math.min(size, MAX_TAR_NAME_BYTES)));
      else if (type === PAX)
        ({ name: longName, size: paxSize } = parsePax(await this.#read(offset, Math.min(size, MAX_TAR_NAME_BYTES))));
      else {
        if (REGULAR.has(type)) this.#members.push({ name: longName ?? memberName(block), offset, size });
        return;
      }
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
    const size = paxSize ?? readSize(block, layer, at);
    if (!(at + BLOCK + size <= this.#source.size)) {
      const what = `${layer} is truncated: a member of ${size} bytes lies at ${at + BLOCK}, but the file ends at ${this.#source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer, offset: at }, { size: this.#source.size });
    }
    this.#next = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    return size;
  }
}

function memberName(block: Bytes): string {
  const prefix = hasAscii(block, FIELD.magic, 'ustar\0') ? text(block, FIELD.prefix) : '';
  const name = text(block, FIELD.name);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal digits, or (GNU, for 8 GiB and more) a big-endian number behind a byte of 0x80. */
function readSize(block: Bytes, layer: string, at: number): number {
  const [start, length] = FIELD.size;
  const cursor = new Cursor(block, layer, at);
  if (cursor.u8(start) === 0x80) return cursor.u64NumberBe(start + length - 8);
  const digits = text(block, FIELD.size).trim();
  if (/^[0-7]*$/.test(digits)) return digits === '' ? 0 : Number.parseInt(digits, 8);
  throw imageError('IMAGE_DAMAGED', `${layer} has a tar member with the size "${digits}"`, cursor.at(start));
}

/** `path` and `size` of a pax extended header: records of "length key=value\n". */
function parsePax(bytes: Bytes): { name: string | undefined; size: number | undefined } {
  const found: { name: string | undefined; size: number | undefined } = { name: undefined, size: undefined };
  for (const line of decode(bytes).split('\n')) {
    const match = /^\d+ (path|size)=(.*)$/.exec(line);
    if (match?.[1] === 'path') found.name = match[2];
    if (match?.[1] === 'size' && /^\d{1,15}$/.test(match[2])) found.size = Number(match[2]);
  }
  return found;
}

function text(block: Bytes, [start, length]: readonly [number, number]): string {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return asciiText(bytes, 0, end < 0 ? length : end);
}

function decode(bytes: Bytes): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
