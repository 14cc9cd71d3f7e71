import type { FileName } from '../attributes/file-name.js';
import type { FileReference } from '../record/file-reference.js';

/** How a name was found: in the directory's index, or among the names of all records. */
export type FoundBy = 'index' | 'mft';

/** Where an index entry lies: for evidence and for in-place edits. */
export interface IndexPlace {
  /** Byte offset on the volume of the `$INDEX_ROOT` value, or of the `INDX` block. */
  readonly nodeOffset: number;
  /** Byte offset of the entry in that node (after fixup). */
  readonly entryOffset: number;
  /** VCN of the block in the index's own unit; `undefined` in the root. */
  readonly vcn?: number;
}

/** A name found by going through the whole of `$MFT` instead of an index. */
export interface NameByMft {
  readonly reference: FileReference;
  /** The `$FILE_NAME` that has the name. */
  readonly fileName: FileName;
}

/** A name in a directory, not yet opened. */
export interface NamedReference extends NameByMft {
  /** Which way it was found. */
  readonly foundBy: FoundBy;
  /** Absent when the name was found in `$MFT`. */
  readonly place?: IndexPlace;
  /**
   * What the record says otherwise than the index entry, when the two were compared: it has no such name, or is of
   * another kind.
   */
  readonly contradicted?: 'entry-name' | 'entry-kind';
}

/** A name that an index has. */
export type IndexedName = NamedReference & { readonly place: IndexPlace };
