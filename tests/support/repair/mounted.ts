import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../tools.js';

const PIECE = 1 << 20;

/**
 * Copies `length` bytes between two files that are there; zeros that the target has already are left out, so that it
 * stays sparse.
 */
function copyRange(from: string, fromAt: number, to: string, toAt: number, length: number): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'r+');
  try {
    const [next, present] = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)];
    for (let done = 0; done < length; done += PIECE) {
      const count = readSync(source, next, 0, Math.min(PIECE, length - done), fromAt + done);
      present.fill(0);
      readSync(target, present, 0, count, toAt + done);
      const bytes = next.subarray(0, count);
      if (!bytes.equals(present.subarray(0, count))) writeSync(target, bytes, 0, count, toAt + done);
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/** Mounts a volume of a disk image by ntfs-3g, as a copy that is thrown away afterwards. */
export function withMounted<T>(
  path: string,
  offset: number,
  length: number,
  mode: 'ro' | 'rw',
  work: (mount: string) => T,
): T {
  return onCopy(path, offset, length, mode, (mount) => work(mount)).result;
}

/** Lets ntfs-3g change a volume of a disk image. */
export function changeVolume<T>(path: string, offset: number, length: number, work: (mount: string) => T): T {
  return onCopy(path, offset, length, 'rw', work, (volume) => copyRange(volume, 0, path, offset, length)).result;
}

function onCopy<T>(
  path: string,
  offset: number,
  length: number,
  mode: 'ro' | 'rw',
  work: (mount: string) => T,
  after?: (volume: string) => void,
): { result: T } {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-mount-'));
  const volume = join(folder, 'volume.img');
  const mount = join(folder, 'mount');
  try {
    run('truncate', ['-s', String(length), volume]);
    run('mkdir', [mount]);
    copyRange(path, offset, volume, 0, length);
    // `norecover`: what would have to be replayed first makes the mount fail.
    run('ntfs-3g', ['-o', `${mode},norecover,streams_interface=xattr`, volume, mount]);
    let result: T;
    try {
      result = work(mount);
    } finally {
      run('umount', [mount]);
    }
    after?.(volume);
    return { result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
