import { type Attribute, align8, nonResident, resident, TYPE } from './attribute.js';
import { fileNameAttributes, folderIndex, type IndexTarget, stored } from './directory.js';
import { writeTimes } from './file-name.js';
import { attributesAt, type RecordHead, writeRecord } from './file-record.js';
import { ClusterAllocator, type Run } from './layout.js';
import { placeMft } from './mft-extents.js';
import type { Sink } from './sink.js';
import { attrDefBytes, bootSector, SECURITY_ID, securityStreams } from './system-files.js';
import { type FileEntry, Tree } from './tree.js';
import { upCaseBytes } from './up-case.js';

/** How a volume is made. */
export interface VolumeOptions {
  /** Bytes of the partition. */
  size: number;
  sectorSize?: 512 | 4096;
  /** Default 4096. */
  clusterSize?: number;
  /** Default 1024, and 4096 on 4096-byte sectors. */
  recordSize?: 1024 | 4096;
  label?: string;
  /** In how many pieces $MFT lies. Default 1. */
  mftFragments?: number;
  /** Whether long names get a short one too. Default true. */
  shortNames?: boolean;
  /** ISO time of everything that says nothing else. */
  time?: string;
  /** $VOLUME_INFORMATION flags; 1 = dirty. */
  flags?: number;
  /** First bytes of $LogFile; what follows is FF, as in a log that was never used. */
  log?: Uint8Array;
  /** Bytes of $LogFile. Default 4 MiB. */
  logBytes?: number;
  /** Sector of the partition on its disk. */
  hiddenSectors?: number;
  serial?: bigint;
}

const LOG_BYTES = 4 << 20;
const CHUNK = 1 << 20;

/**
 * Writes an NTFS 3.1 volume: B-tree directories in collation order, short names, hard links, an $MFT in pieces with its
 * attribute list, $Bitmap, $Secure with one descriptor. It shares no code with the reader, so that it can be a witness
 * against it; ntfs-3g, the Sleuth Kit and ntfsresize have to agree with it.
 */
export class NtfsVolumeWriter {
  /** The tree; files are added to it before {@link finish}. */
  readonly tree: Tree;
  readonly #sink: Sink;
  readonly #options: VolumeOptions;
  readonly #sectorSize: number;
  readonly #clusterSize: number;
  readonly #recordSize: number;
  readonly #sectors: number;
  readonly #logBytes: number;
  readonly #allocator: ClusterAllocator;
  readonly #target: IndexTarget;
  readonly #records = new Map<number, { head: RecordHead; attributes: Attribute[] }>();

  constructor(sink: Sink, options: VolumeOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#logBytes = options.logBytes ?? LOG_BYTES;
    this.#sectorSize = options.sectorSize ?? 512;
    this.#clusterSize = options.clusterSize ?? 4096;
    this.#recordSize = options.recordSize ?? (this.#sectorSize === 4096 ? 4096 : 1024);
    // The last sector of the partition is the backup boot sector's.
    this.#sectors = Math.floor(options.size / this.#sectorSize) - 1;
    this.#allocator = new ClusterAllocator(Math.floor((this.#sectors * this.#sectorSize) / this.#clusterSize));
    this.#target = { sink, allocator: this.#allocator, clusterSize: this.#clusterSize, recordSize: this.#recordSize };
    this.tree = new Tree(options.time ?? '2024-07-01T12:00:00Z', options.shortNames ?? true);
  }

  /** Writes everything. */
  finish(): { records: number; usedClusters: number } {
    const cluster = this.#clusterSize;
    const allocator = this.#allocator;
    const clustersFor = (bytes: number): number => Math.max(1, Math.ceil(bytes / cluster));
    const perCluster = Math.max(64, cluster / this.#recordSize);
    const records = Math.ceil(this.tree.recordEnd / perCluster) * perCluster;

    const boot = allocator.take(clustersFor(8192));
    const mirrorRecords = Math.max(4, cluster / this.#recordSize);
    const mirror = allocator.take(clustersFor(mirrorRecords * this.#recordSize));
    const mft = allocator.takePieces(clustersFor(records * this.#recordSize), this.#options.mftFragments ?? 1, {
      first: clustersFor(64 * this.#recordSize),
      unit: Math.max(1, this.#recordSize / cluster),
    });
    const log = allocator.take(clustersFor(this.#logBytes));
    const bitmap = allocator.take(clustersFor(allocator.used.length));
    const mftBits = new Uint8Array(Math.ceil(records / 64) * 8);
    const mftBitmap = allocator.take(clustersFor(mftBits.length));

    this.#addSystemFiles({
      boot,
      mirror,
      mirrorBytes: mirrorRecords * this.#recordSize,
      mft,
      mftBytes: records * this.#recordSize,
      log,
      bitmap,
      mftBitmap,
      mftBits,
    });
    for (const file of this.tree.files) {
      if (file.directory) this.#place(file, []);
      else this.#store(file);
    }
    // The root's sizes and names are known last.
    this.#place(this.tree.root, []);

    for (let record = 0; record < records; record += 1) {
      if (
        record < 16 ||
        (record >= 24 && record < this.tree.recordEnd) ||
        this.#records.get(record)?.head.free === false
      )
        mftBits[record >> 3] |= 1 << (record & 7);
    }
    this.#sink.write(mftBitmap.lcn * cluster, mftBits);
    this.#writeLog(log);
    this.#writeBoot(mft[0].lcn, mirror.lcn);
    for (let bit = allocator.clusters; bit < allocator.used.length * 8; bit += 1)
      allocator.used[bit >> 3] |= 1 << (bit & 7);
    this.#sink.write(bitmap.lcn * cluster, allocator.used);
    this.#writeMft(mft, records, mirror, mirrorRecords);
    return {
      records,
      usedClusters:
        allocator.used.reduce((sum, byte) => sum + bitCount(byte), 0) -
        (allocator.used.length * 8 - allocator.clusters),
    };
  }

  #addSystemFiles(place: {
    boot: Run;
    mirror: Run;
    mirrorBytes: number;
    mft: Run[];
    mftBytes: number;
    log: Run;
    bitmap: Run;
    mftBitmap: Run;
    mftBits: Uint8Array;
  }): void {
    const cluster = this.#clusterSize;
    const stream = (run: Run, size: number): Attribute => nonResident(TYPE.data, [run], { size }, cluster);
    const system = (
      record: number,
      name: string | undefined,
      size: number,
      attributes: Attribute[],
      head: Partial<RecordHead> & { directory?: boolean } = {},
    ): void => {
      const file = this.tree.addSystem(record, name, { size, directory: head.directory === true });
      this.#place(file, attributes, head);
    };
    system(1, '$MFTMirr', place.mirrorBytes, [stream(place.mirror, place.mirrorBytes)]);
    system(2, '$LogFile', this.#logBytes, [stream(place.log, this.#logBytes)]);
    system(3, '$Volume', 0, this.#volumeAttributes());
    system(4, '$AttrDef', 2560, [stored(TYPE.data, attrDefBytes(), this.#target)]);
    system(6, '$Bitmap', this.#allocator.used.length, [stream(place.bitmap, this.#allocator.used.length)]);
    system(7, '$Boot', 8192, [stream(place.boot, 8192)]);
    const whole = { lcn: -1, length: this.#allocator.clusters };
    const bad = nonResident(TYPE.data, [whole], { size: this.#allocator.clusters * cluster, valid: 0 }, cluster, {
      name: '$Bad',
    });
    system(8, '$BadClus', 0, [resident(TYPE.data, new Uint8Array(0)), bad]);
    const security = securityStreams(cluster);
    const view = (name: string, root: Uint8Array): Attribute => resident(TYPE.indexRoot, root, { name });
    system(
      9,
      '$Secure',
      0,
      [
        stored(TYPE.data, security.sds, this.#target, { name: '$SDS' }),
        view('$SDH', security.sdh.root),
        view('$SII', security.sii.root),
      ],
      { view: true },
    );
    system(10, '$UpCase', 131_072, [stored(TYPE.data, upCaseBytes(), this.#target)]);
    system(11, '$Extend', 0, [], { directory: true });
    for (let record = 12; record < 16; record += 1)
      system(record, undefined, 0, [resident(TYPE.data, new Uint8Array(0))]);

    const file = this.tree.addSystem(0, '$MFT', { size: place.mftBytes });
    const names = fileNameAttributes(file, () => place.mftBytes);
    const bits = nonResident(TYPE.bitmap, [place.mftBitmap], { size: place.mftBits.length }, cluster);
    const sequenceOf = (record: number): number => record;
    const placed = placeMft(
      [this.#standardInformation(file), ...names],
      place.mft,
      place.mftBytes,
      [bits],
      this.#target,
      sequenceOf,
    );
    this.#records.set(0, { head: { number: 0, sequence: 1, links: 1 }, attributes: placed.base });
    for (const [number, attributes] of placed.extensions) {
      this.#records.set(number, {
        head: { number, sequence: sequenceOf(number), links: 0, free: false, base: { record: 0, sequence: 1 } },
        attributes,
      });
    }
  }

  #volumeAttributes(): Attribute[] {
    const label = this.#options.label ?? 'Windows';
    const name = new Uint8Array(label.length * 2);
    for (let i = 0; i < label.length; i += 1) new DataView(name.buffer).setUint16(i * 2, label.charCodeAt(i), true);
    const information = new Uint8Array(12);
    information.set([3, 1, this.#options.flags ?? 0, (this.#options.flags ?? 0) >> 8], 8);
    return [
      resident(TYPE.volumeName, name),
      resident(TYPE.volumeInformation, information),
      resident(TYPE.data, new Uint8Array(0)),
    ];
  }

  /** Joins a file's attributes to its record. */
  #place(file: FileEntry, more: Attribute[], head: Partial<RecordHead> = {}): void {
    const allocated = (of: FileEntry): number =>
      this.#isSmall(of) ? align8(of.size) : Math.ceil(of.size / this.#clusterSize) * this.#clusterSize;
    const common = [this.#standardInformation(file), ...fileNameAttributes(file, allocated)];
    const taken = common.reduce((sum, attribute) => sum + attribute.bytes.length, 0);
    const index = file.directory ? folderIndex(file, taken, this.#target, allocated) : [];
    const links = common.length - 1;
    this.#records.set(file.record, {
      head: { number: file.record, sequence: file.sequence, links, directory: file.directory, ...head },
      attributes: [...common, ...more, ...index],
    });
  }

  #commonAttributes(file: FileEntry): Attribute[] {
    return [this.#standardInformation(file), ...fileNameAttributes(file, this.#allocated)];
  }

  readonly #allocated = (file: FileEntry): number =>
    this.#isSmall(file) ? align8(file.size) : Math.ceil(file.size / this.#clusterSize) * this.#clusterSize;

  /** Whether the content goes into the record. */
  #isSmall(file: FileEntry): boolean {
    let taken = attributesAt(this.#recordSize) + 8 + 0x60 + 0x18;
    for (const [name, content] of Object.entries(file.streams))
      taken += align8(0x18 + name.length * 2) + align8(content.length);
    for (const name of file.names) {
      taken += align8(0x18 + 0x42 + name.name.length * 2);
      if (name.shortName !== undefined) taken += align8(0x18 + 0x42 + name.shortName.length * 2);
    }
    return file.valid === undefined && taken + align8(file.size) <= this.#recordSize;
  }

  /**
   * Gives a file its clusters and writes what it holds. Its record is made when its turn comes: 400,000 of them would
   * not fit in memory.
   */
  #store(file: FileEntry): void {
    if (this.#isSmall(file)) return;
    const cluster = this.#clusterSize;
    file.runs = this.#allocator.takePieces(Math.ceil(file.size / cluster), file.pieces, { first: 1 });
    if (file.content === undefined) return;
    let at = 0;
    for (const run of file.runs) {
      this.#sink.write(run.lcn * cluster, file.content.subarray(at, at + run.length * cluster));
      at += run.length * cluster;
    }
  }

  #content(file: FileEntry): Attribute {
    if (file.runs === undefined)
      return resident(TYPE.data, file.content ?? new Uint8Array(file.size).fill(0x20 + (file.record % 0x5f)));
    const sizes = { size: file.size, ...(file.valid === undefined ? {} : { valid: file.valid }) };
    return nonResident(TYPE.data, file.runs, sizes, this.#clusterSize);
  }

  #namedStreams(file: FileEntry): Attribute[] {
    return Object.entries(file.streams).map(([name, content]) => resident(TYPE.data, content, { name }));
  }

  #standardInformation(file: FileEntry): Attribute {
    const value = new Uint8Array(72);
    const view = new DataView(value.buffer);
    writeTimes(view, 0, file.times);
    view.setUint32(0x20, file.attributes, true);
    view.setUint32(0x34, SECURITY_ID, true);
    return resident(TYPE.standardInformation, value);
  }

  #writeLog(run: Run): void {
    const bytes = new Uint8Array(this.#logBytes).fill(0xff);
    if (this.#options.log !== undefined) bytes.set(this.#options.log);
    this.#sink.write(run.lcn * this.#clusterSize, bytes);
  }

  #writeBoot(mft: number, mirror: number): void {
    const sector = bootSector({
      sectorSize: this.#sectorSize,
      clusterSize: this.#clusterSize,
      recordSize: this.#recordSize,
      sectors: this.#sectors,
      mft,
      mirror,
      hiddenSectors: this.#options.hiddenSectors ?? 0,
      serial: this.#options.serial ?? 0x5eed_0000_0000_0291n,
    });
    this.#sink.write(0, sector);
    this.#sink.write(this.#sectors * this.#sectorSize, sector);
  }

  #writeMft(runs: readonly Run[], records: number, mirror: Run, mirrorRecords: number): void {
    const size = this.#recordSize;
    const buffer = new Uint8Array(CHUNK);
    let record = 0;
    for (const run of runs) {
      const start = run.lcn * this.#clusterSize;
      const length = Math.min(run.length * this.#clusterSize, (records - record) * size);
      for (let at = 0; at < length; at += CHUNK) {
        const piece = buffer.subarray(0, Math.min(CHUNK, length - at)).fill(0);
        for (let inside = 0; inside < piece.length; inside += size, record += 1)
          this.#writeRecord(piece, inside, record);
        this.#sink.write(start + at, piece);
        if (run === runs[0] && at === 0)
          this.#sink.write(mirror.lcn * this.#clusterSize, piece.subarray(0, mirrorRecords * size));
      }
    }
  }

  #writeRecord(piece: Uint8Array, at: number, number: number): void {
    const known = this.#records.get(number);
    const file = number >= 24 ? this.tree.files.at(number - 24) : undefined;
    if (known !== undefined) writeRecord(piece, at, this.#recordSize, known.head, known.attributes);
    else if (file !== undefined) {
      const common = this.#commonAttributes(file);
      const head = { number, sequence: file.sequence, links: common.length - 1 };
      writeRecord(piece, at, this.#recordSize, head, [...common, this.#content(file), ...this.#namedStreams(file)]);
    } else
      writeRecord(
        piece,
        at,
        this.#recordSize,
        { number, sequence: number < 24 ? number : 1, links: 0, free: true },
        [],
      );
  }
}

function bitCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
