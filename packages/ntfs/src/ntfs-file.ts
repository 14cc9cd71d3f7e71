import {
  type ByteSource,
  type EntriesOptions,
  type FileNode,
  type FileTime,
  type FileType,
  type ReadOptions,
  extentsOf,
} from '@deadbox/core';
import { AttributeFlag, AttributeType, attributeTypeName } from './attribute.js';
import { AttributeSet, type HeldAttribute, isSurvivable } from './attribute-set.js';
import { type StreamOptions, openContent } from './content.js';
import { type DataRun, HOLE } from './data-runs.js';
import { DirectoryListing, type NamedReference, findNames, toEntries } from './directory-listing.js';
import { type Place, addIssue, ntfsError } from './errors.js';
import { type FileName, NameSpace, namePreference, parseFileName } from './file-name.js';
import type { FileRecord } from './file-record.js';
import type { FileReference } from './file-reference.js';
import { MAX_REPARSE_SIZE } from './limits.js';
import { typeOfTag } from './reparse-tag.js';
import { type StandardInformation, parseStandardInformation } from './standard-information.js';
import type { VolumeContext } from './volume-context.js';

/** One attribute of a file, as `stat` shows it. */
export interface AttributeSummary {
  /** Type number. */
  readonly type: number;
  /** Name of the type, e.g. `$DATA`. */
  readonly typeName: string;
  /** Name of the stream or index; empty for most. */
  readonly name: string;
  readonly id: number;
  readonly resident: boolean;
  /** Bytes of content. */
  readonly size: number;
  /** Bytes that its clusters span, holes included; 0 when resident. */
  readonly allocatedSize: number;
  /** Valid data length. */
  readonly initializedSize: number;
  /** Bytes really on the disk, where the attribute tells it. */
  readonly totalAllocated?: number;
  readonly compressed: boolean;
  readonly encrypted: boolean;
  readonly sparse: boolean;
  /** The record that holds it: the base record or an extension record. */
  readonly record: number;
  /** Byte offset of the attribute on the volume. */
  readonly offset: number;
}

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
  readonly isDirectory: boolean;
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
  readonly foundBy: 'index' | 'mft' | undefined;
  /** The index entry that led here, when one did. */
  readonly entry: NamedReference | undefined;
  /** The base record as parsed. */
  readonly fileRecord: FileRecord;
  readonly #context: VolumeContext;
  readonly #set: AttributeSet;
  readonly #held: readonly HeldAttribute[];

  private constructor(
    context: VolumeContext,
    set: AttributeSet,
    held: readonly HeldAttribute[],
    tag: number | undefined,
    names: readonly FileName[],
    at: FileOrigin,
  ) {
    const { base } = set;
    this.#context = context;
    this.#set = set;
    this.#held = held;
    this.fileRecord = base;
    this.record = base.number;
    this.sequence = base.sequence;
    this.inUse = base.inUse;
    this.isDirectory = base.isDirectory;
    this.linkCount = base.linkCount;
    this.names = names;
    this.name = at.name;
    this.path = at.path;
    this.entry = at.entry;
    this.foundBy = at.entry?.foundBy;
    this.reparseTag = tag;
    this.standardInformation = standardInformationOf(held);
    this.attributes = held.map(summarize);
  }

  /** @internal Opens a base record; `origin` says by which name. */
  static async open(
    context: VolumeContext,
    base: FileRecord,
    origin: (names: readonly FileName[]) => FileOrigin | Promise<FileOrigin>,
    options?: ReadOptions,
  ): Promise<NtfsFile> {
    const set = new AttributeSet(context.reader, base, context.issues);
    const held = await set.all(undefined, options);
    const names: FileName[] = [];
    for (const one of held) {
      if (one.attribute.type !== AttributeType.fileName) continue;
      const parsed = one.attribute.resident ? parseFileName(one.attribute.value) : undefined;
      if (parsed !== undefined) names.push(parsed);
      else
        addIssue(
          context.issues,
          'ntfs.attribute',
          { offset: one.holder.place.offset + one.attribute.offset, record: base.number },
          { type: AttributeType.fileName, field: 'value', expected: 'a file name', found: one.attribute.length },
        );
    }
    const tag = await reparseTagOf(context, set, held, options);
    return new NtfsFile(context, set, held, tag, names, await origin(names));
  }

  get type(): FileType {
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

  /** @internal The attributes, for the parts of this package. */
  get attributeSet(): AttributeSet {
    return this.#set;
  }

  /** The named `$DATA` streams. */
  streams(): AttributeSummary[] {
    return this.attributes.filter((attribute) => attribute.type === AttributeType.data && attribute.name !== '');
  }

  /**
   * The content of the unnamed stream, or of a named one: expanded where NTFS or WOF compressed it.
   * @throws DeadboxError `NTFS_NO_SUCH_STREAM`, `NTFS_STREAM_ENCRYPTED`, `NTFS_STREAM_ELSEWHERE`, `NTFS_STREAM_UNSUPPORTED`
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
    return runs.map((run) => ({ ...run, bytes: run.length * clusterSize, ...(run.lcn === HOLE ? {} : { offset: run.lcn * clusterSize }) }));
  }

  /** Where the stored bytes of a stream lie on the volume, for evidence: resident ones too. */
  async storedParts(name = '', options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const source = await this.stream(name, { ...options, raw: true });
    const parts: { offset: number; length: number }[] = [];
    for await (const batch of extentsOf(source, 0, source.size, options)) {
      for (const extent of batch) if (extent.origin !== undefined) parts.push({ offset: extent.origin.offset, length: extent.length });
    }
    return parts;
  }

  /** The names in this directory, 8.3 names left out; the listing then tells whether it was complete. Nothing for other files. */
  entries(options?: EntriesOptions): DirectoryListing {
    const context = this.#context;
    const { reference, path, isDirectory } = this;
    const attributes = this.#set;
    const range = options?.prefix === undefined ? undefined : { text: options.prefix, match: 'prefix' as const };
    return new DirectoryListing(async function* (state) {
      if (!isDirectory) return;
      for await (const names of findNames(context, { reference, attributes }, range, state, options)) {
        const entries = toEntries(names, (name, openOptions) => openNamed(context, name, path, openOptions));
        if (entries.length > 0) yield entries;
      }
    });
  }

  #unnamedData(): HeldAttribute | undefined {
    return this.#held.find((held) => held.attribute.type === AttributeType.data && held.attribute.name === '');
  }
}

/** By which name and path a file was opened. */
export interface FileOrigin {
  readonly name: string;
  readonly path: string;
  readonly entry?: NamedReference;
}

/**
 * Opens the file that a directory's name leads to.
 * @throws DeadboxError `NTFS_ENTRY_STALE` when its record is free or has another sequence number; what reading a record throws
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
  return NtfsFile.open(
    context,
    base,
    (names) => {
      if (!names.some((name) => name.parent.record === fileName.parent.record && name.name === fileName.name)) {
        addIssue(
          context.issues,
          'ntfs.index-mismatch',
          { ...base.place, record: base.number },
          { name: fileName.name, parent: fileName.parent.record, found: 'the record has no such name' },
        );
      }
      const name = longNameFor(names, fileName);
      return { name, path: directoryPath === '/' ? `/${name}` : `${directoryPath}/${name}`, entry: named };
    },
    options,
  );
}

/** Whether the record still is what the reference meant. */
export function isAlive(base: FileRecord, reference: FileReference): boolean {
  return base.inUse && base.base === undefined && (reference.sequence === 0 || base.sequence === reference.sequence);
}

/** The long name that goes with an 8.3 name in the same directory. */
function longNameFor(names: readonly FileName[], found: FileName): string {
  if (found.nameSpace !== NameSpace.dos) return found.name;
  return names.find((name) => name.nameSpace === NameSpace.win32 && name.parent.record === found.parent.record)?.name ?? found.name;
}

/** The name of a file that was opened by number. */
export function bestName(names: readonly FileName[]): FileName | undefined {
  let best: FileName | undefined;
  for (const name of names) if (best === undefined || namePreference(name.nameSpace) < namePreference(best.nameSpace)) best = name;
  return best;
}

function standardInformationOf(held: readonly HeldAttribute[]): StandardInformation | undefined {
  const found = held.find((one) => one.attribute.type === AttributeType.standardInformation);
  return found?.attribute.resident === true ? parseStandardInformation(found.attribute.value) : undefined;
}

async function reparseTagOf(
  context: VolumeContext,
  set: AttributeSet,
  held: readonly HeldAttribute[],
  options?: ReadOptions,
): Promise<number | undefined> {
  const point = held.find((one) => one.attribute.type === AttributeType.reparsePoint);
  if (point === undefined) return undefined;
  try {
    const value = await set.value(point, MAX_REPARSE_SIZE, options);
    if (value.length >= 8) return new DataView(value.buffer, value.byteOffset, value.length).getUint32(0, true);
    throw ntfsError('NTFS_ATTRIBUTE_INVALID', `$REPARSE_POINT of ${value.length} bytes, expected at least 8`);
  } catch (error) {
    if (!isSurvivable(error, options)) throw error;
    addIssue(
      context.issues,
      'ntfs.reparse-point',
      { offset: point.holder.place.offset + point.attribute.offset, record: set.base.number },
      { reason: (error as Error).message },
    );
    return undefined;
  }
}

function summarize({ attribute, holder }: HeldAttribute): AttributeSummary {
  const { type, name, id, flags } = attribute;
  const size = attribute.resident ? attribute.value.length : attribute.size;
  return {
    type,
    typeName: attributeTypeName(type),
    name,
    id,
    resident: attribute.resident,
    size,
    allocatedSize: attribute.resident ? 0 : attribute.allocatedSize,
    initializedSize: attribute.resident ? size : attribute.initializedSize,
    ...(attribute.resident || attribute.totalAllocated === undefined ? {} : { totalAllocated: attribute.totalAllocated }),
    compressed: (flags & AttributeFlag.compressionMask) !== 0,
    encrypted: (flags & AttributeFlag.encrypted) !== 0,
    sparse: (flags & AttributeFlag.sparse) !== 0,
    record: holder.number,
    offset: holder.place.offset + attribute.offset,
  };
}
