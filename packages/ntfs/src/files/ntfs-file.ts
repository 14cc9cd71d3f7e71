import {
  type ByteSource,
  type EntriesOptions,
  extentsOf,
  type FileNode,
  type FileTime,
  type FileType,
  isDamage,
  type ReadOptions,
} from '@deadbox/core';
import { type EfsInformation, parseEfs } from '../attributes/efs.js';
import { type ExtendedAttribute, parseExtendedAttributes } from '../attributes/extended-attributes.js';
import type { FileName } from '../attributes/file-name.js';
import { hasInterixMark, interixTarget, MAX_INTERIX_LINK, mayBeInterixLink } from '../attributes/interix-link.js';
import { parseReparsePoint, type ReparsePoint } from '../attributes/reparse-point.js';
import { typeOfTag } from '../attributes/reparse-tag.js';
import type { StandardInformation } from '../attributes/standard-information.js';
import { ntfsError, type Place } from '../errors.js';
import { type Contradiction, Contradictions } from '../index/contradictions.js';
import { type ObjectId, parseObjectId } from '../index/object-id.js';
import { MAX_EA_SIZE, MAX_EFS_SIZE, MAX_OBJECT_ID_SIZE, MAX_REPARSE_SIZE } from '../limits.js';
import { AttributeType, attributeTypeName } from '../record/attribute.js';
import { AttributeSet, type HeldAttribute } from '../record/attribute-set.js';
import { type AttributeSummary, summarizeAttribute } from '../record/attribute-summary.js';
import { type DataRun, HOLE } from '../record/data-runs.js';
import type { FileRecord } from '../record/file-record.js';
import type { FileReference } from '../record/file-reference.js';
import { openContent, type StreamOptions } from './content.js';
import { DirectoryListing, type OpenableEntry, toEntries } from './directory-listing.js';
import { entryKind, isSameName } from './entry-record.js';
import { namesAmong, reparseTagOf, standardInformationOf } from './file-facts.js';
import { isDirectoryRecord } from './file-kind.js';
import { type FileOrigin, isAlive, longNameFor } from './file-naming.js';
import { findNames } from './find-names.js';
import type { FoundBy, NamedReference } from './named-reference.js';
import type { VolumeContext } from './volume-context.js';

/** One name in a directory. */
export type NtfsDirectoryEntry = OpenableEntry<NtfsFile>;

/** A data run with byte positions. */
export interface VolumeRun extends DataRun {
  /** Byte offset on the volume; `undefined` for a hole. */
  readonly offset?: number;
  /** Bytes. */
  readonly bytes: number;
}

/** A file or directory of an NTFS volume: one base record with everything that belongs to it. */
export class NtfsFile implements FileNode {
  /** Record number. */
  readonly record: number;
  /** Its sequence number; of a deleted file, one more than references to it carried. */
  readonly sequence: number;
  /** `false`: the record is free, the file deleted. */
  readonly inUse: boolean;
  /** Whether it is a directory; see {@link contradictions} for a record whose bit and attributes disagree. */
  readonly isDirectory: boolean;
  /** What the record says against itself, and against the index entry that led to it. */
  readonly contradictions: readonly Contradiction[];
  /** Hard link count as the record states it. */
  readonly linkCount: number;
  /** The name it was opened by, else its best one. */
  readonly name: string;
  /** Absolute path, `/` separated. Below `/$OrphanFiles/` when its parent is gone. */
  readonly path: string;
  /** Every name, 8.3 names included. */
  readonly names: readonly FileName[];
  /** Absent from damaged and from a few reserved records. */
  readonly standardInformation: StandardInformation | undefined;
  /** Every attribute, later extents left out. */
  readonly attributes: readonly AttributeSummary[];
  /** Tag of the reparse point, if there is one. */
  readonly reparseTag: number | undefined;
  /** How the name was found; `undefined` when it was opened by number. */
  readonly foundBy: FoundBy | undefined;
  /** The index entry that led here, when one did. */
  readonly entry: NamedReference | undefined;
  /** The base record as parsed. */
  readonly fileRecord: FileRecord;
  readonly #context: VolumeContext;
  readonly #set: AttributeSet;
  readonly #held: readonly HeldAttribute[];
  #interixTarget: string | undefined;

  private constructor(
    context: VolumeContext,
    set: AttributeSet,
    held: readonly HeldAttribute[],
    tag: number | undefined,
    names: readonly FileName[],
    at: FileOrigin,
    found: Contradictions,
  ) {
    const { base } = set;
    this.#context = context;
    this.#set = set;
    this.#held = held;
    this.fileRecord = base;
    this.record = base.number;
    this.sequence = base.sequence;
    this.inUse = base.inUse;
    this.isDirectory = isDirectoryRecord(base, held, found);
    this.contradictions = found.first;
    this.linkCount = base.linkCount;
    this.names = names;
    this.name = at.name;
    this.path = at.path;
    this.entry = at.entry;
    this.foundBy = at.entry?.foundBy;
    this.reparseTag = tag;
    this.standardInformation = standardInformationOf(held);
    this.attributes = held.map(summarizeAttribute);
  }

  /** @internal Opens a base record; `origin` says by which name. */
  static async open(
    context: VolumeContext,
    base: FileRecord,
    origin: (names: readonly FileName[], found: Contradictions) => FileOrigin | Promise<FileOrigin>,
    options?: ReadOptions,
  ): Promise<NtfsFile> {
    const set = new AttributeSet(context.reader, base, context.issues);
    const held = await set.all(undefined, options);
    const names = namesAmong(context, base, held);
    const tag = await reparseTagOf(context, set, held, options);
    const found = new Contradictions(context.issues, context.contradictions);
    const file = new NtfsFile(context, set, held, tag, names, await origin(names, found), found);
    await file.#readInterixLink(options);
    return file;
  }

  get type(): FileType {
    if (this.#interixTarget !== undefined) return 'symlink';
    const plain = this.isDirectory ? 'directory' : this.#unnamedData() === undefined ? 'other' : 'file';
    return typeOfTag(this.reparseTag, plain);
  }

  get size(): number {
    const data = this.#unnamedData();
    if (data === undefined || this.isDirectory) return 0;
    return data.attribute.resident ? data.attribute.value.length : data.attribute.size;
  }

  get created(): FileTime | undefined {
    return this.standardInformation?.created;
  }
  get modified(): FileTime | undefined {
    return this.standardInformation?.modified;
  }
  get changed(): FileTime | undefined {
    return this.standardInformation?.changed;
  }
  get accessed(): FileTime | undefined {
    return this.standardInformation?.accessed;
  }

  /** Where the base record lies on the volume. */
  get location(): Place {
    return this.fileRecord.place;
  }

  /** This file's reference. */
  get reference(): FileReference {
    return { record: this.record, sequence: this.sequence };
  }

  /** Where a symbolic link of Interix or ntfs-3g leads: no reparse point but a marked system file; else `undefined`. */
  get interixTarget(): string | undefined {
    return this.#interixTarget;
  }

  /** The attributes, wherever they stand, for parsers that need more than this class offers. */
  get attributeSet(): AttributeSet {
    return this.#set;
  }

  /** The named `$DATA` streams. */
  streams(): AttributeSummary[] {
    return this.attributes.filter((attribute) => attribute.type === AttributeType.data && attribute.name !== '');
  }

  /**
   * The content of the unnamed stream, or of a named one: expanded where NTFS or WOF compressed it.
   * @throws DeadboxError `NTFS_NO_SUCH_STREAM`, `NTFS_STREAM_ENCRYPTED`, `NTFS_STREAM_ELSEWHERE`,
   * `NTFS_STREAM_UNSUPPORTED`
   */
  async stream(name = '', options?: StreamOptions): Promise<ByteSource> {
    const owner = {
      attributes: this.#set,
      path: this.path,
      reparseTag: this.reparseTag,
      fileAttributes: this.standardInformation?.attributes ?? 0,
    };
    return openContent(this.#context, owner, name, options);
  }

  /**
   * The value of any attribute as stored, as a source.
   * @throws DeadboxError `NTFS_NO_SUCH_STREAM`
   */
  async attribute(type: number, name = '', options?: ReadOptions): Promise<ByteSource> {
    const held = await this.#set.find(type, name, options);
    if (held === undefined) {
      throw ntfsError(
        'NTFS_NO_SUCH_STREAM',
        `${this.path} has no attribute ${attributeTypeName(type)} ${name}`,
        { ...this.location, record: this.record },
        { type, name },
      );
    }
    return this.#set.raw(held, `${this.path}:${name}:${attributeTypeName(type)}`, options);
  }

  /** The data runs of a stream (or of another attribute type), all extents; none when it is resident. */
  async dataRuns(name = '', options?: ReadOptions & { type?: number }): Promise<VolumeRun[]> {
    const held = await this.#set.find(options?.type ?? AttributeType.data, name, options);
    if (held === undefined || held.attribute.resident) return [];
    const { clusterSize } = this.#context.geometry;
    const runs = await this.#set.runs({ attribute: held.attribute, holder: held.holder }, options);
    return runs.map((run) => ({
      ...run,
      bytes: run.length * clusterSize,
      ...(run.lcn === HOLE ? {} : { offset: run.lcn * clusterSize }),
    }));
  }

  /** Where the stored bytes of a stream lie on the volume, for evidence: resident ones too. */
  async storedParts(name = '', options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const source = await this.stream(name, { ...options, raw: true });
    const parts: { offset: number; length: number }[] = [];
    for await (const batch of extentsOf(source, 0, source.size, options)) {
      for (const extent of batch)
        if (extent.origin !== undefined) parts.push({ offset: extent.origin.offset, length: extent.length });
    }
    return parts;
  }

  /**
   * The decoded reparse point; `undefined` for a file without one.
   * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID`
   */
  async reparsePoint(options?: ReadOptions): Promise<ReparsePoint | undefined> {
    const held = await this.#set.find(AttributeType.reparsePoint, '', options);
    if (held === undefined) return undefined;
    return parseReparsePoint(await this.#set.value(held, MAX_REPARSE_SIZE, options), {
      layer: 'volume',
      offset: held.holder.place.offset + held.attribute.offset,
    });
  }

  /** The extended attributes; none for most files. */
  async extendedAttributes(options?: ReadOptions): Promise<readonly ExtendedAttribute[]> {
    const held = await this.#set.find(AttributeType.ea, '', options);
    return held === undefined ? [] : parseExtendedAttributes(await this.#set.value(held, MAX_EA_SIZE, options)).entries;
  }

  /**
   * The object id; `undefined` for a file without one.
   * @throws DeadboxError `NTFS_VALUE_INVALID`
   */
  async objectId(options?: ReadOptions): Promise<ObjectId | undefined> {
    const held = await this.#set.find(AttributeType.objectId, '', options);
    return held === undefined ? undefined : parseObjectId(await this.#set.value(held, MAX_OBJECT_ID_SIZE, options));
  }

  /**
   * Who can decrypt a file that EFS encrypted; `undefined` for other files.
   * @throws DeadboxError `NTFS_VALUE_INVALID`
   */
  async encryption(options?: ReadOptions): Promise<EfsInformation | undefined> {
    const held = await this.#set.find(AttributeType.loggedUtilityStream, '$EFS', options);
    return held === undefined ? undefined : parseEfs(await this.#set.value(held, MAX_EFS_SIZE, options));
  }

  /** The names in this directory without 8.3 names; the listing tells whether it was complete. None for other files. */
  entries(options?: EntriesOptions): DirectoryListing<NtfsFile> {
    const context = this.#context;
    const { reference, path, isDirectory } = this;
    const attributes = this.#set;
    const range = options?.prefix === undefined ? undefined : { text: options.prefix, match: 'prefix' as const };
    return new DirectoryListing(context, async function* (state) {
      if (!isDirectory) return;
      for await (const names of findNames(context, { reference, attributes }, range, state, options)) {
        const entries = toEntries(names, (name, openOptions) => openNamed(context, name, path, openOptions));
        if (entries.length > 0) yield entries;
      }
    });
  }

  async #readInterixLink(options?: ReadOptions): Promise<void> {
    const data = this.#unnamedData();
    if (
      data === undefined ||
      this.isDirectory ||
      !mayBeInterixLink(this.size, this.standardInformation?.attributes ?? 0)
    )
      return;
    try {
      const content = await this.#set.value(data, MAX_INTERIX_LINK, options);
      if (hasInterixMark(content, 0)) this.#interixTarget = interixTarget(content);
    } catch (error) {
      // Whether it is a link cannot be told then; reading its content will say why.
      if (!isDamage(error, options?.signal)) throw error;
    }
  }

  #unnamedData(): HeldAttribute | undefined {
    return this.#held.find((held) => held.attribute.type === AttributeType.data && held.attribute.name === '');
  }
}

/**
 * Opens the file that a directory's name leads to.
 * @throws DeadboxError `NTFS_ENTRY_STALE` when its record is free or has another sequence number; what reading throws
 */
export async function openNamed(
  context: VolumeContext,
  named: NamedReference,
  directoryPath: string,
  options?: ReadOptions,
): Promise<NtfsFile> {
  const { reference, fileName } = named;
  const base = await context.reader.read(reference.record, options);
  if (!isAlive(base, reference)) {
    throw ntfsError(
      'NTFS_ENTRY_STALE',
      `The directory entry "${fileName.name}" names record ${reference.record}, sequence ${reference.sequence}, which is ${base.inUse ? `sequence ${base.sequence}` : 'free'}`,
      { ...base.place, record: reference.record },
      { name: fileName.name, expected: reference.sequence, found: base.sequence, inUse: base.inUse },
    );
  }
  const origin = (names: readonly FileName[], found: Contradictions): FileOrigin => {
    const { offset } = base.place;
    const facts = { name: fileName.name, record: base.number };
    if (!names.some((name) => isSameName(name, fileName)))
      found.add('entry-name', fileName.parent.record, offset, { ...facts, found: 'the record has no such name' });
    if ((entryKind(fileName) === 'directory') !== base.isDirectory)
      found.add('entry-kind', fileName.parent.record, offset, { ...facts, found: 'the record says otherwise' });
    const name = longNameFor(names, fileName);
    return { name, path: directoryPath === '/' ? `/${name}` : `${directoryPath}/${name}`, entry: named };
  };
  return NtfsFile.open(context, base, origin, options);
}
