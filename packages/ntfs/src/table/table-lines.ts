import type { ByteLines, Bytes } from '@deadbox/core';
import { type MftColumns, NO_ROW } from './mft-columns.js';
import { isListedName } from './mft-paths.js';

/** Writes the lines of one listing into its buffer. */
export interface LineWriter {
  readonly lines: ByteLines;
  /** Writes what is said of name `row`; gives the first row of the streams that get a line below it, or `NO_ROW`. */
  name(row: number): number;
  /** Writes what is said of stream `stream` under name `row`. */
  stream(row: number, stream: number): void;
}

/**
 * The lines of every listed name of a table, and of its streams, in record order. Two buffers are filled by turns: a
 * chunk stays as it is while the
 * next one is made, and is overwritten by the one after that.
 */
export function* tableLines(columns: MftColumns, writer: LineWriter): Generator<Bytes, void, undefined> {
  const next: Position = { row: 0, stream: NO_ROW };
  while (next.row < columns.names) {
    fill(columns, writer, next);
    const chunk = writer.lines.take();
    if (chunk !== undefined) yield chunk;
  }
}

/** The next name to write, and the next stream of it: `NO_ROW` when the name itself comes first. */
interface Position {
  row: number;
  stream: number;
}

/** Writes lines until the buffer is full. No generator: the engine optimises a plain loop sooner, and keeps it so. */
function fill(columns: MftColumns, writer: LineWriter, next: Position): void {
  const { lines } = writer;
  const { names, nextStream } = columns;
  let { row, stream } = next;
  while (row < names && !lines.isFull) {
    if (stream !== NO_ROW) {
      writer.stream(row, stream);
      stream = nextStream[stream];
    } else if (isListedName(columns, row)) stream = writer.name(row);
    if (stream === NO_ROW) row += 1;
  }
  next.row = row;
  next.stream = stream;
}
