import { type Evidence, type EvidenceName, type ReadOptions, readEvidence, unlessDamaged } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import type { NtfsFile } from '@deadbox/ntfs';

/**
 * What a record or a file's content is known by lies in its first bytes: the flags of a restart page, the signature of
 * `hiberfil.sys`.
 */
const CONTENT_BYTES = 64;

/** Bytes of a disk that lie in no volume: table entries, headers. Where they cannot be read there is no evidence. */
export function diskEvidence(
  disk: Disk,
  what: EvidenceName,
  offset: number,
  length: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  return unlessDamaged(async () => [await readEvidence(disk.image, what, offset, length, options)], [], options);
}

/** The table entry of a volume. */
export function entryEvidence(disk: Disk, volume: Volume, options: ReadOptions): Promise<Evidence[]> {
  const entry = volume.partition?.entry;
  return entry === undefined
    ? Promise.resolve([])
    : diskEvidence(disk, 'partition entry', entry.offset, entry.length, options);
}

/** The first bytes of a volume, as they are stored. */
export function startEvidence(volume: Volume, options: ReadOptions): Promise<Evidence[]> {
  const read = async (): Promise<Evidence[]> => {
    const evidence = await readEvidence(volume.source, 'start of the volume', 0, Math.min(512, volume.length), options);
    return [{ ...evidence, offset: volume.offset + evidence.offset }];
  };
  return unlessDamaged(read, [], options);
}

/** The record of a file; `open` finds it, where it can be found. */
export function recordEvidence(
  volume: Volume,
  open: () => Promise<NtfsFile | undefined>,
  recordSize: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  const read = async (): Promise<Evidence[]> => {
    const file = await open();
    if (file === undefined) return [];
    return volumeEvidence(volume, `file record ${file.record}`, file.location.offset, recordSize, options);
  };
  return unlessDamaged(read, [], options);
}

/** The first bytes of a file's content, where they lie verbatim on the volume; else its record. */
export function contentEvidence(
  volume: Volume,
  open: () => Promise<NtfsFile | undefined>,
  what: EvidenceName,
  recordSize: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  const read = async (): Promise<Evidence[]> => {
    const file = await open();
    if (file === undefined) return [];
    const first = (await file.dataRuns('', options))[0];
    if (first?.offset === undefined) return recordEvidence(volume, () => Promise.resolve(file), recordSize, options);
    return volumeEvidence(volume, what, first.offset, Math.min(CONTENT_BYTES, first.bytes), options);
  };
  return unlessDamaged(read, [], options);
}

/** Bytes of a volume's content; `offset` counts in it. */
export async function volumeEvidence(
  volume: Volume,
  what: EvidenceName,
  offset: number,
  length: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  const evidence = await readEvidence(volume.content ?? volume.source, what, offset, length, options);
  return [{ ...evidence, offset: volume.offset + offset }];
}
