import type { ByteSource } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, VirtualDisk } from '../image-format.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { PARALLELS_HEADER, parseParallelsHeader } from './header.js';
import { ParallelsMap } from './map.js';
import { isBundleDescriptor } from './signature.js';

/** Opens what `parallelsFormat` recognised. */
export function openParallels(source: ByteSource, context: OpenContext): VirtualDisk {
  if (isBundleDescriptor(context.head)) {
    const what = `${context.name} describes a Parallels disk of several files; open its newest .hds file, which holds the disk unless there are snapshots`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 0 });
  }
  const header = parseParallelsHeader(context.head, context.name);
  if (header.inUse) {
    const at = { layer: context.name, offset: PARALLELS_HEADER.fields.inUse.offset };
    context.issues.add({ code: 'image.marked-dirty', severity: 'warning', at, data: { structure: 'header' } });
  }
  return new BlockMappedDisk(new ParallelsMap(header, source, context.name), context, {
    format: 'parallels',
    variant: header.extended ? 'expandable extended' : 'expandable',
    details: { clusterSize: header.clusterBytes },
  });
}
