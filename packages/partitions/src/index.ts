export type { PartitionIssueCode } from './errors.js';
export { GPT_ENTRY, GPT_HEADER } from './gpt/gpt.js';
export { type LdmMember, openLdmVolume } from './ldm/dynamic-volume-source.js';
export { LDM_BLOCK, LDM_CONTENTS, LDM_DATABASE, LDM_PRIVATE_HEADER } from './ldm/ldm-structures.js';
export { MBR, MBR_ENTRY } from './mbr/mbr.js';
export { type PartitionTableOptions, readPartitionTable } from './read-partition-table.js';
export {
  type FileSystemName,
  type FileSystemSignature,
  type RecogniseOptions,
  recogniseFileSystem,
} from './signature/file-system-signature.js';
export type { DynamicVolume, LdmDatabase, LdmPart, LdmVolume } from './table/dynamic-disk.js';
export {
  mbrPartitionId,
  type Partition,
  type PartitionFlag,
  type PartitionTable,
  type VolumeManager,
} from './table/partition-table.js';
export { partitionTypeName } from './table/partition-types.js';
export { classifyRole, type PartitionRole, type VolumeContents } from './table/role.js';
