import { type Bytes, hasAscii } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FILE_RECORD_HEADER, NTFS_BOOT_SECTOR } from '@deadbox/ntfs';
import { BOOT_SECTOR_SIZE } from '@deadbox/ntfs/internals';
import { MAX_WALK_CONTENT } from '../limits.js';
import { pointer, type StepInput, type Trail, term } from './trail.js';
import type { WalkTarget } from './walk-types.js';

/** The step that shows bytes which prove something, by their place on the disk. */
export async function placeSteps(
  trail: Trail,
  volume: Volume | undefined,
  { offset, length, what }: WalkTarget & { kind: 'place' },
): Promise<void> {
  const source = volume === undefined ? trail.disk.image : (volume.content ?? volume.source);
  const at = offset - (volume?.offset ?? 0);
  const shown = Math.min(length, MAX_WALK_CONTENT, source.size - at);
  if (shown <= 0) return;
  const bytes = await source.read(at, shown, trail.options);
  if (volume !== undefined) trail.pointLast(pointer('disk', term('volume-start', volume.offset), term('entry', at)));
  await trail.add({
    id: 'evidence',
    data: { what, volume: volume?.number ?? null },
    source,
    offset: at,
    length: shown,
    tables: tablesOf(bytes, volume, at),
  });
}

function tablesOf(bytes: Bytes, volume: Volume | undefined, at: number): NonNullable<StepInput['tables']> {
  if (hasAscii(bytes, 0, 'FILE')) return [{ table: FILE_RECORD_HEADER, at: 0 }];
  const isStart = volume !== undefined && at === 0 && bytes.length >= BOOT_SECTOR_SIZE;
  return isStart && hasAscii(bytes, 3, 'NTFS') ? [{ table: NTFS_BOOT_SECTOR, at: 0 }] : [];
}
