import {
  type ByteSource,
  type Bytes,
  Cursor,
  concatBytes,
  type IssueLog,
  type IssueSink,
  isDamage,
  MIB,
  type ReadOptions,
} from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import { MAX_ATTRIBUTE_LIST_SIZE, MAX_RECORDS } from '../limits.js';
import { AttributeType, type NonResidentAttribute } from './attribute.js';
import { parseAttributeList } from './attribute-list.js';
import type { NtfsGeometry } from './boot-sector.js';
import { type DataRun, HOLE, parseDataRuns } from './data-runs.js';
import { FILE_RECORD_HEADER, type FileRecord, parseFileRecord } from './file-record.js';
import { MftExtents, type Reach } from './mft-extents.js';
import { NtfsStream } from './stream.js';

/** Options of {@link MftReader.read}. */
export interface RecordOptions extends ReadOptions {
  /** Return a torn record, marked `damaged`, instead of throwing. */
  readonly tolerant?: boolean;
}

/**
 * Bytes of parsed records that are kept: a scan asks for most of its folders and files three times, once for each index
 * entry that leads there.
 */
const KEPT_BYTES: number = MIB;

/**
 * Reads file records by number, through the runs of `$MFT` itself. Its extents may stand in extension records that lie
 * in `$MFT` too; an extent is loaded when a record in it is asked for, and only through extents with lower VCNs, so
 * that no chain of them can close.
 */
export class MftReader {
  readonly source: ByteSource;
  /** The volume's geometry. */
  readonly geometry: NtfsGeometry;
  /** Record 0. */
  readonly record: FileRecord;
  /** Whether record 0 had to be taken from `$MFTMirr`. */
  readonly fromMirror: boolean;
  /** Records that exist: those inside the initialized part. */
  readonly recordCount: number;
  readonly #issues: IssueLog;
  readonly #data: NonResidentAttribute;
  readonly #extents: MftExtents;
  /** Only records of which nothing is to be said: what is damaged is said again whenever it is met. */
  readonly #kept = new Map<number, FileRecord>();

  private constructor(
    source: ByteSource,
    geometry: NtfsGeometry,
    issues: IssueLog,
    zero: RecordZero,
    fromMirror: boolean,
  ) {
    this.source = source;
    this.geometry = geometry;
    this.#issues = issues;
    this.record = zero.record;
    this.fromMirror = fromMirror;
    this.#data = zero.data;
    this.#extents = new MftExtents(zero.record, zero.runs, geometry.totalClusters, issues, (number, reach, options) =>
      this.#read(number, reach, options),
    );
    // A forged size cannot promise more records than the source has room for.
    const room = Math.min(zero.data.initializedSize, source.size);
    this.recordCount = Math.min(Math.floor(room / geometry.recordSize), MAX_RECORDS);
  }

  /**
   * Opens `$MFT` through record 0, or through its copy in `$MFTMirr`.
   * @throws DeadboxError `NTFS_MFT_UNREADABLE`
   */
  static async open(
    source: ByteSource,
    geometry: NtfsGeometry,
    issues: IssueLog,
    options?: ReadOptions,
  ): Promise<MftReader> {
    const places = [geometry.mftLcn, geometry.mftMirrorLcn].map((lcn) => lcn * geometry.clusterSize);
    const at = { offset: places[0], record: 0 };
    const failures: string[] = [];
    for (const [index, offset] of places.entries()) {
      try {
        const zero = await readRecordZero(source, geometry, offset, options);
        if (index === 1)
          addIssue(issues, 'ntfs.mft-mirror-used', at, { reason: failures[0], mirror: offset }, 'warning');
        const reader = new MftReader(source, geometry, issues, zero, index === 1);
        await reader.#readList(options);
        return reader;
      } catch (error) {
        if (!isDamage(error, options?.signal)) throw error;
        failures.push(error.message);
      }
    }
    throw ntfsError(
      'NTFS_MFT_UNREADABLE',
      `Neither $MFT nor $MFTMirr has a usable record 0: ${failures.join('; ')}`,
      at,
      { mft: failures[0], mirror: failures[1] },
    );
  }

  /**
   * The file record `number`; a whole one may have been read before.
   * @throws DeadboxError `NTFS_RECORD_OUT_OF_RANGE`, `NTFS_RECORD_INVALID`, `NTFS_RECORD_TORN`, `NTFS_RUNS_INVALID`, a
   * read error
   */
  async read(number: number, options?: RecordOptions): Promise<FileRecord> {
    return this.#kept.get(number) ?? this.#read(number, 'any', options);
  }

  /** Where record `number` lies on the volume: one part, or several when it straddles runs. */
  async locate(number: number, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    return this.#locate(number, 'any', options);
  }

  /** The whole of `$MFT` as a source; loads all extents. A lost extent is a part that cannot be read. */
  async stream(options?: ReadOptions): Promise<NtfsStream> {
    return this.streamOf({ attribute: this.#data, holder: this.record }, await this.#extents.all(options), '$MFT');
  }

  /** The content of a non-resident attribute as it is stored, at `runs`. */
  streamOf({ attribute, holder }: HeldRuns, runs: readonly DataRun[], name: string): NtfsStream {
    const { size, initializedSize, offset } = attribute;
    const { source, geometry } = this;
    const place = { offset: holder.place.offset + offset, record: holder.number };
    return new NtfsStream({ source, clusterSize: geometry.clusterSize, runs, size, initializedSize, name, place });
  }

  async #read(number: number, reach: Reach, options?: RecordOptions): Promise<FileRecord> {
    if (!Number.isSafeInteger(number) || number < 0 || number >= this.recordCount) {
      const records = this.recordCount;
      const what = `File record ${number} does not exist: $MFT has ${records} records`;
      throw ntfsError('NTFS_RECORD_OUT_OF_RANGE', what, undefined, { record: number, records });
    }
    const parts = await this.#locate(number, reach, options);
    const pieces: Bytes[] = [];
    for (const part of parts) pieces.push(await this.source.read(part.offset, part.length, options));
    const place = { offset: (parts[0] as { offset: number }).offset, record: number };
    let isWhole = true;
    const issues: IssueSink = {
      add: (note) => {
        isWhole = false;
        this.#issues.add(note);
      },
    };
    const record = parseFileRecord(pieces.length === 1 ? pieces[0] : concatBytes(pieces), {
      number,
      place,
      issues,
      tolerant: options?.tolerant,
    });
    const own = FILE_RECORD_HEADER.fields.number;
    // Before NTFS 3.1 the update sequence array stood there.
    const stored =
      record.fixupArray >= own.offset + own.length ? own.read(new Cursor(record.bytes)) : number % 0x1_0000_0000;
    if (stored !== number % 0x1_0000_0000) {
      const at = { ...place, offset: place.offset + own.offset };
      addIssue(issues, 'ntfs.record-number', at, { expected: number, found: stored }, 'warning');
    }
    if (isWhole && !record.damaged) this.#keep(record);
    return record;
  }

  #keep(record: FileRecord): void {
    if (this.#kept.size >= KEPT_BYTES / this.geometry.recordSize) this.#kept.clear();
    this.#kept.set(record.number, record);
  }

  async #locate(number: number, reach: Reach, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const { recordSize, clusterSize } = this.geometry;
    const parts: { offset: number; length: number }[] = [];
    let at = number * recordSize;
    for (let left = recordSize; left > 0; ) {
      const vcn = Math.floor(at / clusterSize);
      const run = await this.#extents.find(vcn, reach, options);
      if (run === undefined || run.lcn === HOLE) {
        throw ntfsError(
          'NTFS_RUNS_INVALID',
          `No data run of $MFT covers file record ${number} (cluster ${vcn} of $MFT)`,
          { offset: this.record.place.offset, record: 0 },
          { record: number, vcn },
        );
      }
      const inRun = at - run.vcn * clusterSize;
      const length = Math.min(left, run.length * clusterSize - inRun);
      parts.push({ offset: run.lcn * clusterSize + inRun, length });
      at += length;
      left -= length;
    }
    return parts;
  }

  async #readList(options?: ReadOptions): Promise<void> {
    const list = this.record.attributes.find((attribute) => attribute.type === AttributeType.attributeList);
    if (list === undefined) return;
    const value = await (list.resident ? list.value : this.#readListValue(list, options));
    const parsed = parseAttributeList(value);
    const at = { offset: this.record.place.offset + list.offset, record: 0 };
    if (parsed.damagedAt !== undefined)
      addIssue(this.#issues, 'ntfs.attribute-list', at, { listOffset: parsed.damagedAt });
    const later = parsed.entries.filter(
      (entry) => entry.type === AttributeType.data && entry.name === '' && entry.firstVcn > 0,
    );
    // Lists of $MFT are not always sorted (ntfs-3g appends); a double entry would hide the other's runs.
    later.sort((left, right) => left.firstVcn - right.firstVcn);
    for (const entry of later) this.#extents.add(entry);
  }

  async #readListValue(list: NonResidentAttribute, options?: ReadOptions): Promise<Bytes> {
    const { totalClusters } = this.geometry;
    const { runs } = parseDataRuns(list.runs, { firstVcn: 0, lastVcn: list.lastVcn, totalClusters });
    const size = Math.min(list.size, MAX_ATTRIBUTE_LIST_SIZE);
    const held = { attribute: { ...list, size }, holder: this.record };
    return this.streamOf(held, runs, '$MFT:$ATTRIBUTE_LIST').read(0, size, options);
  }
}

interface HeldRuns {
  readonly attribute: NonResidentAttribute;
  readonly holder: FileRecord;
}

interface RecordZero {
  readonly record: FileRecord;
  readonly data: NonResidentAttribute;
  runs: readonly DataRun[];
}

async function readRecordZero(
  source: ByteSource,
  geometry: NtfsGeometry,
  offset: number,
  options?: ReadOptions,
): Promise<RecordZero> {
  const bytes = await source.read(offset, geometry.recordSize, options);
  const place = { offset, record: 0 };
  const record = parseFileRecord(bytes, { number: 0, place });
  const data = record.attributes.find((attribute) => attribute.type === AttributeType.data && attribute.name === '');
  if (data === undefined || data.resident || data.firstVcn !== 0)
    throw ntfsError('NTFS_RECORD_INVALID', `Record 0 at ${offset} has no non-resident unnamed $DATA`, place);
  const { totalClusters } = geometry;
  const parsed = parseDataRuns(data.runs, { firstVcn: 0, lastVcn: data.lastVcn, totalClusters });
  if (parsed.problem !== undefined || parsed.runs.length === 0) {
    throw ntfsError(
      'NTFS_RUNS_INVALID',
      `Record 0 at ${offset}: the run list of $MFT is damaged`,
      { ...place, offset: offset + data.runsOffset + (parsed.problem?.offset ?? 0) },
      { reason: parsed.problem?.reason ?? 'length' },
    );
  }
  return { record, data, runs: parsed.runs };
}
