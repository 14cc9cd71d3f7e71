import type { ByteSource } from '@deadbox/core';
import type { ImageFormat, OpenContext, VirtualDisk } from '../image-format.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { LinearMap } from '../mapped/linear-map.js';

/** What every source is when no other format recognises it. */
const FALLBACK = 0.01;

/** Extensions of formats that would have been recognised if the file were whole. */
const OTHER_EXTENSION = /\.(a?vhdx?|vmdk|qcow2?|vdi|e01|hds|hdd|ova)(\.0+[01])?$/i;

/** Raw disks: the bytes as they are, of one file or device, or of numbered parts. */
export const rawFormat: ImageFormat = {
  id: 'raw',
  probe(): number {
    return FALLBACK;
  },
  open(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
    noteExtension(context);
    const split = context.parts > 1;
    const disk = new BlockMappedDisk(new LinearMap([{ length: source.size, source, offset: 0 }]), context, {
      format: 'raw',
      variant: split ? 'split' : 'flat',
      details: split ? { parts: context.parts } : {},
      ...(source.sectorSize === undefined ? {} : { sectorSize: source.sectorSize }),
    });
    return Promise.resolve(disk);
  },
};

function noteExtension({ issues, name }: OpenContext): void {
  const extension = OTHER_EXTENSION.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined) return;
  issues.add({
    code: 'image.name-suggests-format',
    severity: 'warning',
    at: { layer: name, offset: 0 },
    data: { extension, format: 'raw' },
  });
}
