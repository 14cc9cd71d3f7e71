import { type ByteSource, defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, VirtualDisk } from '../image-format.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { LinearMap } from '../mapped/linear-map.js';
import { foreignFile } from './foreign.js';

/** Opens what `rawFormat` did not refuse. */
export async function openRaw(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const foreign = await foreignFile(context.head, context.tail, source.size);
  if (foreign !== undefined) {
    const { kind, what, disks } = foreign;
    const data = { kind, ...defined({ disks: disks && [...disks] }) };
    throw imageError('IMAGE_UNKNOWN_FORMAT', `${context.name} is ${what}`, { layer: context.name, offset: 0 }, data);
  }
  noteExtension(context);
  const split = context.parts > 1;
  return new BlockMappedDisk(new LinearMap([{ length: source.size, source, offset: 0 }]), context, {
    format: 'raw',
    variant: split ? 'split' : 'flat',
    details: split ? { parts: context.parts } : {},
    ...defined({ sectorSize: source.sectorSize }),
  });
}

/** A file with the ending of another format would have been recognised if it were whole. */
function noteExtension({ formats, issues, name }: OpenContext): void {
  const extension = /\.([a-z0-9]+)(\.0+[01])?$/i.exec(name)?.[1]?.toLowerCase();
  const other = formats.find(
    ({ id, extensions }) => id !== 'raw' && extension !== undefined && extensions.includes(extension),
  );
  if (extension === undefined || other === undefined) return;
  issues.add({
    code: 'image.name-suggests-format',
    severity: 'warning',
    at: { layer: name, offset: 0 },
    data: { extension, format: 'raw' },
  });
}
