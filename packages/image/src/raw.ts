import type { ByteSource } from '@deadbox/core';
import { BlockMappedDisk } from './block-mapped-disk.js';
import { imageError } from './errors.js';
import type { ImageFormat, OpenContext, VirtualDisk } from './image-format.js';
import { LinearMap, type LinearPiece } from './linear-map.js';
import { MAX_COMPANIONS } from './limits.js';

/** What every source is when no other format recognises it. */
const FALLBACK = 0.01;

/** Extensions of formats that would have been recognised if the file were whole. */
const OTHER_EXTENSION = /\.(a?vhdx?|vmdk|qcow2?|vdi|e01|hds|hdd|ova)$/i;

/**
 * Raw disks: the bytes as they are, one file or a device, or numbered parts (`.001`, `.002`, …; `.000` or `.00001` begin a set as well).
 * The parts are found beside the first one.
 */
export const rawFormat: ImageFormat = {
  id: 'raw',
  probe(): number {
    return FALLBACK;
  },
  async open(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
    noteExtension(context);
    const parts = await openParts(source, context);
    const pieces: LinearPiece[] = parts.map((part) => ({ length: part.size, source: part, offset: 0 }));
    const map = new LinearMap(pieces.filter(({ length }) => length > 0));
    return new BlockMappedDisk(map, context, {
      format: 'raw',
      variant: parts.length > 1 ? 'split' : 'flat',
      details: parts.length > 1 ? { parts: parts.length } : {},
      ...(source.sectorSize === undefined ? {} : { sectorSize: source.sectorSize }),
    });
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

/** The first part and those that follow it; a gap in the numbers is an error, since the disk would shift behind it. */
async function openParts(first: ByteSource, context: OpenContext): Promise<ByteSource[]> {
  const match = /^(.*\.)(0+[01]?)$/.exec(context.name);
  if (match === null || context.siblings === undefined) return [first];
  const [, stem, digits] = match;
  // A lone `.0` or `.1` is a rotated file, not a set.
  if (digits.length < 2) return [first];
  const nameOf = (number: number): string => `${stem}${String(number).padStart(digits.length, '0')}`;
  const parts = [first];
  for (let number = Number(digits) + 1; number < MAX_COMPANIONS; number += 1) {
    const part = await context.findCompanion(nameOf(number));
    if (part === undefined) {
      await refuseGap(context, nameOf(number), nameOf(number + 1));
      return parts;
    }
    parts.push(part);
  }
  throw imageError('IMAGE_LIMIT', `${context.name} has more than ${MAX_COMPANIONS} parts`, { layer: context.name, offset: 0 });
}

async function refuseGap(context: OpenContext, missing: string, next: string): Promise<void> {
  if ((await context.findCompanion(next)) === undefined) return;
  throw imageError(
    'IMAGE_FILE_MISSING',
    `${context.name} is a split image: "${next}" lies beside it, but the part "${missing}" before it does not`,
    {
      layer: context.name,
      offset: 0,
    },
    { recorded: missing, lookedFor: missing },
  );
}
