import { type DeadboxError, defined, type Json } from '@deadbox/core';
import { type EncryptionErrorCode, encryptionError } from '../errors.js';
import type { KeyProtectorInfo } from '../finding/finding.js';
import { type KeyAttempt, labelsOf, type MalformedKeyCode } from './keys/key-attempt.js';
import type { BitLockerVolume } from './metadata/bitlocker-volume.js';
import type { MetadataBlock } from './metadata/metadata-block.js';

/** Codes of the errors that say why a volume stayed locked. */
export type UnlockErrorCode =
  | MalformedKeyCode
  | Extract<
      EncryptionErrorCode,
      | 'NOT_BITLOCKER'
      | 'BITLOCKER_METADATA_DAMAGED'
      | 'BITLOCKER_UNKNOWN_METHOD'
      | 'BITLOCKER_LOCKED'
      | 'BITLOCKER_WRONG_KEY'
    >;

/** A BitLocker volume that stayed locked. */
export interface UnlockFailure {
  readonly unlocked: false;
  readonly error: DeadboxError<UnlockErrorCode>;
  /** The protectors whose secret would open it away from its machine; what an operator has to look up. */
  readonly fitting: readonly KeyProtectorInfo[];
  /** Every key that was offered, and what became of it. */
  readonly attempts: readonly KeyAttempt[];
  /** Labels of the keys that fit no protector of this volume. */
  readonly unusedKeys: readonly string[];
  /** Labels of the keys that were tried and refused, or are malformed. */
  readonly wrongKeys: readonly string[];
}

/** The failure for a volume that no key can change. */
export function hopeless(error: DeadboxError<UnlockErrorCode>): UnlockFailure {
  return { unlocked: false, error, fitting: [], attempts: [], unusedKeys: [], wrongKeys: [] };
}

/** None of the metadata's copies can be used. */
export function metadataDamaged({ header, metadata }: BitLockerVolume): DeadboxError<UnlockErrorCode> {
  return encryptionError('BITLOCKER_METADATA_DAMAGED', 'BitLocker metadata: none of its copies can be used', {
    at: { layer: 'BitLocker volume', offset: header.metadataOffsets[0] },
    data: { copies: metadata.copies.map(({ offset, status }) => ({ offset, status })) },
  });
}

/** The metadata names a method that is none. */
export function unknownMethod(block: MetadataBlock): DeadboxError<UnlockErrorCode> {
  const shown = `0x${block.method.toString(16).padStart(4, '0')}`;
  return encryptionError(
    'BITLOCKER_UNKNOWN_METHOD',
    `BitLocker encryption method ${shown} is not known (0x8000 to 0x8005 are)`,
    { at: { layer: 'BitLocker metadata', offset: block.offset + 100 }, data: { method: block.method } },
  );
}

/** No key opened it: which were refused, and which would fit. */
export function lockedFailure(
  protectors: readonly KeyProtectorInfo[],
  attempts: readonly KeyAttempt[],
  block: MetadataBlock,
): UnlockFailure {
  const fitting = protectors.filter((item) => item.offline === true && item.type !== 'clear-key');
  const wrongKeys = labelsOf(attempts, 'wrong', 'partly-tried', 'malformed');
  return {
    unlocked: false,
    error: onlyKeyMalformed(attempts) ?? lockedError(fitting, attempts, wrongKeys, block.volumeId),
    fitting,
    attempts,
    unusedKeys: labelsOf(attempts, 'no-protector'),
    wrongKeys,
  };
}

/** Where a single key was given, what is wrong with it says more than that the volume is locked. */
function onlyKeyMalformed(attempts: readonly KeyAttempt[]): DeadboxError<UnlockErrorCode> | undefined {
  const [first, second] = attempts;
  if (first?.problem === undefined || second !== undefined) return undefined;
  const { code, message, data } = first.problem;
  return encryptionError(code, `${first.label}: ${message}`, { data: { ...data, label: first.label } });
}

function lockedError(
  fitting: readonly KeyProtectorInfo[],
  attempts: readonly KeyAttempt[],
  wrongKeys: readonly string[],
  volumeId: string,
): DeadboxError<UnlockErrorCode> {
  const named = fitting.map((item) => `${item.type} ${item.id}`).join(', ') || 'none that works away from its machine';
  const [untried] = labelsOf(attempts, 'over-limit');
  const [partlyTried] = labelsOf(attempts, 'partly-tried');
  const data: Record<string, Json> = {
    volumeId,
    protectors: fitting.map(({ id, type }) => ({ id, type })),
    attempts: attempts.map(({ label, kind, outcome }) => ({ label, kind, outcome })),
    ...defined({ untried, partlyTried }),
  };
  const limits = [
    ...(untried === undefined ? [] : [`not tried, because too many were given: ${untried} and those after it`]),
    ...(partlyTried === undefined ? [] : [`${partlyTried} was tried on the first protectors of its kind only`]),
  ];
  const rest = limits.map((limit) => `; ${limit}`).join('');
  return wrongKeys.length === 0
    ? encryptionError('BITLOCKER_LOCKED', `The BitLocker volume is locked; keys that would fit: ${named}${rest}`, {
        data,
      })
    : encryptionError(
        'BITLOCKER_WRONG_KEY',
        `${wrongKeys.join(', ')} does not open this BitLocker volume; keys that would fit: ${named}${rest}`,
        { data },
      );
}
