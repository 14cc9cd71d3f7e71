import { type ByteSource, type Bytes, ConcatSource, WindowSource } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import {
  ATTRIBUTE_HEADER,
  ATTRIBUTE_LIST_ENTRY,
  AttributeType,
  describeDataRuns,
  FILE_RECORD_HEADER,
  type FileRecord,
  type HeldAttribute,
  NON_RESIDENT_HEADER,
  NTFS_BOOT_SECTOR,
  type NtfsFile,
  type NtfsVolume,
  RESIDENT_HEADER,
  type VolumeRun,
} from '@deadbox/ntfs';
import { type PlacedTable, pointer, type StepInput, type Trail, term } from './trail.js';
import type { WalkPointer, WalkStepId } from './walk-types.js';

const SECTOR_BYTES = 512;
/** Bytes shown of a long attribute. */
const MAX_ATTRIBUTE = 512;

/** The steps of one NTFS volume: its start, its records, their attributes. */
export class RecordSteps {
  readonly trail: Trail;
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  #mftRuns: readonly VolumeRun[] = [];

  constructor(trail: Trail, volume: Volume, tree: NtfsVolume) {
    this.trail = trail;
    this.volume = volume;
    this.tree = tree;
  }

  get source(): ByteSource {
    return this.tree.source;
  }

  /** Boot sector and the record of `$MFT` itself; the walk then goes on to record `first`. */
  async start(first: number): Promise<void> {
    const { tree, volume, trail } = this;
    const { geometry, bootSectorFrom } = tree;
    const mft = await tree.file(0, trail.options);
    this.#mftRuns = await mft.dataRuns('', trail.options);
    const { mftLcn, clusterSize } = geometry;
    // A volume without a usable first sector is read by its backup, which lies behind the file system.
    const at = bootSectorFrom === 'backup' ? geometry.totalSectors * geometry.bytesPerSector : 0;
    if (bootSectorFrom !== 'search' && at + SECTOR_BYTES <= this.source.size)
      await trail.add({
        id: 'boot-sector',
        data: { volume: volume.number, copy: bootSectorFrom, clusterSize, recordSize: geometry.recordSize },
        source: this.source,
        offset: at,
        length: SECTOR_BYTES,
        tables: [{ table: NTFS_BOOT_SECTOR, at: 0 }],
        keys: ['bytesPerSector', 'sectorsPerCluster', 'mftLcn', 'recordSize'],
        next: pointer('disk', term('volume-start', volume.offset), term('cluster', mftLcn, clusterSize)),
      });
    const data = await mft.attributeSet.find(AttributeType.data, '', trail.options);
    await this.record(mft.fileRecord, 'mft', { record: 0 }, data && this.toAttribute(data));
    if (data !== undefined) await this.attribute(data, 'data-attribute', { file: '$MFT' }, this.toRecord(first));
  }

  /** Where record `number` lies, by the run of `$MFT` that holds it. */
  toRecord(number: number): WalkPointer | undefined {
    const { clusterSize, recordSize } = this.tree.geometry;
    const at = number * recordSize;
    const run = this.#mftRuns.find(({ vcn, bytes }) => at >= vcn * clusterSize && at < vcn * clusterSize + bytes);
    return run && this.toRun(run, at - run.vcn * clusterSize);
  }

  /** Where byte `inRun` of a run lies. */
  toRun(run: VolumeRun, inRun: number): WalkPointer | undefined {
    if (run.offset === undefined) return undefined;
    return pointer(
      'disk',
      term('volume-start', this.volume.offset),
      term('cluster', run.lcn, this.tree.geometry.clusterSize),
      ...(inRun === 0 ? [] : [term('in-run', inRun)]),
    );
  }

  /** Where an attribute lies. */
  toAttribute({ attribute, holder }: HeldAttribute): WalkPointer {
    return pointer(
      'disk',
      term('record-start', this.volume.onDisk(holder.place.offset)),
      term('attribute', attribute.offset),
    );
  }

  /** One record, as it is after fixup. */
  async record(
    record: FileRecord,
    id: WalkStepId,
    data: StepInput['data'],
    next: WalkPointer | undefined,
    keys: readonly string[] = ['firstAttribute'],
  ): Promise<void> {
    await this.trail.add({
      id,
      data: { ...data, record: record.number, sequence: record.sequence, inUse: record.inUse },
      ...(await this.recordBytes(record, 0, record.bytes.length)),
      tables: [{ table: FILE_RECORD_HEADER, at: 0 }],
      keys: ['signature', 'fixupOffset', ...keys],
      ...(next === undefined ? {} : { next }),
    });
  }

  /** `[at, at + length)` of a record: as it is read, and where it is stored. */
  async recordBytes(
    record: FileRecord,
    at: number,
    length: number,
  ): Promise<{ source: ByteSource; offset: number; length: number; view: Bytes }> {
    const parts = await this.tree.records.locate(record.number, this.trail.options);
    const view = record.bytes.subarray(at, at + length);
    // The record of $MFT may have been taken from its copy, which no run leads to.
    if (parts.length === 1 || record.number === 0)
      return { source: this.source, offset: record.place.offset + at, length: view.length, view };
    const windows = parts.map((part) => new WindowSource(this.source, part.offset, part.length));
    return { source: new ConcatSource(windows), offset: at, length: view.length, view };
  }

  /** An attribute, with its runs where it has some. */
  async attribute(
    { attribute, holder }: HeldAttribute,
    id: WalkStepId,
    data: StepInput['data'],
    next: WalkPointer | undefined,
    inner: readonly PlacedTable[] = [],
    own: NonNullable<StepInput['own']> = [],
    innerKeys: readonly string[] = [],
  ): Promise<void> {
    const length = Math.min(attribute.length, MAX_ATTRIBUTE);
    const form = attribute.resident ? RESIDENT_HEADER : NON_RESIDENT_HEADER;
    const runsAt = attribute.resident ? 0 : attribute.runsOffset - attribute.offset;
    const runs = attribute.resident
      ? []
      : describeDataRuns(attribute.runs, attribute.firstVcn).map((run) => ({
          ...run,
          structure: 'data-runs',
          offset: runsAt + run.offset,
        }));
    await this.trail.add({
      id,
      data: {
        record: holder.number,
        resident: attribute.resident,
        ...(attribute.resident ? {} : { size: attribute.size, valid: attribute.initializedSize, runs: runs.length }),
        ...data,
      },
      ...(await this.recordBytes(holder, attribute.offset, length)),
      tables: [{ table: ATTRIBUTE_HEADER, at: 0 }, { table: form, at: 0 }, ...inner],
      own: [...runs, ...own],
      keys: attribute.resident ? ['valueOffset', ...innerKeys] : ['runsOffset', 'initializedSize', 'run 0'],
      ...(next === undefined ? {} : { next }),
    });
  }

  /** The `$ATTRIBUTE_LIST`, for a file whose attribute stands in another record. */
  async attributeList(file: NtfsFile, wanted: HeldAttribute): Promise<void> {
    const list = file.fileRecord.attributes.find(({ type }) => type === AttributeType.attributeList);
    if (list === undefined) return;
    const { options } = this.trail;
    const entries = list.resident ? listEntries(list.value) : [];
    const index = entries.findIndex(
      ({ record, id, type }) =>
        record === wanted.holder.number && id === wanted.attribute.id && type === wanted.attribute.type,
    );
    const inner = entries[index];
    const at = list.resident && inner !== undefined ? list.valueOffset - list.offset + inner.at : undefined;
    const held = { attribute: list, holder: file.fileRecord };
    await this.attribute(
      held,
      'attribute-list',
      { holder: wanted.holder.number, sought: wanted.attribute.type },
      this.toRecord(wanted.holder.number),
      at === undefined ? [] : [{ table: ATTRIBUTE_LIST_ENTRY, at }],
      [],
      ['record'],
    );
    const holder = await this.tree.records.read(wanted.holder.number, options);
    await this.record(holder, 'file-record', { extensionOf: file.record }, this.toAttribute(wanted));
  }
}

function listEntries(value: Bytes): { at: number; record: number; id: number; type: number }[] {
  const found: { at: number; record: number; id: number; type: number }[] = [];
  for (let at = 0; at + ATTRIBUTE_LIST_ENTRY.size <= value.length; ) {
    const { record, id, type, length } = ATTRIBUTE_LIST_ENTRY.read(value, at);
    if (length < ATTRIBUTE_LIST_ENTRY.size) break;
    found.push({ at, record, id, type });
    at += length;
  }
  return found;
}
