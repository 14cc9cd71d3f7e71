import { type Structure, structure } from '@deadbox/core';

const SOURCE = 'dfir_ntfs, LogFile.py; Linux ntfs3, fslog.c';

export const LOG_RECORD_HEADER_FIELDS = {
  lsn: [0x00, 'u64big', 'Log sequence number: the place of the record and its order'],
  previousLsn: [0x08, 'u64big', 'Record before it of the same transaction; 0 = none'],
  undoNextLsn: [0x10, 'u64big', 'Where undo goes on; 0 = nowhere'],
  dataLength: [0x18, 'u32', 'Bytes of data behind the head'],
  client: [0x1c, 'u32', 'Number of the client, and how often it was reused'],
  type: [0x20, 'u32', 'Kind of record', { values: { 1: 'update', 2: 'checkpoint' } }],
  transaction: [0x24, 'u32', 'Offset in the transaction table'],
  flags: [0x28, 'u16', 'Bit 0: the record goes on in the next page'],
  reserved: [0x2a, 'bytes[6]', 'Unused'],
} as const;
/** Head of a record; restart areas can ask for more. */
export const LOG_RECORD_HEADER: Structure<typeof LOG_RECORD_HEADER_FIELDS> = structure(
  'log-record',
  SOURCE,
  LOG_RECORD_HEADER_FIELDS,
);
