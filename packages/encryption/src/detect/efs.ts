/** What the file system says about one file, as far as EFS is concerned. */
export interface EfsFacts {
  /** File attributes of `$STANDARD_INFORMATION`. */
  readonly fileAttributes: number;
  /** Flags in the header of the `$DATA` attribute. */
  readonly dataFlags?: number;
  /** Whether the file has an attribute of type 0x100 (`$LOGGED_UTILITY_STREAM`) named `$EFS`. */
  readonly hasEfsAttribute?: boolean;
}

/** MS-FSCC 2.6: FILE_ATTRIBUTE_ENCRYPTED. */
const ATTRIBUTE_ENCRYPTED = 0x4000;
/** Linux-NTFS documentation, "attribute header": encrypted. */
const DATA_ENCRYPTED = 0x4000;

/**
 * Whether a file's content is encrypted by EFS (or Personal Data Encryption, which looks the same on the disk).
 * A directory's attribute alone only means that new files in it will be; give `dataFlags` for files.
 */
export function isEfsEncrypted(facts: EfsFacts): boolean {
  if (facts.dataFlags !== undefined) return (facts.dataFlags & DATA_ENCRYPTED) !== 0;
  return facts.hasEfsAttribute === true && (facts.fileAttributes & ATTRIBUTE_ENCRYPTED) !== 0;
}
