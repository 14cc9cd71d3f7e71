import type { ByteSource, Issue, ReadOptions } from '@deadbox/core';
import { MAX_EOW_INFORMATION } from '../../limits.js';
import { type EowBitmap, type EowInformation, eowBitmapSize, parseEowBitmap, parseEowInformation } from './eow.js';
import type { BitLockerVolumeHeader } from './volume-header.js';

/** The conversion state of an encrypt-on-write volume. */
export interface EowState {
  readonly information: EowInformation;
  /** In order of their regions. */
  readonly bitmaps: EowBitmap[];
  /** False when a bitmap could not be read: the chunks of its region cannot be told apart. */
  complete: boolean;
}

/** Bitmaps of up to this size come with their first read. Windows writes 0x600 bytes for a region of up to 1 GiB. */
const FIRST_READ = 4096;

/**
 * Reads the encrypt-on-write information (the first of its two copies that is intact) and the bitmaps.
 * @returns `undefined` when no copy of the information is usable
 */
export async function readEow(
  source: ByteSource,
  header: BitLockerVolumeHeader,
  issues: (issue: Issue) => void,
  options?: ReadOptions,
): Promise<EowState | undefined> {
  for (const offset of header.eowOffsets) {
    const bytes = await readClipped(source, offset, MAX_EOW_INFORMATION, options);
    const information = bytes === undefined ? undefined : parseEowInformation(bytes);
    if (information === undefined) {
      issues({
        code: 'bitlocker.eow-damaged',
        severity: 'warning',
        at: { layer: 'BitLocker volume', offset },
        data: { what: 'information' },
      });
      continue;
    }
    return { information, ...(await readBitmaps(source, information, issues, options)) };
  }
  return undefined;
}

async function readBitmaps(
  source: ByteSource,
  information: EowInformation,
  issues: (issue: Issue) => void,
  options?: ReadOptions,
): Promise<{ bitmaps: EowBitmap[]; complete: boolean }> {
  const bitmaps: EowBitmap[] = [];
  let complete = true;
  for (const offset of information.bitmapOffsets) {
    const bitmap = await readBitmap(source, offset, options);
    if (bitmap !== undefined) bitmaps.push(bitmap);
    else {
      complete = false;
      issues({
        code: 'bitlocker.eow-damaged',
        severity: 'warning',
        at: { layer: 'BitLocker volume', offset },
        data: { what: 'bitmap' },
      });
    }
  }
  bitmaps.sort((left, right) => left.regionOffset - right.regionOffset);
  return { bitmaps, complete };
}

async function readBitmap(source: ByteSource, offset: number, options?: ReadOptions): Promise<EowBitmap | undefined> {
  let bytes = await readClipped(source, offset, FIRST_READ, options);
  const size = bytes === undefined ? undefined : eowBitmapSize(bytes);
  if (bytes === undefined || size === undefined) return undefined;
  if (size > bytes.length) bytes = await readClipped(source, offset, size, options);
  return bytes === undefined ? undefined : parseEowBitmap(bytes, offset);
}

async function readClipped(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!Number.isSafeInteger(offset) || offset <= 0 || offset >= source.size) return undefined;
  return source.read(offset, Math.min(length, source.size - offset), options);
}
