import type { ByteSource } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { backingReference, parseQcowBacking } from '../qemu/backing.js';
import { parseQcow1Header, QCOW_HEADER, type Qcow1Header } from './header.js';
import { Qcow1Map } from './map.js';

/** Opens what `qcowFormat` recognised. */
export async function openQcow(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const header = parseQcow1Header(context.head, context.name);
  const parent = header.encrypted ? undefined : await openBacking(header, source, context);
  const map = new Qcow1Map(header, source, context.name);
  return new BlockMappedDisk(map, context, {
    format: 'qcow',
    variant: parent === undefined ? 'v1' : 'v1 overlay',
    parent,
    details: { version: 1, clusterSize: 2 ** header.clusterBits },
    ...(header.encrypted
      ? { encryption: { product: 'QCOW AES', method: 'aes-cbc-128', offset: QCOW_HEADER.fields.cryptMethod.offset } }
      : {}),
  });
}

async function openBacking(
  { backing }: Qcow1Header,
  source: ByteSource,
  context: OpenContext,
): Promise<OpenedParent | undefined> {
  if (backing === undefined) return undefined;
  if (!(backing.offset + backing.length <= source.size)) {
    const what = `${context.name} is truncated: the name of its backing file should lie at ${backing.offset}`;
    throw imageError(
      'IMAGE_TRUNCATED',
      what,
      { layer: context.name, offset: QCOW_HEADER.fields.backingOffset.offset },
      { size: source.size },
    );
  }
  const recorded = new TextDecoder().decode(await context.read(backing.offset, backing.length));
  return context.openParent(backingReference(parseQcowBacking(recorded, undefined, context.name), context.formats));
}
