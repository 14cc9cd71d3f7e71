import { type Bytes, concatBytes, type ReadOptions, survive, unlessDamaged } from '@deadbox/core';
import { AttributeType } from '../record/attribute.js';
import { parseFileRecord } from '../record/file-record.js';
import type { NtfsVolume } from '../volume/volume.js';

/** One of the records that `$MFTMirr` keeps a copy of. */
export interface MirroredRecord {
  /** 0 … 3: `$MFT`, `$MFTMirr`, `$LogFile`, `$Volume`. */
  readonly record: number;
  /** Whether each of the two can be used as this record: signature, fixups, and the attribute that it must have. */
  readonly original: 'good' | 'bad';
  readonly copy: 'good' | 'bad';
  /** Byte offset on the volume. */
  readonly originalOffset: number;
  readonly copyOffset: number;
}

/** What each of the first four records must have. */
const NEEDED = [AttributeType.data, AttributeType.data, AttributeType.data, AttributeType.volumeInformation] as const;

/**
 * Whether the first four records of `$MFT` and their copies in `$MFTMirr` can be used. Other than a comparison, this
 * says which of the two is wrong. Reads them through the places that the boot sector names: no damaged record is asked
 * where another one lies.
 */
export async function checkMftHead(volume: NtfsVolume, options?: ReadOptions): Promise<readonly MirroredRecord[]> {
  const { mftLcn, mftMirrorLcn, clusterSize, recordSize } = volume.geometry;
  const found: MirroredRecord[] = [];
  for (const [record, needed] of NEEDED.entries()) {
    const copyOffset = mftMirrorLcn * clusterSize + record * recordSize;
    const parts = await placesOf(volume, record, mftLcn * clusterSize + record * recordSize, options);
    const originalOffset = parts[0].offset;
    const isGood = async (from: readonly Part[]): Promise<'good' | 'bad'> =>
      isRecord(await readParts(volume, from, options), record, from[0].offset, needed) ? 'good' : 'bad';
    found.push({
      record,
      original: await isGood(parts),
      copy: await isGood([{ offset: copyOffset, length: recordSize }]),
      originalOffset,
      copyOffset,
    });
  }
  return found;
}

type Part = { readonly offset: number; readonly length: number };

/** Record 0 lies where the boot sector says; only a tiny first run of `$MFT` has fewer than the three that follow. */
async function placesOf(
  volume: NtfsVolume,
  record: number,
  expected: number,
  options: ReadOptions | undefined,
): Promise<readonly Part[]> {
  const whole = [{ offset: expected, length: volume.geometry.recordSize }];
  if (record === 0) return whole;
  return survive<Promise<readonly Part[]>, readonly Part[]>(
    () => volume.records.locate(record, options),
    () => whole,
    options,
  );
}

async function readParts(
  volume: NtfsVolume,
  parts: readonly Part[],
  options: ReadOptions | undefined,
): Promise<Bytes | undefined> {
  return survive<Promise<Bytes>, undefined>(
    async () => {
      const pieces: Bytes[] = [];
      for (const { offset, length } of parts) pieces.push(await volume.source.read(offset, length, options));
      return concatBytes(pieces);
    },
    () => undefined,
    options,
  );
}

function isRecord(bytes: Bytes | undefined, number: number, offset: number, needed: number): boolean {
  if (bytes === undefined) return false;
  return unlessDamaged(() => {
    const record = parseFileRecord(bytes, { number, place: { offset, record: number } });
    const has = (type: number): boolean => record.attributes.some((attribute) => attribute.type === type);
    return record.inUse && !record.damaged && (has(needed) || has(AttributeType.attributeList));
  }, false);
}
