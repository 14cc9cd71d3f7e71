import { ByteLines } from '@deadbox/core';
import { type MftColumns, NO_ROW } from './mft-columns.js';
import type { MftPaths } from './mft-paths.js';
import type { MftTable } from './mft-table.js';
import { NAME_HAS_BAR, NAME_HAS_LONE_SURROGATE, NAME_IS_UNSAFE, poolText, replaceSurrogates } from './name-pool.js';

const COLON = 0x3a;
const BAR = 0x7c;
/** An escape can make a path this much longer: `\u{200b}` for three bytes. */
const LONGEST_ESCAPE = 8;

/** How paths become text in a line. */
export interface PathText {
  /** What to write for a path with characters that a terminal would act on; default: the path as it is. */
  readonly escape?: ((path: string) => string) | undefined;
  /** `|` ends a field of the line, so it becomes `\u{7c}`. Default false. */
  readonly barEndsField?: boolean;
}

/** Writes paths of a table into lines: copied bytes where that is safe, escaped text where it is not. */
export class PathWriter {
  readonly lines: ByteLines = new ByteLines();
  readonly #paths: MftPaths;
  readonly #columns: MftColumns;
  readonly #text: PathText;
  readonly #encoder = new TextEncoder();

  constructor(table: MftTable, text: PathText) {
    this.#paths = table.paths;
    this.#columns = table.columns;
    this.#text = text;
  }

  /** Writes the path of name `row`. */
  path(row: number): void {
    const { lines } = this;
    const from = lines.at;
    lines.at = this.#paths.write(row, lines.chunk, from);
    if (this.#paths.lastTraits !== 0) this.#makeSafe(from, this.#paths.lastTraits);
  }

  /** Writes `path:stream` of name `row`. */
  streamPath(row: number, stream: number): void {
    const { lines } = this;
    const columns = this.#columns;
    const from = lines.at;
    lines.at = this.#paths.write(row, lines.chunk, from);
    lines.chunk[lines.at++] = COLON;
    lines.bytes(columns.pool.bytes, columns.streamOffset[stream], columns.streamLength[stream]);
    const traits = this.#paths.lastTraits | traitsOf(lines.chunk, lines.at - columns.streamLength[stream], lines.at);
    if (traits !== 0) this.#makeSafe(from, traits);
  }

  /** The first row of the named streams of a record, or `NO_ROW`; the next ones are in the column `nextStream`. */
  firstStream(record: number): number {
    const { firstStream } = this.#columns;
    return record < firstStream.length ? firstStream[record] : NO_ROW;
  }

  #makeSafe(from: number, traits: number): void {
    const { lines } = this;
    const { escape, barEndsField } = this.#text;
    const escapes = (traits & NAME_IS_UNSAFE) !== 0 && escape !== undefined;
    const bars = (traits & NAME_HAS_BAR) !== 0 && barEndsField === true;
    if (escapes || bars) {
      const path = poolText(lines.chunk, from, lines.at - from);
      const safe = escapes ? escape(path) : path;
      const bytes = this.#encoder.encode(bars ? safe.replaceAll('|', '\\u{7c}') : safe);
      lines.at = from;
      lines.reserve(bytes.length * LONGEST_ESCAPE);
      lines.bytes(bytes, 0, bytes.length);
    } else if ((traits & NAME_HAS_LONE_SURROGATE) !== 0) replaceSurrogates(lines.chunk, from, lines.at);
  }
}

/** Traits of a stream's name, which are not kept: everything beyond ASCII takes the slow way. */
function traitsOf(bytes: Uint8Array, from: number, to: number): number {
  let traits = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte >= 0x7f) traits |= NAME_IS_UNSAFE | NAME_HAS_LONE_SURROGATE;
    else if (byte < 0x20) traits |= NAME_IS_UNSAFE;
    else if (byte === BAR) traits |= NAME_HAS_BAR;
  }
  return traits;
}
