import { type ByteSource, type Bytes, type MaybePromise, partitionPoint, type ReadOptions } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext } from '../image-format.js';
import type { BlockMap, BlockRun, PackedUnit } from '../mapped/block-map.js';
import { LinearMap } from '../mapped/linear-map.js';
import type { VmdkDescriptor, VmdkExtentLine } from './descriptor.js';
import { VMDK_SECTOR } from './signature.js';
import { openSparseExtent } from './sparse-extent.js';

/** One extent on the disk, in bytes; its map is made when it is first read: a disk may have a thousand extents. */
interface PlacedExtent {
  readonly start: number;
  readonly length: number;
  readonly open: () => Promise<BlockMap>;
  map?: BlockMap;
}

/**
 * Extent types that are stored verbatim (Virtual Disk Format 5.0; `VMFSRDM` and `VMFSRAW` when a device was copied into
 * a file).
 */
const FLAT_TYPES = new Set(['FLAT', 'VMFS', 'VMFSRDM', 'VMFSRAW']);
const DEVICE_TYPES = new Set(['VMFSRDM', 'VMFSRAW']);
const SPARSE_TYPES = new Set(['SPARSE', 'VMFSSPARSE', 'SESPARSE']);

/** The map of a disk whose extents a descriptor lists, one behind the other. */
export class VmdkExtentMap implements BlockMap {
  readonly size: number;
  readonly #extents: readonly PlacedExtent[];

  private constructor(extents: readonly PlacedExtent[]) {
    this.#extents = extents;
    const last = extents[extents.length - 1];
    this.size = last.start + last.length;
  }

  /**
   * Opens the files of all extents, so that a missing one is known at once, and the first extent's header.
   * @param own - the source that holds the descriptor, when it may be an extent itself
   * @throws ImageError
   */
  static async open(descriptor: VmdkDescriptor, context: OpenContext, own?: ByteSource): Promise<VmdkExtentMap> {
    if (descriptor.extents.length === 0) {
      throw imageError('IMAGE_DAMAGED', `The descriptor in ${context.name} lists no extents`, {
        layer: context.name,
        offset: 0,
      });
    }
    const extents: PlacedExtent[] = [];
    let start = 0;
    for (const line of descriptor.extents) {
      const length = line.sectors * VMDK_SECTOR;
      extents.push({ start, length, open: await prepare(line, start, context, own) });
      start += length;
    }
    const map = new VmdkExtentMap(extents);
    await map.#mapOf(extents[0]);
    return map;
  }

  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]> {
    const extent = this.#extentAt(from);
    const map = extent.map;
    if (map === undefined) return this.#mapOf(extent).then(() => this.locate(from, to, options));
    const low = from - extent.start;
    const high = Math.min(to - extent.start, extent.length);
    // The descriptor decides where extents lie; a shorter file has nothing to say about the rest.
    if (low >= map.size) return [{ kind: 'zero', length: high - low }];
    return map.locate(low, Math.min(high, map.size), options);
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    const map = this.#extentAt(unit.key * VMDK_SECTOR).map as BlockMap & Required<Pick<BlockMap, 'unpack'>>;
    map.unpack(packed, unit, target);
  }

  async #mapOf(extent: PlacedExtent): Promise<BlockMap> {
    extent.map ??= await extent.open();
    return extent.map;
  }

  #extentAt(offset: number): PlacedExtent {
    const extents = this.#extents;
    return extents[partitionPoint(extents.length, (at) => extents[at].start <= offset) - 1];
  }
}

async function prepare(
  line: VmdkExtentLine,
  diskOffset: number,
  context: OpenContext,
  own?: ByteSource,
): Promise<() => Promise<BlockMap>> {
  const length = line.sectors * VMDK_SECTOR;
  if (line.type === 'ZERO') return () => Promise.resolve(new LinearMap([{ length }]));
  const isFlat = FLAT_TYPES.has(line.type);
  if (!isFlat && !SPARSE_TYPES.has(line.type)) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `The descriptor in ${context.name} has an extent of the unknown type ${line.type}`,
      {
        layer: context.name,
        offset: 0,
      },
    );
  }
  const fileName = line.fileName as string;
  const isOwn = own !== undefined && fileName.toLowerCase() === context.name.toLowerCase();
  const source = isOwn ? own : await context.openCompanion(fileName);
  if (isFlat) return openFlat(line, source, fileName, context);
  const read = async (offset: number, count: number): Promise<Bytes> => {
    if (isOwn) return context.read(offset, count);
    if (offset + count <= source.size) return source.read(offset, count, context.reading);
    const what = `${fileName} is truncated: a structure should lie at byte ${offset}, but the file ends at ${source.size}`;
    throw imageError('IMAGE_TRUNCATED', what, { layer: fileName, offset }, { size: source.size });
  };
  return async () => {
    const map = await openSparseExtent({ source, read, layer: fileName, diskOffset, issues: context.issues });
    if (map.size !== length) {
      const data = { structure: 'sparse extent', descriptor: length, header: map.size };
      context.issues.add({
        code: 'image.size-mismatch',
        severity: 'warning',
        at: { layer: fileName, offset: 12 },
        data,
      });
    }
    return map;
  };
}

function openFlat(
  line: VmdkExtentLine,
  source: ByteSource,
  fileName: string,
  context: OpenContext,
): () => Promise<BlockMap> {
  const length = line.sectors * VMDK_SECTOR;
  const offset = line.startSector * VMDK_SECTOR;
  const missing = offset + length - source.size;
  if (missing > 0) {
    const at = { layer: fileName, offset: source.size };
    const data = { expected: offset + length, size: source.size };
    if (DEVICE_TYPES.has(line.type)) {
      const what = `${fileName} only points to a raw device: it has ${source.size} bytes of a disk of ${length}. Image the device itself, or copy its content into that file`;
      throw imageError('IMAGE_TRUNCATED', what, at, data);
    }
    context.issues.add({ code: 'image.truncated', severity: 'error', at, data });
  }
  return () => Promise.resolve(new LinearMap([{ length, source, offset }]));
}
