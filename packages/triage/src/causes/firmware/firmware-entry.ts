import { type ReadOptions, survive } from '@deadbox/core';
import { findMeasuredBoots, type MeasuredBootOption, type MeasuredBoots } from '@deadbox/windows';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { InstallationSubject, VolumeSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { fileEvidence, speaksFor } from '../disk-cause.js';
import { type EfiVolume, efiVolumes } from './efi-volumes.js';
import { isUefiDisk } from './start-disk.js';

/** The logs of measured starts of an installation; what cannot be read is not there. */
export async function measuredBoots(
  { tree, root }: InstallationSubject,
  options: ReadOptions,
): Promise<MeasuredBoots | undefined> {
  return survive<Promise<MeasuredBoots | undefined>, undefined>(
    () => findMeasuredBoots(tree, root, options),
    () => undefined,
    options,
  );
}

const MANAGER = /\\EFI\\Microsoft\\Boot\\bootmgfw\.efi$/i;

/**
 * Whether the firmware's boot entry, as the last measured start recorded it, still leads to the EFI system partition.
 */
export const FIRMWARE_ENTRY: DiskDetector = {
  causes: ['efi-entry-mismatch'],
  async detect(subject, options) {
    if (!(await isUefiDisk(subject, options)) || subject.disk.table.kind !== 'gpt') return [];
    const [efi] = (await subject.fact(efiVolumes, options)).filter(({ typed }) => typed);
    if (efi === undefined) return [];
    for (const installation of subject.installations) {
      const newest = (await installation.fact(measuredBoots, options))?.newest;
      const entries = newest?.log?.options.filter(({ path }) => path !== undefined && MANAGER.test(path)) ?? [];
      // Several entries may stand in the firmware, of disks that are gone too: one that fits is enough.
      const [entry] = entries;
      if (newest === undefined || entry === undefined || entries.some((one) => fits(one, efi))) continue;
      return [await mismatch(subject, installation, efi, entry, newest, options)];
    }
    return [];
  },
};

function fits({ partition }: MeasuredBootOption, { volume }: EfiVolume): boolean {
  // A path without a partition is searched for on every disk.
  if (partition === undefined) return true;
  if (partition.style !== 'gpt') return false;
  return partition.partitionId === volume.partition?.id && partition.number === volume.partition.slot;
}

async function mismatch(
  { disk }: DiskSubject,
  installation: VolumeSubject,
  { volume }: EfiVolume,
  { name, number, partition, partitionIdAt }: MeasuredBootOption,
  { path, written }: NonNullable<MeasuredBoots['newest']>,
  options: ReadOptions,
): Promise<FoundCause> {
  const file = await installation.tree.lookup(path, options);
  const log = await file?.stream('', options);
  const inLog =
    log === undefined || partitionIdAt === undefined
      ? []
      : await fileEvidence(installation.volume, log, `partition in ${path}`, partitionIdAt, 16, options);
  const entryIs = partition?.style === 'gpt' ? partition.partitionId : (partition?.diskSignature ?? null);
  const data = {
    entry: `Boot${number.toString(16).toUpperCase().padStart(4, '0')}`,
    name,
    log: path,
    measured: written,
    entryPartition: entryIs,
    entrySlot: partition?.number ?? null,
    partition: volume.partition?.id ?? null,
    slot: volume.partition?.slot ?? null,
    diskId: disk.table.diskId ?? null,
  };
  const slotIs = partition?.number === volume.partition?.slot;
  const own = volume.partition?.number;
  const requests =
    slotIs && own !== undefined && partition?.style === 'gpt'
      ? [{ operation: 'set-partition-entry', partition: own, id: partition.partitionId } as const]
      : [];
  return speaksFor('efi-entry-mismatch', { volume: volume.number, data, evidence: inLog, requests });
}
