export type { CloudFileInfo } from './attributes/cloud-file.js';
export type { EfsInformation, EfsKeyHolder } from './attributes/efs.js';
export {
  type ExtendedAttribute,
  type ExtendedAttributeInformation,
  type ParsedExtendedAttributes,
  parseExtendedAttributes,
  type WslMetadata,
} from './attributes/extended-attributes.js';
export { FILE_NAME, FileAttribute, type FileName, NameSpace, parseFileName } from './attributes/file-name.js';
export type { FilterBlockElement } from './attributes/filter-block.js';
export {
  LINK_DATA,
  parseReparsePoint,
  REPARSE_POINT,
  type ReparseContent,
  type ReparsePoint,
} from './attributes/reparse-point.js';
export { isCloudTag, ReparseTag } from './attributes/reparse-tag.js';
export { reparseTagName } from './attributes/reparse-tag-name.js';
export { formatSddl, sidName } from './attributes/sddl.js';
export {
  type AccessControlEntry,
  type AccessControlList,
  SecurityControl,
  type SecurityDescriptor,
} from './attributes/security-descriptor.js';
export { STANDARD_INFORMATION, type StandardInformation } from './attributes/standard-information.js';
export { VOLUME_INFORMATION, VolumeFlag, type VolumeInformation } from './attributes/volume-information.js';
export type { WofAlgorithm, WofInfo } from './attributes/wof.js';
export type { BootCheck, MirrorCheck } from './check/check-copies.js';
export type { IndexCheck, IndexMismatch, MismatchList } from './check/check-indexes.js';
export { type CheckOptions, checkVolume, type RecordCheck, type VolumeCheck } from './check/check-volume.js';
export type { NtfsErrorCode, NtfsIssueCode, Place } from './errors.js';
export type { StreamOptions } from './files/content.js';
export { DirectoryListing, type OpenableEntry } from './files/directory-listing.js';
export type { LookupOptions } from './files/follow-links.js';
export type { FoundBy, IndexPlace, NameByMft, NamedReference } from './files/named-reference.js';
export { type NtfsDirectoryEntry, NtfsFile, type VolumeRun } from './files/ntfs-file.js';
export type { SearchOutcome } from './files/search-state.js';
export type { VolumeContext } from './files/volume-context.js';
export { type Contradiction, type ContradictionKind, Contradictions } from './index/contradictions.js';
export {
  INDEX_BLOCK,
  INDEX_ENTRY,
  INDEX_NODE,
  INDEX_ROOT,
  type IndexEntry,
  IndexEntryFlag,
  type IndexNode,
  type IndexNodeProblem,
  type IndexRoot,
} from './index/index-node.js';
export { readIndexSlack, type SlackEntry, type SlackNode } from './index/index-slack.js';
export { type FoundEntry, IndexTree, type Position, type VisitedNode, type WalkOptions } from './index/index-tree.js';
export { type ObjectId, type ObjectIdEntry, parseObjectId } from './index/object-id.js';
export { type SecurityEntry, SecurityStore } from './index/security-store.js';
export { compareNames, type UpCase } from './index/up-case.js';
export { readUsnJournal, type UsnJournalOptions } from './journal/usn-journal.js';
export {
  USN_RECORD_V2,
  USN_RECORD_V3,
  USN_RECORD_V4,
  type UsnJournalInformation,
  type UsnRange,
  type UsnRecord,
  usnReasonNames,
} from './journal/usn-record.js';
export { LOG_CHECKPOINT, LOG_RECORD_PAGE, LOG_UPDATE } from './log/log-file-record.js';
export { pendingLogTargets } from './log/log-file-replay.js';
export { LOG_RECORD_HEADER } from './log/log-record-header.js';
export {
  LOG_CLIENT,
  LOG_RESTART_AREA,
  LOG_RESTART_PAGE,
  type LogCondition,
  type LogRestartArea,
  type LogState,
} from './log/log-restart-page.js';
export {
  type LogReplayGap,
  type PendingLog,
  type PendingLogTarget,
  pendingInRange,
  type ReplayGeometry,
  type VolumeRange,
} from './log/pending-log.js';
export {
  ATTRIBUTE_HEADER,
  type Attribute,
  AttributeFlag,
  AttributeType,
  attributeTypeName,
  NON_RESIDENT_HEADER,
  type NonResidentAttribute,
  RESIDENT_HEADER,
  type ResidentAttribute,
} from './record/attribute.js';
export { ATTRIBUTE_LIST_ENTRY } from './record/attribute-list.js';
export type { HeldAttribute } from './record/attribute-set.js';
export type { AttributeSummary } from './record/attribute-summary.js';
export { NTFS_BOOT_SECTOR, type NtfsGeometry, parseBootSector } from './record/boot-sector.js';
export { type DataRun, describeDataRuns, HOLE } from './record/data-runs.js';
export { FILE_RECORD_HEADER, type FileRecord, RecordFlag } from './record/file-record.js';
export type { FileReference } from './record/file-reference.js';
export { storedOffset } from './record/fixup.js';
export { KnownRecord, ORPHAN_ROOT, ROOT_RECORD } from './record/known-records.js';
export { MftReader, type RecordOptions } from './record/mft-reader.js';
export { ShadowCopies, type ShadowCopiesOptions } from './shadow-copy/shadow-copy.js';
export type { ShadowCopy, ShadowStorePlaces, ShadowVolumeHeader } from './shadow-copy/shadow-copy-catalog.js';
export type { ShadowCopyInformation } from './shadow-copy/shadow-copy-store.js';
export { type BodyFileOptions, bodyFileLines } from './table/body-file.js';
export { MftColumns, NO_ROW, RecordState } from './table/mft-columns.js';
export type { ScanOptions } from './table/mft-scan.js';
export {
  type DumpedMftOptions,
  type MftName,
  type MftRecord,
  MftTable,
  type MftTimes,
  type RowFilter,
} from './table/mft-table.js';
export { type PathLineOptions, pathLines } from './table/path-lines.js';
export { ClusterBitmap, type ClusterExtent } from './volume/cluster-bitmap.js';
export { openDeduplicated } from './volume/deduplicated-file.js';
export { openShadowCopies, readDirectorySlack } from './volume/earlier-states.js';
export type { HibernationState } from './volume/hibernation.js';
export type { OutsideIndex } from './volume/outside-index.js';
export {
  type ChangeJournal,
  listObjectIds,
  openChangeJournal,
  openSecurityStore,
  pendingReplay,
} from './volume/system-files.js';
export {
  type DirectorySearch,
  NtfsVolume,
  type OpenOptions,
  type PathSearch,
  type VolumeState,
} from './volume/volume.js';
export type { VolumeLabelAndFlags } from './volume/volume-state.js';
