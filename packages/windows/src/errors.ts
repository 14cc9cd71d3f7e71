/** Error codes of `@deadbox/windows`: thrown when nothing of the structure can be read. */
export type WindowsErrorCode =
  /** No `regf` signature, and no log that could replace the base block. */
  | 'HIVE_NOT_REGF'
  /** The file has fewer bytes than a base block. */
  | 'HIVE_TOO_SHORT'
  /** The root key cannot be read, so no path can be followed. */
  | 'HIVE_ROOT_UNREADABLE'
  /** A cell, list or value that a caller asked for directly is damaged. */
  | 'HIVE_CELL_DAMAGED'
  /** The hive is readable but is not a boot store (no `Objects` key). */
  | 'BCD_NOT_A_STORE'
  /** Not a Portable Executable, or its headers point outside the file. */
  | 'PE_INVALID'
  /** A signature or security catalog is not the signed data that it must be. */
  | 'SIGNATURE_INVALID'
  /** No crash dump signature. */
  | 'DUMP_NOT_FOUND'
  /** A record of an event log is damaged, or asks for more than its chunk can hold. */
  | 'EVENT_DAMAGED'
  /** An argument is not what the function takes. */
  | 'INVALID_ARGUMENT';

/** Codes of the issues that reading survives. */
export type WindowsIssueCode =
  | 'hive.base-block-checksum'
  | 'hive.base-block-recovered'
  | 'hive.version'
  | 'hive.truncated'
  | 'hive.dirty'
  | 'hive.root-offset'
  | 'hive.bin-damaged'
  | 'hive.cell-damaged'
  | 'hive.cell-free'
  | 'hive.key-damaged'
  | 'hive.key-loop'
  | 'hive.key-parent'
  | 'hive.key-depth'
  | 'hive.subkey-list-damaged'
  | 'hive.subkey-count'
  | 'hive.value-damaged'
  | 'hive.value-list-damaged'
  | 'hive.value-data-damaged'
  | 'hive.value-data-shared'
  | 'hive.value-loop'
  | 'hive.read-error'
  | 'hive.work-exhausted'
  | 'hive.log-unreadable'
  | 'hive.log-base-block'
  | 'hive.log-entry-hash'
  | 'hive.log-entry-damaged'
  | 'hive.log-not-applicable'
  | 'hive.log-gap'
  | 'hive.log-applied'
  | 'bcd.object-damaged'
  | 'bcd.element-damaged'
  | 'bcd.device-unrecognised'
  | 'dump.field-damaged'
  | 'dump.driver-damaged'
  | 'wer.damaged'
  | 'evtx.damaged'
  | 'machine.value-type'
  | 'machine.hive-unreadable'
  | 'machine.file-unreadable';
