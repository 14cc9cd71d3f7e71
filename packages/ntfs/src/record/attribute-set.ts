import {
  type ByteSource,
  type Bytes,
  type IssueLog,
  isDamage,
  type Json,
  keepOnce,
  type ReadOptions,
} from '@deadbox/core';
import { addIssue, type NtfsIssueCode } from '../errors.js';
import { MAX_ATTRIBUTE_LIST_SIZE, MAX_FOREIGN_RECORDS } from '../limits.js';
import { type Attribute, AttributeType, type NonResidentAttribute } from './attribute.js';
import { type AttributeListEntry, parseAttributeList } from './attribute-list.js';
import { type DataRun, parseDataRuns } from './data-runs.js';
import type { FileRecord } from './file-record.js';
import type { MftReader } from './mft-reader.js';
import { ResidentStream } from './resident-stream.js';
import type { NtfsStream } from './stream.js';

/** An attribute and the record (base or extension) that holds it. */
export interface HeldAttribute {
  readonly attribute: Attribute;
  /** The record that holds it: the base record or an extension record. */
  readonly holder: FileRecord;
}

/**
 * The attributes of one file, wherever they stand: in its base record, or in extension records that its
 * `$ATTRIBUTE_LIST` names. Extension records are read when something in them is asked for, each once; lists inside them
 * are never followed.
 */
export class AttributeSet {
  /** The base record. */
  readonly base: FileRecord;
  readonly #reader: MftReader;
  readonly #issues: IssueLog | undefined;
  readonly #holders = new Map<number, Promise<FileRecord | undefined>>();
  #list: Promise<readonly AttributeListEntry[]> | undefined;
  /** Records that the list names and that are not this file's. */
  #strangers = 0;

  /** @param issues - gets what is damaged */
  constructor(reader: MftReader, base: FileRecord, issues?: IssueLog) {
    this.#reader = reader;
    this.base = base;
    this.#issues = issues;
  }

  /** Whether the file has an `$ATTRIBUTE_LIST`. */
  get hasList(): boolean {
    return this.base.attributes.some((attribute) => attribute.type === AttributeType.attributeList);
  }

  /** The first extent (or resident form) of the attribute, or `undefined`. */
  async find(type: number, name = '', options?: ReadOptions): Promise<HeldAttribute | undefined> {
    const here = this.base.attributes.find(
      (attribute) => isFirst(attribute) && attribute.type === type && sameName(attribute.name, name),
    );
    if (here !== undefined) return { attribute: here, holder: this.base };
    if (!this.hasList) return undefined;
    for (const entry of await this.list(options)) {
      if (entry.type !== type || entry.firstVcn !== 0 || !sameName(entry.name, name)) continue;
      const held = await this.#resolve(entry, options);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /** All attributes but later extents: of one type, or of every type. */
  async all(type?: number, options?: ReadOptions): Promise<HeldAttribute[]> {
    const wanted = (attribute: { type: number }): boolean => type === undefined || attribute.type === type;
    const found = new Map<Attribute, HeldAttribute>();
    for (const attribute of this.base.attributes)
      if (isFirst(attribute) && wanted(attribute)) found.set(attribute, { attribute, holder: this.base });
    if (!this.hasList) return [...found.values()];
    for (const entry of await this.list(options)) {
      if (!wanted(entry) || entry.firstVcn !== 0 || entry.holder.record === this.base.number) continue;
      const held = await this.#resolve(entry, options);
      if (held !== undefined) found.set(held.attribute, held);
    }
    return [...found.values()];
  }

  /**
   * The runs of a non-resident stream, its later extents included; what is damaged is a gap and an issue.
   * @param first - its first extent
   */
  async runs(
    first: HeldAttribute & { readonly attribute: NonResidentAttribute },
    options?: ReadOptions,
  ): Promise<DataRun[]> {
    const runs: DataRun[] = [];
    const { type, name } = first.attribute;
    let mapped = this.#addRuns(runs, first.attribute, first.holder, 0);
    if (!this.hasList) return runs;
    const later = (await this.list(options)).filter(
      (entry) => entry.type === type && entry.firstVcn > 0 && sameName(entry.name, name),
    );
    later.sort((left, right) => left.firstVcn - right.firstVcn);
    for (const entry of later) {
      const held = await this.#resolve(entry, options);
      if (held === undefined || held.attribute.resident || held.attribute.firstVcn !== entry.firstVcn) continue;
      const last = runs.at(-1);
      const expected = last === undefined ? 0 : last.vcn + last.length;
      // An extent that overlaps what is mapped already would give a cluster twice: the first one counts.
      if (entry.firstVcn < expected) continue;
      if (entry.firstVcn > expected)
        this.#note('ntfs.runs', held.holder.place.offset + held.attribute.offset, {
          reason: 'gap',
          stream: name,
          expectedVcn: expected,
          foundVcn: entry.firstVcn,
        });
      mapped = this.#addRuns(runs, held.attribute, held.holder, mapped);
    }
    return runs;
  }

  /** The content of an attribute as a source on the volume, without regard to compression or encryption. */
  async raw(held: HeldAttribute, name: string, options?: ReadOptions): Promise<ByteSource> {
    const { attribute, holder } = held;
    if (attribute.resident)
      return new ResidentStream(this.#reader.source, holder, attribute.value, attribute.valueOffset, name);
    return this.nonResident({ attribute, holder }, name, options);
  }

  /** The clusters of a non-resident attribute as a source. */
  async nonResident(
    held: HeldAttribute & { readonly attribute: NonResidentAttribute },
    name: string,
    options?: ReadOptions,
  ): Promise<NtfsStream> {
    return this.#reader.streamOf(held, await this.runs(held, options), name);
  }

  /** The value of an attribute, at most `limit` bytes. */
  async value(held: HeldAttribute, limit: number, options?: ReadOptions): Promise<Bytes> {
    if (held.attribute.resident)
      return held.attribute.value.length > limit ? held.attribute.value.subarray(0, limit) : held.attribute.value;
    const stream = await this.raw(held, `record ${this.base.number}`, options);
    return stream.read(0, Math.min(stream.size, limit), options);
  }

  /** The entries of the `$ATTRIBUTE_LIST`, in stored order; none when there is no list. */
  list(options?: ReadOptions): Promise<readonly AttributeListEntry[]> {
    this.#list ??= this.#readList(options).catch((error: unknown) => {
      this.#list = undefined;
      throw error;
    });
    return this.#list;
  }

  async #readList(options?: ReadOptions): Promise<readonly AttributeListEntry[]> {
    const attribute = this.base.attributes.find((candidate) => candidate.type === AttributeType.attributeList);
    if (attribute === undefined) return [];
    const offset = this.base.place.offset + attribute.offset;
    let value: Bytes;
    if (attribute.resident) value = attribute.value;
    else {
      if (attribute.size > MAX_ATTRIBUTE_LIST_SIZE)
        this.#note('ntfs.attribute-list', offset, {
          expected: `at most ${MAX_ATTRIBUTE_LIST_SIZE} bytes`,
          found: attribute.size,
        });
      const runs: DataRun[] = [];
      this.#addRuns(runs, attribute, this.base, 0);
      const size = Math.min(attribute.size, MAX_ATTRIBUTE_LIST_SIZE);
      const name = `$ATTRIBUTE_LIST of record ${this.base.number}`;
      const held = { attribute: { ...attribute, size }, holder: this.base };
      try {
        value = await this.#reader.streamOf(held, runs, name).read(0, size, options);
      } catch (error) {
        if (!isDamage(error, options?.signal)) throw error;
        this.#note('ntfs.attribute-list', offset, { reason: error.message });
        return [];
      }
    }
    const parsed = parseAttributeList(value);
    if (parsed.damagedAt !== undefined) this.#note('ntfs.attribute-list', offset, { listOffset: parsed.damagedAt });
    return parsed.entries;
  }

  async #resolve(entry: AttributeListEntry, options?: ReadOptions): Promise<HeldAttribute | undefined> {
    const holder = entry.holder.record === this.base.number ? this.base : await this.#holder(entry, options);
    if (holder === undefined) return undefined;
    const attribute = holder.attributes.find(
      (candidate) => candidate.id === entry.id && candidate.type === entry.type && sameName(candidate.name, entry.name),
    );
    if (attribute !== undefined) return { attribute, holder };
    const { type, name, id } = entry;
    const found = 'no such attribute';
    this.#note('ntfs.attribute-list', holder.place.offset, { holder: holder.number, type, name, id, found });
    return undefined;
  }

  #holder(entry: AttributeListEntry, options?: ReadOptions): Promise<FileRecord | undefined> {
    const { record } = entry.holder;
    // A hostile list can name every record of the volume, and many files can share one list.
    if (!this.#holders.has(record) && this.#strangers >= MAX_FOREIGN_RECORDS) return Promise.resolve(undefined);
    return keepOnce(this.#holders, record, () => this.#readHolder(entry, options));
  }

  async #readHolder(entry: AttributeListEntry, options?: ReadOptions): Promise<FileRecord | undefined> {
    const { record, sequence } = entry.holder;
    const { base } = this;
    this.#strangers += 1;
    try {
      const holder = await this.#reader.read(record, options);
      const belongs =
        holder.base?.record === base.number &&
        (holder.base.sequence === base.sequence || holder.base.sequence === 0 || !base.inUse);
      if (belongs && (holder.inUse || !base.inUse) && (sequence === 0 || holder.sequence === sequence || !base.inUse)) {
        this.#strangers -= 1;
        return holder;
      }
      this.#note('ntfs.extension-record', holder.place.offset, {
        holder: record,
        expected: `extension of record ${base.number}, sequence ${sequence}`,
        found: `${holder.inUse ? 'in use' : 'free'}, base ${holder.base?.record ?? 'none'}, sequence ${holder.sequence}`,
      });
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      this.#note('ntfs.extension-record', base.place.offset, { holder: record, reason: error.message });
    }
    return undefined;
  }

  /**
   * Adds the runs of one record.
   * @param mappedBefore - clusters that the runs so far name
   * @returns the same, with these
   */
  #addRuns(runs: DataRun[], attribute: NonResidentAttribute, holder: FileRecord, mappedBefore: number): number {
    const { firstVcn, lastVcn } = attribute;
    const { totalClusters } = this.#reader.geometry;
    const parsed = parseDataRuns(attribute.runs, { firstVcn, lastVcn, totalClusters, mappedBefore });
    for (const run of parsed.runs) runs.push(run);
    if (parsed.problem !== undefined) {
      const offset = holder.place.offset + attribute.runsOffset + parsed.problem.offset;
      const { type, name: stream } = attribute;
      this.#note('ntfs.runs', offset, { reason: parsed.problem.reason, type, stream });
    }
    return parsed.mapped;
  }

  #note(code: NtfsIssueCode, offset: number, data: Record<string, Json>): void {
    addIssue(this.#issues, code, { offset, record: this.base.number }, data);
  }
}

function isFirst(attribute: Attribute): boolean {
  return (attribute.resident || attribute.firstVcn === 0) && attribute.type !== AttributeType.attributeList;
}

/** Names of attributes compare without regard to case; those that the system uses are ASCII. */
function sameName(left: string, right: string): boolean {
  return left === right || (left.length === right.length && left.toUpperCase() === right.toUpperCase());
}
