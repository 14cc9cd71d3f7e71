/** Error codes of `@deadbox/disk`. */
export type DiskErrorCode = 'VOLUME_LOCKED' | 'VOLUME_INCOMPLETE' | 'VOLUME_UNRECOGNISED' | 'FILE_SYSTEM_UNSUPPORTED';

/**
 * Issue codes of `@deadbox/disk`.
 *
 * - `volume.sector-unreadable` the medium refuses a sector at the start of a volume; it was taken for zeros
 * - `volume.signature-unreadable` the volume's end, or another place where a file system may have its signature, cannot
 * be read
 * - `disk.member-beside` another disk of a dynamic disk group was found beside the image
 * - `disk.member-ambiguous` several files beside the image say that they are one disk of its group: none was taken
 */
export type DiskIssueCode =
  | 'volume.sector-unreadable'
  | 'volume.signature-unreadable'
  | 'disk.member-beside'
  | 'disk.member-ambiguous';
