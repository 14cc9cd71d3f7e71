export {
  AttributeFlag,
  AttributeType,
  attributeTypeName,
  parseAttribute,
  type Attribute,
  type AttributeProblem,
  type NonResidentAttribute,
  type ResidentAttribute,
} from './attribute.js';
export { parseAttributeList, type AttributeListEntry, type ParsedAttributeList } from './attribute-list.js';
export { AttributeSet, type HeldAttribute } from './attribute-set.js';
export { BOOT_SECTOR_SIZE, parseBootSector, type NtfsGeometry } from './boot-sector.js';
export type { BootCheck, MirrorCheck } from './check-copies.js';
export type { IndexCheck, IndexMismatch, MismatchList } from './check-indexes.js';
export { checkVolume, type CheckOptions, type RecordCheck, type VolumeCheck } from './check-volume.js';
export { ClusterBitmap, type ClusterExtent } from './cluster-bitmap.js';
export type { StreamOptions } from './content.js';
export { HOLE, parseDataRuns, type DataRun, type ParsedRuns, type RunsBounds, type RunsProblem } from './data-runs.js';
export {
  DirectoryListing,
  type FoundBy,
  type IndexPlace,
  type NamedReference,
  type NtfsDirectoryEntry,
  type SearchState,
} from './directory-listing.js';
export type { NtfsErrorCode, NtfsIssueCode, Place } from './errors.js';
export { FileAttribute, NameSpace, parseFileName, type FileName } from './file-name.js';
export { parseFileRecord, RecordFlag, type FileRecord, type RecordContext } from './file-record.js';
export { ROOT_RECORD, type FileReference } from './file-reference.js';
export { applyFixups, FIXUP_ARRAY_INVALID, FIXUP_OK, FIXUP_STRIDE, storedOffset } from './fixup.js';
export { judgeHibernation, type HibernationState } from './hibernation.js';
export { IndexTree, type FoundEntry, type Position, type WalkState } from './index-tree.js';
export {
  IndexEntryFlag,
  parseIndexBlock,
  parseIndexRoot,
  type IndexEntry,
  type IndexNode,
  type IndexNodeProblem,
  type IndexRoot,
} from './index-node.js';
export { judgeLog, parseLogRestartPage, type LogCondition, type LogRestartPage, type LogState } from './log-restart-page.js';
export { MftColumns, NO_ROW, RecordState, type ColumnChoice } from './mft-columns.js';
export { isListedName, MftPaths } from './mft-paths.js';
export type { ScanInput, ScanOptions } from './mft-scan.js';
export { MftTable, type DumpedMftOptions, type MftName, type MftRecord, type MftTimes, type RowFilter } from './mft-table.js';
export { NAME_HAS_CONTROL, NAME_HAS_LONE_SURROGATE, NamePool, poolText } from './name-pool.js';
export { pathLines, type PathLineOptions } from './path-lines.js';
export { MftReader, type RecordOptions } from './mft-reader.js';
export type { AttributeSummary } from './attribute-summary.js';
export type { FileOrigin } from './file-naming.js';
export type { LookupOptions } from './follow-links.js';
export { NtfsFile, type VolumeRun } from './ntfs-file.js';
export { ORPHAN_ROOT } from './orphan-root.js';
export { isCloudTag, ReparseTag } from './reparse-tag.js';
export { parseStandardInformation, type StandardInformation } from './standard-information.js';
export { NtfsStream, type StreamLayout } from './stream.js';
export { asciiUpCase, compareNames, parseUpCase, type UpCase } from './up-case.js';
export { NtfsVolume, type DirectorySearch, type OpenOptions, type VolumeState } from './volume.js';
export type { NameByMft, VolumeContext } from './volume-context.js';
export { parseVolumeInformation, VolumeFlag, type VolumeInformation } from './volume-information.js';
export type { VolumeLabelAndFlags } from './volume-state.js';
export { Lznt1Source, type Lznt1StreamLayout } from './lznt1-source.js';
export { expandLznt1 } from './lznt1.js';
export { expandLzx } from './lzx.js';
export { expandXpress } from './xpress-huffman.js';
export { parseWofInfo, wofChunkSize, type WofAlgorithm, type WofInfo } from './wof.js';
export { WofSource } from './wof-source.js';
export { parseReparsePoint, type ReparseContent, type ReparsePoint } from './reparse-point.js';
export { reparseTagName } from './reparse-tag-name.js';
export { parseCloudFile, type CloudFileInfo } from './cloud-file.js';
export type { FilterBlockElement } from './filter-block.js';
export { LogFile, type LogRestartArea } from './log-file.js';
export { LOG_OPERATION_NAMES, logOperationName } from './log-file-operation.js';
export { LogUpdate, parseLogCheckpoint, parseLogUpdate, type LogCheckpoint, type LogFileRecord } from './log-file-record.js';
export {
  examineReplay,
  pendingLogTargets,
  type LogReplayGap,
  type PendingLog,
  type PendingLogTarget,
  type ReplayGeometry,
  type VolumeRange,
} from './log-file-replay.js';
export { pendingInRange } from './pending-in-range.js';
export type { OpenLogAttribute } from './log-file-tables.js';
export { readUsnJournal, type UsnJournalOptions } from './usn-journal.js';
export {
  parseUsnJournalInformation,
  parseUsnRecord,
  usnReasonNames,
  type UsnJournalInformation,
  type UsnRange,
  type UsnRecord,
} from './usn-record.js';
export { formatSddl, sidName } from './sddl.js';
export {
  parseSecurityDescriptor,
  SecurityControl,
  type AccessControlEntry,
  type AccessControlList,
  type SecurityDescriptor,
} from './security-descriptor.js';
export { hashSecurityDescriptor, SecurityStore, type SecurityEntry } from './security-store.js';
export { sidAt, type Sid } from './sid.js';
export { parseEfs, type EfsInformation, type EfsKeyHolder } from './efs.js';
export {
  parseExtendedAttributeInformation,
  parseExtendedAttributes,
  wslMetadata,
  type ExtendedAttribute,
  type ExtendedAttributeInformation,
  type ParsedExtendedAttributes,
  type WslMetadata,
} from './extended-attributes.js';
export { parseIndexSlack, readIndexSlack, type SlackEntry, type SlackNode } from './index-slack.js';
export { parseObjectId, readObjectIds, type ObjectId, type ObjectIdEntry } from './object-id.js';
export { bodyFileLines, unixSeconds, type BodyFileOptions } from './body-file.js';
export { ShadowCopies, type ShadowCopiesOptions } from './shadow-copy.js';
export type { ShadowCopy, ShadowStorePlaces, ShadowVolumeHeader } from './shadow-copy-catalog.js';
export type { ShadowCopyInformation } from './shadow-copy-store.js';
export { openDedupFile } from './dedup.js';
export { parseDedupPoint, type DedupPart, type DedupPoint } from './dedup-point.js';
export {
  listObjectIds,
  openChangeJournal,
  openDeduplicated,
  openSecurityStore,
  openShadowCopies,
  pendingReplay,
  readDirectorySlack,
  type ChangeJournal,
} from './volume-memory.js';
