import { isZero, type ReadOptions, survive } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import type { UnjudgedVolume } from '../report/report-types.js';

/** Why a volume, or a part of it, could not be judged. */
export interface VolumeFailure {
  readonly code: string;
  readonly reason: string;
}

/** A volume of this size could hold Windows whatever its type says. */
const COULD_HOLD_WINDOWS = 4 * 2 ** 30;
/** Roles that hold no Windows, unless a boot store names the volume. */
const OTHER_ROLES: ReadonlySet<Volume['role']> = new Set([
  'microsoft-reserved',
  'efi-system',
  'system-reserved',
  'recovery',
]);
/** Partition types that Windows is installed on: basic data of GPT; NTFS and FAT of an MBR, dynamic disks. */
const WINDOWS_TYPES: ReadonlySet<string> = new Set([
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
  'AF9B60A0-1431-4F62-BC68-3311714A69AD',
  '0x06',
  '0x07',
  '0x0B',
  '0x0C',
  '0x0E',
  '0x42',
]);
/** Places of an unrecognised volume that are looked at: where all are zero, it was never formatted. */
const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/**
 * The volumes that nobody can judge as they are: locked, damaged or unrecognised.
 * @param named - numbers of the volumes that a boot store starts Windows from
 */
export async function unjudgedVolumes(
  disk: Disk,
  failures: ReadonlyMap<number, VolumeFailure>,
  named: ReadonlySet<number>,
  options: ReadOptions,
): Promise<UnjudgedVolume[]> {
  const largest = Math.max(...disk.volumes.map((volume) => volume.length));
  const unjudged: UnjudgedVolume[] = [];
  for (const volume of disk.volumes) {
    const failure = failures.get(volume.number);
    const reason = volume.locked ? (volume.encryption.product ?? 'encryption') : failure?.reason;
    if (reason === undefined || volume.role === 'microsoft-reserved') continue;
    // Of a volume on several disks only a part is here: its own length says nothing.
    const large = volume.length >= COULD_HOLD_WINDOWS || volume.length === largest || volume.missingDisks.length > 0;
    unjudged.push({
      volume: volume.number,
      verdict: volume.locked ? 'blocked-encrypted' : 'unreadable',
      couldHoldWindows:
        large || named.has(volume.number) || (!volume.locked && (await couldBeWindows(volume, failure, options))),
      reason,
    });
  }
  return unjudged;
}

/** Whether a small volume that cannot be read may be a Windows volume, by its role, its type and what is left of it. */
async function couldBeWindows(
  volume: Volume,
  failure: VolumeFailure | undefined,
  options: ReadOptions,
): Promise<boolean> {
  if (OTHER_ROLES.has(volume.role)) return false;
  if (volume.fileSystem === 'ntfs' || failure?.code !== 'VOLUME_UNRECOGNISED') return true;
  const type = volume.partition?.type.toUpperCase().replace('0X', '0x');
  return (type === undefined || WINDOWS_TYPES.has(type)) && !(await isEmpty(volume, options));
}

/** Whether nothing but zeros was found where something would be. */
function isEmpty({ source }: Volume, options: ReadOptions): Promise<boolean> {
  return survive<Promise<boolean>, boolean>(
    async () => {
      const step = Math.max(SAMPLE_BYTES, Math.floor(source.size / SAMPLES));
      for (let at = 0; at < source.size; at += step) {
        const bytes = await source.read(at, Math.min(SAMPLE_BYTES, source.size - at), options);
        if (!isZero(bytes)) return false;
      }
      return true;
    },
    () => false,
    options,
  );
}
