import { type Bytes, createSha256, utf16Bytes } from '@deadbox/core';
import { encryptionError } from '../../errors.js';
import type { KeyProtectorInfo } from '../../finding/finding.js';
import type { BytesKey, TextKey } from '../../keys/key-provider.js';
import { MAX_STRETCHED_PROTECTORS } from '../../limits.js';
import type { Datum } from '../metadata/datum.js';
import type { KeyProtector } from '../metadata/key-protector.js';
import { decryptKeyEntry } from './ccm.js';
import { recoveryPasswordBytes } from './recovery-password.js';
import { parseStartupKey } from './startup-key.js';
import { stretchKey } from './stretch.js';

/** A volume master key and the protector that gave it. */
export interface MasterKey {
  /** 32 bytes; the caller wipes them. */
  readonly bytes: Bytes;
  /** Absent for a master key that was given itself. */
  readonly protector?: KeyProtectorInfo;
}

/**
 * Why a key gave nothing: it was tried and refused, by all protectors of its kind (and id) or as many as are tried, or
 * there are none on this volume.
 */
export type KeyRefusal = 'wrong' | 'partly-tried' | 'no-protector';

/** How far trying got; stretching is what takes long. */
export interface TryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Share of all stretching for this key that is done, 0…1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Bit of a stretch key that announces another key derivation (PBKDF2). Source: dissect.fve. */
const OTHER_DERIVATION = 0x40;
const MASTER_KEY_LENGTH = 32;

/** The volume master key from a clear key on the disk: no secret, no stretching. */
export function masterKeyFromClearKey(protectors: readonly KeyProtector[]): MasterKey | undefined {
  for (const { clearKey, wrappedKey, info } of protectors) {
    if (clearKey === undefined || wrappedKey === undefined) continue;
    const bytes = unwrapped(wrappedKey, clearKey);
    if (bytes !== undefined) return { bytes, protector: info };
  }
  return undefined;
}

/** The volume master key in `wrappedKey`; whoever sealed it may have sealed a key that no cipher takes. */
function unwrapped(wrappedKey: Datum, key: Bytes): Bytes | undefined {
  const opened = decryptKeyEntry(wrappedKey, key);
  if (opened === undefined || opened.key.length === MASTER_KEY_LENGTH) return opened?.key;
  opened.key.fill(0);
  return undefined;
}

/**
 * The volume master key from one key, tried on the protectors of its kind; a given master key is taken as it is.
 * @throws DeadboxError `RECOVERY_PASSWORD_MALFORMED`, `STARTUP_KEY_MALFORMED`, `RAW_KEY_MALFORMED`
 */
export async function masterKeyFromKey(
  key: TextKey | BytesKey,
  protectors: readonly KeyProtector[],
  options: TryOptions,
): Promise<MasterKey | KeyRefusal> {
  if ('text' in key) return masterKeyFromText(key, protectors, options);
  return key.kind === 'startup-key' ? masterKeyFromStartupKey(key.bytes, protectors) : givenMasterKey(key.bytes);
}

function givenMasterKey(bytes: Bytes): MasterKey {
  if (bytes.length === MASTER_KEY_LENGTH) return { bytes: new Uint8Array(bytes) };
  throw encryptionError(
    'RAW_KEY_MALFORMED',
    `A volume master key has ${MASTER_KEY_LENGTH} bytes, not ${bytes.length}`,
    { data: { expected: MASTER_KEY_LENGTH } },
  );
}

function masterKeyFromStartupKey(file: Bytes, protectors: readonly KeyProtector[]): MasterKey | KeyRefusal {
  const { protectorId, key } = parseStartupKey(file);
  try {
    const protector = protectors.find((item) => item.info.id === protectorId);
    if (protector?.wrappedKey === undefined) return 'no-protector';
    const bytes = unwrapped(protector.wrappedKey, key);
    return bytes === undefined ? 'wrong' : { bytes, protector: protector.info };
  } finally {
    key.fill(0);
  }
}

/** A protector that a typed secret may open. */
type StretchCandidate = KeyProtector & Required<Pick<KeyProtector, 'stretching' | 'wrappedKey'>>;

/** The protectors that a typed secret would have to be stretched for. */
export function stretchCandidates(key: TextKey, protectors: readonly KeyProtector[]): StretchCandidate[] {
  return protectors.filter(
    (protector): protector is StretchCandidate =>
      protector.info.type === key.kind &&
      (key.protectorId === undefined || key.protectorId === protector.info.id) &&
      protector.stretching !== undefined &&
      protector.wrappedKey !== undefined &&
      (protector.stretching.flags & OTHER_DERIVATION) === 0,
  );
}

async function masterKeyFromText(
  key: TextKey,
  protectors: readonly KeyProtector[],
  { signal, onProgress }: TryOptions,
): Promise<MasterKey | KeyRefusal> {
  const hashes = initialHashes(key);
  try {
    const all = stretchCandidates(key, protectors);
    const candidates = all.slice(0, MAX_STRETCHED_PROTECTORS);
    if (candidates.length === 0) return 'no-protector';
    const total = candidates.length * hashes.length;
    let done = 0;
    for (const hash of hashes) {
      for (const { stretching, wrappedKey, info } of candidates) {
        const report = (fraction: number): void => onProgress?.((done + fraction) / total);
        const stretched = await stretchKey(hash, stretching.salt, { signal, onProgress: report });
        const bytes = unwrapped(wrappedKey, stretched);
        stretched.fill(0);
        if (bytes !== undefined) return { bytes, protector: info };
        done += 1;
      }
    }
    return candidates.length < all.length ? 'partly-tried' : 'wrong';
  } finally {
    for (const hash of hashes) hash.fill(0);
  }
}

/**
 * Recovery password: SHA-256 of its 16 bytes. Password: SHA-256 twice over UTF-16LE; as typed, then in the composed
 * form if that differs.
 */
function initialHashes(key: TextKey): Bytes[] {
  if (key.kind === 'recovery-password') {
    const bytes = recoveryPasswordBytes(key.text);
    const hash = sha256(bytes);
    bytes.fill(0);
    return [hash];
  }
  return [...new Set([key.text, key.text.normalize('NFC')])].map((text) => {
    const bytes = utf16Bytes(text);
    const once = sha256(bytes);
    const twice = sha256(once);
    bytes.fill(0);
    once.fill(0);
    return twice;
  });
}

function sha256(bytes: Bytes): Bytes {
  const hash = createSha256();
  hash.update(bytes);
  return hash.digest();
}
