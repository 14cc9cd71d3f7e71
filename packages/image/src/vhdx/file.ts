import { type ByteSource, type Bytes, isZero, OverlaySource, readAround } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext } from '../image-format.js';
import { MAX_LOG_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';
import {
  contradict,
  currentHeader,
  parseHeader,
  VHDX_HEADER,
  VHDX_HEADER_BYTES,
  VHDX_HEADER_OFFSETS,
  type VhdxHeader,
} from './header.js';
import { LOG_SECTOR, replayLog } from './log.js';
import type { VhdxRegion } from './region-table.js';

const MIB = 1 << 20;

/** Both headers and the first region table: what every open reads. */
const SECTION = { start: 64 << 10, end: 256 << 10 } as const;

/**
 * The bytes of a VHDX: of the file itself, or of the file after its log. A structure behind the end is an
 * `IMAGE_TRUNCATED` error.
 */
export class VhdxFile {
  readonly source: ByteSource;
  readonly #context: OpenContext;
  readonly #section: Bytes;

  /** @param section - the file's bytes from 64 KiB on, as far as they are at hand */
  constructor(source: ByteSource, context: OpenContext, section: Bytes = new Uint8Array(0)) {
    this.source = source;
    this.#context = context;
    this.#section = section;
  }

  /**
   * The file itself, its header section read in one go; a sector that cannot be read there fits no checksum, and the
   * copies are for that.
   */
  static async load(source: ByteSource, context: OpenContext): Promise<VhdxFile> {
    const length = Math.min(SECTION.end, source.size) - SECTION.start;
    if (length <= 0) return new VhdxFile(source, context);
    const { name, issues, reading } = context;
    const section = await readAround(source, { offset: SECTION.start, length }, reading, (offset, { message }) =>
      issues.add({ code: 'image.sector-unreadable', at: { layer: name, offset }, data: { reason: message } }),
    );
    return new VhdxFile(source, context, section);
  }

  async read(offset: number, length: number, what: string): Promise<Bytes> {
    const { name, reading } = this.#context;
    if (offset + length > this.source.size) {
      throw imageError(
        'IMAGE_TRUNCATED',
        `${name} is truncated: its ${what} lies at byte ${offset}, but the file ends at ${this.source.size}`,
        { layer: name, offset },
        { length, size: this.source.size },
      );
    }
    const at = offset - SECTION.start;
    if (at >= 0 && at + length <= this.#section.length) return this.#section.subarray(at, at + length);
    return this.source.read(offset, length, reading);
  }
}

/**
 * The header that counts: the valid one with the higher sequence number.
 * @throws ImageError `IMAGE_DAMAGED` when both are broken, `IMAGE_UNSUPPORTED`
 */
export async function readHeader(file: VhdxFile, context: OpenContext): Promise<VhdxHeader> {
  const { name, issues } = context;
  const found: (VhdxHeader | undefined)[] = [];
  for (const offset of VHDX_HEADER_OFFSETS) {
    found.push(parseHeader(await file.read(offset, VHDX_HEADER_BYTES, 'header'), name, offset));
  }
  const [first, second] = found;
  const header = currentHeader(first, second);
  if (header === undefined) {
    const places = VHDX_HEADER_OFFSETS.join(' and ');
    throw imageError(
      'IMAGE_DAMAGED',
      `Both VHDX headers of ${name} (bytes ${places}) are broken: signature or CRC-32C is wrong`,
      {
        layer: name,
        offset: VHDX_HEADER_OFFSETS[0],
      },
    );
  }
  // Some writers leave the second header empty, and a power cut may tear one: the other is there for that.
  for (const [index, other] of found.entries()) {
    if (other === undefined) {
      const at = { layer: name, offset: VHDX_HEADER_OFFSETS[index] as number };
      issues.add({ code: 'image.header-damaged', severity: 'note', at, data: { used: header.offset } });
    }
  }
  if (contradict(first, second)) {
    const at = { layer: name, offset: VHDX_HEADER_OFFSETS[1] };
    issues.add({
      code: 'image.header-damaged',
      severity: 'warning',
      at,
      data: { used: header.offset, reason: 'same sequence number' },
    });
  }
  if (header.version !== 1) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${name} is a VHDX of version ${header.version}; only version 1 is known`,
      { layer: name, offset: header.offset + VHDX_HEADER.fields.version.offset },
      {
        version: header.version,
      },
    );
  }
  return header;
}

/**
 * The file after its log, and where the log lies. The image itself is never written.
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_TRUNCATED`, `IMAGE_LIMIT`, `IMAGE_UNSUPPORTED`
 */
export async function replayed(
  plain: VhdxFile,
  header: VhdxHeader,
  context: OpenContext,
): Promise<{ file: VhdxFile; log: VhdxRegion }> {
  const { name, issues } = context;
  const { logOffset, logLength } = header;
  const at = { layer: name, offset: header.offset + VHDX_HEADER.fields.logLength.offset };
  const { source } = plain;
  const log = { offset: logOffset, length: logLength };
  if (isZero(header.logGuid)) return { file: plain, log };
  if (header.logVersion !== 0) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${name} has a log of version ${header.logVersion}; only version 0 is known`,
      at,
      {
        logVersion: header.logVersion,
      },
    );
  }
  if (logOffset < MIB || logOffset % MIB !== 0 || logLength % MIB !== 0 || logLength === 0) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${name} has a log of ${logLength} bytes at byte ${logOffset}; expected whole MiB behind the first`,
      at,
      { ...log },
    );
  }
  if (logLength > MAX_LOG_BYTES) {
    throw imageError(
      'IMAGE_LIMIT',
      `${name} has a log of ${logLength} bytes; the most that deadbox replays is ${MAX_LOG_BYTES}`,
      at,
      {
        ...log,
      },
    );
  }
  const replay = replayLog(await plain.read(logOffset, logLength, 'log'), header, name);
  if (replay === undefined) {
    issues.add({
      code: 'image.log-entry-ignored',
      severity: 'warning',
      at: { layer: name, offset: logOffset },
      data: { reason: 'no complete sequence' },
    });
    return { file: plain, log };
  }
  if (replay.lastFileOffset > MAX_VIRTUAL_SIZE * 2) {
    const what = `${name} has a log for a file of ${replay.lastFileOffset} bytes`;
    throw imageError(
      'IMAGE_LIMIT',
      what,
      { layer: name, offset: logOffset },
      { lastFileOffset: replay.lastFileOffset },
    );
  }
  if (source.size < replay.flushedFileOffset) {
    // The end of the file is missing; what the log patches is there all the same.
    const data = { expected: replay.flushedFileOffset, size: source.size };
    issues.add({ code: 'image.truncated', severity: 'error', at: { layer: name, offset: source.size }, data });
  }
  const data = { entries: replay.entries, pages: replay.pages.size };
  issues.add({ code: 'image.log-replayed', severity: 'warning', at: { layer: name, offset: logOffset }, data });
  const overlay = new OverlaySource(
    source,
    replay.pages,
    LOG_SECTOR,
    Math.max(source.size, replay.lastFileOffset),
    'the image after its log',
  );
  return { file: new VhdxFile(overlay, context), log };
}
