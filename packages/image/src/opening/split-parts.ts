import { type ByteSource, ConcatSource, type ReadOptions, type Siblings } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_COMPANIONS } from '../limits.js';
import { parseSplitName, type SplitName } from '../text/split-name.js';

/** An image in numbered parts, joined. */
export interface SplitParts {
  /** All parts as one source. */
  readonly source: ByteSource;
  /** The parts behind the first one, which the caller closes. */
  readonly opened: readonly ByteSource[];
}

/**
 * Joins an image that was cut into numbered parts (`.001`, `.000`, `.0001`, `.aa`, `_001`), whatever its format.
 * @param name - file name of the first part, `source`
 * @returns `undefined` when the name begins no set or no second part lies beside it
 * @throws ImageError `IMAGE_FILE_MISSING` when a number is left out (the disk would shift behind it),
 * `IMAGE_UNSUPPORTED` when the file is a later part and the first lies beside it, `IMAGE_LIMIT`
 */
export async function openSplitParts(
  source: ByteSource,
  name: string,
  siblings: Siblings | undefined,
  options: ReadOptions,
): Promise<SplitParts | undefined> {
  const split = parseSplitName(name);
  if (split === undefined || siblings === undefined) return undefined;
  await refuseLaterPart(name, split, siblings, options);
  if (!split.mayBeFirst) return undefined;
  const opened: ByteSource[] = [];
  const open = async (number: number): Promise<ByteSource | undefined> => {
    const file = split.nameAt(number);
    const part = file === undefined ? undefined : await siblings.open(file, options);
    if (part !== undefined) opened.push(part);
    return part;
  };
  try {
    for (let number = split.number + 1; ; number += 1) {
      if (opened.length >= MAX_COMPANIONS) {
        throw imageError('IMAGE_LIMIT', `${name} has more than ${MAX_COMPANIONS} parts`, { layer: name, offset: 0 });
      }
      if ((await open(number)) !== undefined) continue;
      // One more look tells a set that ends from one with a part left out.
      if ((await open(number + 1)) === undefined) break;
      const missing = split.nameAt(number) ?? '';
      throw imageError(
        'IMAGE_FILE_MISSING',
        `${name} is a split image: "${split.nameAt(number + 1)}" lies beside it, but the part "${missing}" before it does not`,
        { layer: name, offset: 0 },
        { recorded: missing, lookedFor: missing },
      );
    }
  } catch (error) {
    for (const part of opened) await part.close?.();
    throw error;
  }
  return opened.length === 0 ? undefined : { source: new ConcatSource([source, ...opened], name), opened };
}

/** A later part of a set is no disk: what it begins with lies somewhere in the middle. */
async function refuseLaterPart(
  name: string,
  { number, nameAt }: SplitName,
  siblings: Siblings,
  options: ReadOptions,
): Promise<void> {
  if (number === 0) return;
  if (!(await exists(nameAt(number - 1), siblings, options))) return;
  let begin: string | undefined;
  for (const file of [nameAt(0), nameAt(1)])
    if (begin === undefined && file !== name && (await exists(file, siblings, options))) begin = file;
  if (begin === undefined) return;
  throw imageError(
    'IMAGE_UNSUPPORTED',
    `${name} is a later part of a split image that begins with "${begin}", which lies beside it; open that`,
    { layer: name, offset: 0 },
    { first: begin },
  );
}

async function exists(name: string | undefined, siblings: Siblings, options: ReadOptions): Promise<boolean> {
  const file = name === undefined ? undefined : await siblings.open(name, options);
  await file?.close?.();
  return file !== undefined;
}
