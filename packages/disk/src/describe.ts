import { formatFileTime, isDeadboxError, type Json, type ReadOptions } from '@deadbox/core';
import type { EncryptionFinding } from '@deadbox/encryption';
import { NtfsVolume } from '@deadbox/ntfs';
import type { DiskInfo, EncryptionInfo, ImageInfo, NtfsInfo, VolumeInfo } from './info.js';
import type { Disk } from './open-disk.js';
import type { Volume } from './volume.js';

/** The image file as report data. */
export function describeImage(disk: Disk): ImageInfo {
  const { image } = disk;
  return {
    path: disk.name,
    format: image.format,
    variant: image.variant,
    virtualSize: image.size,
    parents: image.parents.map((parent) => ({ ...parent })),
    details: { ...image.details },
    issues: [...image.issues],
  };
}

/** The partition table as report data. */
export function describeTable(disk: Disk): DiskInfo {
  const { table } = disk;
  return {
    partitionTable: table.kind,
    sectorSize: table.sectorSize,
    diskId: table.diskId ?? null,
    encryption: disk.encryption.map(describeEncryption),
    issues: [...table.issues],
  };
}

/** One volume as report data; opens its file system for label, serial and NTFS state. A volume that cannot be opened says why. */
export async function describeVolume(volume: Volume, options: ReadOptions = {}): Promise<VolumeInfo> {
  const info: VolumeInfo = {
    number: volume.number,
    offset: volume.offset,
    length: volume.length,
    partitionType: volume.partition?.type ?? null,
    partitionId: volume.partition?.id ?? null,
    name: volume.partition?.name ?? '',
    role: volume.role,
    fileSystem: volume.fileSystem,
    label: null,
    serial: null,
    encryption: describeEncryption(volume.encryption),
    issues: [],
  };
  if (
    !volume.locked &&
    (volume.fileSystem === 'ntfs' || volume.fileSystem === 'unknown' || volume.fileSystem.startsWith('fat'))
  ) {
    try {
      await describeFileSystem(volume, info, options);
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
      if (volume.fileSystem !== 'unknown' || volume.role === 'data' || volume.role === 'unknown') {
        info.error = { code: error.code, message: error.message };
      }
    }
  }
  info.issues = [...volume.issues.issues];
  return info;
}

async function describeFileSystem(volume: Volume, info: VolumeInfo, options: ReadOptions): Promise<void> {
  const tree = await volume.fileTree(options);
  info.fileSystem = tree.fileSystem;
  if (!(tree instanceof NtfsVolume)) {
    info.label = (await tree.label(options)) ?? null;
    info.serial = tree.serial ?? null;
    return;
  }
  info.serial = tree.geometry.serialNumber.toString(16).toUpperCase().padStart(16, '0');
  const state = await tree.state(options);
  info.label = state.label;
  info.ntfs = describeNtfs(tree, state);
}

function describeNtfs(tree: NtfsVolume, state: Awaited<ReturnType<NtfsVolume['state']>>): NtfsInfo {
  return {
    version: state.version ?? 'unknown',
    clusterSize: tree.geometry.clusterSize,
    recordSize: tree.geometry.recordSize,
    bytesPerSector: tree.geometry.bytesPerSector,
    dirty: state.dirty ?? false,
    log: state.log,
    logVersion: state.logVersion ?? null,
    hibernation: state.hibernation,
    bootSector: tree.bootSectorFrom,
  };
}

/** An encryption finding as report data. */
export function describeEncryption(finding: EncryptionFinding): EncryptionInfo {
  return {
    verdict: finding.verdict,
    product: finding.product ?? null,
    confidence: finding.confidence,
    method: finding.method ?? null,
    state: finding.state ?? null,
    keyProtectors: finding.keyProtectors,
    needs: finding.needs,
    evidence: finding.evidence,
    details: {
      ...finding.details,
      ...(finding.bitlocker === undefined ? {} : { bitlocker: finding.bitlocker as unknown as Json }),
      ...(finding.sampling === undefined ? {} : { sampling: finding.sampling as unknown as Json }),
    },
  };
}

/** A FILETIME as the report shows it; `null` when not set. */
export function describeTime(time: bigint | undefined): string | null {
  return time === undefined ? null : (formatFileTime(time) ?? null);
}
