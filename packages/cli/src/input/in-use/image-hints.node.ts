import type { BigIntStats } from 'node:fs';
import type { ImageHint } from '@deadbox/triage';
import { deviceName, devicesOver, realPath, stateOf } from '../../mounts/mounted-devices.node.js';
import type { RecentDevices } from '../../mounts/recent-devices.node.js';
import { isLockedByWriter } from './file-locks.node.js';

const MAX_HINTS = 8;

/** State of a file. */
export interface FileStamp {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Last modified, ISO-8601 UTC with nine digits. */
  readonly mtime: string;
}

/** The state that `stats` tell of the file at `path`. */
export function stampOf(path: string, { size, mtimeNs }: BigIntStats): FileStamp {
  const seconds = new Date(Number(mtimeNs / 1_000_000n)).toISOString().slice(0, 19);
  return { path, size: Number(size), mtime: `${seconds}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}Z` };
}

/** The local files and devices that an image is read from, as they were when they were opened. */
export class ImageFiles {
  readonly #opened = new Map<string, BigIntStats>();

  /** Notes the state of a file before it is read. */
  add(path: string): void {
    const stats = stateOf(path);
    if (stats !== undefined && !this.#opened.has(path)) this.#opened.set(path, stats);
  }

  /**
   * What says that the image is in use now: read-write mounts, and locks of running machines. Other systems than Linux
   * tell nothing.
   * @param open - the paths that the image was found to need
   * @param locks - of {@link readLocks}
   */
  useHints(open: readonly string[], locks: string, devices: RecentDevices): ImageHint[] {
    if (process.platform !== 'linux') return [];
    const { mounts, loops } = devices.read();
    const hints: ImageHint[] = [];
    for (const [path, stats] of this.#chosen(open)) {
      const over = devicesOver(stats, loops);
      const resolved = realPath(path);
      for (const { device, mountPoint, source } of mounts) {
        if (over.has(device)) hints.push({ id: 'in-use', data: { path, device: deviceName(device), mountPoint } });
        // FUSE drivers mount an image file without a device.
        else if (source === resolved) hints.push({ id: 'in-use', data: { path, mountPoint } });
      }
      if (isLockedByWriter(stats, locks)) hints.push({ id: 'in-use', data: { path, locked: true } });
    }
    return hints.slice(0, MAX_HINTS);
  }

  /** Files that were written, cut or replaced since they were opened; a device has no such marks. */
  changeHints(open: readonly string[]): ImageHint[] {
    const changed = this.#chosen(open)
      .filter(([path, before]) => before.isFile() && hasChanged(path, before))
      .map(([path]) => path);
    return changed.length === 0 ? [] : [{ id: 'in-use', data: { changed: true, files: changed.slice(0, MAX_HINTS) } }];
  }

  /**
   * Size and time of each regular file as it was opened, in the order of opening.
   * @param open - the paths that the image was found to need
   */
  stamps(open: readonly string[]): FileStamp[] {
    return this.#chosen(open).flatMap(([path, stats]) => (stats.isFile() ? [stampOf(path, stats)] : []));
  }

  #chosen(open: readonly string[]): [string, BigIntStats][] {
    return [...this.#opened].filter(([path]) => open.includes(path));
  }
}

function hasChanged(path: string, before: BigIntStats): boolean {
  const now = stateOf(path);
  return now === undefined || now.ino !== before.ino || now.size !== before.size || now.mtimeNs !== before.mtimeNs;
}
