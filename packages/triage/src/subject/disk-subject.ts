import { type FileTree, isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume, VolumeInfo } from '@deadbox/disk';
import type { DiskBootStores } from '../machine/boot-stores.js';
import type { BootReport, Obstacle } from '../report/report-types.js';
import type { Doubts } from './doubts.js';
import { VolumeLadder } from './file-ladder.js';
import type { FileLadder } from './file-state.js';
import type { FirmwareChain, VolumeSubject } from './installation-subject.js';
import { type Fact, SharedFacts } from './shared.js';

/** What a scan already knows of a disk. */
export interface DiskFacts {
  readonly disk: Disk;
  readonly volumes: readonly VolumeInfo[];
  /** Boot stores of all volumes, with the boot manager's logs beside them. */
  readonly stores: DiskBootStores;
  /** The boot check; `undefined` where it was not made. */
  readonly boot: BootReport | undefined;
  readonly firmware: FirmwareChain;
  readonly obstacles: readonly Obstacle[];
  /** The active installations. */
  readonly installations: readonly VolumeSubject[];
  readonly target: string | undefined;
  readonly doubts: Doubts;
}

/** The disk as the detectors see it. */
export interface DiskSubject extends DiskFacts {
  /**
   * The volume that the firmware starts from: the EFI system partition, else the active partition; `undefined` without
   * one.
   */
  readonly systemVolume: Volume | undefined;
  /** The files of a volume; `undefined` while it is locked, or when it holds no file system that can be read. */
  tree(volume: Volume, options: ReadOptions): Promise<FileTree | undefined>;
  /** The ladder over a volume's files: that of the installation where one lies there. */
  files(volume: Volume, options: ReadOptions): Promise<FileLadder | undefined>;
  /** A fact that several detectors need, read once. */
  fact<T>(fact: Fact<DiskSubject, T>, options: ReadOptions): Promise<T>;
}

/** Makes the subject; reads nothing. */
export function diskSubject(facts: DiskFacts): DiskSubject {
  const ladders = new Map<number, FileLadder>(
    facts.installations.map(({ volume, files }) => [volume.number, files] as const),
  );
  const subject: DiskSubject = {
    ...facts,
    systemVolume: systemVolumeOf(facts.disk),
    tree: (volume, options) => treeOf(volume, options),
    async files(volume, options) {
      const known = ladders.get(volume.number);
      if (known !== undefined) return known;
      const tree = await treeOf(volume, options);
      if (tree === undefined) return undefined;
      const ladder = ladders.get(volume.number) ?? new VolumeLadder(volume, tree);
      ladders.set(volume.number, ladder);
      return ladder;
    },
    fact: (fact, options) => shared.read(fact, options),
  };
  const shared = new SharedFacts<DiskSubject>(subject);
  return subject;
}

function systemVolumeOf({ volumes }: Disk): Volume | undefined {
  return (
    volumes.find(({ role }) => role === 'efi-system') ?? volumes.find(({ partition }) => partition?.bootable === true)
  );
}

async function treeOf(volume: Volume, options: ReadOptions): Promise<FileTree | undefined> {
  if (volume.locked) return undefined;
  try {
    return await volume.fileTree(options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return undefined;
  }
}

/** Which firmware a disk offers a way of starting to, by its boot stores and its table. */
export function firmwareOf(disk: Disk, stores: DiskBootStores): FirmwareChain {
  const has = (role: 'uefi' | 'bios'): boolean => stores.stores.some((store) => store.role === role);
  const uefi = has('uefi') || disk.volumes.some(({ role }) => role === 'efi-system');
  const bios =
    has('bios') || (disk.table.kind === 'mbr' && disk.volumes.some(({ partition }) => partition?.bootable === true));
  if (uefi && bios) return 'both';
  return uefi ? 'uefi' : bios ? 'bios' : 'none';
}
