import { equalBytes, type ReadOptions } from '@deadbox/core';
import type { NtfsVolume } from '@deadbox/ntfs';
import { RefusedRepair } from '../../plan/repair-plan.js';

const MIRROR_RECORD = 1;
/** Records that every writer keeps equal in `$MFT` and `$MFTMirr`: the file system's own. */
const ALWAYS_MIRRORED = 4;

/** Refuses the records of the file system itself. */
export function checkNotMirrored(record: number): void {
  if (record < ALWAYS_MIRRORED) throw new RefusedRepair('mirrored-record', { record });
}

/**
 * Where `$MFTMirr` holds the same byte of a record: it has as many records as fit a cluster. Windows leaves those
 * behind the fourth stale, ntfs-3g keeps them; a copy that differs already is nobody's and stays as it is.
 * @param inRecord - offset of the byte in the record, as stored
 * @returns byte offset on the volume; `undefined` where there is no copy to keep equal
 */
export async function mirroredPlace(
  tree: NtfsVolume,
  record: number,
  inRecord: number,
  options: ReadOptions,
): Promise<number | undefined> {
  const { clusterSize, recordSize } = tree.geometry;
  if (record >= Math.floor(clusterSize / recordSize)) return undefined;
  const [run] = await (await tree.file(MIRROR_RECORD, options)).dataRuns('', options);
  const [part, ...more] = await tree.records.locate(record, options);
  if (run?.offset === undefined || more.length > 0 || run.bytes < (record + 1) * recordSize) return undefined;
  const at = run.offset + record * recordSize;
  const original = await tree.source.read(part.offset, recordSize, options);
  return equalBytes(await tree.source.read(at, recordSize, options), original) ? at + inRecord : undefined;
}
