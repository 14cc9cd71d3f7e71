import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource, type Siblings } from '@deadbox/core';
import { type OpenDiskOptions, openDisk } from '@deadbox/disk';
import { failedImage, type ImageHint, type Obstacle, scanDisk, withHints } from '@deadbox/triage';
import { makeVolume, whileMounted } from '../ntfs/ntfs3g-volume.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { Tree } from '../ntfs-writer/tree.js';
import { run } from '../tools.js';

export const MIB: number = 1 << 20;

/** How a disk is opened and scanned. */
export interface ObstacleOptions extends OpenDiskOptions {
  hints?: readonly ImageHint[];
}

/** The obstacles of a disk image: a path, or its bytes. */
export async function obstaclesOf(
  image: string | Uint8Array<ArrayBuffer>,
  options: ObstacleOptions = {},
): Promise<Obstacle[]> {
  const { hints = [], ...opening } = options;
  const source = new MemorySource(typeof image === 'string' ? new Uint8Array(readFileSync(image)) : image);
  try {
    const disk = await openDisk(source, opening);
    const { obstacles } = withHints(await scanDisk(disk), hints);
    await disk.close();
    return obstacles;
  } catch (error) {
    return failedImage('image', error as never).obstacles;
  }
}

/** Their ids. */
export async function idsOf(image: string | Uint8Array<ArrayBuffer>, options?: ObstacleOptions): Promise<string[]> {
  return (await obstaclesOf(image, options)).map(({ id }) => id);
}

/** A folder's list of files that cannot be opened: what lies beside an image. */
export function beside(...names: string[]): Siblings {
  return { open: () => Promise.resolve(undefined), list: () => Promise.resolve(names) };
}

/** An NTFS volume of our own writer, with what `fill` puts into it. */
export function writtenVolume({
  fill,
  ...options
}: Partial<VolumeOptions> & { fill?: (tree: Tree) => void } = {}): Uint8Array<ArrayBuffer> {
  const size = 16 * MIB;
  const sink = new MemorySink(size);
  const writer = new NtfsVolumeWriter(sink, { size, ...options });
  fill?.(writer.tree);
  writer.finish();
  return sink.bytes;
}

/** Makes NTFS volumes with mkntfs and ntfs-3g: all of them begin as the same small Windows. */
export class NtfsVolumes {
  readonly #folder: string;
  #made = 0;

  /** @param folder - a temporary folder */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path of the volume that every other begins as. */
  get plain(): string {
    return join(this.#folder, 'plain.img');
  }

  /** Makes the volume that the others begin as. */
  start(): void {
    makeVolume(this.plain, 16 * MIB);
    whileMounted(this.plain, 'rw', (root) => {
      mkdirSync(join(root, 'Windows/System32/drivers/CrowdStrike'), { recursive: true });
      mkdirSync(join(root, 'Windows/System32/config'));
      mkdirSync(join(root, 'System Volume Information'));
      mkdirSync(join(root, 'Users/ada/OneDrive - Example'), { recursive: true });
      for (const name of [
        'Windows/explorer.exe',
        'Windows/System32/ntoskrnl.exe',
        'Windows/System32/drivers/CrowdStrike/C-00000001.sys',
      ])
        writeFileSync(join(root, name), 'content');
      writeFileSync(join(root, 'Users/ada/OneDrive - Example/here.txt'), 'content');
    });
  }

  /** A copy of the plain volume after `change` was at it. */
  changed(change: (root: string) => void): string {
    this.#made += 1;
    const path = join(this.#folder, `volume-${this.#made}.img`);
    copyFileSync(this.plain, path);
    whileMounted(path, 'rw', change);
    return path;
  }
}

/** Gives a file or an empty folder a reparse point through ntfs-3g. */
export function setReparsePoint(path: string, tag: number, data: Uint8Array): void {
  const bytes = Buffer.alloc(8 + data.length);
  bytes.writeUInt32LE(tag, 0);
  bytes.writeUInt16LE(data.length, 4);
  bytes.set(data, 8);
  run('setfattr', ['-n', 'system.ntfs_reparse_data', '-v', `0x${bytes.toString('hex')}`, path]);
}

/** Data of a junction (MS-FSCC 2.1.2.5). */
export function junctionTo(target: string): Uint8Array {
  const substitute = Buffer.from(`\\??\\${target}`, 'utf16le');
  const print = Buffer.from(target, 'utf16le');
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0, 0);
  head.writeUInt16LE(substitute.length, 2);
  head.writeUInt16LE(substitute.length + 2, 4);
  head.writeUInt16LE(print.length, 6);
  return Buffer.concat([head, substitute, Buffer.alloc(2), print, Buffer.alloc(2)]);
}
