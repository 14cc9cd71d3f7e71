import { type ByteSource, type Bytes, type IssueSink, type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import { MAX_EOW_INFORMATION } from '../../limits.js';
import { type EowBitmap, type EowInformation, eowBitmapSize, parseEowBitmap, parseEowInformation } from './eow.js';
import type { BitLockerVolumeHeader } from './volume-header.js';

/** The conversion state of an encrypt-on-write volume. */
export interface EowState {
  readonly information: EowInformation;
  /** In order of their regions. */
  readonly bitmaps: readonly EowBitmap[];
  /** False when a bitmap could not be read: the chunks of its region cannot be told apart. */
  readonly complete: boolean;
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
  issues: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<EowState | undefined> {
  for (const offset of header.eowOffsets) {
    const bytes = await readClipped(source, offset, MAX_EOW_INFORMATION, options);
    const information = bytes && parseEowInformation(bytes);
    // Sectors are encrypted whole: chunks and regions of parts of sectors are nothing that Windows wrote.
    if (information !== undefined && information.chunkSize % header.sectorSize === 0) {
      const { bitmaps, complete } = await readBitmaps(source, header.sectorSize, information, issues, options);
      return { information, bitmaps, complete };
    }
    noteDamage(issues, offset, 'information');
  }
  return undefined;
}

async function readBitmaps(
  source: ByteSource,
  sectorSize: number,
  information: EowInformation,
  issues: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<Pick<EowState, 'bitmaps' | 'complete'>> {
  const bitmaps: EowBitmap[] = [];
  let complete = true;
  for (const offset of information.bitmapOffsets) {
    const bitmap = await readBitmap(source, offset, options);
    const whole = bitmap && bitmap.regionOffset % sectorSize === 0 && bitmap.regionSize % sectorSize === 0;
    if (whole === true) bitmaps.push(bitmap);
    else {
      complete = false;
      noteDamage(issues, offset, 'bitmap');
    }
  }
  bitmaps.sort((left, right) => left.regionOffset - right.regionOffset);
  return { bitmaps, complete };
}

function noteDamage(issues: IssueSink<EncryptionIssueCode>, offset: number, what: 'information' | 'bitmap'): void {
  const at = { layer: 'BitLocker volume', offset };
  issues.add({ code: 'bitlocker.eow-damaged', severity: 'warning', at, data: { what } });
}

async function readBitmap(source: ByteSource, offset: number, options?: ReadOptions): Promise<EowBitmap | undefined> {
  let bytes = await readClipped(source, offset, FIRST_READ, options);
  const size = bytes && eowBitmapSize(bytes);
  if (bytes === undefined || size === undefined) return undefined;
  if (size > bytes.length) bytes = await readClipped(source, offset, size, options);
  return bytes && parseEowBitmap(bytes, offset);
}

/** Bytes at `offset` up to the volume's end; `undefined` for a place outside of it, or one that the medium refuses. */
async function readClipped(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Bytes | undefined> {
  if (!Number.isSafeInteger(offset) || offset <= 0 || offset >= source.size) return undefined;
  return unlessDamaged(
    async () => source.read(offset, Math.min(length, source.size - offset), options),
    undefined,
    options,
  );
}
