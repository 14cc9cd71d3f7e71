import { type ByteSource, ConcatSource, type ReadOptions, type Siblings } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_COMPANIONS } from '../limits.js';

/** An image in numbered parts, joined. */
export interface SplitParts {
  /** All parts as one source. */
  readonly source: ByteSource;
  /** The parts behind the first one, which the caller closes. */
  opened: readonly ByteSource[];
}

/**
 * Joins an image that was cut into numbered parts (`.001`, `.002`, …; `.000` and `.00001` begin a set as well), whatever its format.
 * @param name - file name of the first part, `source`
 * @returns `undefined` when the name begins no set or no second part lies beside it
 * @throws ImageError `IMAGE_FILE_MISSING` when a number is left out (the disk would shift behind it), `IMAGE_LIMIT`
 */
export async function openSplitParts(
  source: ByteSource,
  name: string,
  siblings: Siblings | undefined,
  options: ReadOptions,
): Promise<SplitParts | undefined> {
  // A lone digit (`disk.img.1`) is a rotated file, not a set.
  const match = /^(.*\.)(0+[01])$/.exec(name);
  if (match === null || siblings === undefined) return undefined;
  const [, stem, digits] = match;
  const nameOf = (number: number): string => `${stem}${String(number).padStart(digits.length, '0')}`;
  const opened: ByteSource[] = [];
  try {
    for (let number = Number(digits) + 1; ; number += 1) {
      if (opened.length >= MAX_COMPANIONS) {
        throw imageError('IMAGE_LIMIT', `${name} has more than ${MAX_COMPANIONS} parts`, { layer: name, offset: 0 });
      }
      const part = await siblings.open(nameOf(number), options);
      if (part !== undefined) {
        opened.push(part);
        continue;
      }
      const next = await siblings.open(nameOf(number + 1), options);
      if (next === undefined) break;
      opened.push(next);
      throw imageError(
        'IMAGE_FILE_MISSING',
        `${name} is a split image: "${nameOf(number + 1)}" lies beside it, but the part "${nameOf(number)}" before it does not`,
        { layer: name, offset: 0 },
        { recorded: nameOf(number), lookedFor: nameOf(number) },
      );
    }
  } catch (error) {
    for (const part of opened) await part.close?.();
    throw error;
  }
  return opened.length === 0 ? undefined : { source: new ConcatSource([source, ...opened], name), opened };
}
