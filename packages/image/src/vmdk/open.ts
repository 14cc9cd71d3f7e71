import { asciiText, type ByteSource, type Bytes, defined, type Json } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { ImageEncryption, OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { MAX_VMDK_DESCRIPTOR_BYTES } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';

import { sameName } from '../text/recorded-path.js';
import { parseVmdkDescriptor, type VmdkDescriptor } from './descriptor.js';
import { VmdkExtentMap } from './extents.js';
import { parseVmdkSparseHeader, type VmdkSparseHeader } from './header.js';
import { VmdkGrainMap } from './map.js';
import { isVmdkCowd, isVmdkSeSparse, isVmdkSparse, VMDK_SECTOR } from './signature.js';
import { openHostedLayout } from './sparse-extent.js';
import { decodeVmdkText } from './text.js';

/** Opens what `vmdkFormat` recognised. */
export async function openVmdk(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  if (isVmdkSparse(context.head)) return openSparseFile(source, context);
  if (isVmdkCowd(context.head) || isVmdkSeSparse(context.head)) throw needsDescriptor(context);
  const length = Math.min(source.size, MAX_VMDK_DESCRIPTOR_BYTES);
  const text = await context.read(0, length);
  checkIsWhole(text, source.size, 0, context);
  const descriptor = await readDescriptor(text, context);
  return openDisk(descriptor, context, () => VmdkExtentMap.open(descriptor, context));
}

/** A delta file read alone would show zeros wherever its parent has data. */
function needsDescriptor({ name }: OpenContext): Error {
  const descriptor = name.replace(/-(delta|sesparse|cowd)(\.vmdk)$/i, '$2');
  const which = descriptor === name ? 'the small .vmdk text file that names it' : `"${descriptor}"`;
  return imageError(
    'IMAGE_UNSUPPORTED',
    `${name} holds only the changed blocks of a snapshot disk; open its descriptor, ${which}, which also names the parent`,
    { layer: name, offset: 0 },
    { descriptor },
  );
}

async function openSparseFile(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const header = parseVmdkSparseHeader(context.head, context.name);
  const descriptor = await readEmbeddedDescriptor(header, source, context);
  if (descriptor === undefined) {
    const data = { reason: 'the file has no descriptor: it may be one extent of a larger disk' };
    context.issues.add({
      code: 'image.extent-without-descriptor',
      severity: 'warning',
      at: { layer: context.name, offset: 28 },
      data,
    });
  } else if (header.capacity === 0 || descriptor.extents.length > 1) {
    return openDisk(descriptor, context, () => VmdkExtentMap.open(descriptor, context, source));
  }
  if (header.capacity === 0) {
    throw imageError('IMAGE_DAMAGED', `${context.name} has neither a capacity nor a descriptor`, {
      layer: context.name,
      offset: 12,
    });
  }
  return openDisk(descriptor, context, async () => {
    const read = (offset: number, length: number): Promise<Bytes> => context.read(offset, length);
    const input = { source, read, layer: context.name, diskOffset: 0, issues: context.issues };
    return new VmdkGrainMap(source, await openHostedLayout(header, input), context.name, 0);
  });
}

async function readEmbeddedDescriptor(
  header: VmdkSparseHeader,
  source: ByteSource,
  context: OpenContext,
): Promise<VmdkDescriptor | undefined> {
  const offset = header.descriptorOffset * VMDK_SECTOR;
  if (offset === 0 || header.descriptorSectors === 0) return undefined;
  const length = Math.min(header.descriptorSectors * VMDK_SECTOR, MAX_VMDK_DESCRIPTOR_BYTES, source.size - offset);
  if (!(length > 0)) {
    const what = `${context.name} is truncated: its descriptor should lie at ${offset}, but the file ends at ${source.size}`;
    throw imageError('IMAGE_TRUNCATED', what, { layer: context.name, offset }, { size: source.size });
  }
  const bytes = await context.read(offset, length);
  if (bytes[0] === 0) return undefined;
  checkIsWhole(bytes, header.descriptorSectors * VMDK_SECTOR, offset, context);
  return readDescriptor(bytes, context);
}

/** A text that goes on behind what is read of it would lose extents, and with them a part of the disk. */
function checkIsWhole(text: Bytes, size: number, offset: number, { name }: OpenContext): void {
  if (size <= MAX_VMDK_DESCRIPTOR_BYTES || text.includes(0)) return;
  const what = `The descriptor in ${name} is longer than ${MAX_VMDK_DESCRIPTOR_BYTES} bytes`;
  throw imageError('IMAGE_LIMIT', what, { layer: name, offset }, { size });
}

/**
 * The descriptor in the encoding in which its files can be found.
 */
async function readDescriptor(bytes: Bytes, context: OpenContext): Promise<VmdkDescriptor> {
  const readings = decodeVmdkText(bytes);
  const [likeliest] = readings;
  const descriptor = parseVmdkDescriptor(likeliest.text, context.name);
  if (readings.length === 1 || (await hasFiles(descriptor, context))) return descriptor;
  for (const { text, encoding } of readings.slice(1)) {
    const other = parseVmdkDescriptor(text, context.name);
    if (!(await hasFiles(other, context))) continue;
    const at = { layer: context.name, offset: 0 };
    const data = { declared: descriptor.values.get('encoding') ?? null, used: encoding };
    context.issues.add({ code: 'image.other-encoding', severity: 'note', at, data });
    return other;
  }
  return descriptor;
}

/** Whether the first file that a descriptor names beyond itself is there. */
async function hasFiles({ extents, parentFileNameHint }: VmdkDescriptor, context: OpenContext): Promise<boolean> {
  const name = extents.find(({ fileName }) => fileName !== undefined && !sameName(fileName, context.name))?.fileName;
  const wanted = name ?? parentFileNameHint;
  return wanted === undefined || (await context.findCompanion(wanted)) !== undefined;
}

async function openDisk(
  descriptor: VmdkDescriptor | undefined,
  context: OpenContext,
  openMap: () => Promise<VmdkGrainMap | VmdkExtentMap>,
): Promise<VirtualDisk> {
  const identity = descriptor?.cid === undefined ? {} : { state: descriptor.cid };
  const encryption = encryptionOf(descriptor, context);
  const parent = encryption === undefined ? await openParent(descriptor, context, identity) : undefined;
  const map = await openMap();
  return new BlockMappedDisk(map, context, {
    format: 'vmdk',
    variant: descriptor?.createType ?? 'monolithicSparse',
    identity,
    parent,
    details: describe(descriptor),
    // Its grains are zlib streams, which end with an Adler-32.
    hasBlockChecksums: descriptor?.createType === 'streamOptimized',
    ...defined({ encryption }),
  });
}

function openParent(
  descriptor: VmdkDescriptor | undefined,
  context: OpenContext,
  identity: { state?: string },
): Promise<OpenedParent> | undefined {
  const { parentCid, parentFileNameHint } = descriptor ?? {};
  if (parentCid === undefined) return undefined;
  const names = parentFileNameHint === undefined ? [] : [parentFileNameHint];
  return context.openParent({ names, states: [parentCid], format: 'vmdk' }, identity);
}

function encryptionOf(descriptor: VmdkDescriptor | undefined, context: OpenContext): ImageEncryption | undefined {
  if (descriptor?.encryptedBy === undefined) return undefined;
  const text = asciiText(context.head).toLowerCase();
  return { product: 'VMware VM encryption', offset: Math.max(text.indexOf(descriptor.encryptedBy), 0) };
}

function describe(descriptor: VmdkDescriptor | undefined): Record<string, Json> {
  if (descriptor === undefined) return {};
  const value = (key: string): string | undefined => descriptor.values.get(key);
  const facts: Record<string, Json | undefined> = {
    contentId: descriptor.cid,
    parentContentId: descriptor.parentCid,
    parentFileNameHint: descriptor.parentFileNameHint,
    extents: descriptor.extents.length,
    adapterType: value('ddb.adaptertype'),
    hardwareVersion: value('ddb.virtualhwversion'),
    uuid: value('ddb.uuid'),
    longContentId: value('ddb.longcontentid'),
    changeTrackPath: value('changetrackpath'),
  };
  return Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
