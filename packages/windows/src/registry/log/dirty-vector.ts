import { type Bytes, hasAscii } from '@deadbox/core';

/** Pages of an old-format log: 512 bytes whatever the disk's sector size is. */
export const DIRTY_PAGE_BYTES = 512;

/** A run of neighbouring dirty pages. */
export interface DirtyRun {
  /** Where the run goes, relative to the hive bins. */
  readonly offset: number;
  /** Bytes, a multiple of 512. */
  length: number;
  /** Where it lies in the log. */
  readonly logOffset: number;
}

/** Bytes of the dirty vector of a hive of `binsSize` bytes: its signature and one bit for each page. */
export function dirtyVectorBytes(binsSize: number): number {
  return 4 + Math.ceil(binsSize / DIRTY_PAGE_BYTES / 8);
}

/**
 * The dirty pages that an old-format log (Windows 2000 … 8) carries, as runs. Format: msuhanov/regf, "Dirty vector":
 * `DIRT`, then one bit a page, least significant first; the pages follow from the next sector on, in bitmap order.
 * @param vector - the bytes from the second sector on
 * @param vectorOffset - byte offset of `vector` in the log
 * @param sectorSize - sector size of the disk the log was written on
 * @returns `undefined` without the signature
 */
export function parseDirtyVector(
  vector: Bytes,
  vectorOffset: number,
  binsSize: number,
  sectorSize: number,
): DirtyRun[] | undefined {
  if (!hasAscii(vector, 0, 'DIRT')) return undefined;
  const pages = binsSize / DIRTY_PAGE_BYTES;
  let logOffset = Math.ceil((vectorOffset + dirtyVectorBytes(binsSize)) / sectorSize) * sectorSize;
  const runs: DirtyRun[] = [];
  let run: DirtyRun | undefined;
  for (let page = 0; page < pages; page += 1) {
    const dirty = (vector[4 + (page >> 3)] >> (page & 7)) & 1;
    if (dirty === 0) {
      run = undefined;
      continue;
    }
    if (run === undefined) {
      run = { offset: page * DIRTY_PAGE_BYTES, length: 0, logOffset };
      runs.push(run);
    }
    run.length += DIRTY_PAGE_BYTES;
    logOffset += DIRTY_PAGE_BYTES;
  }
  return runs;
}
