import { type Bytes, equalBytes, isDamage, type Json, type ReadOptions } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { AttributeType } from '../record/attribute.js';
import { BOOT_SECTOR_SIZE } from '../record/boot-sector.js';
import { findBackup } from '../record/find-boot-sector.js';
import { KnownRecord } from '../record/known-records.js';

/** Records that every writer keeps equal. */
const ALWAYS_MIRRORED = 4;
/** More records than any volume mirrors: one cluster of 2 MiB holds 2048. */
const MAX_MIRRORED = 2048;

/** The boot sector and its backup. */
export interface BootCheck {
  /** Whether the first sector of the volume could be used. */
  readonly primary: 'ok' | 'damaged';
  /** How the backup compares with the first sector. */
  readonly backup: 'equal' | 'differs' | 'missing';
  /** Byte offset of the backup on the volume. */
  readonly backupOffset?: number;
  /** First byte of the sector that differs. */
  readonly firstDifference?: number;
}

/** `$MFT` and `$MFTMirr`. */
export interface MirrorCheck {
  /** Records that the mirror holds: 4, or as many as fit in one cluster. */
  readonly records: number;
  /** Of the first four records, those that differ, with the first byte that does. */
  readonly differing: readonly { readonly record: number; readonly offset: number }[];
  /**
   * How many of the other mirrored records differ. No damage: where a cluster holds more than four records, Windows
   * leaves the rest of the mirror stale (seen on a volume that Windows 10 formatted with 2 MiB clusters), while ntfs-3g
   * keeps all of it.
   */
  readonly laterDiffering: number;
  /** Why the mirror could not be compared. */
  readonly unreadable?: string;
}

/** Compares the boot sector with its backup. */
export async function checkBoot(
  context: VolumeContext,
  primary: 'ok' | 'damaged',
  options?: ReadOptions,
): Promise<BootCheck> {
  const { geometry, source, issues } = context;
  const end = geometry.totalSectors * geometry.bytesPerSector;
  const differs = (offset: number, data: Record<string, Json>): void =>
    addIssue(issues, 'ntfs.boot-backup-differs', { offset }, data, 'warning');
  const backup = await findBackup(source, end, options);
  if (backup === undefined) {
    differs(end, { found: 'no backup boot sector' });
    return { primary, backup: 'missing' };
  }
  const first = await source.read(0, BOOT_SECTOR_SIZE, options);
  const second = await source.read(backup.offset, BOOT_SECTOR_SIZE, options);
  if (equalBytes(first, second)) return { primary, backup: 'equal', backupOffset: backup.offset };
  const firstDifference = differenceAt(first, second);
  differs(backup.offset + firstDifference, { backup: backup.offset, firstDifference });
  return { primary, backup: 'differs', backupOffset: backup.offset, firstDifference };
}

/** Compares the first records of `$MFT` with `$MFTMirr`, byte for byte. */
export async function checkMirror(context: VolumeContext, options?: ReadOptions): Promise<MirrorCheck> {
  const { reader, geometry, issues, source } = context;
  const { recordSize } = geometry;
  try {
    const set = await attributesOf(context, KnownRecord.mftMirror, options);
    const held = await set.find(AttributeType.data, '', options);
    if (held === undefined)
      return { records: 0, differing: [], laterDiffering: 0, unreadable: '$MFTMirr has no $DATA' };
    const mirror = await set.raw(held, '$MFTMirr', options);
    const records = Math.min(Math.floor(mirror.size / recordSize), MAX_MIRRORED, reader.recordCount);
    const differing: { record: number; offset: number }[] = [];
    let laterDiffering = 0;
    for (let record = 0; record < records; record += 1) {
      const copy = await mirror.read(record * recordSize, recordSize, options);
      let at = 0;
      for (const part of await reader.locate(record, options)) {
        const original = await source.read(part.offset, part.length, options);
        const byte = at + differenceAt(original, copy.subarray(at, at + part.length));
        at += part.length;
        if (byte === at) continue;
        if (record >= ALWAYS_MIRRORED) laterDiffering += 1;
        else {
          differing.push({ record, offset: byte });
          const place = { offset: part.offset + part.length - (at - byte), record };
          addIssue(issues, 'ntfs.mft-mirror-differs', place, { byte }, 'warning');
        }
        break;
      }
    }
    return { records, differing, laterDiffering };
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    return { records: 0, differing: [], laterDiffering: 0, unreadable: error.message };
  }
}

function differenceAt(left: Bytes, right: Bytes): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}
