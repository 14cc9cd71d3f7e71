import type { ContentPlaces } from './content-places.js';
import { NamePool } from './name-pool.js';

/** Bits of `MftColumns.flags`. */
export const RecordState = {
  /** The record was read and is a base record. */
  base: 0x01,
  inUse: 0x02,
  directory: 0x04,
  /** It has an unnamed `$DATA`. */
  data: 0x08,
  /** It has an `$ATTRIBUTE_LIST`. */
  list: 0x10,
  /** An extension record. */
  extension: 0x20,
  /** It could not be used: an issue says why. */
  bad: 0x40,
  /** Its content is a symbolic link of Interix or ntfs-3g. */
  interixLink: 0x80,
} as const;

/** End of a chain of names or streams. */
export const NO_ROW = 0xffff_ffff;

/** What a scan keeps. Each part costs memory; a plain listing of paths needs none of them. */
export interface ColumnChoice {
  /** Both sets of times, and the file attributes: 36 bytes a record and 32 a name. */
  readonly times: boolean;
  /** Names of the DOS name space that have a long name beside them. */
  readonly shortNames: boolean;
  /** Named `$DATA` streams. */
  readonly streams: boolean;
}

/**
 * The columns of a scan: by record number, by name and by named stream. Plain data, filled by `MftParser`; rows of
 * names are in the order of the records that hold them.
 */
export class MftColumns {
  /** What the scan kept. */
  readonly choice: ColumnChoice;
  /** Records seen so far: one more than the highest number. */
  records = 0;
  /** By record: see {@link RecordState}. */
  flags: Uint8Array;
  /** By record: sequence number. */
  sequence: Uint16Array;
  /** Bytes of the unnamed `$DATA`. */
  size: Float64Array;
  /** By record: first row of `names`, or {@link NO_ROW}. */
  firstName: Uint32Array;
  /** By record, times: created, modified, changed, accessed of `$STANDARD_INFORMATION`, each as low and high half. */
  times: Uint32Array;
  /** By record, times: file attribute bits. */
  attributes: Uint32Array;
  /** By record: reparse tag, 0 for none; empty until the first one is met. */
  reparseTag: Uint32Array = new Uint32Array(0);

  names = 0;
  /** By name: the record that has it. */
  nameRecord: Uint32Array;
  /** By name: record of the folder. */
  nameParent: Uint32Array;
  /** By name: sequence number of the folder. */
  nameParentSequence: Uint16Array;
  /** By name: its name space. */
  nameSpace: Uint8Array;
  /** See `NAME_IS_UNSAFE` and the others. */
  nameTraits: Uint8Array;
  /** Byte offset in the pool. */
  nameOffset: Uint32Array;
  /** By name: bytes in the pool. */
  nameLength: Uint16Array;
  /** Next name of the same record, or {@link NO_ROW}. */
  nextName: Uint32Array;
  /** By name, times: the four of `$FILE_NAME`, each as low and high half. */
  nameTimes: Uint32Array;

  /** Named streams so far. */
  streams = 0;
  /** By stream: the record that has it. */
  streamRecord: Uint32Array = new Uint32Array(0);
  /** By stream: byte offset of its name in the pool. */
  streamOffset: Uint32Array = new Uint32Array(0);
  /** By stream: bytes of its name in the pool. */
  streamLength: Uint16Array = new Uint16Array(0);
  /** By stream: bytes of content. */
  streamSize: Float64Array = new Float64Array(0);
  /** Next stream of the same record, or {@link NO_ROW}. */
  nextStream: Uint32Array = new Uint32Array(0);
  /** By record: first row of the streams; empty when there are none. */
  firstStream: Uint32Array = new Uint32Array(0);

  /** Where the contents of plain files lie; absent when the scan left that out. */
  contents: ContentPlaces | undefined;

  /** The text of all names. */
  readonly pool: NamePool;

  /** @param expected - how many records to make room for at once */
  constructor(expected: number, choice: ColumnChoice) {
    this.choice = choice;
    this.flags = new Uint8Array(expected);
    this.sequence = new Uint16Array(expected);
    this.size = new Float64Array(expected);
    this.firstName = new Uint32Array(0);
    this.times = new Uint32Array(choice.times ? expected * 8 : 0);
    this.attributes = new Uint32Array(choice.times ? expected : 0);
    // A file has 1 to 2 names, and pages that are never written cost nothing: growing would copy them all.
    const names = expected * 2;
    this.nameRecord = new Uint32Array(names);
    this.nameParent = new Uint32Array(names);
    this.nameParentSequence = new Uint16Array(names);
    this.nameSpace = new Uint8Array(names);
    this.nameTraits = new Uint8Array(names);
    this.nameOffset = new Uint32Array(names);
    this.nameLength = new Uint16Array(names);
    this.nextName = new Uint32Array(0);
    this.nameTimes = new Uint32Array(choice.times ? names * 8 : 0);
    this.pool = new NamePool(expected * 64);
  }

  /** Makes room for records below `count`. */
  reserveRecords(count: number): void {
    this.flags = grownColumn(this.flags, count);
    this.sequence = grownColumn(this.sequence, count);
    this.size = grownColumn(this.size, count);
    if (this.choice.times) {
      this.times = grownColumn(this.times, count * 8);
      this.attributes = grownColumn(this.attributes, count);
    }
  }

  /** Makes room for `more` names. */
  reserveNames(more: number): void {
    const count = this.names + more;
    if (count <= this.nameRecord.length) return;
    this.nameRecord = grownColumn(this.nameRecord, count);
    this.nameParent = grownColumn(this.nameParent, count);
    this.nameParentSequence = grownColumn(this.nameParentSequence, count);
    this.nameSpace = grownColumn(this.nameSpace, count);
    this.nameTraits = grownColumn(this.nameTraits, count);
    this.nameOffset = grownColumn(this.nameOffset, count);
    this.nameLength = grownColumn(this.nameLength, count);
    if (this.choice.times) this.nameTimes = grownColumn(this.nameTimes, this.nameRecord.length * 8);
  }

  /** Makes room for one more stream. */
  reserveStream(): void {
    const count = this.streams + 1;
    if (count <= this.streamRecord.length) return;
    this.streamRecord = grownColumn(this.streamRecord, count);
    this.streamOffset = grownColumn(this.streamOffset, count);
    this.streamLength = grownColumn(this.streamLength, count);
    this.streamSize = grownColumn(this.streamSize, count);
  }

  /** Notes the reparse tag of a record. */
  setReparseTag(record: number, tag: number): void {
    if (record >= this.reparseTag.length)
      this.reparseTag = grownColumn(this.reparseTag, Math.max(record + 1, this.flags.length));
    this.reparseTag[record] = tag;
  }
}

/** Typed arrays that columns are made of. */
type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** `array` when it has room for `length` elements, else a copy of at least twice its length. */
function grownColumn<T extends ColumnArray>(array: T, length: number): T {
  if (length <= array.length) return array;
  const Constructor = array.constructor as new (length: number) => T;
  const grown = new Constructor(Math.max(length, array.length * 2, 1024));
  grown.set(array);
  return grown;
}
