import { splitPath } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FAT_BOOT_SECTOR, FAT_ENTRY, FAT32_BOOT_SECTOR, type FatFile, type FatVolume } from '@deadbox/fat';
import { MAX_WALK_CONTENT } from '../limits.js';
import type { MissingName } from './ntfs-steps.js';
import { pointer, type Trail, term } from './trail.js';
import type { WalkPointer } from './walk-types.js';

const SECTOR_BYTES = 512;
const ENTRY_BYTES = 32;

/** The steps from the start of a FAT volume to the directory entry of a file. */
export async function fatFileSteps(
  trail: Trail,
  volume: Volume,
  tree: FatVolume,
  path: string,
): Promise<FatFile | MissingName> {
  const { geometry } = tree;
  const isFat32 = geometry.type === 'fat32';
  const source = volume.content ?? volume.source;
  await trail.add({
    id: 'fat-boot-sector',
    data: { volume: volume.number, type: geometry.type, clusterSize: geometry.clusterSize },
    source,
    offset: 0,
    length: SECTOR_BYTES,
    tables: [{ table: FAT_BOOT_SECTOR, at: 0 }, ...(isFat32 ? [{ table: FAT32_BOOT_SECTOR, at: 0 }] : [])],
    keys: ['sectorSize', 'sectorsPerCluster', 'reservedSectors', 'tables', isFat32 ? 'rootCluster' : 'rootEntries'],
  });
  let folder = tree.root;
  for (const name of splitPath(path)) {
    const file = await tree.lookup(`${folder.path}/${name}`, trail.options);
    const offset = file?.entryOffset;
    if (file === undefined || offset === undefined) return { missing: name };
    trail.pointLast(toByte(volume, tree, offset));
    await trail.add({
      id: 'fat-entry',
      data: { folder: folder.path, name: file.name, size: file.size, cluster: file.firstCluster },
      source,
      offset,
      length: ENTRY_BYTES,
      tables: [{ table: FAT_ENTRY, at: 0 }],
      keys: isFat32 ? ['clusterHigh', 'clusterLow'] : ['clusterLow'],
    });
    folder = file;
  }
  return folder;
}

/** Where byte `at` of the volume lies: in the root directory of FAT12 and FAT16, or in a cluster. */
function toByte({ offset }: Volume, { geometry }: FatVolume, at: number): WalkPointer {
  const { dataOffset, clusterSize, root } = geometry;
  if (at < dataOffset)
    return pointer(
      'disk',
      term('volume-start', offset),
      term('root-directory', root.offset),
      term('entry', at - root.offset),
    );
  const cluster = Math.floor((at - dataOffset) / clusterSize);
  const inside = at - dataOffset - cluster * clusterSize;
  return pointer(
    'disk',
    term('volume-start', offset),
    term('data-area', dataOffset),
    term('cluster-from-2', cluster, clusterSize),
    ...(inside === 0 ? [] : [term('entry', inside)]),
  );
}

/** The pointer to a file's first byte, and with `show` those bytes. */
export async function fatContentSteps(
  trail: Trail,
  volume: Volume,
  tree: FatVolume,
  file: FatFile,
  show: boolean,
): Promise<void> {
  const { dataOffset, clusterSize } = tree.geometry;
  const length = Math.min(file.size, MAX_WALK_CONTENT, clusterSize);
  if (length === 0 || file.firstCluster < 2) return;
  const offset = dataOffset + (file.firstCluster - 2) * clusterSize;
  trail.pointLast(toByte(volume, tree, offset));
  if (!show) return;
  await trail.add({
    id: 'content',
    data: { path: file.path, stream: '', size: file.size, valid: file.size, resident: false, compressed: false },
    source: volume.content ?? volume.source,
    offset,
    length,
  });
}
