import {
  type ByteSource,
  type CacheOptions,
  DeadboxError,
  defined,
  IssueLog,
  type ReadOptions,
  type Siblings,
  survive,
} from '@deadbox/core';
import { detectDiskEncryption, type EncryptionFinding, type KeyProvider, noEncryption } from '@deadbox/encryption';
import { detectVirtualBoxEncryption } from '@deadbox/encryption/internals';
import { type ImageFormat, type NamedSource, openImage, type VirtualDisk } from '@deadbox/image';
import {
  type LdmMember,
  openLdmVolume,
  type Partition,
  type PartitionTable,
  readPartitionTable,
} from '@deadbox/partitions';
import type { DiskGroup } from './disk-group.js';
import { SourceEdge } from './source-edge.js';
import { type SamplingCost, sampleUnrecognised } from './unrecognised.js';
import { type OpenVolumeOptions, openVolume, type Volume, type VolumePlace } from './volume.js';

/** Options of {@link openDisk}. */
export interface OpenDiskOptions extends OpenVolumeOptions {
  /** Path or file name of the source; default `source.name`. */
  readonly name?: string;
  /** Opens files beside the image: parents, extents, segments. */
  readonly siblings?: Siblings;
  /** Formats to try; default all. */
  readonly formats?: readonly ImageFormat[];
  /** Parents given by the user. */
  readonly parents?: readonly NamedSource[];
  /** Other disks of the same dynamic disk group, for volumes that lie on several; those of other groups are ignored. */
  readonly members?: readonly NamedSource[];
  /** Name or id of an internal snapshot. */
  readonly snapshot?: string;
  /** Takes a parent that does not fit, with an issue of severity `error`. */
  readonly forceChain?: boolean;
  /** Opens an image whose last parts are missing. */
  readonly incomplete?: boolean;
  /** Number of the disk in an archive of several, from 1. */
  readonly disk?: number;
  /** Block cache over the source. */
  readonly cache?: CacheOptions;
}

/** An opened disk: its image, partition table and volumes. */
export interface Disk {
  /** Path or name of the image. */
  readonly name: string;
  /** The virtual disk with what its container says. */
  readonly image: VirtualDisk;
  /** The partition table; of kind `none` when there is none. */
  readonly table: PartitionTable;
  /** In the order of offsets. */
  readonly volumes: readonly Volume[];
  /** What encrypts the disk as a whole, or the container: boot loaders, headers before the partitions. */
  readonly encryption: readonly EncryptionFinding[];
  /** What the statistics of unrecognised volumes cost; part of what was read. */
  readonly sampling: SamplingCost;
  /** Files beside the image, as they were given. */
  readonly siblings: Siblings | undefined;
  /** What opening survived. */
  issues: IssueLog;
  /**
   * Throws the first error by which the source, or a file that belongs to it, did not deliver bytes: too few, a closed
   * file, a server that failed. Whoever has come to a verdict asks here before saying it; whatever survived such a read
   * on the way, the answer is none about the disk.
   */
  throwIfSourceFailed(): void;
  /** Closes what opening opened (parents, extents), never the source that was given. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a disk image or device: container, partition table, and for every volume its encryption and file system
 * signature. File systems are opened on demand ({@link Volume.fileTree}).
 *
 * @param source - the image file, device, Blob or range source; the caller closes it, after the disk
 * @throws ImageError when the container cannot be opened; whatever reading the source throws
 * @example
 * ```ts
 * const source = await openFile('server.vhdx');
 * const disk = await openDisk(source, { siblings: fileSiblings('server.vhdx') });
 * for (const volume of disk.volumes) console.log(volume.number, volume.role, volume.fileSystem);
 * await disk.close();
 * ```
 */
export async function openDisk(source: ByteSource, options: OpenDiskOptions = {}): Promise<Disk> {
  requireOptions(options);
  const { signal, siblings, formats, parents, snapshot, forceChain, incomplete, cache } = options;
  const edge = new SourceEdge(cache);
  const reading: ReadOptions = defined({ signal });
  const issues = new IssueLog();
  const file = edge.image(source);
  const name = options.name ?? source.name ?? 'image';
  const image = await openImage(file, {
    ...reading,
    name,
    issues,
    ...defined({
      siblings: siblings && edge.siblings(siblings),
      parents: parents && edge.named(parents),
      formats,
      snapshot,
      forceChain,
      incomplete,
      disk: options.disk,
    }),
  });
  let group: DiskGroup | undefined;
  const closeAll = async (): Promise<void> => {
    await group?.close();
    await image.close();
  };
  try {
    const sealed = containerFinding(image);
    // The content of an encrypted container cannot be read at all.
    const table: PartitionTable = sealed === undefined ? await readPartitionTable(image, reading) : NO_TABLE;
    const volumes: Volume[] = [];
    const given = edge.named(options.members ?? []);
    if (table.ldm !== undefined) {
      group = new (await import('./disk-group.js')).DiskGroup();
      const search = { ...reading, name, given, siblings: siblings && edge.siblings(siblings), issues };
      await group.open(image, table.ldm, search);
    }
    for (const place of sealed === undefined ? volumePlaces(image, table, group?.members ?? []) : [])
      volumes.push(await openVolume(image, place, options));
    const { partitions } = table;
    const encryption =
      sealed === undefined ? await detectDiskEncryption(image, { ...reading, partitions, issues }) : [sealed];
    if (table.kind === 'none') {
      const settings = await virtualBoxFinding(file, siblings, reading);
      if (settings !== undefined) encryption.push(settings);
    }
    const sampling = await sampleUnrecognised(volumes, { source: image, partitions, encryption }, reading);
    const close = async (): Promise<void> => {
      // Closing an unlocked volume wipes its key.
      for (const { unlock } of volumes) if (unlock?.unlocked === true) await unlock.source.close?.();
      await closeAll();
    };
    const throwIfSourceFailed = (): void => edge.throwIfFailed();
    return {
      name,
      image,
      table,
      volumes,
      encryption,
      sampling,
      siblings,
      issues,
      throwIfSourceFailed,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** A disk without a partition table may be one that VirtualBox encrypts: the machine's settings beside it tell. */
function virtualBoxFinding(
  file: ByteSource,
  siblings: Siblings | undefined,
  options: ReadOptions,
): Promise<EncryptionFinding | undefined> {
  return survive(
    async () => detectVirtualBoxEncryption(file, siblings, options),
    () => undefined,
    options,
  );
}

const NO_TABLE: PartitionTable = { kind: 'none', sectorSize: 512, diskId: undefined, partitions: [], issues: [] };

/** What each option must be, for those who call without types. */
const EXPECTED: Readonly<Record<string, readonly [what: string, holds: (value: never) => boolean]>> = {
  name: ['a text', (value) => typeof value === 'string'],
  siblings: [
    'an object with open(name), as fileSiblings(path) gives',
    (value: Siblings) => typeof value?.open === 'function',
  ],
  formats: ['an array of formats', (value) => Array.isArray(value)],
  parents: [
    'an array of { name, source }',
    (value: NamedSource[]) => Array.isArray(value) && value.every((item) => typeof item?.source?.read === 'function'),
  ],
  members: [
    'an array of { name, source }',
    (value: NamedSource[]) => Array.isArray(value) && value.every((item) => typeof item?.source?.read === 'function'),
  ],
  snapshot: ['a text', (value) => typeof value === 'string'],
  forceChain: ['true or false', (value) => typeof value === 'boolean'],
  incomplete: ['true or false', (value) => typeof value === 'boolean'],
  disk: ['a whole number from 1 on', (value) => Number.isSafeInteger(value) && value >= 1],
  keys: [
    'an object with keysFor(volume), as keyList(keys) gives',
    (value: KeyProvider) => typeof value?.keysFor === 'function',
  ],
  signal: ['an AbortSignal', (value: AbortSignal) => typeof value?.aborted === 'boolean'],
};

function requireOptions(options: OpenDiskOptions): void {
  for (const [name, [what, holds]] of Object.entries(EXPECTED)) {
    const value = options?.[name as keyof OpenDiskOptions];
    if (value === undefined || holds(value as never)) continue;
    throw new DeadboxError('INVALID_ARGUMENT', `openDisk expects \`${name}\` to be ${what}`, {
      data: { option: name },
    });
  }
}

/** The finding for a container that encrypts its content; only its hypervisor can open it. */
function containerFinding(image: VirtualDisk): EncryptionFinding | undefined {
  if (image.encryption === undefined) return undefined;
  const { product, method } = image.encryption;
  return {
    ...noEncryption(),
    verdict: 'encrypted-locked',
    product,
    ...defined({ method }),
    state: 'locked',
    needs: ['hypervisor'],
  };
}

/** Where the volumes lie: the partitions, or the whole disk when there is no table. */
function volumePlaces(image: VirtualDisk, table: PartitionTable, group: readonly LdmMember[]): VolumePlace[] {
  if (table.kind === 'none') return [{ number: 1, offset: 0, length: image.size, partition: undefined }];
  return table.partitions.map((partition) => ({
    number: partition.number,
    offset: partition.offset,
    length: partition.present,
    partition,
    assembled: partition.dynamic && assemble(table, partition, group),
  }));
}

function assemble(table: PartitionTable, partition: Partition, group: readonly LdmMember[]): ByteSource | undefined {
  const volume = table.ldm?.volumes.find(({ id }) => id === partition.id);
  return volume && openLdmVolume(volume, group, `volume ${partition.number}`);
}
