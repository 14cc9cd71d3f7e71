import { type Bytes, createSha256, isDeadboxError, type Json, utf16Bytes } from '@deadbox/core';
import type { KeyProtectorInfo } from '../../finding/finding.js';
import type { TextKey, UnlockKey } from '../../keys/key-provider.js';
import type { KeyProtector } from '../metadata/key-protector.js';
import { openKeyEntry } from './ccm.js';
import { recoveryPasswordBytes } from './recovery-password.js';
import { parseStartupKey } from './startup-key.js';
import { stretchKey } from './stretch.js';

/**
 * What became of one key: `opened` · `wrong` tried and refused · `no-protector` nothing of its kind (or id) on this volume ·
 * `malformed` mistyped or not a key file · `not-tried` another one opened the volume first.
 */
export type KeyOutcome = 'opened' | 'wrong' | 'no-protector' | 'malformed' | 'not-tried';

/** A key by its label, and what became of it. Never the key. */
export interface KeyAttempt {
  /** What the user calls the key; never the key itself. */
  label: string;
  /** Type of the key. */
  readonly kind: UnlockKey['kind'];
  /** What came of it. */
  outcome: KeyOutcome;
  /** Details of a malformed key: the error's code and data. */
  readonly problem?: { code: string; message: string; data: Record<string, Json> };
}

/** How far trying got; stretching is what takes long. */
export interface TryOptions {
  readonly signal?: AbortSignal;
  /** Share of all stretching that is done, 0…1. */
  readonly onProgress?: (fraction: number) => void;
}

/** A volume master key and the protector that gave it. */
export interface OpenedMasterKey {
  /** 32 bytes; the caller wipes them. */
  readonly masterKey: Bytes;
  readonly protector?: KeyProtectorInfo;
}

/** Bit of a stretch key that announces another key derivation (PBKDF2). Source: dissect.fve. */
const OTHER_DERIVATION = 0x40;

/** The volume master key from a clear key on the disk: no secret, no stretching. */
export function openWithClearKey(protectors: readonly KeyProtector[]): OpenedMasterKey | undefined {
  for (const { clearKey, wrappedKey, info } of protectors) {
    if (clearKey === undefined || wrappedKey === undefined) continue;
    const opened = openKeyEntry(wrappedKey, clearKey);
    if (opened !== undefined) return { masterKey: opened.key, protector: info };
  }
  return undefined;
}

/**
 * Tries one key on the protectors of its kind; not for raw volume keys, which need no protector.
 * @returns the volume master key, or why there is none
 */
export async function openWithKey(
  key: UnlockKey,
  protectors: readonly KeyProtector[],
  options: TryOptions,
): Promise<OpenedMasterKey | Exclude<KeyOutcome, 'opened' | 'malformed' | 'not-tried'>> {
  if ('text' in key) return openWithText(key, protectors, options);
  if (key.kind === 'volume-master-key') return key.bytes.length === 32 ? { masterKey: key.bytes.slice() } : 'wrong';
  const { protectorId, key: external } = parseStartupKey(key.bytes);
  try {
    const protector = protectors.find((item) => item.info.id === protectorId);
    if (protector?.wrappedKey === undefined) return 'no-protector';
    const opened = openKeyEntry(protector.wrappedKey, external);
    return opened === undefined ? 'wrong' : { masterKey: opened.key, protector: protector.info };
  } finally {
    external.fill(0);
  }
}

/** The protectors that a typed secret would have to be stretched for. */
export function stretchCandidates(key: TextKey, protectors: readonly KeyProtector[]): KeyProtector[] {
  return protectors.filter(
    ({ info, salt, wrappedKey, stretchFlags }) =>
      info.type === key.kind &&
      (key.protectorId === undefined || key.protectorId === info.id) &&
      salt !== undefined &&
      wrappedKey !== undefined &&
      ((stretchFlags ?? 0) & OTHER_DERIVATION) === 0,
  );
}

async function openWithText(
  key: TextKey,
  protectors: readonly KeyProtector[],
  options: TryOptions,
): Promise<OpenedMasterKey | 'wrong' | 'no-protector'> {
  const hashes = initialHashes(key);
  try {
    const candidates = stretchCandidates(key, protectors);
    if (candidates.length === 0) return 'no-protector';
    const total = candidates.length * hashes.length;
    let done = 0;
    for (const hash of hashes) {
      for (const { salt, wrappedKey, info } of candidates) {
        const report = (fraction: number): void => options.onProgress?.((done + fraction) / total);
        const stretched = await stretchKey(hash, salt as Bytes, {
          onProgress: report,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        });
        const opened = openKeyEntry(wrappedKey as NonNullable<typeof wrappedKey>, stretched);
        stretched.fill(0);
        if (opened !== undefined) return { masterKey: opened.key, protector: info };
        done += 1;
      }
    }
    return 'wrong';
  } finally {
    for (const hash of hashes) hash.fill(0);
  }
}

/** Recovery password: SHA-256 of its 16 bytes. Password: SHA-256 twice over UTF-16LE; as typed, then in the composed form if that differs. */
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

/** Turns a malformed key's error into an attempt; anything else is thrown on. */
export function malformedAttempt(key: UnlockKey, error: unknown): KeyAttempt {
  const codes = ['RECOVERY_PASSWORD_MALFORMED', 'STARTUP_KEY_MALFORMED', 'RAW_KEY_MALFORMED'];
  if (!isDeadboxError(error) || !codes.includes(error.code)) throw error;
  const { code, message, data } = error;
  return { label: key.label, kind: key.kind, outcome: 'malformed', problem: { code, message, data } };
}
