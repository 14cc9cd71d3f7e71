import type { ByteSource, IssueLog, ReadOptions } from '@deadbox/core';
import type { FileName } from '../attributes/file-name.js';
import type { UpCase } from '../index/up-case.js';
import type { NtfsGeometry } from '../record/boot-sector.js';
import type { FileReference } from '../record/file-reference.js';
import type { MftReader } from '../record/mft-reader.js';
import type { NamedReference } from './directory-listing.js';
import type { NtfsFile } from './ntfs-file.js';

/** A name found by going through the whole of `$MFT` instead of an index. */
export interface NameByMft {
  /** The file. */
  readonly reference: FileReference;
  /** The `$FILE_NAME` that has the name. */
  readonly fileName: FileName;
}

/** What the parts of an open volume share. */
export interface VolumeContext {
  /** The volume. */
  readonly source: ByteSource;
  /** Its geometry. */
  readonly geometry: NtfsGeometry;
  /** Receives what is damaged. */
  readonly issues: IssueLog;
  /** Reads file records. */
  readonly reader: MftReader;
  /** What compares `name` with stored names: reads `$UpCase` (128 KiB) only when `name` is not ASCII. */
  upCaseFor(name: string, options?: ReadOptions): Promise<UpCase>;
  /**
   * Opens the file that a directory's name leads to.
   * @throws DeadboxError `NTFS_ENTRY_STALE`, or what reading its record throws
   */
  openNamed(named: NamedReference, directoryPath: string, options?: ReadOptions): Promise<NtfsFile>;
  /** Every name whose parent is `directory` and for which `wanted` gives 0, from all records in use. */
  namesByMft(directory: FileReference, wanted: (name: string) => number, options?: ReadOptions): Promise<NameByMft[]>;
}
