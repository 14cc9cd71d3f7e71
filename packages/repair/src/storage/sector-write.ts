import { type Bytes, equalBytes } from '@deadbox/core';

/** One whole sector of a file (or device), before and after. */
export interface StoredWrite {
  /** Path of the file, as its source is named. */
  readonly file: string;
  /** Byte offset in the file. */
  readonly offset: number;
  readonly before: Bytes;
  readonly after: Bytes;
}

/**
 * A write that changes bytes which another one changes to something else: the later one would win, and neither could be
 * taken back on its own. The same write twice does no harm.
 * @param placeOf - what tells one file from another; its path when absent
 */
export function conflictingWrite<W extends StoredWrite>(
  writes: readonly W[],
  placeOf: (file: string) => string = (file) => file,
): W | undefined {
  const files = new Map<string, W[]>();
  for (const write of writes) {
    const place = placeOf(write.file);
    const listed = files.get(place);
    if (listed === undefined) files.set(place, [write]);
    else listed.push(write);
  }
  for (const listed of files.values()) {
    const sorted = listed.toSorted((a, b) => a.offset - b.offset);
    // Whatever overlaps one that lies further on overlaps its neighbour as well.
    const found = sorted.find((write, i) => i > 0 && conflicts(sorted[i - 1], write));
    if (found !== undefined) return found;
  }
  return undefined;
}

function conflicts(first: StoredWrite, second: StoredWrite): boolean {
  if (first.offset + first.after.length <= second.offset) return false;
  const same = first.offset === second.offset && equalBytes(first.after, second.after);
  return !same || !equalBytes(first.before, second.before);
}
