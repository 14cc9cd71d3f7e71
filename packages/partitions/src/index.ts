export type { PartitionIssueCode } from './errors.js';
export { type GptEntry, type GptHeader, type GptHeaderFault, parseGptEntries, parseGptHeader } from './gpt/gpt.js';
export type { LdmPart, LdmVolume } from './ldm/ldm-volume.js';
export type { LdmDatabase } from './ldm/read-ldm.js';
export { isVolumeBootSector } from './mbr/boot-sector-kind.js';
export { type BootRecord, type MbrEntry, parseBootRecord } from './mbr/mbr.js';
export {
  type FileSystemSignature,
  type RecogniseOptions,
  recogniseFileSystem,
  recogniseInHead,
} from './signature/file-system-signature.js';
export {
  mbrPartitionId,
  type Partition,
  type PartitionFlag,
  type PartitionTable,
  type VolumeManager,
} from './table/partition-table.js';
export { partitionTypeName } from './table/partition-types.js';
export { type PartitionTableOptions, readPartitionTable } from './table/read-partition-table.js';
export { classifyRole, type PartitionRole, type VolumeContents } from './table/role.js';
