import { DeadboxError, type Json, type Location } from '@deadbox/core';

/** Error codes of `@deadbox/encryption`. */
export type EncryptionErrorCode =
  /** The volume is not BitLocker, or its data is not encrypted any more. */
  | 'NOT_BITLOCKER'
  /** No copy of the BitLocker metadata can be used. */
  | 'BITLOCKER_METADATA_DAMAGED'
  /** The encryption method is not one of 0x8000…0x8005. */
  | 'BITLOCKER_UNKNOWN_METHOD'
  /** No key was given and none lies on the disk; `data.protectors` names those that would fit. */
  | 'BITLOCKER_LOCKED'
  /**
   * Keys were given, but none opens the volume; `data.tried` names them by position, `data.protectors` the ids that
   * would fit.
   */
  | 'BITLOCKER_WRONG_KEY'
  /** A recovery password has a typing error; `data.group` is 1…8 where one group is to blame. */
  | 'RECOVERY_PASSWORD_MALFORMED'
  /** A startup key file is not one, or is cut short. */
  | 'STARTUP_KEY_MALFORMED'
  /** A key file cannot be understood; `data.line` counts from 1. */
  | 'KEY_FILE_MALFORMED'
  /** A raw key has the wrong length or is not hexadecimal. */
  | 'RAW_KEY_MALFORMED'
  /** A sector to seal lies where no ciphertext is stored, or has the wrong length. */
  | 'SEAL_NOT_POSSIBLE';

/** Issue codes of `@deadbox/encryption`. */
export type EncryptionIssueCode =
  | 'bitlocker.header-lost'
  | 'bitlocker.sector-size'
  | 'bitlocker.metadata-offset'
  | 'bitlocker.metadata-missing'
  | 'bitlocker.metadata-unreadable'
  | 'bitlocker.metadata-signature'
  | 'bitlocker.metadata-size'
  | 'bitlocker.metadata-crc'
  | 'bitlocker.metadata-foreign'
  | 'bitlocker.metadata-unproven'
  | 'bitlocker.metadata-hash'
  | 'bitlocker.entry'
  | 'bitlocker.too-many-protectors'
  | 'bitlocker.unknown-method'
  | 'bitlocker.method-mismatch'
  | 'bitlocker.boundary'
  | 'bitlocker.eow-damaged'
  | 'bitlocker.search-ended'
  | 'bitlocker.conversion-log'
  | 'encryption.unreadable'
  | 'luks.header-checksum'
  | 'luks.primary-damaged'
  | 'luks.metadata'
  | 'sampling.unreadable';

/** An error of this package, typed by its code. */
export function encryptionError<C extends EncryptionErrorCode>(
  code: C,
  message: string,
  options: { at?: Location; data?: Record<string, Json>; cause?: unknown } = {},
): DeadboxError<C> {
  return new DeadboxError(code, message, options);
}
