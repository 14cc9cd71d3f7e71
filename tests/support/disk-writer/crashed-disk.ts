import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NtfsVolumeWriter } from '../ntfs-writer/ntfs-volume.js';
import { FileSink, partOf, type Sink } from '../ntfs-writer/sink.js';
import type { FileOptions } from '../ntfs-writer/tree.js';
import { type FatTree, writeFat32 } from './fat32.js';
import { type GptPartition, writeGpt } from './gpt.js';
import { fillWindows } from './windows-tree.js';

/** A file of the CrowdStrike folder. */
export interface ChannelFile extends FileOptions {
  name: string;
}

/** How a crashed Windows disk is made. */
export interface CrashedDiskOptions {
  /** Files on the Windows volume. */
  files: number;
  /** Further channel files in the CrowdStrike folder, none of them 291. Default 400. */
  crowdStrikeEntries?: number;
  /** In how many pieces $MFT lies. Default 1. */
  mftFragments?: number;
  /** The 291 channel files. Default: the faulty one. */
  channelFiles?: readonly ChannelFile[];
  /** Size of the whole disk; what the others leave is the Windows volume's. Default: as small as the files allow. */
  diskBytes?: number;
  /** Default 512. */
  sectorSize?: 512 | 4096;
  /** Default 4096. */
  clusterSize?: number;
  /** Whether long names also have short ones, as on a Windows system volume. Default true. */
  shortNames?: boolean;
  /** Whether System32's files have a second name in WinSxS, as Windows makes them. Default true. */
  hardLinks?: boolean;
  /** $VOLUME_INFORMATION flags of the Windows volume; 1 = dirty. */
  volumeFlags?: number;
  /** First bytes of the Windows volume's $LogFile. Default: a log that was never used. */
  log?: Uint8Array;
  /** Further files of the Windows volume by path: hives, dumps, `hiberfil.sys`. */
  windowsFiles?: Readonly<Record<string, FileOptions>>;
  /** Further files of the EFI system partition by path, or others instead of the default ones: the boot store. */
  efiFiles?: FatTree;
}

/** Where everything is on a disk that was made. */
export interface CrashedDisk {
  size: number;
  diskId: string;
  /** EFI system, Microsoft reserved, Windows, recovery. */
  partitions: readonly GptPartition[];
  /** File records of the Windows volume. */
  records: number;
}

/** The faulty channel file as it came at 04:09 UTC. */
export const FAULTY_CHANNEL_FILE: ChannelFile = {
  name: 'C-00000291-00000000-00000032.sys',
  modified: '2024-07-19T04:09:35.1234567Z',
  content: Uint8Array.from({ length: 40_979 }, (_, i) => (i < 4 ? 0xaa : (i * 131) ^ (i >> 5))),
};

const MIB = 1 << 20;
/** The cache of the corpus helpers; not imported from there, because a benchmark runs without vitest. */
const cacheFolder: string = process.env.DEADBOX_CACHE ?? join(tmpdir(), 'deadbox-cache');
const ID = (last: string): string => `5EED0000-0000-4000-8000-0000000000${last}`;

/** Identities of the disk and of its partitions: EFI system, Microsoft reserved, Windows, recovery. */
export const DISK_ID: string = ID('01');
/** GUID of partition `number`, 1 to 4. */
export const partitionId = (number: number): string => ID(`1${number}`);

/**
 * Writes a GPT disk of four partitions (EFI system, Microsoft reserved, Windows, recovery) with a crashed Windows to
 * `path`. The same options make the same bytes. Content of ordinary files is left unwritten, so that the file stays
 * sparse.
 */
export function buildCrashedDisk(path: string, options: CrashedDiskOptions): CrashedDisk {
  const sectorSize = options.sectorSize ?? 512;
  // 65,525 clusters of one sector are the least that FAT32 may have.
  const efiBytes = (sectorSize === 4096 ? 300 : 100) * MIB;
  const recoveryBytes = 512 * MIB;
  const others = 2 * MIB + efiBytes + 16 * MIB + recoveryBytes;
  const windowsBytes =
    options.diskBytes === undefined ? Math.ceil(windowsSize(options) / MIB) * MIB : options.diskBytes - others;
  const partitions: GptPartition[] = [];
  let at = MIB;
  const add = (length: number, type: string, id: string, name: string, attributes = 0n): GptPartition => {
    const partition = { type, id: ID(id), name, offset: at, length, attributes };
    partitions.push(partition);
    at += length;
    return partition;
  };
  const efi = add(efiBytes, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', '11', 'EFI system partition', 1n << 63n);
  add(16 * MIB, 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE', '12', 'Microsoft reserved partition', 1n << 63n);
  const windows = add(windowsBytes, 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', '13', 'Basic data partition');
  const recovery = add(recoveryBytes, 'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC', '14', '', (1n << 63n) | 1n);
  const size = at + MIB;
  const sink = new FileSink(path, size);
  try {
    writeGpt(sink, size, sectorSize, DISK_ID, partitions);
    writeFat32(partOf(sink, efi.offset), efi.length, sectorSize, 'SYSTEM', {
      ...defaultEfiFiles(),
      ...options.efiFiles,
    });
    const records = writeWindows(partOf(sink, windows.offset), windows, sectorSize, options);
    writeRecovery(partOf(sink, recovery.offset), recovery, sectorSize);
    return { size, diskId: DISK_ID, partitions, records };
  } finally {
    sink.close();
  }
}

/** {@link buildCrashedDisk} once: the disk is kept outside the tree and found again by its options. */
export function cachedCrashedDisk(options: CrashedDiskOptions): string {
  const text = JSON.stringify(options, (_, value: unknown) =>
    value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value,
  );
  const key = createHash('sha256').update(`2 ${text}`).digest('hex').slice(0, 16);
  const path = join(cacheFolder, 'crashed-disks', `${key}.raw`);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.part`;
  buildCrashedDisk(partial, options);
  renameSync(partial, path);
  return path;
}

function windowsSize(options: CrashedDiskOptions): number {
  const cluster = options.clusterSize ?? 4096;
  const perFile = Math.max(14_000, cluster * 1.2);
  const channels = (options.crowdStrikeEntries ?? 400) * Math.max(26_000, cluster);
  return Math.max(512 * MIB, options.files * perFile + channels + 128 * MIB);
}

function writeWindows(
  sink: Sink,
  partition: GptPartition,
  sectorSize: 512 | 4096,
  options: CrashedDiskOptions,
): number {
  const writer = new NtfsVolumeWriter(sink, {
    size: partition.length,
    sectorSize,
    clusterSize: options.clusterSize ?? 4096,
    mftFragments: options.mftFragments ?? 1,
    shortNames: options.shortNames ?? true,
    hiddenSectors: partition.offset / sectorSize,
    flags: options.volumeFlags ?? 0,
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  fillWindows(writer.tree, {
    files: options.files,
    crowdStrikeEntries: options.crowdStrikeEntries ?? 400,
    channelFiles: options.channelFiles ?? [FAULTY_CHANNEL_FILE],
    hardLinks: options.hardLinks ?? true,
    extra: options.windowsFiles ?? {},
  });
  return writer.finish().records;
}

function writeRecovery(sink: Sink, partition: GptPartition, sectorSize: 512 | 4096): void {
  const writer = new NtfsVolumeWriter(sink, {
    size: partition.length,
    sectorSize,
    label: 'Recovery',
    hiddenSectors: partition.offset / sectorSize,
    serial: 0x5eed_0000_0000_0014n,
  });
  const folder = writer.tree.folder('Recovery/WindowsRE');
  writer.tree.addFile(folder, 'Winre.wim', { size: 300 * MIB });
  writer.tree.addFile(folder, 'ReAgent.xml', { content: new TextEncoder().encode('<WindowsRE/>') });
  writer.tree.addFile(folder, 'boot.sdi', { size: 3_170_304 });
  writer.finish();
}

function defaultEfiFiles(): FatTree {
  const loader = new Uint8Array(60_000).fill(0x45);
  loader.set([0x4d, 0x5a]);
  return {
    '/EFI/Microsoft/Boot/bootmgfw.efi': loader,
    '/EFI/Microsoft/Boot/bootmgr.efi': loader,
    '/EFI/Microsoft/Boot/memtest.efi': loader,
    '/EFI/Boot/bootx64.efi': loader,
  };
}
