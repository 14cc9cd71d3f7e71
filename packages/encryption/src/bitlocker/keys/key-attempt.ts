import { isDeadboxError, type Json } from '@deadbox/core';
import type { EncryptionErrorCode } from '../../errors.js';
import type { UnlockKey } from '../../keys/key-provider.js';

/**
 * What became of one key: `opened` · `wrong` tried and refused · `no-protector` nothing of its kind (or id) on this
 * volume · `malformed` mistyped or not a key file · `not-tried` another one opened the volume first · `over-limit` it
 * and those after it in its file are more than are tried · `partly-tried` refused by the first 8 protectors of its
 * kind, of which the volume has more: with the id of its own it is tried on that one.
 */
export type KeyOutcome =
  | 'opened'
  | 'wrong'
  | 'no-protector'
  | 'malformed'
  | 'not-tried'
  | 'over-limit'
  | 'partly-tried';

/** Codes of errors that blame the key and not the volume. */
export type MalformedKeyCode = Extract<
  EncryptionErrorCode,
  'RECOVERY_PASSWORD_MALFORMED' | 'STARTUP_KEY_MALFORMED' | 'RAW_KEY_MALFORMED'
>;

/** A key by its label, and what became of it. Never the key. */
export interface KeyAttempt {
  readonly label: string;
  readonly kind: UnlockKey['kind'];
  readonly outcome: KeyOutcome;
  /** Only of a malformed key: code, message and data of the error. */
  readonly problem?: {
    readonly code: MalformedKeyCode;
    readonly message: string;
    readonly data: Readonly<Record<string, Json>>;
  };
}

const MALFORMED: readonly string[] = [
  'RECOVERY_PASSWORD_MALFORMED',
  'STARTUP_KEY_MALFORMED',
  'RAW_KEY_MALFORMED',
] satisfies MalformedKeyCode[];

/** The attempt with a key that cannot be read at all. Any other error is thrown on. */
export function malformedAttempt({ label, kind }: UnlockKey, error: unknown): KeyAttempt {
  if (!isDeadboxError(error) || !MALFORMED.includes(error.code)) throw error;
  const { message, data } = error;
  return { label, kind, outcome: 'malformed', problem: { code: error.code as MalformedKeyCode, message, data } };
}

/** The labels of the keys that came to one of `outcomes`. */
export function labelsOf(attempts: readonly KeyAttempt[], ...outcomes: readonly KeyOutcome[]): string[] {
  return attempts.filter((item) => outcomes.includes(item.outcome)).map((item) => item.label);
}
