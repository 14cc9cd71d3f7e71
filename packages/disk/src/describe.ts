import { defined, type ReadOptions, survive } from '@deadbox/core';
import type { EncryptionFinding } from '@deadbox/encryption';
import { NtfsVolume } from '@deadbox/ntfs';
import type { DiskInfo, EncryptionInfo, ImageInfo, NtfsInfo, VolumeInfo } from './info.js';
import type { Disk } from './open-disk.js';
import type { Volume } from './volume.js';

/** The image file as report data. */
export function describeImage({ name, image }: Disk): ImageInfo {
  return {
    path: name,
    format: image.format,
    variant: image.variant,
    virtualSize: image.size,
    parents: image.parents.map((parent) => ({ ...parent })),
    details: { ...image.details },
    issues: [...image.issues],
  };
}

/** The partition table as report data. */
export function describeTable({ table, encryption }: Disk): DiskInfo {
  return {
    partitionTable: table.kind,
    sectorSize: table.sectorSize,
    diskId: table.diskId ?? null,
    encryption: encryption.map(describeEncryption),
    issues: [...table.issues],
  };
}

/** What only an opened file system tells of a volume. */
type FileSystemFacts = Pick<VolumeInfo, 'fileSystem' | 'label' | 'serial' | 'ntfs' | 'error'>;

/**
 * One volume as report data; opens its file system for label, serial and NTFS state. A volume that cannot be opened
 * says why.
 */
export async function describeVolume(volume: Volume, options: ReadOptions = {}): Promise<VolumeInfo> {
  const { partition } = volume;
  const closed: FileSystemFacts = { fileSystem: volume.fileSystem, label: null, serial: null };
  const facts = !isReadable(volume)
    ? closed
    : await survive(
        () => describeFileSystem(volume, options),
        ({ code, message }) => (isExpectedToOpen(volume) ? { ...closed, error: { code, message } } : closed),
        options,
      );
  return {
    number: volume.number,
    offset: volume.offset,
    length: volume.length,
    partitionType: partition?.type ?? null,
    partitionId: partition?.id ?? null,
    name: partition?.name ?? '',
    role: volume.role,
    ...defined({ dynamic: partition?.dynamic }),
    encryption: describeEncryption(volume.encryption),
    issues: [...volume.issues.issues],
    ...facts,
  };
}

function isReadable({ locked, fileSystem }: Volume): boolean {
  return !locked && (fileSystem === 'ntfs' || fileSystem === 'unknown' || fileSystem.startsWith('fat'));
}

/** Many a reserved or recovery partition holds no file system, and nobody misses it. */
function isExpectedToOpen({ fileSystem, role }: Volume): boolean {
  return fileSystem !== 'unknown' || role === 'data' || role === 'unknown';
}

async function describeFileSystem(volume: Volume, options: ReadOptions): Promise<FileSystemFacts> {
  const tree = await volume.fileTree(options);
  if (!(tree instanceof NtfsVolume))
    return { fileSystem: tree.fileSystem, label: (await tree.label(options)) ?? null, serial: tree.serial ?? null };
  const serial = tree.geometry.serialNumber.toString(16).toUpperCase().padStart(16, '0');
  const state = await tree.state(options);
  return { fileSystem: tree.fileSystem, label: state.label, serial, ntfs: describeNtfs(tree, state) };
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
  const { bitlocker, sampling } = finding;
  return {
    verdict: finding.verdict,
    product: finding.product ?? null,
    confidence: finding.confidence,
    method: finding.method ?? null,
    state: finding.state ?? null,
    keyProtectors: finding.keyProtectors,
    needs: finding.needs,
    evidence: finding.evidence,
    details: { ...finding.details, ...defined({ bitlocker, sampling }) },
  };
}
