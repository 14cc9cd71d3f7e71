import type { ByteSource, Siblings } from '@deadbox/core';
import {
  fileSiblings as besideFile,
  type FileOptions,
  openFile as openAny,
  type SiblingOptions,
} from '@deadbox/core/node';
import { type Disk, type OpenDiskOptions, openDisk } from '@deadbox/disk';
import { knownOptions, type OptionNames } from './known-options.js';
import { OPEN_DISK } from './option-names.js';

const FILE: OptionNames<FileOptions> = { blockingReads: true, onlyFiles: true };

/**
 * Opens a regular file or a raw device, read-only.
 * @param path - a file, `/dev/…` or `\\.\PhysicalDriveN`
 * @throws DeadboxError `SOURCE_NOT_FOUND`, `SOURCE_DENIED` (says what to do), `SOURCE_NOT_READABLE` (a folder, a pipe);
 * TypeError for an option that it does not have
 */
export async function openFile(path: string, options: FileOptions = {}): Promise<ByteSource> {
  knownOptions('openFile', options, FILE);
  return openAny(path, options);
}

/**
 * The files in the same folder as `path`, and no others: names with a folder part are refused. A name that only differs
 * in case is found, as on Windows. The names come out of an image that nobody vouches for, so what they lead to must be
 * a plain file in that folder: a device, or a symbolic link that leads out of the folder (and out of the one that
 * `path` itself links to), is `SIBLING_REFUSED`.
 * @throws TypeError for an option that it does not have
 */
export function fileSiblings(path: string, options: SiblingOptions = {}): Siblings {
  knownOptions('fileSiblings', options, { ...FILE, outputs: true, also: true });
  return besideFile(path, options);
}

/**
 * Opens the disk image or device at `path`, with the files beside it; closing the disk closes the file too.
 * @throws DeadboxError when the path or the container cannot be opened
 * @throws TypeError for an option that it does not have
 * @example
 * ```ts
 * import { scanDisk } from 'deadbox';
 * import { openPath } from 'deadbox/node';
 *
 * const disk = await openPath('server-07.vhdx');
 * const report = await scanDisk(disk);
 * console.log(report.verdict, report.severity);
 * await disk.close();
 * ```
 */
export async function openPath(path: string, options: OpenDiskOptions = {}): Promise<Disk> {
  knownOptions('openPath', options, OPEN_DISK);
  const source = await openFile(path);
  try {
    const disk = await openDisk(source, { siblings: fileSiblings(path), name: path, ...options });
    const close = async (): Promise<void> => {
      await disk.close();
      await source.close?.();
    };
    return { ...disk, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await source.close?.();
    throw error;
  }
}
