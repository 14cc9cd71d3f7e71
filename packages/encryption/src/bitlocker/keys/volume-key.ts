import { type Bytes, createSha256, equalBytes, type IssueSink } from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import { type Datum, EntryType, ValueType } from '../metadata/datum.js';
import { keyProtectors } from '../metadata/key-protector.js';
import type { MetadataBlock } from '../metadata/metadata-block.js';
import { type BitLockerMethod, methodById } from '../metadata/method.js';
import { decryptKeyEntry } from './ccm.js';

/** Key types in key entries. Source: libbde format document, "Key types"; seen decrypted on images. */
const KEY_TYPE = { recoveryPassword: 0x1000, sha256: 0x2005 } as const;

/** The key that sectors are encrypted with ("full volume encryption key"). */
export interface VolumeKey {
  readonly method: BitLockerMethod;
  /** As stored, `method.storedLength` bytes; the caller wipes it. */
  readonly bytes: Bytes;
  /** The copy of the metadata that it came from. */
  readonly block: MetadataBlock;
}

/**
 * The volume's key from the first copy of the metadata that the master key fits. Copies whose hash proves that the
 * owner of the master key wrote them come first; a key from any other is used with an issue.
 * @returns `undefined` when the master key fits none
 */
export function volumeKeyFromMasterKey(
  copies: readonly MetadataBlock[],
  masterKey: Bytes,
  issues: IssueSink<EncryptionIssueCode>,
): VolumeKey | undefined {
  const proven = copies.filter((copy) => checkBlockHash(copy, masterKey) === 'proven');
  for (const block of [...proven, ...copies]) {
    const key = volumeKeyOfCopy(block, masterKey, issues);
    if (key === undefined) continue;
    if (!proven.includes(block)) {
      const at = { layer: 'BitLocker metadata', offset: block.offset };
      const data = { hash: checkBlockHash(block, masterKey) };
      issues.add({ code: 'bitlocker.metadata-hash', at, data });
    }
    return key;
  }
  return undefined;
}

function volumeKeyOfCopy(
  block: MetadataBlock,
  masterKey: Bytes,
  issues: IssueSink<EncryptionIssueCode>,
): VolumeKey | undefined {
  for (const entry of block.entries) {
    if (entry.entryType !== EntryType.fullVolumeKey || entry.valueType !== ValueType.aesCcm) continue;
    const opened = decryptKeyEntry(entry, masterKey);
    if (opened === undefined) continue;
    // The key entry is authenticated, the dataset header is not: on a conflict the key entry is right.
    const method = [methodById(opened.keyType), methodById(block.method)].find(
      (item) => item?.storedLength === opened.key.length,
    );
    if (opened.keyType !== block.method) {
      const at = { layer: 'BitLocker metadata', offset: block.offset + entry.offset };
      const data = { header: block.method, key: opened.keyType };
      issues.add({ code: 'bitlocker.method-mismatch', severity: 'warning', at, data });
    }
    if (method !== undefined) return { method, bytes: opened.key, block };
    opened.key.fill(0);
  }
  return undefined;
}

/** What the hash behind a metadata block proves. */
export type HashVerdict = 'proven' | 'wrong' | 'absent';

/** Compares SHA-256 over the block with the hash that only an owner of the volume master key can have written. */
export function checkBlockHash(block: MetadataBlock, masterKey: Bytes): HashVerdict {
  if (block.validation === undefined) return 'absent';
  const opened = decryptKeyEntry(block.validation, masterKey);
  if (opened === undefined || opened.keyType !== KEY_TYPE.sha256) return 'wrong';
  const hash = createSha256();
  hash.update(block.bytes);
  return equalBytes(hash.digest(), opened.key) ? 'proven' : 'wrong';
}

/** The recovery passwords that the protectors keep under the volume master key, by the ids of the protectors. */
export function storedRecoveryPasswords(block: MetadataBlock, masterKey: Bytes): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { info, recoveryPasswordCopy } of keyProtectors(block.entries)) {
    const text = recoveryPasswordCopy && storedRecoveryPassword(recoveryPasswordCopy, masterKey);
    if (text !== undefined) found[info.id] = text;
  }
  return found;
}

/** 48 digits with dashes. */
function storedRecoveryPassword(copy: Datum, masterKey: Bytes): string | undefined {
  const opened = decryptKeyEntry(copy, masterKey);
  if (opened === undefined) return undefined;
  const { keyType, key } = opened;
  const text = keyType === KEY_TYPE.recoveryPassword && key.length === 16 ? recoveryPasswordText(key) : undefined;
  key.fill(0);
  return text;
}

/** 16 bytes as eight numbers, each times 11: libbde format document, "Recovery password". */
function recoveryPasswordText(key: Bytes): string {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return Array.from({ length: 8 }, (_, i) => String(view.getUint16(i * 2, true) * 11).padStart(6, '0')).join('-');
}
