import type { ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { entryEvidence } from '../../obstacles/obstacle-evidence.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { proves, speaksFor } from '../disk-cause.js';
import { activeVolume, isEfiPartition, startsWindows } from './start-disk.js';

/** What the partition table says of the volumes that a start needs. */
export const PARTITIONS: DiskDetector = {
  causes: ['image-truncated', 'partition-hidden'],
  async detect(subject, options) {
    const found: FoundCause[] = [];
    for (const volume of subject.disk.volumes) found.push(...(await cut(subject, volume, options)));
    if (!(await startsWindows(subject, options))) return found;
    for (const { volume } of subject.installations) found.push(...(await hidden(subject, volume, options)));
    return found;
  },
};

/** A partition that ends behind the end of the disk: the image was cut short. */
async function cut(subject: DiskSubject, volume: Volume, options: ReadOptions): Promise<FoundCause[]> {
  const { partition } = volume;
  // A volume of a dynamic disk is described by its parts.
  if (partition === undefined || partition.dynamic !== undefined || partition.present >= partition.length) return [];
  const needed =
    isEfiPartition(volume) ||
    volume === activeVolume(subject) ||
    subject.installations.some((installation) => installation.volume === volume);
  const data = {
    partition: partition.slot,
    length: partition.length,
    present: partition.present,
    missing: partition.length - partition.present,
  };
  const evidence = await entryEvidence(subject.disk, volume, options);
  return [(needed ? proves : speaksFor)('image-truncated', { volume: volume.number, data, evidence })];
}

const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
/** Types of MBR partitions to which Windows gives no letter. */
const HIDDEN_TYPES: readonly string[] = ['0x12', '0x17', '0x27'];

/** Attribute bits of a GPT entry that hide a partition. */
const FLAG_BITS = { 'read-only': 60, hidden: 62, 'no-drive-letter': 63 } as const;

/** Why Windows would not see the volume that it lies on. */
async function hidden({ disk }: DiskSubject, volume: Volume, options: ReadOptions): Promise<FoundCause[]> {
  const { partition } = volume;
  if (partition === undefined || disk.table.volumeManager !== undefined) return [];
  const flags = partition.flags.filter((flag) => flag in FLAG_BITS) as (keyof typeof FLAG_BITS)[];
  const foreign = disk.table.kind === 'gpt' ? partition.type !== BASIC_DATA : HIDDEN_TYPES.includes(partition.type);
  if (!foreign && flags.length === 0) return [];
  const data = { type: partition.type, typeName: partition.typeName ?? null, foreign, flags: [...flags] };
  const evidence = await entryEvidence(disk, volume, options);
  const type = disk.table.kind === 'gpt' ? BASIC_DATA : '0x07';
  const change = {
    ...(foreign ? { type } : {}),
    ...(flags.length === 0 ? {} : { clear: flags.map((flag) => FLAG_BITS[flag]) }),
  };
  const requests = [{ operation: 'set-partition-entry', partition: partition.number, ...change } as const];
  return [speaksFor('partition-hidden', { volume: volume.number, data, evidence, requests })];
}
