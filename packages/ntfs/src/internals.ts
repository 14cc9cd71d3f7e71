/**
 * What only deadbox's own packages, benchmarks and tests need. No part of the public API: it changes without notice.
 */
export { parseCloudFile } from './attributes/cloud-file.js';
export { parseEfs } from './attributes/efs.js';
export { parseExtendedAttributeInformation, wslMetadata } from './attributes/extended-attributes.js';
export { parseSecurityDescriptor } from './attributes/security-descriptor.js';
export { type Sid, sidAt } from './attributes/sid.js';
export { parseStandardInformation } from './attributes/standard-information.js';
export { parseVolumeInformation } from './attributes/volume-information.js';
export { parseWofInfo, wofChunkSize } from './attributes/wof.js';
export { findMisplacedListNames, type MisplacedListName } from './check/list-names.js';
export { checkMftHead, type MirroredRecord } from './check/mft-head.js';
export { expandLznt1, expandLznt1Into } from './compression/lznt1.js';
export { expandLzx, expandLzxInto } from './compression/lzx.js';
export { copyMatch, copyShortMatch, SHORT_MATCH, SHORT_MATCH_SLACK, wordsOf } from './compression/match-copy.js';
export { expandXpress, expandXpressInto } from './compression/xpress-huffman.js';
export { expandXpressLz77Into } from './compression/xpress-lz77.js';
export { openDedupFile } from './dedup/dedup.js';
export { type DedupPart, type DedupPoint, parseDedupPoint } from './dedup/dedup-point.js';
export type { FileOrigin } from './files/file-naming.js';
export { builtInUpCase } from './index/built-in-up-case.js';
export { parseIndexBlock, parseIndexRoot } from './index/index-node.js';
export { parseIndexSlack } from './index/index-slack.js';
export { readObjectIds } from './index/object-id.js';
export { hashSecurityDescriptor } from './index/security-store.js';
export { asciiUpCase, parseUpCase } from './index/up-case.js';
export { parseUsnJournalInformation, parseUsnRecord } from './journal/usn-record.js';
export { LogFile } from './log/log-file.js';
export { LOG_OPERATION_NAMES, logOperationName } from './log/log-file-operation.js';
export {
  type LogCheckpoint,
  type LogFileRecord,
  LogUpdate,
  parseLogCheckpoint,
  parseLogUpdate,
} from './log/log-file-record.js';
export { examineReplay } from './log/log-file-replay.js';
export type { OpenLogAttribute } from './log/log-file-tables.js';
export { judgeLog, type LogRestartPage, parseLogRestartPage } from './log/log-restart-page.js';
export { type AttributeProblem, parseAttribute } from './record/attribute.js';
export { type AttributeListEntry, type ParsedAttributeList, parseAttributeList } from './record/attribute-list.js';
export { AttributeSet } from './record/attribute-set.js';
export { BOOT_SECTOR_SIZE } from './record/boot-sector.js';
export { type ParsedRuns, parseDataRuns, type RunsBounds, type RunsProblem } from './record/data-runs.js';
export { parseFileRecord, type RecordContext } from './record/file-record.js';
export { applyFixups, FIXUP_ARRAY_INVALID, FIXUP_OK, FIXUP_STRIDE } from './record/fixup.js';
export { NtfsStream, type StreamLayout } from './record/stream.js';
export { Lznt1Source, type Lznt1StreamLayout } from './streams/lznt1-source.js';
export { WofSource } from './streams/wof-source.js';
export { unixSeconds } from './table/body-file.js';
export { hashLines } from './table/hash-lines.js';
export type { ColumnChoice } from './table/mft-columns.js';
export { isListedName, MftPaths } from './table/mft-paths.js';
export type { ScanInput } from './table/mft-scan.js';
export { NAME_HAS_BAR, NAME_HAS_LONE_SURROGATE, NAME_IS_UNSAFE, NamePool, poolText } from './table/name-pool.js';
export { plainHashes } from './table/plain-hashes.js';
export { countFreeSpace, type FreeSpace } from './volume/free-space.js';
export { HIBERNATION_IMAGE, hibernationTime, judgeHibernation } from './volume/hibernation.js';
