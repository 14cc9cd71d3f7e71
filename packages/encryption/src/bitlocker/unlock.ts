import { type ByteSource, type Bytes, defined, type ReadOptions } from '@deadbox/core';
import { encryptionError } from '../errors.js';
import type { EncryptionFinding, KeyProtectorInfo } from '../finding/finding.js';
import { isProbe, probeVolume, type VolumeProbe } from '../finding/volume-probe.js';
import type { KeyProvider, UnlockKey } from '../keys/key-provider.js';
import { bitLockerFinding } from './detect-bitlocker.js';
import { type KeyAttempt, labelsOf, malformedAttempt } from './keys/key-attempt.js';
import { type KeyRefusal, type MasterKey, masterKeyFromClearKey, masterKeyFromKey } from './keys/master-key.js';
import { storedRecoveryPasswords, type VolumeKey, volumeKeyFromMasterKey } from './keys/volume-key.js';
import { type BitLockerVolume, readBitLockerVolume } from './metadata/bitlocker-volume.js';
import type { MetadataBlock } from './metadata/metadata-block.js';
import { type BitLockerMethod, methodById } from './metadata/method.js';
import { hasConversionLog, isDecrypted } from './metadata/state.js';
import { DecryptedSource } from './sectors/decrypted-source.js';
import { createSectorCipher, type SectorCipher } from './sectors/sector-cipher.js';
import { VolumeLayout } from './sectors/volume-layout.js';
import { hopeless, lockedFailure, metadataDamaged, type UnlockFailure, unknownMethod } from './unlock-failure.js';

/** Options of {@link unlockBitLocker}. */
export interface UnlockOptions extends ReadOptions {
  /** Share of the key stretching of the current key that is done, 0…1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /**
   * Also return the recovery passwords that the opened volume holds (`UnlockedVolume.recoveryPasswords`). Off unless
   * asked for: whoever has them opens the volume for good.
   */
  readonly revealRecoveryPasswords?: boolean;
  /** Leaves a clear key aside, to learn whether a given key fits a volume that would open without one. */
  readonly ignoreClearKey?: boolean;
  /** Search for the metadata when the volume's first sector is lost: up to 256 MiB are read. */
  readonly carve?: boolean;
}

/** An opened BitLocker volume. */
export interface UnlockedVolume {
  readonly unlocked: true;
  /** The decrypted volume. `close()` wipes the key and leaves the source below open. */
  readonly source: ByteSource;
  /** Verdict `unlocked`, or `none` for a volume that only has BitLocker's headers left. */
  readonly finding: EncryptionFinding;
  /** The protector that was used; absent for raw keys and for decrypted volumes. */
  readonly usedProtector?: KeyProtectorInfo;
  /** Label of the key that was used; absent for a clear key. */
  readonly usedKey?: string;
  /** Every key that was offered, and what became of it. */
  readonly attempts: readonly KeyAttempt[];
  /** Labels of the keys that were not needed or that fit no protector of this volume. */
  readonly unusedKeys: readonly string[];
  /** Labels of the keys that were tried and refused, or are malformed. */
  readonly wrongKeys: readonly string[];
  /** Recovery passwords by protector id; only with `revealRecoveryPasswords`. */
  readonly recoveryPasswords?: Readonly<Record<string, string>>;
}

/** What unlocking came to. Keys are named by their labels, never by value. */
export type UnlockOutcome = UnlockedVolume | UnlockFailure;

/**
 * Opens a BitLocker volume: a clear key first and always, then the keys of `keys`, each only on protectors of its kind.
 * A volume whose data was decrypted needs no key: its moved header is put back in front.
 * @throws DeadboxError `NOT_BITLOCKER`, `BITLOCKER_METADATA_DAMAGED`, `BITLOCKER_UNKNOWN_METHOD`, `BITLOCKER_LOCKED`
 * (no key that could fit), `BITLOCKER_WRONG_KEY`; with a single malformed key also `RECOVERY_PASSWORD_MALFORMED`,
 * `STARTUP_KEY_MALFORMED`, `RAW_KEY_MALFORMED`; whatever reading `volume` throws
 */
export async function unlockBitLocker(
  volume: ByteSource | VolumeProbe,
  keys?: KeyProvider,
  options: UnlockOptions = {},
): Promise<UnlockedVolume> {
  const outcome = await tryUnlockBitLocker(volume, keys, options);
  if (!outcome.unlocked) throw outcome.error;
  return outcome;
}

/**
 * {@link unlockBitLocker} for callers that go on without the key: a volume that stays locked is an outcome.
 * @throws DeadboxError only what reading `volume` or asking `keys` throws
 */
export async function tryUnlockBitLocker(
  volume: ByteSource | VolumeProbe,
  keys?: KeyProvider,
  options: UnlockOptions = {},
): Promise<UnlockOutcome> {
  const probe = isProbe(volume) ? volume : await probeVolume(volume, options);
  const found = await readBitLockerVolume(probe, options);
  if (found === undefined) return hopeless(encryptionError('NOT_BITLOCKER', 'The volume has no BitLocker header'));
  const { block } = found;
  if (block === undefined) return hopeless(metadataDamaged(found));
  if (isDecrypted(block)) return decryptedVolume(probe, found, block, options);
  if (methodById(block.method) === undefined) return hopeless(unknownMethod(block));

  const attempts: KeyAttempt[] = [];
  const key = clearVolumeKey(found, options) ?? (await givenVolumeKey(found, block, keys, attempts, options));
  if (key !== undefined) return unlockedVolume(probe, found, key, attempts, options);
  return lockedFailure(
    found.protectors.map((item) => item.info),
    attempts,
    block,
  );
}

/** The volume's key and what led to it. */
interface FoundKey extends VolumeKey {
  readonly protector?: KeyProtectorInfo;
  readonly label?: string;
  readonly recoveryPasswords?: Readonly<Record<string, string>>;
}

function clearVolumeKey(found: BitLockerVolume, options: UnlockOptions): FoundKey | undefined {
  const master = options.ignoreClearKey === true ? undefined : masterKeyFromClearKey(found.protectors);
  return master && fromMasterKey(found, master, options);
}

/** The volume's key from the first key of the provider that opens it; each is noted in `attempts`. */
async function givenVolumeKey(
  found: BitLockerVolume,
  block: MetadataBlock,
  provider: KeyProvider | undefined,
  attempts: KeyAttempt[],
  options: UnlockOptions,
): Promise<FoundKey | undefined> {
  const protectors = found.protectors.map((item) => item.info);
  const keys = (await provider?.keysFor({ protectors, volumeId: block.volumeId })) ?? [];
  let opened: FoundKey | undefined;
  for (const key of keys) {
    const { label, kind } = key;
    if (opened !== undefined) {
      attempts.push({ label, kind, outcome: 'not-tried' });
      continue;
    }
    if ('overLimit' in key) {
      attempts.push({ label, kind, outcome: 'over-limit' });
      continue;
    }
    try {
      const result = await volumeKeyFromKey(found, block, key, options);
      if (typeof result !== 'string') opened = { ...result, label };
      attempts.push({ label, kind, outcome: typeof result === 'string' ? result : 'opened' });
    } catch (error) {
      attempts.push(malformedAttempt(key, error));
    }
  }
  return opened;
}

async function volumeKeyFromKey(
  found: BitLockerVolume,
  block: MetadataBlock,
  key: UnlockKey,
  options: UnlockOptions,
): Promise<FoundKey | KeyRefusal> {
  if (key.kind === 'full-volume-key') return rawVolumeKey(found, block, key.bytes, options);
  const master = await masterKeyFromKey(key, found.protectors, options);
  return typeof master === 'string' ? master : (fromMasterKey(found, master, options) ?? 'wrong');
}

/** Wipes the master key. */
function fromMasterKey(found: BitLockerVolume, master: MasterKey, options: UnlockOptions): FoundKey | undefined {
  try {
    const key = volumeKeyFromMasterKey(found.metadata.usable, master.bytes, found.issues);
    if (key === undefined) return undefined;
    return {
      ...key,
      ...defined({
        protector: master.protector,
        recoveryPasswords:
          options.revealRecoveryPasswords === true ? storedRecoveryPasswords(key.block, master.bytes) : undefined,
      }),
    };
  } finally {
    master.bytes.fill(0);
  }
}

/** A raw volume key carries no proof of its own: the volume's first sector must look like a boot sector under it. */
async function rawVolumeKey(
  found: BitLockerVolume,
  block: MetadataBlock,
  bytes: Bytes,
  options: ReadOptions,
): Promise<VolumeKey | KeyRefusal> {
  const method = methodById(block.method) as BitLockerMethod;
  if (bytes.length !== method.storedLength) {
    throw encryptionError(
      'RAW_KEY_MALFORMED',
      `The key of a ${method.name} volume has ${method.storedLength} bytes, not ${bytes.length}`,
      { data: { expected: method.storedLength, found: bytes.length } },
    );
  }
  const trial = decryptedSource(found, block, createSectorCipher(method, bytes, found.header.sectorSize));
  try {
    // Vista's own first sector is plain; its encrypted part begins at 0x2000, where nothing is known. There the key is
    // taken at its word.
    const sector = await trial.read(0, Math.min(512, trial.size), options);
    if (block.version === 2 && !(sector[510] === 0x55 && sector[511] === 0xaa)) return 'wrong';
  } finally {
    trial.close();
  }
  return { method, bytes: new Uint8Array(bytes), block };
}

/** A volume that BitLocker was removed from: plain, with its start still moved. */
async function decryptedVolume(
  probe: VolumeProbe,
  found: BitLockerVolume,
  block: MetadataBlock,
  options: ReadOptions,
): Promise<UnlockedVolume> {
  return {
    unlocked: true,
    source: decryptedSource(found, block, undefined),
    finding: await bitLockerFinding(probe, found, options),
    attempts: [],
    unusedKeys: [],
    wrongKeys: [],
  };
}

/** Wipes the key once the cipher has it. */
async function unlockedVolume(
  probe: VolumeProbe,
  found: BitLockerVolume,
  key: FoundKey,
  attempts: readonly KeyAttempt[],
  options: ReadOptions,
): Promise<UnlockedVolume> {
  const { block, method, protector, label, recoveryPasswords } = key;
  noteConversion(found, block);
  const cipher = createSectorCipher(method, key.bytes, found.header.sectorSize);
  key.bytes.fill(0);
  const source = decryptedSource(found, block, cipher);
  try {
    const finding = await bitLockerFinding(probe, { ...found, block }, options);
    return {
      unlocked: true,
      source,
      finding: { ...finding, verdict: 'unlocked', method: method.name },
      attempts,
      unusedKeys: labelsOf(attempts, 'not-tried', 'no-protector'),
      wrongKeys: labelsOf(attempts, 'wrong', 'partly-tried', 'malformed'),
      ...defined({ usedProtector: protector, usedKey: label, recoveryPasswords }),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function decryptedSource(
  found: BitLockerVolume,
  block: MetadataBlock,
  cipher: SectorCipher | undefined,
): DecryptedSource {
  return new DecryptedSource(found.source, new VolumeLayout(found, block), cipher, block.headerOffset);
}

function noteConversion(found: BitLockerVolume, block: MetadataBlock): void {
  const at = { layer: 'BitLocker metadata', offset: block.offset };
  if (hasConversionLog(block)) {
    const data = { offset: block.boundary, length: block.conversionLogSize };
    found.issues.add({ code: 'bitlocker.conversion-log', severity: 'warning', at, data });
  }
  if (found.header.encryptOnWrite && found.eow === undefined) {
    // Which chunks are plain cannot be told; everything reads as encrypted.
    const data = { what: 'all copies', assumed: 'encrypted' };
    found.issues.add({ code: 'bitlocker.eow-damaged', at, data });
  }
}
