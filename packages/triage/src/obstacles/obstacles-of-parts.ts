import { type ReadOptions, SECTOR, type Siblings, survive } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { Obstacle } from '../report/report-types.js';
import { obstacle } from './obstacle.js';

/** Most parts that are looked at. */
const MAX_PARTS = 4096;
/** Names that the obstacle gives. */
const MAX_NAMES = 8;

/**
 * Files beside a disk that ends too early which continue its number and fill the gap: it is the first of several parts.
 * Names alone say nothing, the disks of one machine are numbered, too: all parts are as long as the first, the last one
 * at most, and none begins with a partition table or boot sector.
 * @param end - where the disk ends by its partition table
 */
export async function partsBeside(
  { image, name, siblings }: Disk,
  end: number,
  names: readonly string[],
  options: ReadOptions,
): Promise<Obstacle[]> {
  if (siblings === undefined) return [];
  const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const present = new Set(names);
  for (const nameAt of numberings(own)) {
    const files = [own];
    for (let size = image.size; size < end; size += image.size) {
      const next = nameAt(files.length);
      const length = present.has(next) && files.length < MAX_PARTS ? await lengthOfPart(next, siblings, options) : 0;
      // The last part is the only one that may be shorter.
      if (length === 0 || length > image.size || (length < image.size && size + length < end)) break;
      files.push(next);
      if (size + length < end) continue;
      const data = { files: files.slice(0, MAX_NAMES), parts: files.length };
      return [obstacle('parts-beside', null, { data })];
    }
  }
  return [];
}

/** The ways in which a name may be numbered, the last number in it first: what gives the name so many files further. */
function numberings(name: string): ((further: number) => string)[] {
  return [...name.matchAll(/\d{1,5}/g)].reverse().map(({ 0: digits, index }) => {
    const [before, after] = [name.slice(0, index), name.slice(index + digits.length)];
    return (further) => before + String(Number(digits) + further).padStart(digits.length, '0') + after;
  });
}

/** Length of a file that may go on with another one; 0 for one that begins like a disk, or cannot be read. */
function lengthOfPart(name: string, siblings: Siblings, options: ReadOptions): Promise<number> {
  const read = async (): Promise<number> => {
    const file = await siblings.open(name, options);
    if (file === undefined) return 0;
    try {
      const start = await file.read(0, Math.min(SECTOR, file.size), options);
      return start[510] === 0x55 && start[511] === 0xaa ? 0 : file.size;
    } finally {
      await file.close?.();
    }
  };
  return survive(read, () => 0, options);
}
