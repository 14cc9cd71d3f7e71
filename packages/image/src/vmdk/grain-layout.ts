import { imageError } from '../errors.js';
import { MAX_UNPACKED_BYTES } from '../limits.js';
import { Entry } from '../mapped/two-level-map.js';
import { COWD_TABLE_ENTRIES, type VmdkCowdHeader } from './cowd-header.js';
import { type VmdkSparseHeader } from './header.js';
import { SE_SPARSE_TABLE_ENTRIES, type VmdkSeSparseHeader } from './se-sparse-header.js';
import { VMDK_SECTOR } from './signature.js';

/**
 * How the grain directory and the grain tables of one kind of sparse extent are laid out; all offsets in bytes of the
 * file.
 */
export interface VmdkGrainLayout {
  /** Length of the extent. */
  readonly size: number;
  readonly grainBytes: number;
  readonly tableEntries: number;
  readonly entryBytes: 4 | 8;
  readonly directory: number;
  readonly compressed: boolean;
  /** Whether a marker stands before each compressed grain. */
  readonly markers: boolean;
  /**
   * Offset of the grain table that the directory entry at `at` names; 0 when there is none, {@link Entry}.invalid when
   * it means nothing.
   */
  tableAt(view: DataView, at: number): number;
  /** Offset of the grain that the table entry at `at` names, or what {@link Entry} says. */
  grainAt(view: DataView, at: number): number;
}

/**
 * The layout of a hosted sparse or stream-optimised extent.
 * @param directory - sector of the grain directory to use
 */
export function hostedLayout(header: VmdkSparseHeader, directory: number, layer: string): VmdkGrainLayout {
  const grainBytes = header.grainSectors * VMDK_SECTOR;
  if (header.compressed && grainBytes > MAX_UNPACKED_BYTES) {
    throw imageError(
      'IMAGE_LIMIT',
      `${layer} has compressed grains of ${grainBytes} bytes; the most is ${MAX_UNPACKED_BYTES}`,
    );
  }
  return {
    size: header.capacity * VMDK_SECTOR,
    grainBytes,
    tableEntries: header.tableEntries,
    entryBytes: 4,
    directory: directory * VMDK_SECTOR,
    compressed: header.compressed,
    markers: header.markers,
    tableAt: (view, at) => view.getUint32(at, true) * VMDK_SECTOR,
    grainAt: (view, at) => sectorEntry(view.getUint32(at, true), header.zeroGrains),
  };
}

/** The layout of a COWD extent. */
export function cowdLayout(header: VmdkCowdHeader): VmdkGrainLayout {
  return {
    size: header.capacity * VMDK_SECTOR,
    grainBytes: header.grainSectors * VMDK_SECTOR,
    tableEntries: COWD_TABLE_ENTRIES,
    entryBytes: 4,
    directory: header.directory * VMDK_SECTOR,
    compressed: false,
    markers: false,
    tableAt: (view, at) => view.getUint32(at, true) * VMDK_SECTOR,
    grainAt: (view, at) => sectorEntry(view.getUint32(at, true), false),
  };
}

function sectorEntry(value: number, zeroGrains: boolean): number {
  if (value === 0) return Entry.absent;
  return value === 1 && zeroGrains ? Entry.zeros : value * VMDK_SECTOR;
}

/** The layout of a seSparse extent: 64-bit entries whose upper nibble is a type. */
export function seSparseLayout(header: VmdkSeSparseHeader): VmdkGrainLayout {
  const tables = header.tables * VMDK_SECTOR;
  const tableBytes = SE_SPARSE_TABLE_ENTRIES * 8;
  const grains = header.grains * VMDK_SECTOR;
  const grainBytes = header.grainSectors * VMDK_SECTOR;
  return {
    size: header.capacity * VMDK_SECTOR,
    grainBytes,
    tableEntries: SE_SPARSE_TABLE_ENTRIES,
    entryBytes: 8,
    directory: header.directory * VMDK_SECTOR,
    compressed: false,
    markers: false,
    // 0x1000_0000 in the upper half marks an allocated table, the lower half is its index.
    tableAt(view, at) {
      const low = view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      if (low === 0 && high === 0) return 0;
      return high === 0x1000_0000 ? tables + low * tableBytes : Entry.invalid;
    },
    grainAt(view, at) {
      const low = view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      switch (high >>> 28) {
        case 0:
          return low === 0 && high === 0 ? Entry.absent : Entry.invalid;
        case 1: // unmapped by the guest
        case 2: // zeroed
          return Entry.zeros;
        case 3: {
          // Bits 48-59 are the lowest twelve of the grain's index, bits 0-47 the rest.
          const index = ((high >>> 16) & 0xfff) + ((high & 0xffff) * 2 ** 32 + low) * 4096;
          return grains + index * grainBytes;
        }
        default:
          return Entry.invalid;
      }
    },
  };
}
