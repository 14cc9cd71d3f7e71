import type { Bytes } from '@deadbox/core';
import { encryptionError } from '../../errors.js';
import { plainText } from '../../keys/key-text.js';

/** What is wrong with a recovery password: not 48 digits, groups of another length, or groups that no password has. */
export type RecoveryPasswordProblem = 'digits' | 'group-length' | 'not-divisible-by-11' | 'too-large';

const GROUPS = 8;
const DIGITS = 6;
/** Each group is a 16-bit number times 11. Source: libbde format document, "Recovery password". */
const FACTOR = 11;
const LIMIT = 0x1_0000 * FACTOR;

/**
 * Checks a recovery password without stretching it: 8 groups of 6 digits, separated by anything or nothing, digits and
 * dashes of any keyboard accepted.
 * @throws DeadboxError `RECOVERY_PASSWORD_MALFORMED`: `data.reason` is a {@link RecoveryPasswordProblem}; `data.group`
 * (1…8) and `data.groups` name what is mistyped. The password itself is in neither message nor data
 */
export function checkRecoveryPassword(text: string): void {
  recoveryPasswordBytes(text).fill(0);
}

/**
 * The 16 bytes that a recovery password stands for.
 * @returns the caller wipes them
 * @throws DeadboxError `RECOVERY_PASSWORD_MALFORMED`, see {@link checkRecoveryPassword}
 */
export function recoveryPasswordBytes(text: string): Bytes {
  const groups = splitGroups(plainText(text));
  const bytes = new Uint8Array(GROUPS * 2);
  const wrong: number[] = [];
  let reason: keyof typeof TEXT | undefined;
  groups.forEach((group, i) => {
    const value = Number(group);
    const bad = value % FACTOR !== 0 ? 'not-divisible-by-11' : value >= LIMIT ? 'too-large' : undefined;
    if (bad !== undefined) {
      wrong.push(i + 1);
      reason ??= bad;
    }
    bytes[i * 2] = (value / FACTOR) & 0xff;
    bytes[i * 2 + 1] = ((value / FACTOR) >> 8) & 0xff;
  });
  if (reason === undefined) return bytes;
  bytes.fill(0);
  throw malformed(`group ${wrong.join(', ')} of ${GROUPS} is mistyped (${TEXT[reason]})`, reason, wrong);
}

const TEXT = {
  'not-divisible-by-11': 'not divisible by 11',
  'too-large': 'must be below 720896',
} as const satisfies Partial<Record<RecoveryPasswordProblem, string>>;

function splitGroups(text: string): string[] {
  const digits = text.replace(/\D/g, '');
  // Words and letters between digits are not separators: better no guess than 48 digits picked out of a sentence.
  const clean = /^[\s\d\p{Pd}.,:;_/|'"{}()[\]]*$/u.test(text);
  if (clean && digits.length === GROUPS * DIGITS) return digits.match(/\d{6}/g) as string[];
  const parts = text.split(/\D+/).filter((part) => part !== '');
  if (clean && parts.length === GROUPS) {
    const wrong = parts.flatMap((part, i) => (part.length === DIGITS ? [] : [i + 1]));
    throw malformed(`group ${wrong.join(', ')} of ${GROUPS} has not ${DIGITS} digits`, 'group-length', wrong);
  }
  throw malformed(`expected ${GROUPS} groups of ${DIGITS} digits, found ${digits.length} digits`, 'digits', []);
}

function malformed(what: string, reason: RecoveryPasswordProblem, groups: number[]): Error {
  const data = { reason, groups, ...(groups.length === 0 ? {} : { group: groups[0] }) };
  return encryptionError('RECOVERY_PASSWORD_MALFORMED', `Recovery password is not valid: ${what}`, { data });
}
