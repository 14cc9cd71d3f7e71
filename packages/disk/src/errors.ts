/** Error codes of `@deadbox/disk`. */
export type DiskErrorCode = 'VOLUME_LOCKED' | 'VOLUME_INCOMPLETE' | 'VOLUME_UNRECOGNISED' | 'FILE_SYSTEM_UNSUPPORTED';

/**
 * Issue codes of `@deadbox/disk`.
 *
 * - `volume.sector-unreadable` the medium refuses a sector at the start of a volume; it was taken for zeros
 */
export type DiskIssueCode = 'volume.sector-unreadable';
