/** Error codes of `@deadbox/disk`. */
export type DiskErrorCode =
  | 'VOLUME_LOCKED'
  | 'VOLUME_INCOMPLETE'
  | 'VOLUME_UNRECOGNISED'
  | 'VOLUME_NOT_FOUND'
  | 'FILE_SYSTEM_UNSUPPORTED';
