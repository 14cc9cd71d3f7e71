import { type ByteSource, type Bytes, type IssueLog, type ReadOptions, concatBytes, isDeadboxError } from '@deadbox/core';
import { AttributeType, type NonResidentAttribute } from './attribute.js';
import { type AttributeListEntry, parseAttributeList } from './attribute-list.js';
import { type DataRun, HOLE, findRun, parseDataRuns } from './data-runs.js';
import { addIssue, ntfsError } from './errors.js';
import { type FileRecord, parseFileRecord } from './file-record.js';
import type { NtfsGeometry } from './boot-sector.js';
import { MAX_ATTRIBUTE_LIST_SIZE, MAX_RECORDS } from './limits.js';
import { NtfsStream } from './stream.js';

/** One extent of `$MFT`'s own `$DATA`: its runs, or the list entry that says which record has them. */
interface Segment {
  readonly firstVcn: number;
  readonly entry?: AttributeListEntry;
  runs?: readonly DataRun[];
  loading?: Promise<readonly DataRun[]>;
}

/** Options of {@link MftReader.read}. */
export interface RecordOptions extends ReadOptions {
  /** Return a torn record, marked `damaged`, instead of throwing. */
  tolerant?: boolean;
}

/**
 * Reads file records by number, through the runs of `$MFT` itself. Its extents may stand in extension records that lie in `$MFT` too; an
 * extent is loaded when a record in it is asked for, and only through extents with lower VCNs, so that no chain of them can close.
 */
export class MftReader {
  /** The volume. */
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
  readonly #segments: Segment[];
  #allLoaded: Promise<void> | undefined;

  private constructor(source: ByteSource, geometry: NtfsGeometry, issues: IssueLog, zero: RecordZero, fromMirror: boolean) {
    this.source = source;
    this.geometry = geometry;
    this.#issues = issues;
    this.record = zero.record;
    this.fromMirror = fromMirror;
    this.#data = zero.data;
    this.#segments = [{ firstVcn: 0, runs: zero.runs }];
    // A forged size cannot promise more records than the source has room for.
    this.recordCount = Math.min(Math.floor(Math.min(zero.data.initializedSize, source.size) / geometry.recordSize), MAX_RECORDS);
  }

  /**
   * Opens `$MFT` through record 0, or through its copy in `$MFTMirr`.
   * @throws DeadboxError `NTFS_MFT_UNREADABLE`
   */
  static async open(source: ByteSource, geometry: NtfsGeometry, issues: IssueLog, options?: ReadOptions): Promise<MftReader> {
    const places = [geometry.mftLcn, geometry.mftMirrorLcn].map((lcn) => lcn * geometry.clusterSize);
    const failures: string[] = [];
    for (const [index, offset] of places.entries()) {
      try {
        const zero = await readRecordZero(source, geometry, offset, options);
        if (index === 1)
          addIssue(
            issues,
            'ntfs.mft-mirror-used',
            { offset: places[0], record: 0 },
            { reason: failures[0] ?? '', mirror: offset },
            'warning',
          );
        const reader = new MftReader(source, geometry, issues, zero, index === 1);
        await reader.#readList(options);
        return reader;
      } catch (error) {
        options?.signal?.throwIfAborted();
        if (!isDeadboxError(error) || error.code === 'SOURCE_CLOSED') throw error;
        failures.push(error.message);
      }
    }
    throw ntfsError(
      'NTFS_MFT_UNREADABLE',
      `Neither $MFT nor $MFTMirr has a usable record 0: ${failures.join('; ')}`,
      { offset: places[0], record: 0 },
      { mft: failures[0] ?? '', mirror: failures[1] ?? '' },
    );
  }

  /**
   * The file record `number`, freshly read.
   * @throws DeadboxError `NTFS_RECORD_OUT_OF_RANGE`, `NTFS_RECORD_INVALID`, `NTFS_RECORD_TORN`, `NTFS_RUNS_INVALID`, a read error
   */
  async read(number: number, options?: RecordOptions): Promise<FileRecord> {
    return this.#read(number, this.#segments.length, options);
  }

  /** Where record `number` lies on the volume: one part, or several when it straddles runs. */
  async locate(number: number, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    return this.#locate(number, this.#segments.length, options);
  }

  /** The whole of `$MFT` as a source; loads all extents. A lost extent is a part that cannot be read. */
  async stream(options?: ReadOptions): Promise<NtfsStream> {
    await this.#loadAll(options);
    const { size, initializedSize } = this.#data;
    const runs = this.#segments.flatMap((segment) => segment.runs ?? []);
    return new NtfsStream({
      source: this.source,
      clusterSize: this.geometry.clusterSize,
      runs,
      size,
      initializedSize,
      name: '$MFT',
      place: this.record.place,
    });
  }

  async #read(number: number, segments: number, options?: RecordOptions): Promise<FileRecord> {
    if (!Number.isSafeInteger(number) || number < 0 || number >= this.recordCount) {
      throw ntfsError('NTFS_RECORD_OUT_OF_RANGE', `File record ${number} does not exist: $MFT has ${this.recordCount} records`, undefined, {
        record: number,
        records: this.recordCount,
      });
    }
    const parts = await this.#locate(number, segments, options);
    const pieces: Bytes[] = [];
    for (const part of parts) pieces.push(await this.source.read(part.offset, part.length, options));
    const place = { offset: (parts[0] as { offset: number }).offset, record: number };
    const record = parseFileRecord(concatBytes(pieces), { number, place, issues: this.#issues, tolerant: options?.tolerant });
    const stored = record.fixupArray >= 0x30 ? new DataView(record.bytes.buffer, record.bytes.byteOffset).getUint32(0x2c, true) : number;
    if (stored !== number % 0x1_0000_0000)
      addIssue(
        this.#issues,
        'ntfs.record-number',
        { ...place, offset: place.offset + 0x2c },
        { expected: number, found: stored },
        'warning',
      );
    return record;
  }

  async #locate(number: number, segments: number, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const { recordSize, clusterSize } = this.geometry;
    const parts: { offset: number; length: number }[] = [];
    let at = number * recordSize;
    for (let left = recordSize; left > 0; ) {
      const vcn = Math.floor(at / clusterSize);
      const run = await this.#run(vcn, segments, options);
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

  /** The run that holds `vcn`, looked for in the first `limit` segments only. */
  async #run(vcn: number, limit: number, options?: ReadOptions): Promise<DataRun | undefined> {
    let low = 0;
    for (let high = Math.min(limit, this.#segments.length) - 1; low < high; ) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle].firstVcn <= vcn) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    const runs = segment.runs ?? (await this.#load(low, options));
    const index = findRun(runs, vcn);
    return index < 0 ? undefined : runs[index];
  }

  #load(index: number, options?: ReadOptions): Promise<readonly DataRun[]> {
    const segment = this.#segments[index];
    segment.loading ??= this.#loadSegment(segment, index, options).then(
      (runs) => (segment.runs = runs),
      (error: unknown) => {
        delete segment.loading;
        throw error;
      },
    );
    return segment.loading;
  }

  async #loadSegment(segment: Segment, index: number, options?: ReadOptions): Promise<readonly DataRun[]> {
    const entry = segment.entry as AttributeListEntry;
    const place = { offset: this.record.place.offset, record: entry.holder.record };
    const lost = (reason: string): readonly DataRun[] => {
      addIssue(this.#issues, 'ntfs.mft-extent', place, { firstVcn: segment.firstVcn, reason });
      return [];
    };
    let holder: FileRecord;
    try {
      holder = await this.#read(entry.holder.record, index, options);
    } catch (error) {
      options?.signal?.throwIfAborted();
      if (!isDeadboxError(error) || error.code === 'SOURCE_CLOSED') throw error;
      return lost(error.message);
    }
    if (!holder.inUse || holder.base?.record !== 0 || (entry.holder.sequence !== 0 && holder.sequence !== entry.holder.sequence))
      return lost('not an extension record of $MFT');
    const found = holder.attributes.find(
      (attribute) => attribute.type === AttributeType.data && attribute.name === '' && attribute.id === entry.id,
    );
    if (found === undefined || found.resident || found.firstVcn !== segment.firstVcn) return lost('the record does not hold this extent');
    const parsed = parseDataRuns(found.runs, {
      firstVcn: found.firstVcn,
      lastVcn: found.lastVcn,
      totalClusters: this.geometry.totalClusters,
    });
    if (parsed.problem !== undefined)
      addIssue(
        this.#issues,
        'ntfs.runs',
        { offset: holder.place.offset + found.runsOffset + parsed.problem.offset, record: holder.number },
        { reason: parsed.problem.reason, stream: '$MFT' },
      );
    return parsed.runs;
  }

  #loadAll(options?: ReadOptions): Promise<void> {
    this.#allLoaded ??= (async () => {
      for (let index = 0; index < this.#segments.length; index += 1)
        if (this.#segments[index].runs === undefined) await this.#load(index, options);
    })().catch((error: unknown) => {
      this.#allLoaded = undefined;
      throw error;
    });
    return this.#allLoaded;
  }

  async #readList(options?: ReadOptions): Promise<void> {
    const list = this.record.attributes.find((attribute) => attribute.type === AttributeType.attributeList);
    if (list === undefined) return;
    const value = list.resident ? list.value : await this.#readListValue(list, options);
    const parsed = parseAttributeList(value);
    if (parsed.damagedAt !== undefined)
      addIssue(
        this.#issues,
        'ntfs.attribute-list',
        { offset: this.record.place.offset + list.offset, record: 0 },
        { listOffset: parsed.damagedAt },
      );
    const later = parsed.entries.filter((entry) => entry.type === AttributeType.data && entry.name === '' && entry.firstVcn > 0);
    // Lists of $MFT are not always sorted (ntfs-3g appends); a double entry would hide the other's runs.
    later.sort((left, right) => left.firstVcn - right.firstVcn);
    for (const entry of later) {
      if (this.#segments.some((segment) => segment.firstVcn === entry.firstVcn)) continue;
      this.#segments.push({ firstVcn: entry.firstVcn, entry });
    }
  }

  async #readListValue(list: NonResidentAttribute, options?: ReadOptions): Promise<Bytes> {
    const { totalClusters, clusterSize } = this.geometry;
    const parsed = parseDataRuns(list.runs, { firstVcn: 0, lastVcn: list.lastVcn, totalClusters });
    const size = Math.min(list.size, MAX_ATTRIBUTE_LIST_SIZE);
    const stream = new NtfsStream({
      source: this.source,
      clusterSize,
      runs: parsed.runs,
      size,
      initializedSize: list.initializedSize,
      name: '$MFT:$ATTRIBUTE_LIST',
      place: this.record.place,
    });
    return stream.read(0, size, options);
  }
}

interface RecordZero {
  readonly record: FileRecord;
  readonly data: NonResidentAttribute;
  readonly runs: readonly DataRun[];
}

async function readRecordZero(source: ByteSource, geometry: NtfsGeometry, offset: number, options?: ReadOptions): Promise<RecordZero> {
  const bytes = (await source.read(offset, geometry.recordSize, options)).slice();
  const record = parseFileRecord(bytes, { number: 0, place: { offset, record: 0 } });
  const data = record.attributes.find((attribute) => attribute.type === AttributeType.data && attribute.name === '');
  if (data === undefined || data.resident || data.firstVcn !== 0)
    throw ntfsError('NTFS_RECORD_INVALID', `Record 0 at ${offset} has no non-resident unnamed $DATA`, { offset, record: 0 });
  const parsed = parseDataRuns(data.runs, { firstVcn: 0, lastVcn: data.lastVcn, totalClusters: geometry.totalClusters });
  if (parsed.problem !== undefined || parsed.runs.length === 0) {
    throw ntfsError(
      'NTFS_RUNS_INVALID',
      `Record 0 at ${offset}: the run list of $MFT is damaged`,
      { offset: offset + data.runsOffset + (parsed.problem?.offset ?? 0), record: 0 },
      { reason: parsed.problem?.reason ?? 'length' },
    );
  }
  return { record, data, runs: parsed.runs };
}
