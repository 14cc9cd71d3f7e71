/**
 * Names of the operations in `$LogFile` records, by code (dfir_ntfs LogFile.py; ntfs-3g logfile.h; Linux ntfs3
 * fslog.c).
 */
export const LOG_OPERATION_NAMES: readonly string[] = [
  'Noop',
  'CompensationLogRecord',
  'InitializeFileRecordSegment',
  'DeallocateFileRecordSegment',
  'WriteEndOfFileRecordSegment',
  'CreateAttribute',
  'DeleteAttribute',
  'UpdateResidentValue',
  'UpdateNonresidentValue',
  'UpdateMappingPairs',
  'DeleteDirtyClusters',
  'SetNewAttributeSizes',
  'AddIndexEntryRoot',
  'DeleteIndexEntryRoot',
  'AddIndexEntryAllocation',
  'DeleteIndexEntryAllocation',
  'WriteEndOfIndexBuffer',
  'SetIndexEntryVcnRoot',
  'SetIndexEntryVcnAllocation',
  'UpdateFileNameRoot',
  'UpdateFileNameAllocation',
  'SetBitsInNonresidentBitMap',
  'ClearBitsInNonresidentBitMap',
  'HotFix',
  'EndTopLevelAction',
  'PrepareTransaction',
  'CommitTransaction',
  'ForgetTransaction',
  'OpenNonresidentAttribute',
  'OpenAttributeTableDump',
  'AttributeNamesDump',
  'DirtyPageTableDump',
  'TransactionTableDump',
  'UpdateRecordDataRoot',
  'UpdateRecordDataAllocation',
  'UpdateRelativeDataRoot',
  'UpdateRelativeDataAllocation',
  'ZeroEndOfFileRecord',
];

/** Codes that this package tells apart. */
export const LogOperation = {
  noop: 0x00,
  compensation: 0x01,
  updateNonResidentValue: 0x08,
  deleteDirtyClusters: 0x0a,
  setBits: 0x15,
  clearBits: 0x16,
  hotFix: 0x17,
  endTopLevelAction: 0x18,
  prepareTransaction: 0x19,
  commitTransaction: 0x1a,
  forgetTransaction: 0x1b,
  openNonResidentAttribute: 0x1c,
  openAttributeTableDump: 0x1d,
  attributeNamesDump: 0x1e,
  dirtyPageTableDump: 0x1f,
  transactionTableDump: 0x20,
} as const;

const ON_FILE_RECORD: ReadonlySet<number> = new Set([
  0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0b, 0x0c, 0x0d, 0x11, 0x13, 0x21, 0x23, 0x25,
]);
const ON_CLUSTERS: ReadonlySet<number> = new Set([0x08, 0x0e, 0x0f, 0x10, 0x12, 0x14, 0x15, 0x16, 0x22, 0x24]);

/** The name of an operation code, or its number in hexadecimal. */
export function logOperationName(code: number): string {
  return LOG_OPERATION_NAMES[code] ?? `0x${code.toString(16)}`;
}

/** Whether the operation changes a file record. */
export function changesFileRecord(code: number): boolean {
  return ON_FILE_RECORD.has(code);
}

/** Whether the operation changes clusters of a non-resident attribute: index blocks, bitmaps, other metadata. */
export function changesClusters(code: number): boolean {
  return ON_CLUSTERS.has(code);
}
