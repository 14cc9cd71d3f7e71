import {
  type ByteSource,
  Cursor,
  type DeadboxError,
  hasAscii,
  type IssueLog,
  isDamage,
  type ReadOptions,
  unlessDamaged,
} from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import { BACKUP_SEARCH_SIZE } from '../limits.js';
import {
  BOOT_SECTOR_SIZE,
  describeBootSector,
  NTFS_BOOT_SECTOR,
  type NtfsGeometry,
  parseBootSector,
} from './boot-sector.js';

/** A boot sector and where it was found. */
export interface FoundBootSector {
  readonly geometry: NtfsGeometry;
  readonly from: 'primary' | 'backup';
  /** Byte offset on the volume. */
  readonly offset: number;
}

/**
 * Reads the boot sector, or its backup when the first cannot be used: right after the file system as the damaged copy
 * describes it, in the last 512 or 4096 bytes of the volume, then anywhere in its last MiB (a padded container, a
 * shrunk file system).
 * @throws DeadboxError `NTFS_NOT_NTFS`, `NTFS_BOOT_SECTOR_INVALID`: what was wrong with the first copy
 */
export async function findBootSector(
  source: ByteSource,
  issues: IssueLog,
  options?: ReadOptions,
): Promise<FoundBootSector> {
  if (source.size < BOOT_SECTOR_SIZE) {
    throw ntfsError(
      'NTFS_NOT_NTFS',
      `The volume has ${source.size} bytes, less than a boot sector of ${BOOT_SECTOR_SIZE}`,
      { offset: 0 },
      { size: source.size },
    );
  }
  let first: DeadboxError;
  let claimed = 0;
  try {
    const bytes = await source.read(0, BOOT_SECTOR_SIZE, options);
    const cursor = new Cursor(bytes);
    const { totalSectors, bytesPerSector, bootSignature } = NTFS_BOOT_SECTOR.fields;
    claimed = cursor.u64Number(totalSectors.offset) * bytesPerSector.read(cursor);
    const geometry = parseBootSector(bytes);
    if (!geometry.bootSignature)
      addIssue(
        issues,
        'ntfs.boot-sector-signature',
        { offset: bootSignature.offset },
        { expected: '55aa', found: describeBootSector(bytes) },
        'note',
      );
    return { geometry, from: 'primary', offset: 0 };
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    first = error;
    // Another file system's own boot sector is no damage: an old NTFS backup may still lie behind it.
    if (typeof error.data.found === 'string' && error.data.found.startsWith('a ')) throw error;
  }
  const backup = await findBackup(source, claimed, options);
  if (backup === undefined) throw first;
  addIssue(issues, 'ntfs.boot-backup-used', { offset: 0 }, { reason: first.message, backup: backup.offset }, 'warning');
  return backup;
}

/** The backup boot sector of a volume whose geometry is known (or, as `claimed`, guessed), or `undefined`. */
export async function findBackup(
  source: ByteSource,
  claimed: number,
  options?: ReadOptions,
): Promise<FoundBootSector | undefined> {
  const likely = new Set([claimed, lastUnit(source.size, 512), lastUnit(source.size, 4096)]);
  for (const offset of likely) {
    if (!Number.isSafeInteger(offset) || offset <= 0 || offset + BOOT_SECTOR_SIZE > source.size) continue;
    const found = await tryAt(source, offset, options);
    if (found !== undefined) return found;
  }
  const from = Math.max(512, Math.ceil((source.size - BACKUP_SEARCH_SIZE) / 512) * 512);
  if (from >= source.size) return undefined;
  try {
    const tail = await source.read(from, source.size - from, options);
    for (let at = Math.floor((tail.length - BOOT_SECTOR_SIZE) / 512) * 512; at >= 0; at -= 512) {
      const geometry = tryParse(tail.subarray(at, at + BOOT_SECTOR_SIZE), from + at);
      if (geometry !== undefined) return { geometry, from: 'backup', offset: from + at };
    }
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
  }
  return undefined;
}

function lastUnit(size: number, unit: number): number {
  return (Math.floor(size / unit) - 1) * unit;
}

async function tryAt(source: ByteSource, offset: number, options?: ReadOptions): Promise<FoundBootSector | undefined> {
  const bytes = await unlessDamaged(async () => source.read(offset, BOOT_SECTOR_SIZE, options), undefined, options);
  const geometry = bytes && tryParse(bytes, offset);
  return geometry && { geometry, from: 'backup', offset };
}

/**
 * A geometry, only when the file system it describes ends where its backup stands: a boot sector inside a file must not
 * be taken.
 */
function tryParse(bytes: Parameters<typeof parseBootSector>[0], offset: number): NtfsGeometry | undefined {
  // Asked of two thousand sectors where a volume is no NTFS: an error for each would cost more than the search.
  if (!hasAscii(bytes, 3, 'NTFS    ')) return undefined;
  const geometry = unlessDamaged(() => parseBootSector(bytes, offset), undefined);
  return geometry && geometry.totalSectors * geometry.bytesPerSector <= offset ? geometry : undefined;
}
