import type { ByteSource } from '@deadbox/core';
import { allFormats } from '../all-formats.js';
import type { OpenImageOptions, VirtualDisk } from '../image-format.js';
import { openWithFormats } from './open-formats.js';

/**
 * Opens the virtual disk of an image of any known format: one read of its head and one of its tail tell the format.
 * A source that no other format recognises is a raw disk.
 *
 * @param source - the image file, device or blob; the caller closes it, after the disk
 * @returns the disk; `close()` it to close the parents and parts that were opened for it
 * @throws ImageError, and whatever reading the source throws
 * @example
 * ```ts
 * const source = await openFile('server.vhdx');
 * const disk = await openImage(source, { siblings: fileSiblings('server.vhdx') });
 * const bootSector = await disk.read(0, 512);
 * await disk.close();
 * ```
 */
export function openImage(source: ByteSource, options: OpenImageOptions = {}): Promise<VirtualDisk> {
  return openWithFormats(source, options.formats ?? allFormats, options);
}
