import { fileSiblings, openFile } from '@deadbox/core/node';
import { type Disk, type OpenDiskOptions, openDisk } from '@deadbox/disk';

export { fileSiblings, openFile };

/**
 * Opens the disk image or device at `path`, with the files beside it; closing the disk closes the file too.
 * @throws DeadboxError when the path or the container cannot be opened
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
