import { closeSync, openSync, readSync } from 'node:fs';
import { MIB } from '@deadbox/core';

const PIECE = MIB;
/** Bytes of a line that are kept; reports of images are far smaller. */
const MAX_LINE: number = 64 * MIB;

/** The lines of a file, one at a time; of a line beyond all measure only its beginning. */
export function* readLines(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    yield* linesOf(file);
  } finally {
    closeSync(file);
  }
}

function* linesOf(file: number): Generator<string> {
  const piece = Buffer.allocUnsafe(PIECE);
  let pending: Buffer[] = [];
  let held = 0;
  const keep = (bytes: Buffer): void => {
    const room = Math.min(bytes.length, MAX_LINE - held);
    // The piece is read into again.
    if (room > 0) pending.push(Buffer.from(bytes.subarray(0, room)));
    held += Math.max(room, 0);
  };
  for (;;) {
    const length = readSync(file, piece);
    if (length === 0) break;
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0 && end < length; end = piece.indexOf(10, start)) {
      keep(piece.subarray(start, end));
      yield Buffer.concat(pending).toString('utf8');
      pending = [];
      held = 0;
      start = end + 1;
    }
    keep(piece.subarray(start, length));
  }
  if (held > 0) yield Buffer.concat(pending).toString('utf8');
}
