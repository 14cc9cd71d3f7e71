import { type ByteSource, extentsOf, MIB, SECTOR } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { Ranges } from './ranges.js';
import type { RecordedFile } from './recorded-file.js';

/** Bytes of a disk, or of a volume, as they lie in a file: `offset` is the place of the first one there. */
interface Piece {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** A piece of a volume that was read, with what the volume is. */
export interface VolumePiece extends Piece {
  readonly kind: 'ntfs' | 'other';
  /** Bytes from the volume's first on, in which boot sectors and allocation tables lie. */
  readonly head: number;
  /** Where the volume's last sector begins. */
  readonly tail: number;
}

/** What of the files that were read is structure. */
export interface Structures {
  /** Ranges of files that are structure wherever they lie: tables of the container and of the disk. */
  readonly tables: ReadonlyMap<string, Ranges>;
  /** Pieces of volumes, in which structures are to be told by their looks. */
  readonly volumes: readonly VolumePiece[];
}

/** Where partition tables and what they hold of their own lie, from both ends of a disk. */
const TABLE_ROOM = MIB;
/** Boot sectors of every file system. */
const HEAD = 8192;
const MAX_DEPTH = 16;

/**
 * Tells where structures lie in the files that a disk was read from. A container that compresses or encrypts its blocks
 * says not where contents lie in it: of such a file nothing counts as structure.
 */
export async function structuresOf(disk: Disk, files: ReadonlyMap<string, RecordedFile>): Promise<Structures> {
  const { image, volumes } = disk;
  const mapped = new Map<string, Ranges>();
  const inVolumes = new Map<string, Ranges>();
  const tables = new Map<string, Ranges>();
  const pieces: VolumePiece[] = [];
  for (const volume of volumes) {
    const facts = await factsOf(volume);
    for await (const piece of piecesOf(volume.source, files)) {
      rangesOf(inVolumes, piece.name).add(piece.from, piece.to);
      pieces.push({ ...piece, ...facts, tail: volume.source.size - SECTOR });
    }
  }
  const hidden = { found: false };
  for await (const piece of piecesOf(image, files, hidden)) {
    rangesOf(mapped, piece.name).add(piece.from, piece.to);
    for (const [from, to] of [
      [0, TABLE_ROOM],
      [image.size - TABLE_ROOM, image.size],
    ]) {
      const begin = piece.from + Math.max(from - piece.offset, 0);
      rangesOf(tables, piece.name).add(begin, Math.min(piece.to, piece.from + to - piece.offset));
    }
  }
  for (const { name, read } of files.values()) {
    const outside = rangesOf(tables, name).without(rangesOf(inVolumes, name));
    if (!hidden.found) for (const { from, to } of read.without(rangesOf(mapped, name)).list) outside.add(from, to);
    tables.set(name, outside);
  }
  return { tables, volumes: pieces };
}

async function factsOf(volume: Volume): Promise<Pick<VolumePiece, 'kind' | 'head'>> {
  if (volume.encryption.verdict !== 'none') return { kind: 'other', head: SECTOR };
  if (volume.fileSystem === 'ntfs') return { kind: 'ntfs', head: HEAD };
  return { kind: 'other', head: volume.fileSystem.startsWith('fat') ? await fatHead(volume.source) : HEAD };
}

/**
 * Bytes of reserved sectors, allocation tables and a root folder of fixed place (Microsoft's FAT specification, section
 * 3.1).
 */
async function fatHead(source: ByteSource): Promise<number> {
  const boot = await source.read(0, SECTOR);
  const view = new DataView(boot.buffer, boot.byteOffset, boot.byteLength);
  const perTable = view.getUint16(22, true) || view.getUint32(36, true);
  const sectors = view.getUint16(14, true) + boot[16] * perTable;
  return Math.min(sectors * view.getUint16(11, true) + view.getUint16(17, true) * 32, source.size);
}

/**
 * The bytes of `source` that were read, by the files that store them verbatim.
 * @param hidden - learns whether some are stored otherwise
 */
async function* piecesOf(
  source: ByteSource,
  files: ReadonlyMap<string, RecordedFile>,
  hidden?: { found: boolean },
  place: { from: number; to: number; shift: number; depth: number } = { from: 0, to: source.size, shift: 0, depth: 0 },
): AsyncGenerator<Piece> {
  const { from, to, shift, depth } = place;
  if (source.extents === undefined) {
    for (const range of files.get(source.name ?? '')?.read.within(from, to) ?? [])
      yield { name: source.name ?? '', ...range, offset: range.from + shift };
    return;
  }
  for await (const batch of extentsOf(source, from, to))
    for (const { offset, length, kind, origin } of batch) {
      if (kind === 'zero') continue;
      if (origin === undefined || depth === MAX_DEPTH) {
        if (hidden !== undefined) hidden.found = true;
        continue;
      }
      const inner = { from: origin.offset, to: origin.offset + length, depth: depth + 1 };
      yield* piecesOf(origin.source, files, hidden, { ...inner, shift: offset + shift - origin.offset });
    }
}

function rangesOf(map: Map<string, Ranges>, name: string): Ranges {
  const ranges = map.get(name) ?? new Ranges();
  map.set(name, ranges);
  return ranges;
}
