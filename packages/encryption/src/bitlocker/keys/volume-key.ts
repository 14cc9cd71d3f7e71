import { type Bytes, createSha256, equalBytes, type Issue } from '@deadbox/core';
import { type Datum, EntryType, ValueType } from '../metadata/datum.js';
import type { MetadataBlock } from '../metadata/metadata-block.js';
import { type BitLockerMethod, methodById } from '../metadata/method.js';
import { openKeyEntry } from './ccm.js';

/** Key types in key entries. Source: libbde format document, "Key types"; seen decrypted on images. */
const KEY_TYPE = { recoveryPassword: 0x1000, sha256: 0x2005 } as const;

/** The key that sectors are encrypted with. */
export interface VolumeKey {
  method: BitLockerMethod;
  /** As stored, `method.storedLength` bytes; the caller wipes it. */
  readonly key: Bytes;
}

/**
 * Opens the full volume encryption key with the volume master key.
 * @returns `undefined` when the master key does not fit or there is no such entry
 */
export function openVolumeKey(
  block: MetadataBlock,
  masterKey: Bytes,
  issues: (issue: Issue) => void,
): VolumeKey | undefined {
  for (const entry of block.entries) {
    if (entry.entryType !== EntryType.fullVolumeKey || entry.valueType !== ValueType.aesCcm) continue;
    const opened = openKeyEntry(entry, masterKey);
    if (opened === undefined) continue;
    // The key entry is authenticated, the dataset header is not: on a conflict the key entry is right.
    const method = [methodById(opened.keyType), methodById(block.method)].find(
      (item) => item?.storedLength === opened.key.length,
    );
    if (opened.keyType !== block.method) {
      const at = { layer: 'BitLocker metadata', offset: block.offset + entry.offset };
      issues({
        code: 'bitlocker.method-mismatch',
        severity: 'warning',
        at,
        data: { header: block.method, key: opened.keyType },
      });
    }
    if (method !== undefined) return { method, key: opened.key };
    opened.key.fill(0);
  }
  return undefined;
}

/** What the hash behind a metadata block proves. */
export type HashVerdict = 'proven' | 'wrong' | 'absent';

/** Compares SHA-256 over the block with the hash that only a holder of the volume master key can have written. */
export function checkBlockHash(block: MetadataBlock, masterKey: Bytes): HashVerdict {
  if (block.validation === undefined) return 'absent';
  const opened = openKeyEntry(block.validation, masterKey);
  if (opened === undefined || opened.keyType !== KEY_TYPE.sha256) return 'wrong';
  const hash = createSha256();
  hash.update(block.bytes);
  return equalBytes(hash.digest(), opened.key) ? 'proven' : 'wrong';
}

/** The recovery password that a protector keeps under the volume master key, as 48 digits with dashes. */
export function storedRecoveryPassword(copy: Datum, masterKey: Bytes): string | undefined {
  const opened = openKeyEntry(copy, masterKey);
  if (opened === undefined || opened.keyType !== KEY_TYPE.recoveryPassword || opened.key.length !== 16)
    return undefined;
  const view = new DataView(opened.key.buffer, opened.key.byteOffset, 16);
  const text = Array.from({ length: 8 }, (_, i) => String(view.getUint16(i * 2, true) * 11).padStart(6, '0')).join('-');
  opened.key.fill(0);
  return text;
}
