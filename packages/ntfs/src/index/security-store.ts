import { type ByteSource, type Bytes, Cursor, type IssueLog, isDamage, type ReadOptions } from '@deadbox/core';
import { parseSecurityDescriptor, type SecurityDescriptor } from '../attributes/security-descriptor.js';
import { addIssue, ntfsError } from '../errors.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet } from '../record/attribute-set.js';
import { Contradictions } from './contradictions.js';
import { IndexTree } from './index-tree.js';

/** Head of an entry of `$SDS`. */
export const SDS_HEADER_SIZE = 20;
/** `$SDS` comes in blocks of this size; every second one is the copy of the one before it. */
const SDS_BLOCK = 0x4_0000;
/** Largest descriptor: one block. */
const MAX_DESCRIPTOR = SDS_BLOCK - SDS_HEADER_SIZE;

/** One entry of `$Secure:$SDS`. */
export interface SecurityEntry {
  /** Key of files' `$STANDARD_INFORMATION`. */
  readonly id: number;
  /** Checksum that `$SDH` is sorted by; see `hashSecurityDescriptor`. */
  readonly hash: number;
  /** Byte offset in `$SDS`. */
  readonly offset: number;
  /** The self-relative descriptor. */
  readonly bytes: Bytes;
  readonly descriptor: SecurityDescriptor;
  /** Taken from the copy, because the first place is damaged. */
  readonly fromCopy: boolean;
}

/** What an index entry of `$SII` or `$SDH`, or the head of an entry of `$SDS`, says. */
interface SecurityHeader {
  readonly hash: number;
  readonly id: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * The checksum of a descriptor in `$Secure`: for each u32, rotate left by 3 and add (libfsntfs; ntfs-3g security.c).
 */
export function hashSecurityDescriptor(bytes: Bytes): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    hash = (((hash << 3) | (hash >>> 29)) + view.getUint32(at, true)) >>> 0;
  return hash;
}

/** `$Secure`: the security descriptors of the volume, by id. Entries that were read are kept. */
export class SecurityStore {
  readonly #index: IndexTree;
  readonly #descriptors: ByteSource;
  readonly #issues: IssueLog | undefined;
  readonly #kept = new Map<number, SecurityEntry>();

  private constructor(index: IndexTree, descriptors: ByteSource, issues: IssueLog | undefined) {
    this.#index = index;
    this.#descriptors = descriptors;
    this.#issues = issues;
  }

  /**
   * Opens the store.
   * @param attributes - of the file `$Secure` (record 9)
   * @throws DeadboxError `NTFS_INDEX_INVALID`, `NTFS_SECURITY_INVALID` when `$SII` or `$SDS` is missing (NTFS before
   * 3.0)
   */
  static async open(
    attributes: AttributeSet,
    clusterSize: number,
    issues: IssueLog,
    options?: ReadOptions,
  ): Promise<SecurityStore> {
    const index = await IndexTree.open(attributes, '$SII', clusterSize, options);
    const held = await attributes.find(AttributeType.data, '$SDS', options);
    if (held === undefined) {
      const { place, number } = attributes.base;
      const at = { offset: place.offset, record: number };
      throw ntfsError('NTFS_SECURITY_INVALID', '$Secure has no stream $SDS', at);
    }
    return new SecurityStore(index, await attributes.raw(held, '$Secure:$SDS', options), issues);
  }

  /**
   * The descriptor with this id.
   * @returns `undefined` when there is none, or neither of its two places is readable (an issue says so)
   */
  async get(id: number, options?: ReadOptions): Promise<SecurityEntry | undefined> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    const position = (entry: { key: Bytes }): number => (entry.key.length < 4 ? 0 : idOf(entry.key) - id);
    for await (const batch of this.#index.walk(new Contradictions(this.#issues), { ...options, position })) {
      for (const { entry } of batch) {
        const header = headerOf(entry.data);
        if (header === undefined || header.id !== id) continue;
        const found = await this.#read(header, options);
        if (found !== undefined) this.#kept.set(id, found);
        return found;
      }
    }
    return undefined;
  }

  /** Every entry that `$SII` lists, in order of id. */
  async *entries(options?: ReadOptions): AsyncGenerator<SecurityEntry[]> {
    for await (const batch of this.#index.walk(new Contradictions(this.#issues), options)) {
      const found: SecurityEntry[] = [];
      for (const { entry } of batch) {
        const header = headerOf(entry.data);
        const read = header === undefined ? undefined : await this.#read(header, options);
        if (read !== undefined) found.push(read);
      }
      if (found.length > 0) yield found;
    }
  }

  async #read(header: SecurityHeader, options?: ReadOptions): Promise<SecurityEntry | undefined> {
    for (const copy of [0, SDS_BLOCK]) {
      try {
        return await this.#readAt(header, copy, options);
      } catch (error) {
        if (!isDamage(error, options?.signal)) throw error;
        const at = { layer: '$Secure:$SDS', offset: header.offset + copy };
        addIssue(this.#issues, 'ntfs.security-store', at, { id: header.id, reason: error.message });
      }
    }
    return undefined;
  }

  async #readAt(header: SecurityHeader, copy: number, options?: ReadOptions): Promise<SecurityEntry> {
    const { offset, size, id, hash } = header;
    const at = offset + copy;
    const invalid = (what: string): Error =>
      ntfsError('NTFS_SECURITY_INVALID', what, { layer: '$Secure:$SDS', offset: at });
    const room = this.#descriptors.size;
    if (size <= SDS_HEADER_SIZE || size > MAX_DESCRIPTOR || at + size > room)
      throw invalid(`Security descriptor ${id} would have ${size} bytes at ${at} of $SDS, which has ${room}`);
    const stored = await this.#descriptors.read(at, size, options);
    const own = headerOf(stored);
    if (own === undefined || own.id !== id || own.hash !== hash || own.size !== size)
      throw invalid(
        `Entry at ${at} of $SDS is not security descriptor ${id}: it says ${own?.id} with ${own?.size} bytes`,
      );
    const bytes = stored.subarray(SDS_HEADER_SIZE);
    if (hashSecurityDescriptor(bytes) !== hash)
      throw invalid(`Security descriptor ${id} at ${at} of $SDS does not fit its checksum`);
    return { id, hash, offset, bytes, descriptor: parseSecurityDescriptor(bytes), fromCopy: copy !== 0 };
  }
}

function idOf(key: Bytes): number {
  return new Cursor(key, '$SII').u32(0);
}

/** 0x00 u32 checksum, 0x04 u32 id, 0x08 u64 offset in `$SDS`, 0x10 u32 bytes with this head. */
function headerOf(bytes: Bytes): SecurityHeader | undefined {
  if (bytes.length < SDS_HEADER_SIZE) return undefined;
  const cursor = new Cursor(bytes, '$Secure');
  return { hash: cursor.u32(0), id: cursor.u32(4), offset: cursor.u64Number(8), size: cursor.u32(16) };
}
