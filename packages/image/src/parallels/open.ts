import { type ByteSource, defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, OpenedParent, ParentReference, VirtualDisk } from '../image-format.js';
import { MAX_DESCRIPTOR_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { LinearMap, type LinearPiece } from '../mapped/linear-map.js';
import { lastPathPart, sameName } from '../text/recorded-path.js';
import {
  PARALLELS_BASE_GUID,
  PARALLELS_DESCRIPTOR,
  type ParallelsDescriptor,
  type ParallelsStorage,
  parseParallelsDescriptor,
} from './descriptor.js';
import { PARALLELS_HEADER, parseParallelsHeader } from './header.js';
import { ParallelsMap } from './map.js';
import { isBundleDescriptor } from './signature.js';

const EXPANDABLE = 'parallels';

/** Opens what `parallelsFormat` recognised. */
export async function openParallels(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  if (isBundleDescriptor(context.head)) return openBundle(await readDescriptor(source, context.name, context), context);
  const header = parseParallelsHeader(context.head, context.name);
  if (header.inUse) {
    const at = { layer: context.name, offset: PARALLELS_HEADER.fields.inUse.offset };
    context.issues.add({ code: 'image.marked-dirty', severity: 'warning', at, data: { structure: 'header' } });
  }
  const parent = await openParent(context);
  return new BlockMappedDisk(new ParallelsMap(header, source, context.name, parent !== undefined), context, {
    format: EXPANDABLE,
    variant: header.extended ? 'expandable extended' : 'expandable',
    details: { clusterSize: header.clusterBytes },
    parent,
  });
}

async function readDescriptor(source: ByteSource, name: string, context: OpenContext): Promise<ParallelsDescriptor> {
  if (source.size > MAX_DESCRIPTOR_BYTES)
    throw imageError('IMAGE_LIMIT', `${name} has ${source.size} bytes; a description of a disk has less`);
  const bytes = await source.read(0, source.size, context.reading);
  return parseParallelsDescriptor(new TextDecoder().decode(bytes), name);
}

/** The disk of a bundle as the machine sees it: the newest state of every part. */
async function openBundle(descriptor: ParallelsDescriptor, context: OpenContext): Promise<VirtualDisk> {
  const { name: layer } = context;
  const at = { layer, offset: 0 };
  if (descriptor.size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims a disk of ${descriptor.size} bytes`, at, {
      size: descriptor.size,
    });
  if (descriptor.encrypted)
    throw imageError(
      'IMAGE_ENCRYPTED',
      `${layer} describes a disk that Parallels Desktop encrypted; deadbox has no key for it`,
      at,
    );
  const pieces: LinearPiece[] = [];
  let newest: OpenedParent | undefined;
  let end = 0;
  for (const storage of [...descriptor.storages].sort((a, b) => a.start - b.start)) {
    const disk = await openTop(storage, descriptor, context);
    newest ??= { disk, parents: disk.parents };
    if (storage.start < end) throw imageError('IMAGE_DAMAGED', `${layer} describes parts on top of one another`, at);
    if (storage.start > end) pieces.push({ length: storage.start - end });
    end = storage.end;
    // A part may be shorter than its place: what lies behind it was never written.
    const stored = Math.min(disk.size, end - storage.start);
    if (stored > 0) pieces.push({ length: stored, source: disk });
    if (end - storage.start > stored) pieces.push({ length: end - storage.start - stored });
  }
  if (descriptor.size > end) pieces.push({ length: descriptor.size - end });
  const { length } = descriptor.storages;
  return new BlockMappedDisk(new LinearMap(pieces), context, {
    format: EXPANDABLE,
    variant: length === 1 ? (newest?.disk.variant ?? '') : 'split',
    parent: newest,
    details: {
      ...newest?.disk.details,
      bundle: {
        state: descriptor.top,
        files: descriptor.storages.map((storage) => fileOf(storage, descriptor.top) ?? ''),
      },
    },
  });
}

async function openTop(
  storage: ParallelsStorage,
  { top }: ParallelsDescriptor,
  context: OpenContext,
): Promise<VirtualDisk> {
  const file = fileOf(storage, top);
  if (file !== undefined)
    return context.openNested(await context.openCompanion(file), lastPathPart(file) ?? file, context.siblings);
  const what = `${context.name} lists no file for the newest state ${top} of its disk`;
  throw imageError('IMAGE_DAMAGED', what, { layer: context.name, offset: 0 }, { state: top });
}

function fileOf({ images }: ParallelsStorage, state: string): string | undefined {
  return images.find(({ guid }) => guid === state)?.file;
}

/** The parent of an image file, which only the bundle's descriptor records. */
async function openParent(context: OpenContext): Promise<OpenedParent | undefined> {
  const beside = await context.findCompanion(PARALLELS_DESCRIPTOR);
  const reference =
    beside === undefined
      ? guessedParent(context.name)
      : parentIn(await readDescriptor(beside, PARALLELS_DESCRIPTOR, context), context.name);
  return reference === undefined ? undefined : context.openParent(reference);
}

function parentIn(descriptor: ParallelsDescriptor, name: string): ParentReference | undefined {
  for (const { images } of descriptor.storages) {
    const own = images.find(({ file }) => sameName(lastPathPart(file) ?? '', name));
    const state = own === undefined ? undefined : descriptor.parents.get(own.guid);
    if (state === undefined) continue;
    const parent = images.find(({ guid }) => guid === state);
    return { names: [parent?.file ?? state], ...defined({ format: parent?.plain === true ? 'raw' : undefined }) };
  }
  return undefined;
}

/**
 * Without the descriptor only the file's name tells that it holds the changes since a snapshot, and nothing tells since
 * which.
 */
function guessedParent(name: string): ParentReference | undefined {
  const match = /^(.*\.)(\{[0-9a-f-]{36}\})(\.hds)$/i.exec(name);
  if (match === null || match[2].toLowerCase() === PARALLELS_BASE_GUID) return undefined;
  return {
    names: [`${match[1]}${PARALLELS_BASE_GUID}${match[3]}`],
    unproven: `its name says that it holds only the changes since a snapshot, and only ${PARALLELS_DESCRIPTOR} records on which file they lie`,
  };
}
