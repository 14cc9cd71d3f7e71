export { isVolumeBootSector } from './boot-sector-kind.js';
export type { PartitionIssueCode } from './errors.js';
export { recogniseFileSystem, recogniseInHead, type FileSystemSignature, type RecogniseOptions } from './file-system-signature.js';
export { parseGptEntries, parseGptHeader, type GptEntry, type GptHeader, type GptHeaderFault } from './gpt.js';
export { parseBootRecord, type BootRecord, type MbrEntry } from './mbr.js';
export { mbrPartitionId, type Partition, type PartitionFlag, type PartitionTable, type VolumeManager } from './partition-table.js';
export { partitionTypeName } from './partition-types.js';
export { readPartitionTable, type PartitionTableOptions } from './read-partition-table.js';
export { classifyRole, type PartitionRole, type VolumeContents } from './role.js';
