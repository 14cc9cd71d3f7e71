import type { ByteSource, Bytes, DeadboxError, Issue, Json, ReadOptions } from '@deadbox/core';
import { encryptionError } from '../errors.js';
import type { EncryptionFinding, KeyProtectorInfo } from '../finding/finding.js';
import { isProbe, probeVolume, type VolumeProbe } from '../finding/volume-probe.js';
import type { KeyProvider, UnlockKey } from '../keys/key-provider.js';
import { bitLockerFinding } from './detect-bitlocker.js';
import {
  type KeyAttempt,
  malformedAttempt,
  type OpenedMasterKey,
  openWithClearKey,
  openWithKey,
  type TryOptions,
} from './keys/try-keys.js';
import { checkBlockHash, openVolumeKey, storedRecoveryPassword, type VolumeKey } from './keys/volume-key.js';
import { type BitLockerVolume, readBitLockerVolume } from './metadata/bitlocker-volume.js';
import { keyProtectors } from './metadata/key-protector.js';
import type { MetadataBlock } from './metadata/metadata-block.js';
import { type BitLockerMethod, methodById } from './metadata/method.js';
import { hasConversionLog, isDecrypted } from './metadata/state.js';
import { DecryptedSource } from './sectors/decrypted-source.js';
import { createSectorCipher } from './sectors/sector-cipher.js';
import { VolumeLayout } from './sectors/volume-layout.js';

/** Options of {@link unlockBitLocker}. */
export interface UnlockOptions extends ReadOptions {
  /** Share of the key stretching of the current key that is done, 0…1. */
  readonly onProgress?: (fraction: number) => void;
  /**
   * Also return the recovery passwords that the opened volume holds (`UnlockedVolume.recoveryPasswords`). Off unless asked for: whoever has
   * them opens the volume for good.
   */
  readonly revealRecoveryPasswords?: boolean;
  /** Leaves a clear key aside, to learn whether a given key fits a volume that would open without one. */
  readonly ignoreClearKey?: boolean;
  /** Search for the metadata when the volume's first sector is lost: up to 256 MiB are read. */
  readonly carve?: boolean;
}

/** An opened BitLocker volume. */
export interface UnlockedVolume {
  /** The decrypted volume. `close()` wipes the key and leaves the source below open. */
  readonly source: ByteSource;
  /** Verdict `unlocked`, or `none` for a volume that only has BitLocker's headers left. */
  readonly finding: EncryptionFinding;
  /** The protector that was used; absent for raw keys and for decrypted volumes. */
  usedProtector?: KeyProtectorInfo;
  /** Label of the key that was used; absent for a clear key. */
  usedKey?: string;
  /** Every key that was offered, and what became of it. */
  readonly attempts: KeyAttempt[];
  /** Labels of the keys that were not needed or that fit no protector of this volume. */
  readonly unusedKeys: string[];
  /** Labels of the keys that were tried and refused, or are malformed. */
  readonly wrongKeys: string[];
  /** Recovery passwords by protector id; only with `revealRecoveryPasswords`. */
  recoveryPasswords?: Record<string, string>;
}

/**
 * Opens a BitLocker volume: a clear key first and always, then the keys of `keys`, each only on protectors of its kind. A volume whose data
 * was decrypted needs no key: its moved header is put back in front.
 * @throws DeadboxError `NOT_BITLOCKER`, `BITLOCKER_METADATA_DAMAGED`, `BITLOCKER_UNKNOWN_METHOD`, `BITLOCKER_LOCKED` (no key that could fit),
 * `BITLOCKER_WRONG_KEY`; with a single malformed key also `RECOVERY_PASSWORD_MALFORMED`, `STARTUP_KEY_MALFORMED`, `RAW_KEY_MALFORMED`
 */
export async function unlockBitLocker(
  volume: ByteSource | VolumeProbe,
  keys?: KeyProvider,
  options: UnlockOptions = {},
): Promise<UnlockedVolume> {
  const probe = isProbe(volume) ? volume : await probeVolume(volume, options);
  const found = await readBitLockerVolume(probe, options);
  if (found === undefined) throw encryptionError('NOT_BITLOCKER', 'The volume has no BitLocker header');
  if (found.block === undefined) {
    throw encryptionError('BITLOCKER_METADATA_DAMAGED', 'BitLocker metadata: none of its copies can be used', {
      at: { layer: 'BitLocker volume', offset: found.header.metadataOffsets[0] ?? 0 },
      data: { copies: found.metadata.copies.map(({ offset, status }) => ({ offset, status })) },
    });
  }
  if (isDecrypted(found.block)) return openDecrypted(probe, found, found.block, options);
  if (methodById(found.block.method) === undefined) throw unknownMethod(found.block);

  const attempts: KeyAttempt[] = [];
  const opened = await openAny(found, found.block, keys, attempts, options);
  return present(probe, found, opened, attempts, options);
}

/** What opened the volume. */
interface Opening {
  readonly volumeKey: VolumeKey;
  /** The copy whose entries gave the key. */
  block: MetadataBlock;
  protector?: KeyProtectorInfo;
  label?: string;
  recoveryPasswords?: Record<string, string>;
}

async function openDecrypted(
  probe: VolumeProbe,
  found: BitLockerVolume,
  block: MetadataBlock,
  options: UnlockOptions,
): Promise<UnlockedVolume> {
  const source = new DecryptedSource(found.source, new VolumeLayout(found, block), undefined, block.headerOffset);
  return {
    source,
    finding: await bitLockerFinding(probe, found, options),
    attempts: [],
    unusedKeys: [],
    wrongKeys: [],
  };
}

async function present(
  probe: VolumeProbe,
  found: BitLockerVolume,
  opened: Opening,
  attempts: KeyAttempt[],
  options: UnlockOptions,
): Promise<UnlockedVolume> {
  const { volumeKey, block } = opened;
  noteConversion(found, block);
  const cipher = createSectorCipher(volumeKey.method, volumeKey.key, found.header.sectorSize);
  volumeKey.key.fill(0);
  found.block = block;
  let finding: EncryptionFinding;
  try {
    finding = await bitLockerFinding(probe, found, options);
  } catch (error) {
    cipher.wipe();
    throw error;
  }
  finding.verdict = 'unlocked';
  finding.method = volumeKey.method.name;
  const labels = (...outcomes: string[]): string[] =>
    attempts.filter((item) => outcomes.includes(item.outcome)).map((item) => item.label);
  const result: UnlockedVolume = {
    source: new DecryptedSource(found.source, new VolumeLayout(found, block), cipher, block.headerOffset),
    finding,
    attempts,
    unusedKeys: labels('not-tried', 'no-protector'),
    wrongKeys: labels('wrong', 'malformed'),
  };
  if (opened.protector !== undefined) result.usedProtector = opened.protector;
  if (opened.label !== undefined) result.usedKey = opened.label;
  if (opened.recoveryPasswords !== undefined) result.recoveryPasswords = opened.recoveryPasswords;
  return result;
}

function noteConversion(found: BitLockerVolume, block: MetadataBlock): void {
  const at = { layer: 'BitLocker metadata', offset: block.offset };
  if (hasConversionLog(block)) {
    const data = { offset: block.boundary, length: block.conversionLogSize };
    found.issues.push({ code: 'bitlocker.conversion-log', severity: 'warning', at, data });
  }
  if (found.header.encryptOnWrite && found.eow === undefined) {
    // Which chunks are plain cannot be told; everything reads as encrypted.
    found.issues.push({
      code: 'bitlocker.eow-damaged',
      severity: 'error',
      at,
      data: { what: 'all copies', assumed: 'encrypted' },
    });
  }
}

async function openAny(
  found: BitLockerVolume,
  block: MetadataBlock,
  provider: KeyProvider | undefined,
  attempts: KeyAttempt[],
  options: UnlockOptions,
): Promise<Opening> {
  const clear = options.ignoreClearKey === true ? undefined : openWithClearKey(found.protectors);
  const byClearKey = clear === undefined ? undefined : finishOpening(found, clear, options);
  if (byClearKey !== undefined) return byClearKey;

  const protectors = found.protectors.map((item) => item.info);
  const keys = (await provider?.keysFor({ protectors, volumeId: block.volumeId })) ?? [];
  let opening: Opening | undefined;
  for (const key of keys) {
    const attempt: KeyAttempt = { label: key.label, kind: key.kind, outcome: 'not-tried' };
    attempts.push(attempt);
    if (opening !== undefined) continue;
    try {
      const result = await openOne(found, block, key, options);
      if (typeof result === 'string') attempt.outcome = result;
      else {
        opening = { ...result, label: key.label };
        attempt.outcome = 'opened';
      }
    } catch (error) {
      attempts[attempts.length - 1] = malformedAttempt(key, error);
    }
  }
  if (opening === undefined) throw lockedError(protectors, attempts, block);
  return opening;
}

async function openOne(
  found: BitLockerVolume,
  block: MetadataBlock,
  key: UnlockKey,
  options: UnlockOptions,
): Promise<Opening | 'wrong' | 'no-protector'> {
  if (key.kind === 'full-volume-key') return openWithVolumeKey(found, block, key.bytes, options);
  if (key.kind === 'volume-master-key' && key.bytes.length !== 32) {
    throw encryptionError('RAW_KEY_MALFORMED', `A volume master key has 32 bytes, not ${key.bytes.length}`, {
      data: { expected: 32 },
    });
  }
  const result = await openWithKey(key, found.protectors, tryOptions(options));
  return typeof result === 'string' ? result : (finishOpening(found, result, options) ?? 'wrong');
}

function tryOptions(options: UnlockOptions): TryOptions {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

/** From the volume master key to the volume's key, with the proof that the metadata is what the key's owner wrote. Wipes the master key. */
function finishOpening(found: BitLockerVolume, master: OpenedMasterKey, options: UnlockOptions): Opening | undefined {
  const { masterKey, protector } = master;
  const note = (issue: Issue): void => void found.issues.push(issue);
  try {
    const { usable } = found.metadata;
    const opens = usable.filter((copy) => checkBlockHash(copy, masterKey) === 'proven');
    for (const block of [...opens, ...usable]) {
      const volumeKey = openVolumeKey(block, masterKey, note);
      if (volumeKey === undefined) continue;
      if (!opens.includes(block)) {
        const at = { layer: 'BitLocker metadata', offset: block.offset };
        note({
          code: 'bitlocker.metadata-hash',
          severity: 'error',
          at,
          data: { hash: checkBlockHash(block, masterKey) },
        });
      }
      const opening: Opening = { volumeKey, block };
      if (protector !== undefined) opening.protector = protector;
      if (options.revealRecoveryPasswords === true) opening.recoveryPasswords = reveal(block, masterKey);
      return opening;
    }
    return undefined;
  } finally {
    masterKey.fill(0);
  }
}

function reveal(block: MetadataBlock, masterKey: Bytes): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { info, recoveryPasswordCopy } of keyProtectors(block.entries)) {
    const text =
      recoveryPasswordCopy === undefined ? undefined : storedRecoveryPassword(recoveryPasswordCopy, masterKey);
    if (text !== undefined) found[info.id] = text;
  }
  return found;
}

/** A raw volume key carries no proof of its own: the volume's first sector must look like a boot sector under it. */
async function openWithVolumeKey(
  found: BitLockerVolume,
  block: MetadataBlock,
  bytes: Bytes,
  options: ReadOptions,
): Promise<Opening | 'wrong'> {
  const method = methodById(block.method) as BitLockerMethod;
  if (bytes.length !== method.storedLength) {
    throw encryptionError(
      'RAW_KEY_MALFORMED',
      `The key of a ${method.name} volume has ${method.storedLength} bytes, not ${bytes.length}`,
      {
        data: { expected: method.storedLength, found: bytes.length },
      },
    );
  }
  const cipher = createSectorCipher(method, bytes, found.header.sectorSize);
  const trial = new DecryptedSource(found.source, new VolumeLayout(found, block), cipher, block.headerOffset);
  try {
    // Vista's own first sector is plain; its encrypted part begins at 0x2000, where nothing is known. There the key is taken at its word.
    const sector = await trial.read(0, Math.min(512, trial.size), options);
    if (block.version === 2 && !(sector[510] === 0x55 && sector[511] === 0xaa)) return 'wrong';
  } finally {
    trial.close();
  }
  return { volumeKey: { method, key: bytes.slice() }, block };
}

function unknownMethod(block: MetadataBlock): DeadboxError {
  const shown = `0x${block.method.toString(16).padStart(4, '0')}`;
  return encryptionError(
    'BITLOCKER_UNKNOWN_METHOD',
    `BitLocker encryption method ${shown} is not known (0x8000 to 0x8005 are)`,
    {
      at: { layer: 'BitLocker metadata', offset: block.offset + 100 },
      data: { method: block.method },
    },
  );
}

function lockedError(
  protectors: readonly KeyProtectorInfo[],
  attempts: readonly KeyAttempt[],
  block: MetadataBlock,
): DeadboxError {
  const only = attempts.length === 1 ? attempts[0]?.problem : undefined;
  if (only !== undefined) {
    const codes = {
      code: only.code as 'RECOVERY_PASSWORD_MALFORMED',
      message: `${attempts[0]?.label}: ${only.message}`,
    };
    return encryptionError(codes.code, codes.message, { data: { ...only.data, label: attempts[0]?.label ?? '' } });
  }
  const fitting = protectors.filter((item) => item.offline === true && item.type !== 'clear-key');
  const named = fitting.map((item) => `${item.type} ${item.id}`).join(', ') || 'none that works away from its machine';
  const data: Record<string, Json> = {
    volumeId: block.volumeId,
    protectors: fitting.map(({ id, type }) => ({ id, type })),
    attempts: attempts.map(({ label, kind, outcome }) => ({ label, kind, outcome })),
  };
  const refused = attempts
    .filter((item) => item.outcome === 'wrong' || item.outcome === 'malformed')
    .map((item) => item.label);
  if (refused.length === 0) {
    return encryptionError('BITLOCKER_LOCKED', `The BitLocker volume is locked; keys that would fit: ${named}`, {
      data,
    });
  }
  return encryptionError(
    'BITLOCKER_WRONG_KEY',
    `${refused.join(', ')} does not open this BitLocker volume; keys that would fit: ${named}`,
    {
      data,
    },
  );
}
