import type { ByteSource, Bytes, MaybePromise, ReadOptions } from '@deadbox/core';

/**
 * A run of the virtual disk and what stands behind it. Runs follow one another without gaps, so they carry only
 * lengths.
 */
export type BlockRun =
  | {
      /** Stored verbatim at `offset` of `source`. */
      readonly kind: 'data';
      readonly length: number;
      readonly source: ByteSource;
      readonly offset: number;
    }
  | {
      /** Reads as zeros. */
      readonly kind: 'zero';
      readonly length: number;
    }
  | {
      /** Reads as the parent at the same virtual offset; as zeros without a parent and behind its end. */
      readonly kind: 'parent';
      readonly length: number;
    }
  | {
      /** Bytes `[skip, skip + length)` of an unpacked unit. */
      readonly kind: 'packed';
      readonly length: number;
      readonly unit: PackedUnit;
      readonly skip: number;
    };

/** A block that must be unpacked (decompressed) as a whole. */
export interface PackedUnit {
  /** Identifies the unit in its disk, e.g. its index; the cache key. */
  readonly key: number;
  /** The source that holds it. */
  readonly source: ByteSource;
  /** Byte offset of the packed bytes in `source`. */
  readonly offset: number;
  /** Packed length in bytes, or an upper bound of it; the reader clips it to the end of the source. */
  readonly length: number;
  /** Unpacked length in bytes. */
  readonly size: number;
  /** Whether the packed bytes begin with the unpacked ones as they are: only checked, not unpacked. */
  readonly verbatim?: boolean;
}

/** An entry of a table by which a container says where a block of the disk lies. */
export interface TableEntry {
  /** `block-table`: one table for all blocks; `directory` names a `table`, whose entry names the block. */
  readonly kind: 'block-table' | 'directory' | 'table';
  /** The file that holds the table. */
  readonly source: ByteSource;
  /** Byte offset of the entry in it. */
  readonly offset: number;
  /** Bytes of the entry. */
  readonly length: number;
  readonly byteOrder: 'little' | 'big';
  /** Bytes of the disk that the entry describes. */
  readonly span: number;
}

/** Part of a packed unit that is wanted: bytes `[skip, skip + target.length)` of the unpacked unit into `target`. */
export interface PackedPart {
  readonly unit: PackedUnit;
  readonly skip: number;
  readonly target: Bytes;
}

/**
 * The allocation of a disk: parses tables, does no data I/O. One implementation a format; {@link BlockMappedDisk} does
 * the reading.
 */
export interface BlockMap {
  /** Virtual size in bytes. */
  readonly size: number;
  /**
   * The runs from `from`: at least one, without gaps, covering `[from, to)` or a beginning of it (e.g. to the end of a
   * table page), never more. Neighbouring runs that continue each other should be merged. Synchronous when the tables
   * are in memory. `0 <= from < to <= size`.
   */
  locate(from: number, to: number, options?: ReadOptions): MaybePromise<readonly BlockRun[]>;
  /**
   * The table entries that lead to byte `at` of the disk, in the order in which they are read; for explaining, not for
   * reading.
   */
  tableEntries?(at: number, options?: ReadOptions): MaybePromise<readonly TableEntry[]>;
  /**
   * Unpacks a unit of this map into `target` (`unit.size` bytes, content undefined before).
   * @param packed - `unit.length` bytes or fewer at the end of the source
   * @throws ImageError `IMAGE_DAMAGED`
   */
  unpack?(packed: Bytes, unit: PackedUnit, target: Bytes): void;
}
