import type { BigIntStats } from 'node:fs';
import { monotonicMilliseconds } from '@deadbox/core';
import { deviceNumber, readText } from '../../mounts/mounted-devices.node.js';

/**
 * QEMU marks what it may do to an image by read locks on single bytes: 100 + n for a permission that it holds, and
 * permission 1 is writing (`RAW_LOCK_PERM_BASE` in block/file-posix.c, `BLK_PERM_WRITE` in
 * include/block/block-common.h).
 */
const QEMU_WRITE = 101;
const QEMU_FIRST = 100;
const QEMU_LAST = 103;

/**
 * Whether some program holds a lock that says it writes to the file: QEMU's, or a write lock on the whole file
 * (VirtualBox).
 * @param locks - content of /proc/locks, see proc_locks(5)
 */
export function isLockedByWriter(stats: BigIntStats, locks: string): boolean {
  return locks.split('\n').some((line) => {
    // "1: OFDLCK ADVISORY  READ -1 fe:00:2146482 100 101"; "->" marks one that waits.
    const match =
      /^\d+: (?:OFDLCK|POSIX)\s+\w+\s+(READ|WRITE)\s+-?\d+\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s+(\d+)\s+(\d+|EOF)$/.exec(
        line,
      );
    if (match === null) return false;
    const [, kind, major = '', minor = '', inode = '', first = '', last = ''] = match;
    const device = `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
    if (device !== deviceNumber(stats.dev) || BigInt(inode) !== stats.ino) return false;
    if (kind === 'WRITE') return Number(first) === 0 && last === 'EOF';
    return (
      Number(first) >= QEMU_FIRST &&
      Number(first) <= QEMU_WRITE &&
      Number(last) >= QEMU_WRITE &&
      Number(last) <= QEMU_LAST
    );
  });
}

/**
 * Content of /proc/locks, empty where there is none. The kernel stops all locking to write it down, which takes 10 ms
 * and more on a large machine. The thread pool would gain nothing: each of its steps waits for a turn of the event
 * loop, and a scan that reads a file gives it none.
 */
export function readLocks(): string {
  return readText('/proc/locks');
}

/** Milliseconds for which images share what was read of locks. */
const FRESH = 250;

/** Content of /proc/locks for the images of a run, one after the other: read anew when it is older than 250 ms. */
export class RecentLocks {
  #content: string | undefined;
  #readAt = 0;

  read(): string {
    const now = monotonicMilliseconds();
    if (this.#content !== undefined && now - this.#readAt < FRESH) return this.#content;
    this.#readAt = now;
    this.#content = readLocks();
    return this.#content;
  }
}
