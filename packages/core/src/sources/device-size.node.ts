import { type BigIntStats, readFileSync, readSync } from 'node:fs';
import { SECTOR } from '../bytes/sizes.js';
import { DeadboxError } from '../errors.js';

/** What a raw device is, found without native code. */
export interface DeviceFacts {
  /** Bytes. */
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
}

/**
 * Size and sector size of an opened device: from Linux's sysfs, else by reading. Of a device that cannot be asked,
 * `stats` is `undefined`.
 */
export function deviceFacts(handle: number, path: string, stats: BigIntStats | undefined): DeviceFacts {
  const sysfs = stats?.isBlockDevice() === true ? sysfsFacts(stats.rdev) : undefined;
  if (sysfs !== undefined) return sysfs;
  const size = sizeOfDevice(handle);
  const unreadable = (what: string): DeadboxError =>
    new DeadboxError('SOURCE_NOT_READABLE', `${path} has no ${what}`, { data: { path } });
  if (size === 0) throw unreadable('readable sector: no medium, or not a disk');
  if (size > LARGEST_DEVICE) throw unreadable('end: it gives bytes without limit and is not a disk');
  return { size };
}

/** glibc's encoding of a device number: major in bits 8–19 and 32–63, minor in bits 0–7 and 20–31. */
function sysfsFacts(device: bigint): DeviceFacts | undefined {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffff_ffffn);
  const folder = `/sys/dev/block/${major}:${minor}`;
  const sectors = numberIn(`${folder}/size`);
  if (sectors === undefined || sectors === 0) return undefined;
  // A partition has no queue of its own: its disk, one folder up, has.
  const sectorSize =
    numberIn(`${folder}/queue/logical_block_size`) ?? numberIn(`${folder}/../queue/logical_block_size`);
  // The kernel counts 512-byte units here whatever the sector size is.
  return { size: sectors * SECTOR, ...(sectorSize === 512 || sectorSize === 4096 ? { sectorSize } : {}) };
}

function numberIn(path: string): number | undefined {
  try {
    const value = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const PROBE = 4096;
const LARGEST_DEVICE: number = 2 ** 50;

/** A bad sector lies on the device; only some devices say the same (EIO) of what lies behind their end. */
function sizeOfDevice(handle: number): number {
  const size = sizeByReading(handle, true);
  return size > LARGEST_DEVICE ? sizeByReading(handle, false) : size;
}

/**
 * The end of a device by doubling, then halving, in steps of 4096 bytes, down to 512; more than {@link LARGEST_DEVICE}
 * when there is none. All reads are of whole sectors at whole sectors: Windows and macOS refuse anything else of a raw
 * device.
 * @param badCounts - whether a place that gives EIO is part of the device
 */
function sizeByReading(handle: number, badCounts: boolean): number {
  const buffer = new Uint8Array(PROBE);
  const readable = (offset: number, length: number): boolean => {
    try {
      return readSync(handle, buffer, 0, length, offset) === length;
    } catch (error) {
      return badCounts && (error as NodeJS.ErrnoException).code === 'EIO';
    }
  };
  if (!readable(0, PROBE)) return readable(0, SECTOR) ? SECTOR : 0;
  let low = 0;
  let high = PROBE;
  while (high < LARGEST_DEVICE && readable(high, PROBE)) {
    low = high;
    high *= 2;
  }
  // Such as /dev/zero, which can be read everywhere.
  if (high >= LARGEST_DEVICE && readable(high, PROBE)) return Number.MAX_SAFE_INTEGER;
  while (high - low > PROBE) {
    const middle = low + Math.floor((high - low) / 2 / PROBE) * PROBE;
    if (readable(middle, PROBE)) low = middle;
    else high = middle;
  }
  let size = low + PROBE;
  while (readable(size, SECTOR)) size += SECTOR;
  return size;
}
