import type { Bytes } from '../bytes/bytes.js';
import { SECTOR } from '../bytes/sizes.js';
import { survive } from '../damage.js';
import type { DeadboxError } from '../errors.js';
import type { ByteSource, ReadOptions } from './byte-source.js';

/**
 * Reads a few sectors of which the medium may refuse some: these are zeros in the answer, and told. For heads and tables
 * that have a copy elsewhere; what else the disk holds has nothing to do with one bad sector.
 * @param onBad - told of every sector that could not be read, with its byte offset in the source
 * @throws what reading throws, damage aside
 */
export async function readAround(
  source: ByteSource,
  { offset, length }: { readonly offset: number; readonly length: number },
  options: ReadOptions,
  onBad: (offset: number, error: DeadboxError) => void,
): Promise<Bytes> {
  const step = source.sectorSize ?? SECTOR;
  const sectors = async (): Promise<Bytes> => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += step) {
      const sector = bytes.subarray(at, Math.min(at + step, length));
      await survive(
        async () => sector.set(await source.read(offset + at, sector.length, options)),
        (error) => onBad(offset + at, error),
        options,
      );
    }
    return bytes;
  };
  return survive(async () => source.read(offset, length, options), sectors, options);
}
