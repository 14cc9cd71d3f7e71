import { type ByteSource, type Bytes, type IssueLog, type Json, type ReadOptions, survive } from '@deadbox/core';
import { inflate } from '#inflate';
import { imageError } from '../errors.js';
import { MAX_EWF_HEADER_BYTES, MAX_EWF_SECTIONS } from '../limits.js';
import { decodeEwfText, EWF_VOLUME, type EwfVolume, parseEwfHeaderText, parseEwfVolume } from './header.js';
import {
  EWF_DESCRIPTOR_BYTES,
  EWF_FILE_HEADER_BYTES,
  type EwfSection,
  ewfSegmentNumber,
  parseEwfSection,
} from './section.js';
import { isEwfSegment } from './signature.js';
import { type EwfTable, ewfEntriesFit, ewfTableBytes, parseEwfTableHeader } from './table.js';

/** One segment file. */
export interface EwfSegment {
  readonly source: ByteSource;
  readonly name: string;
  /** Its number in the set, from 1 on: where one is missing, the next has not the next number. */
  readonly number: number;
}

/**
 * Bytes that are read in one piece when a section is looked at: a table of EnCase (16375 entries), its copy and the
 * descriptor behind them.
 */
const WINDOW_BYTES = 144 * 1024;
/** Header sections that are read. */
const MAX_HEADERS = 8;

/**
 * The sections of all segment files, read forward only as far as a chunk is needed: an image can have hundreds of
 * segments, and nothing but the tables tells which of them holds a chunk.
 */
export class EwfIndex {
  readonly segments: readonly EwfSegment[];
  /** Chunk tables found so far, in order. */
  readonly tables: EwfTable[] = [];
  volume: EwfVolume | undefined;
  /** Words of the header sections. */
  readonly header: Record<string, Json> = {};
  readonly #issues: IssueLog;
  #segment = 0;
  #offset = EWF_FILE_HEADER_BYTES;
  #sections = 0;
  #headers = 0;
  #sectorsEnd = 0;
  /** A table whose own copy is unusable and which waits for the second one. */
  #damaged: EwfSection | undefined;
  #ended = false;
  /**
   * Tables behind a hole in the set, numbered from 0 on: which chunks they are of is known once the end of the set is.
   */
  #behindHole: EwfTable[] | undefined;
  #window: { segment: number; start: number; bytes: Bytes };
  #walking: Promise<void> = Promise.resolve();

  /** @param head - the first bytes of the first segment file */
  constructor(segments: readonly EwfSegment[], head: Bytes, issues: IssueLog) {
    this.segments = segments;
    this.#issues = issues;
    this.#window = { segment: 0, start: 0, bytes: head };
  }

  /** Number of chunks that the tables found so far describe. */
  get chunks(): number {
    return endOf(this.tables);
  }

  /** Whether all sections were seen. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads sections until the volume is known. */
  async findVolume(options?: ReadOptions): Promise<EwfVolume> {
    while (this.volume === undefined && !this.#ended) await this.#step(options);
    if (this.volume !== undefined) return this.volume;
    const layer = this.#name(0);
    throw imageError('IMAGE_DAMAGED', `${layer} has no volume section`, { layer, offset: EWF_FILE_HEADER_BYTES });
  }

  /** Reads sections until the table of `chunk` is known, or all are read. One walk at a time. */
  async findChunk(chunk: number, options?: ReadOptions): Promise<void> {
    const before = this.#walking;
    let done = (): void => undefined;
    this.#walking = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      while (this.chunks <= chunk && !this.#ended) {
        options?.signal?.throwIfAborted();
        await this.#step(options);
      }
    } finally {
      done();
    }
  }

  async #step(options?: ReadOptions): Promise<void> {
    if (this.#offset === EWF_FILE_HEADER_BYTES && this.#segment > 0) await this.#checkSegment(options);
    const section = parseEwfSection(
      await this.#bytes(this.#offset, EWF_DESCRIPTOR_BYTES, options),
      this.#name(),
      this.#offset,
    );
    this.#sections += 1;
    if (this.#sections > MAX_EWF_SECTIONS * this.segments.length) {
      throw imageError('IMAGE_LIMIT', `${this.#name()} has too many sections`, {
        layer: this.#name(),
        offset: section.offset,
      });
    }
    if (section.type !== 'table2' && this.#damaged !== undefined) throw this.#tableLost(this.#damaged);
    await this.#take(section, options);
    if (section.type === 'done') this.#finish();
    else if (section.type === 'next' || section.next === section.offset) this.#nextSegment();
    else if (section.next >= section.offset + EWF_DESCRIPTOR_BYTES) this.#advance(section);
    else
      throw imageError('IMAGE_DAMAGED', `${this.#name()}: a section points back to ${section.next}`, {
        layer: this.#name(),
        offset: section.offset + 16,
      });
  }

  #nextSegment(): void {
    const before = this.segments[this.#segment].number;
    this.#segment += 1;
    // What lies between two holes has no known place.
    if (this.#segment < this.segments.length && this.segments[this.#segment].number !== before + 1)
      this.#behindHole = [];
    this.#offset = EWF_FILE_HEADER_BYTES;
    this.#sectorsEnd = 0;
    if (this.#segment >= this.segments.length) this.#ended = true;
  }

  /** The set is whole behind its last hole: counted from the end, its chunks have their numbers. */
  #finish(): void {
    this.#ended = true;
    const behind = this.#behindHole;
    const last = behind?.[behind.length - 1];
    if (behind === undefined || last === undefined || this.volume === undefined) return;
    const shift = Math.ceil(this.volume.size / this.volume.chunkBytes) - (last.firstChunk + last.count);
    if (shift < this.chunks) return;
    for (const table of behind) this.tables.push({ ...table, firstChunk: table.firstChunk + shift });
  }

  #advance(section: EwfSection): void {
    this.#offset = section.next;
    if (section.size === 0 || section.offset + section.size === section.next) return;
    // Two ways to the next section can hide a second image in the same file.
    const at = { layer: this.#name(), offset: section.offset + 24 };
    this.#issues.add({
      code: 'image.size-mismatch',
      severity: 'warning',
      at,
      data: { structure: `${section.type} section`, size: section.size, distance: section.next - section.offset },
    });
  }

  async #checkSegment(options?: ReadOptions): Promise<void> {
    const head = await this.#bytes(0, EWF_FILE_HEADER_BYTES, options);
    const number = isEwfSegment(head) ? ewfSegmentNumber(head) : 0;
    const { number: expected } = this.segments[this.#segment];
    if (number === expected) return;
    throw imageError(
      'IMAGE_DAMAGED',
      `${this.#name()} should be segment ${expected} of the image, but is ${number === 0 ? 'none' : number}`,
      {
        layer: this.#name(),
        offset: 0,
      },
    );
  }

  async #take(section: EwfSection, options?: ReadOptions): Promise<void> {
    const start = section.offset + EWF_DESCRIPTOR_BYTES;
    const length = Math.max(section.next - start, 0);
    switch (section.type) {
      case 'header':
      case 'header2':
        // A whole image has three of them; more must not cost anything.
        this.#headers += 1;
        if (this.#headers <= MAX_HEADERS) await this.#takeHeader(start, length, options);
        break;
      case 'volume':
      case 'disk':
        this.volume ??= parseEwfVolume(await this.#bytes(start, Math.min(length, 4096), options), this.#name(), start);
        break;
      case 'data':
        await this.#checkSet(start, length, options);
        break;
      case 'sectors':
        this.#sectorsEnd = section.next;
        break;
      case 'table':
        if (!(await this.#takeTable(section, options))) this.#damaged = section;
        break;
      case 'table2':
        if (this.#damaged === undefined) break;
        if (!(await this.#takeTable(section, options))) throw this.#tableLost(this.#damaged);
        this.#issues.add({
          code: 'image.backup-structure-used',
          severity: 'warning',
          at: { layer: this.#name(), offset: this.#damaged.offset },
          data: { structure: 'chunk table', used: section.offset },
        });
        this.#damaged = undefined;
        break;
      default:
        break;
    }
  }

  /**
   * Every segment but the first carries the volume's data again: what contradicts the first belongs to another
   * acquisition. Some writers leave the identifier of the set empty.
   */
  async #checkSet(start: number, length: number, options?: ReadOptions): Promise<void> {
    const own = this.volume;
    if (this.#segment === 0 || own === undefined || length < EWF_VOLUME.size) return;
    const here = parseEwfVolume(await this.#bytes(start, EWF_VOLUME.size, options), this.#name(), start);
    const isSame = here.size === own.size && here.chunkBytes === own.chunkBytes && here.sectorBytes === own.sectorBytes;
    const otherSet =
      here.segmentSetId !== undefined && own.segmentSetId !== undefined && here.segmentSetId !== own.segmentSetId;
    if (isSame && !otherSet) return;
    const data = { expected: describe(own), found: describe(here) };
    const what = `${this.#name()} is a segment of another acquisition: it is of ${data.found}, expected ${data.expected}`;
    throw imageError('IMAGE_DAMAGED', what, { layer: this.#name(), offset: start }, data);
  }

  async #takeTable(section: EwfSection, options?: ReadOptions): Promise<boolean> {
    const start = section.offset + EWF_DESCRIPTOR_BYTES;
    const available = section.next - start;
    const header = parseEwfTableHeader(
      await this.#bytes(start, Math.min(Math.max(available, 0), 24), options),
      section,
    );
    if (header === undefined) return false;
    if (this.#sectorsEnd > 0) {
      const data = await this.#bytes(start, Math.min(available, ewfTableBytes(header.count)), options);
      if (!ewfEntriesFit(data, header.count)) return false;
    }
    // Without a sectors section (EnCase 1, SMART) the chunks lie behind the entries in the table section itself.
    const end = this.#sectorsEnd > 0 ? this.#sectorsEnd : section.next;
    const known = this.#behindHole ?? this.tables;
    const firstChunk = endOf(known);
    if (header.count > 0) known.push({ segment: this.#segment, firstChunk, ...header, end });
    return true;
  }

  async #takeHeader(start: number, length: number, options?: ReadOptions): Promise<void> {
    const packed = await survive(
      () => this.#bytes(start, Math.min(length, MAX_EWF_HEADER_BYTES), options),
      ({ message }) => this.#noteHeader(start, message),
      options,
    );
    if (packed === undefined) return;
    try {
      const text = new Uint8Array(MAX_EWF_HEADER_BYTES);
      const count = inflate(packed, text, 'zlib');
      const words = parseEwfHeaderText(decodeEwfText(text.subarray(0, count)));
      for (const [key, value] of Object.entries(words)) this.header[key] ??= value;
    } catch (error) {
      this.#noteHeader(start, (error as Error).message);
    }
  }

  #noteHeader(offset: number, reason: string): undefined {
    this.#issues.add({
      code: 'image.header-damaged',
      severity: 'note',
      at: { layer: this.#name(), offset },
      data: { structure: 'header section', reason },
    });
  }

  #tableLost({ offset }: EwfSection): Error {
    return imageError('IMAGE_DAMAGED', `${this.#name()}: the chunk table at ${offset} and its copy are damaged`, {
      layer: this.#name(),
      offset,
    });
  }

  #name(segment: number = this.#segment): string {
    return this.segments[segment].name;
  }

  /** Bytes of the current segment file, from the window where it holds them. */
  async #bytes(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
    const window = this.#window;
    const from = offset - window.start;
    if (window.segment === this.#segment && from >= 0 && from + length <= window.bytes.length)
      return window.bytes.subarray(from, from + length);
    const { source, name } = this.segments[this.#segment];
    if (!(offset + length <= source.size)) {
      const what = `${name} is truncated: a section should lie at ${offset}, but the file ends at ${source.size}`;
      throw imageError('IMAGE_TRUNCATED', what, { layer: name, offset }, { size: source.size });
    }
    const bytes = await source.read(offset, Math.min(Math.max(length, WINDOW_BYTES), source.size - offset), options);
    this.#window = { segment: this.#segment, start: offset, bytes };
    return bytes.subarray(0, length);
  }
}

/** Number of the chunk behind those that the tables describe. */
function endOf(tables: readonly EwfTable[]): number {
  const last = tables[tables.length - 1];
  return last === undefined ? 0 : last.firstChunk + last.count;
}

function describe({ segmentSetId, size }: EwfVolume): string {
  return `${size} bytes${segmentSetId === undefined ? '' : ` in the set ${segmentSetId}`}`;
}
