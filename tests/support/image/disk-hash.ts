import { createHash } from 'node:crypto';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type OpenImageOptions, openImage, type VirtualDisk } from '@deadbox/image';

/** Opens the image at `path` with the files beside it, and closes it after `use`. */
export async function withImage<T>(
  path: string,
  use: (disk: VirtualDisk) => Promise<T>,
  options: OpenImageOptions = {},
): Promise<T> {
  const source = await openFile(path);
  try {
    const disk = await openImage(source, { name: path, siblings: fileSiblings(path), ...options });
    try {
      return await use(disk);
    } finally {
      await disk.close();
    }
  } finally {
    await source.close?.();
  }
}

/** SHA-256 of the whole virtual disk. */
export async function diskHash(disk: VirtualDisk): Promise<string> {
  const hash = createHash('sha256');
  const piece = 1 << 20;
  for (let at = 0; at < disk.size; at += piece) hash.update(await disk.read(at, Math.min(piece, disk.size - at)));
  return hash.digest('hex');
}
