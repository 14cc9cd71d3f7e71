import { type ByteSource, type Bytes, Cursor } from '@deadbox/core';
import { inflate } from '#inflate';
import { imageError } from '../errors.js';
import type { OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import type { PackedUnit } from '../mapped/block-map.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import type { RunBuilder } from '../mapped/run-builder.js';
import { TwoLevelMap } from '../mapped/two-level-map.js';
import { parseQcowBacking } from '../qcow2/backing.js';

/** QCowHeader of version 1 (QEMU block/qcow.c); big-endian, offsets in bytes. */
const FIELD = {
  backingOffset: 8,
  backingSize: 16,
  size: 24,
  clusterBits: 32,
  l2Bits: 33,
  cryptMethod: 36,
  l1Offset: 40,
} as const;
const HEADER_BYTES = 48;
/** In the upper half of an L2 entry: the cluster is compressed (bit 63). */
const COMPRESSED = 0x8000_0000;
const HIGH = 2 ** 32;

/** Header of a QCOW image of version 1. */
export interface Qcow1Header {
  /** Virtual size in bytes. */
  readonly size: number;
  readonly clusterBits: number;
  /** Entries of an L2 table as a power of two. */
  readonly l2Bits: number;
  readonly encrypted: boolean;
  readonly l1Offset: number;
  readonly backing?: { readonly offset: number; readonly length: number };
}

/**
 * Parses the header.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DAMAGED`, `IMAGE_LIMIT`, `IMAGE_UNSUPPORTED`
 */
export function parseQcow1Header(bytes: Bytes, layer: string): Qcow1Header {
  const cursor = new Cursor(bytes, layer);
  if (bytes.length < HEADER_BYTES)
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: it has ${bytes.length} bytes of a QCOW header`,
      cursor.at(0),
    );
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged QCOW header: ${what}`, cursor.at(field));
  const size = cursor.u64NumberBe(FIELD.size);
  if (size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims a virtual size of ${size} bytes`, cursor.at(FIELD.size), { size });
  if (size < 2) throw damaged(FIELD.size, `a virtual size of ${size} bytes`);
  const clusterBits = cursor.u8(FIELD.clusterBits);
  if (clusterBits < 9 || clusterBits > 16) throw damaged(FIELD.clusterBits, `clusters of 2^${clusterBits} bytes`);
  const l2Bits = cursor.u8(FIELD.l2Bits);
  if (l2Bits < 6 || l2Bits > 13) throw damaged(FIELD.l2Bits, `L2 tables of 2^${l2Bits} entries`);
  const crypt = cursor.u32Be(FIELD.cryptMethod);
  if (crypt > 1)
    throw imageError('IMAGE_UNSUPPORTED', `${layer} uses the encryption method ${crypt}`, cursor.at(FIELD.cryptMethod));
  const offset = cursor.u64NumberBe(FIELD.backingOffset);
  const length = cursor.u32Be(FIELD.backingSize);
  if (offset > 0 && length > 1023) throw damaged(FIELD.backingSize, `a backing file name of ${length} bytes`);
  return {
    size,
    clusterBits,
    l2Bits,
    encrypted: crypt === 1,
    l1Offset: cursor.u64NumberBe(FIELD.l1Offset),
    ...(offset === 0 || length === 0 ? {} : { backing: { offset, length } }),
  };
}

/** Opens what `qcowFormat` recognised. */
export async function openQcow(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const header = parseQcow1Header(context.head, context.name);
  const map = new Qcow1Map(header, source, context.name);
  const parent = header.encrypted ? undefined : await openBacking(header, source, context);
  return new BlockMappedDisk(map, context, {
    format: 'qcow',
    variant: parent === undefined ? 'v1' : 'v1 overlay',
    parent,
    details: { version: 1, clusterSize: 2 ** header.clusterBits },
    ...(header.encrypted
      ? { encryption: { product: 'QCOW AES', method: 'aes-cbc-128', offset: FIELD.cryptMethod } }
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
      { layer: context.name, offset: FIELD.backingOffset },
      { size: source.size },
    );
  }
  const { name } = parseQcowBacking(new TextDecoder().decode(await context.read(backing.offset, backing.length)));
  return context.openParent({ names: [name] });
}

/** The allocation of a QCOW1 image. */
class Qcow1Map extends TwoLevelMap {
  readonly #source: ByteSource;
  readonly #layer: string;
  readonly #clusterBytes: number;
  /** Bits of a compressed entry that are the offset, less 32. */
  readonly #offsetBitsHigh: number;

  constructor(header: Qcow1Header, source: ByteSource, layer: string) {
    super({
      source,
      layer,
      size: header.size,
      blockBytes: 2 ** header.clusterBits,
      tableEntries: 2 ** header.l2Bits,
      entryBytes: 8,
      directory: header.l1Offset,
      directoryEntryBytes: 8,
      directoryName: 'L1 table',
    });
    this.#source = source;
    this.#layer = layer;
    this.#clusterBytes = 2 ** header.clusterBits;
    this.#offsetBitsHigh = 63 - header.clusterBits - 32;
  }

  unpack(packed: Bytes, unit: PackedUnit, target: Bytes): void {
    try {
      const length = inflate(packed, target, 'raw');
      if (length !== unit.size) throw new Error(`it holds ${length} bytes`);
    } catch (cause) {
      const what = `${this.#layer} has a damaged compressed cluster at ${unit.offset}: ${(cause as Error).message}`;
      throw imageError(
        'IMAGE_DAMAGED',
        what,
        { layer: this.#layer, offset: unit.offset },
        { cluster: unit.key * this.#clusterBytes },
        cause,
      );
    }
  }

  protected override tableAt(view: DataView, at: number): number {
    return view.getUint32(at) * HIGH + view.getUint32(at + 4);
  }

  protected override addBlock(
    runs: RunBuilder,
    view: DataView,
    at: number,
    place: number,
    block: number,
    skip: number,
    length: number,
  ): void {
    const high = view.getUint32(at);
    const low = view.getUint32(at + 4);
    if (high === 0 && low === 0) runs.empties('parent', length);
    else if ((high & COMPRESSED) === 0) runs.data(this.#source, high * HIGH + low + skip, length);
    else {
      const bits = this.#offsetBitsHigh;
      const offset = (high & (2 ** bits - 1)) * HIGH + low;
      const packedBytes = (high >>> bits) & (this.#clusterBytes - 1);
      if (packedBytes === 0)
        throw imageError('IMAGE_DAMAGED', `${this.#layer}: the L2 entry at ${place} has no length`, {
          layer: this.#layer,
          offset: place,
        });
      const unit = {
        key: block / this.#clusterBytes,
        source: this.#source,
        offset,
        length: packedBytes,
        size: this.#clusterBytes,
      };
      runs.packed(unit, skip, length);
    }
  }
}
