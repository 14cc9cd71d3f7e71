import type { ReadOptions } from '@deadbox/core';
import { entryEvidence, startEvidence } from '../../obstacles/obstacle-evidence.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { proves, speaksFor } from '../disk-cause.js';
import { BOOT_MANAGER_PATH, type EfiVolume, efiVolumes } from './efi-volumes.js';
import { FALLBACK_PATHS } from './fallback.js';
import { EFI_SYSTEM_TYPE, isUefiDisk } from './start-disk.js';

/** The EFI system partition, and the boot manager's file on it. */
export const EFI_SYSTEM_PARTITION: DiskDetector = {
  causes: ['esp-missing', 'esp-type-wrong', 'esp-unreadable', 'bootmgfw-missing'],
  async detect(subject, options) {
    if (!(await isUefiDisk(subject, options))) return [];
    const volumes = await subject.fact(efiVolumes, options);
    if (volumes.length === 0) return noPartition(subject);
    const [best] = volumes;
    const typed = volumes.filter((one) => one.typed);
    if (typed.length === 0) return [await wrongType(subject, best, options)];
    // One that starts Windows is enough: others may be left over, or another system's.
    if (typed.some(({ manager }) => manager?.state === 'good')) return [];
    const readable = typed.find((one) => one.readable) ?? typed[0];
    return readable === undefined ? [] : notStartable(subject, readable, options);
  },
};

/**
 * A locked or damaged volume is no FAT volume that firmware could read. What is not known is whether the table is
 * whole.
 */
function noPartition({ disk, stores, doubts }: DiskSubject): FoundCause[] {
  // A BIOS may start a GPT disk from code in the protective MBR; Windows is then none of its business.
  if (stores.stores.some(({ role }) => role === 'bios')) return [];
  if (disk.table.issues.some(({ severity }) => severity === 'error')) {
    doubts.add(['esp-missing'], { reason: 'table-damaged' });
    return [];
  }
  return [proves('esp-missing', { data: { partitions: disk.volumes.length } })];
}

async function wrongType(
  { disk }: DiskSubject,
  { volume, manager }: EfiVolume,
  options: ReadOptions,
): Promise<FoundCause> {
  const data = { type: volume.partition?.type ?? null, path: manager?.path ?? null };
  const evidence = await entryEvidence(disk, volume, options);
  const partition = volume.partition?.number;
  const requests =
    partition === undefined ? [] : [{ operation: 'set-partition-entry', partition, type: EFI_SYSTEM_TYPE } as const];
  return speaksFor('esp-type-wrong', { volume: volume.number, data, evidence, requests });
}

async function notStartable(
  subject: DiskSubject,
  { volume, readable, manager }: EfiVolume,
  options: ReadOptions,
): Promise<FoundCause[]> {
  if (!readable || manager === undefined) {
    const data = { fileSystem: volume.fileSystem };
    return [proves('esp-unreadable', { volume: volume.number, data, evidence: await startEvidence(volume, options) })];
  }
  if (manager.state === 'unreadable') {
    const { number } = volume;
    if (manager.data.code !== 'FAT_CHAIN_BROKEN') {
      subject.doubts.add(['bootmgfw-missing', 'esp-unreadable'], {
        volume: number,
        path: manager.path,
        ...manager.data,
      });
      return [];
    }
    return [proves('esp-unreadable', { volume: number, data: { fileSystem: volume.fileSystem, path: manager.path } })];
  }
  // An image that is only changed inside is another finding.
  if (manager.state === 'bad-checksum') return [];
  return [await missing(subject, volume.number, manager, options)];
}

async function missing(
  subject: DiskSubject,
  volume: number,
  manager: CheckedFile,
  options: ReadOptions,
): Promise<FoundCause> {
  const data = {
    path: BOOT_MANAGER_PATH,
    state: manager.state,
    copy: await copyOf(subject, options),
    fallback: await fallbackOf(subject, volume, options),
  };
  return proves('bootmgfw-missing', { volume, data, evidence: await manager.evidence(options) });
}

/** Where else on the disk the same file lies whole. */
async function copyOf(subject: DiskSubject, options: ReadOptions): Promise<string | null> {
  for (const { files, root } of subject.installations) {
    const copy = await files.check(`${root}/Boot/EFI/bootmgfw.efi`, 'image', options);
    if (copy.state === 'good') return copy.path;
  }
  return null;
}

/** The file that firmware starts where its own entry leads nowhere. */
async function fallbackOf(subject: DiskSubject, number: number, options: ReadOptions): Promise<string | null> {
  const volume = subject.disk.volumes.find((one) => one.number === number);
  const files = volume === undefined ? undefined : await subject.files(volume, options);
  for (const path of Object.values(FALLBACK_PATHS)) {
    const file = await files?.check(path, 'image', options);
    if (file?.state === 'good') return file.path;
  }
  return null;
}
