import { type ByteSource, extentsOf, type ReadOptions } from '@deadbox/core';
import {
  AttributeType,
  Contradictions,
  compareNames,
  type FileName,
  type FileReference,
  IndexTree,
  type NtfsFile,
  type NtfsVolume,
  parseFileName,
  storedOffset,
  type UpCase,
} from '@deadbox/ntfs';
import { MAX_DIRECTORY_ENTRIES } from '../../limits.js';
import { RefusedRepair } from '../../plan/repair-plan.js';

/** An entry of a directory's index, and where its bytes are. */
export interface PlacedEntry {
  readonly name: string;
  readonly nameSpace: number;
  readonly reference: FileReference;
  /** VCN of its block; `undefined`: it stands in the root, inside a file record. */
  readonly vcn: number | undefined;
  /** Byte offset of the entry in its node, after fixup. */
  readonly offset: number;
}

const KEY = 0x10;
const NAME = 0x42;

/** The index of one directory, read whole and proven to be in order. */
export class DirectoryIndex {
  /** Every entry, in the order of the tree. */
  readonly entries: readonly PlacedEntry[];
  readonly #tree: IndexTree;
  readonly #volume: NtfsVolume;
  readonly #directory: NtfsFile;

  private constructor(volume: NtfsVolume, directory: NtfsFile, tree: IndexTree, entries: readonly PlacedEntry[]) {
    this.#volume = volume;
    this.#directory = directory;
    this.#tree = tree;
    this.entries = entries;
  }

  /** @throws RefusedRepair `index-damaged`, `index-unsorted` */
  static async open(
    volume: NtfsVolume,
    directory: NtfsFile,
    upCase: UpCase,
    options: ReadOptions,
  ): Promise<DirectoryIndex> {
    const { attributeSet } = directory;
    const tree = await IndexTree.open(attributeSet, '$I30', volume.geometry.clusterSize, options);
    const found = new Contradictions();
    const entries: PlacedEntry[] = [];
    for await (const batch of tree.walk(found, options)) {
      for (const { entry, vcn } of batch) {
        const name: FileName | undefined = parseFileName(entry.key);
        if (name === undefined) throw new RefusedRepair('index-damaged', { directory: directory.path });
        const { reference, offset } = entry;
        entries.push({ name: name.name, nameSpace: name.nameSpace, reference, vcn, offset });
      }
      if (entries.length > MAX_DIRECTORY_ENTRIES)
        throw new RefusedRepair('index-damaged', { directory: directory.path, entries: entries.length });
    }
    if (found.count > 0)
      throw new RefusedRepair('index-damaged', {
        directory: directory.path,
        found: found.first.map(({ kind }) => kind),
      });
    for (let i = 1; i < entries.length; i += 1) {
      if (compareNames(entries[i - 1].name, entries[i].name, upCase) >= 0)
        throw new RefusedRepair('index-unsorted', { directory: directory.path, name: entries[i].name });
    }
    return new DirectoryIndex(volume, directory, tree, entries);
  }

  /** Where the block or record that holds `entry` lies, with the log sequence number that it carries. */
  async block(entry: PlacedEntry, options: ReadOptions): Promise<IndexBlock> {
    return entry.vcn === undefined ? this.#rootBlock(options) : this.#indexBlock(entry.vcn, options);
  }

  /** Byte offset on the volume of code unit `unit` of an entry's name, as stored: behind fixup and across clusters. */
  async placeOfUnit(
    entry: PlacedEntry,
    unit: number,
    options: ReadOptions,
  ): Promise<{ offset: number; inBlock: number }> {
    const block = await this.block(entry, options);
    const logical = block.nodeAt + entry.offset + KEY + NAME + 2 * unit;
    const inBlock = storedOffset(logical, block.fixupArray);
    return { offset: block.place(inBlock), inBlock };
  }

  async #rootBlock(options: ReadOptions): Promise<IndexBlock> {
    const held = await this.#directory.attributeSet.find(AttributeType.indexRoot, '$I30', options);
    if (held === undefined || !held.attribute.resident)
      throw new RefusedRepair('index-damaged', { directory: this.#directory.path });
    const { holder, attribute } = held;
    return {
      record: holder.number,
      lsn: holder.lsn,
      fixupArray: holder.fixupArray,
      nodeAt: attribute.valueOffset,
      parts: await this.#volume.records.locate(holder.number, options),
      place: placer(await this.#volume.records.locate(holder.number, options)),
    };
  }

  async #indexBlock(vcn: number, options: ReadOptions): Promise<IndexBlock> {
    const { blocks, unit, root } = this.#tree;
    if (blocks === undefined) throw new RefusedRepair('index-damaged', { directory: this.#directory.path, vcn });
    const from = vcn * unit;
    const parts = await partsOn(blocks, this.#volume.source, from, root.blockSize, options);
    const raw = await blocks.read(from, 16, options);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    return {
      record: undefined,
      lsn: view.getBigUint64(8, true),
      fixupArray: view.getUint16(4, true),
      nodeAt: 0,
      parts,
      place: placer(parts),
    };
  }
}

/** The block (or file record) in which an index entry stands. */
export interface IndexBlock {
  /** Number of the file record, for an entry of the root. */
  readonly record: number | undefined;
  readonly lsn: bigint;
  /** Offset of its update sequence array. */
  readonly fixupArray: number;
  /** Where the node begins in it. */
  readonly nodeAt: number;
  /** Where its bytes lie on the volume, in order. */
  readonly parts: readonly { readonly offset: number; readonly length: number }[];
  /** Byte offset on the volume of a stored offset in it. */
  place(stored: number): number;
}

/** Turns offsets in something that lies in parts into offsets on the volume. */
export function placer(parts: IndexBlock['parts']): (at: number) => number {
  return (at) => {
    let left = at;
    for (const part of parts) {
      if (left < part.length) return part.offset + left;
      left -= part.length;
    }
    throw new RefusedRepair('index-damaged', { at });
  };
}

/** Where `[from, from + length)` of a stream lies on the volume. */
export async function partsOn(
  stream: ByteSource,
  volume: ByteSource,
  from: number,
  length: number,
  options: ReadOptions,
): Promise<{ offset: number; length: number }[]> {
  const parts: { offset: number; length: number }[] = [];
  for await (const batch of extentsOf(stream, from, from + length, options)) {
    for (const extent of batch) {
      if (extent.origin === undefined || extent.origin.source !== volume)
        throw new RefusedRepair('content-not-stored', { offset: extent.offset });
      parts.push({ offset: extent.origin.offset, length: extent.length });
    }
  }
  if (parts.reduce((sum, part) => sum + part.length, 0) !== length)
    throw new RefusedRepair('content-not-stored', { offset: from });
  return parts;
}
