/**
 * Error codes of `@deadbox/fat`.
 *
 * - `FAT_NOT_FAT` the volume has no usable FAT boot sector; `data.found` says what is there
 * - `FAT_CHAIN_BROKEN` the cluster chain ends before the bytes that were asked for
 * - `FAT_NO_SUCH_STREAM` FAT files have one stream only, and directories none
 */
export type FatErrorCode = 'FAT_NOT_FAT' | 'FAT_CHAIN_BROKEN' | 'FAT_NO_SUCH_STREAM';

/**
 * Issue codes of `@deadbox/fat`.
 *
 * - `fat.backup-boot-sector-used` sector 0 is damaged; the copy in sector 6 was used
 * - `fat.volume-truncated` the file system is larger than the volume
 * - `fat.table-too-small` the allocation table has no room for every cluster
 * - `fat.chain-broken` a chain meets a free, bad, reserved or impossible cluster; `data.reason`
 * - `fat.chain-loop` a chain comes back to one of its own clusters
 * - `fat.chain-short` a chain ends before the file's size
 * - `fat.chain-work` chains that share clusters would cost more than the volume is worth; no further one is followed
 * - `fat.directory-shared` a directory leads to the clusters of another one, or to itself; it is listed once
 * - `fat.directory-depth` directories lie deeper than any path reaches
 * - `fat.second-table-used` the chain is whole in the second allocation table only
 * - `fat.directory-capped` a directory is longer than the format allows
 * - `fat.long-name-orphan` parts of a long name without their entry; the short name is used
 */
export type FatIssueCode =
  | 'fat.backup-boot-sector-used'
  | 'fat.volume-truncated'
  | 'fat.table-too-small'
  | 'fat.chain-broken'
  | 'fat.chain-loop'
  | 'fat.chain-short'
  | 'fat.chain-work'
  | 'fat.directory-shared'
  | 'fat.directory-depth'
  | 'fat.second-table-used'
  | 'fat.directory-capped'
  | 'fat.long-name-orphan';
