import {
  type ByteSource,
  type Bytes,
  checkRange,
  type Extent,
  fillPieces,
  type MaybePromise,
  passExtents,
  type ReadOptions,
  readInto,
  readThrough,
} from '@deadbox/core';
import type { LdmDatabase, LdmPart, LdmVolume } from '../table/dynamic-disk.js';

/** A disk of a dynamic disk group: its bytes, and its own copy of the group's database. */
export interface LdmMember {
  readonly disk: ByteSource;
  readonly database: LdmDatabase;
}

/** A part of a volume on a disk that is at hand. */
interface PlacedPart {
  readonly disk: ByteSource;
  readonly offset: number;
  readonly length: number;
  readonly volumeOffset: number;
}

/** Bytes of a volume that lie together on one disk. */
interface Piece {
  readonly part: PlacedPart | undefined;
  /** Byte of the part. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The bytes of a volume of a dynamic disk group: spanned, striped, mirrored, or RAID-5 also without one of its disks.
 * Layouts as libldm maps them: stripes go round the columns, RAID-5 is left-symmetric.
 * @param name - what to call the volume in messages
 * @returns `undefined` when a disk is missing that it needs, or its parts do not cover it
 */
export function openLdmVolume(volume: LdmVolume, members: readonly LdmMember[], name: string): ByteSource | undefined {
  const copies = volume.parts.reduce((most, part) => Math.max(most, part.copy + 1), 1);
  for (let copy = 0; copy < copies; copy += 1) {
    const parts = volume.parts.filter((part) => part.copy === copy);
    const layout = layoutOf(volume, parts, members);
    if (layout !== undefined) return new DynamicVolumeSource(name, volume.length, layout);
  }
  return undefined;
}

/** Says which bytes lie where, and how to make those up whose disk is missing. */
interface Layout {
  /** What lies at byte `offset` of the volume, and how much of it together. */
  locate(offset: number): Piece;
  /** The pieces whose exclusive or is `piece`; only of RAID-5. */
  others?(offset: number, length: number): readonly Piece[];
}

function layoutOf(volume: LdmVolume, parts: readonly LdmPart[], members: readonly LdmMember[]): Layout | undefined {
  const placed = parts.map((part) => placeOf(volume, part, members));
  if (volume.layout !== 'striped' && volume.layout !== 'raid5') return spanned(volume, placed);
  const columns = placed.length;
  const stripe = volume.stripeLength;
  const missing = placed.filter((part) => part === undefined).length;
  const dataColumns = volume.layout === 'raid5' ? columns - 1 : columns;
  // More than one part in a column is a volume that was extended: nobody has described how.
  if (stripe === 0 || dataColumns < 1 || parts.some((part, index) => part.column !== index)) return undefined;
  if (missing > (volume.layout === 'raid5' ? 1 : 0)) return undefined;
  const needed = Math.ceil(volume.length / stripe / dataColumns) * stripe;
  if (placed.some((part) => part !== undefined && part.length < needed)) return undefined;
  return volume.layout === 'raid5' ? raid5(placed, stripe) : striped(placed, stripe);
}

/** A part on the disk that has it: only the disk's own database knows where its volumes begin. */
function placeOf(volume: LdmVolume, part: LdmPart, members: readonly LdmMember[]): PlacedPart | undefined {
  for (const { disk, database } of members) {
    if (part.diskId === undefined || database.diskId !== part.diskId) continue;
    const own = database.volumes
      .find((candidate) => candidate.id === volume.id)
      ?.parts.find((candidate) => candidate.diskId === part.diskId && sameSpan(candidate, part));
    if (own?.offset === undefined || own.offset + own.length > disk.size) continue;
    return { disk, offset: own.offset, length: own.length, volumeOffset: own.volumeOffset };
  }
  return undefined;
}

function sameSpan(left: LdmPart, right: LdmPart): boolean {
  return (
    left.volumeOffset === right.volumeOffset &&
    left.column === right.column &&
    left.copy === right.copy &&
    left.length === right.length
  );
}

function spanned(volume: LdmVolume, placed: readonly (PlacedPart | undefined)[]): Layout | undefined {
  const parts: PlacedPart[] = [];
  let end = 0;
  for (const part of placed.toSorted((a, b) => (a?.volumeOffset ?? 0) - (b?.volumeOffset ?? 0))) {
    if (part === undefined || part.volumeOffset !== end) return undefined;
    parts.push(part);
    end += part.length;
  }
  if (end < volume.length) return undefined;
  return {
    locate: (offset) => {
      const part = parts.findLast((candidate) => candidate.volumeOffset <= offset);
      const inside = offset - (part?.volumeOffset ?? 0);
      return { part, offset: inside, length: (part?.length ?? 0) - inside };
    },
  };
}

function striped(placed: readonly (PlacedPart | undefined)[], stripe: number): Layout {
  return {
    locate: (offset) => {
      const number = Math.floor(offset / stripe);
      const inside = offset - number * stripe;
      const row = Math.floor(number / placed.length);
      return { part: placed[number % placed.length], offset: row * stripe + inside, length: stripe - inside };
    },
  };
}

function raid5(placed: readonly (PlacedPart | undefined)[], stripe: number): Layout {
  const columns = placed.length;
  const locate = (offset: number): Piece & { readonly column: number } => {
    const number = Math.floor(offset / stripe);
    const inside = offset - number * stripe;
    const row = Math.floor(number / (columns - 1));
    const parity = columns - 1 - (row % columns);
    const column = (parity + 1 + (number % (columns - 1))) % columns;
    return { part: placed[column], offset: row * stripe + inside, length: stripe - inside, column };
  };
  return {
    locate,
    others: (offset, length) => {
      const { column, offset: inside } = locate(offset);
      return placed.flatMap((part, index) => (index === column ? [] : [{ part, offset: inside, length }]));
    },
  };
}

class DynamicVolumeSource implements ByteSource {
  readonly size: number;
  readonly name: string;
  readonly #layout: Layout;

  constructor(name: string, size: number, layout: Layout) {
    this.name = name;
    this.size = size;
    this.#layout = layout;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    checkRange(this.name, this.size, offset, target.length);
    return fillPieces(target, (filling) => {
      const at = offset + filling.done;
      const { part, offset: inside, length } = this.#layout.locate(at);
      const piece = filling.take(length);
      filling.wait(
        part === undefined
          ? this.#rebuild(at, piece, options)
          : readInto(part.disk, part.offset + inside, piece, options),
      );
    });
  }

  async *extents(from: number, to: number, options?: ReadOptions): AsyncGenerator<readonly Extent[]> {
    for (let at = from; at < to; ) {
      const { part, offset, length } = this.#layout.locate(at);
      const end = Math.min(to, at + length);
      // Bytes that are made up from the other disks lie nowhere as they are.
      if (part === undefined) yield [{ offset: at, length: end - at, kind: 'data' }];
      else {
        const place = part.offset + offset;
        yield* passExtents(part.disk, place, place + end - at, at - place, options);
      }
      at = end;
    }
  }

  /** The bytes of a missing RAID-5 disk: the exclusive or of all others. */
  async #rebuild(offset: number, target: Bytes, options?: ReadOptions): Promise<void> {
    target.fill(0);
    for (const { part, offset: inside, length } of this.#layout.others?.(offset, target.length) ?? []) {
      if (part === undefined) continue;
      const bytes = await part.disk.read(part.offset + inside, length, options);
      for (let i = 0; i < target.length; i += 1) target[i] ^= bytes[i];
    }
  }
}
