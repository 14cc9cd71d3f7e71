import { type Cursor, DeadboxError } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_DER_CHILDREN } from '../limits.js';

/** Tags as they stand in the first byte (ITU-T X.690). */
export const DerTag = { octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;

/** A value in DER: its tag, and where its content lies in the bytes that were given. */
export interface DerValue {
  readonly tag: number;
  /** Where its tag stands. */
  readonly at: number;
  readonly contentAt: number;
  /** The byte behind it. */
  readonly end: number;
}

/**
 * The value at `at`; it ends at `limit` or before.
 * @throws DeadboxError `SIGNATURE_INVALID`
 */
export function derValue(cursor: Cursor, at: number, limit: number): DerValue {
  if (at + 2 > limit) throw invalidDer('no room for a value', cursor, at);
  const tag = cursor.u8(at);
  // Tags of more than one byte occur nowhere in signatures.
  if ((tag & 0x1f) === 0x1f) throw invalidDer(`tag ${tag}`, cursor, at);
  const first = cursor.u8(at + 1);
  let contentAt = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || contentAt + count > limit) throw invalidDer('length', cursor, at);
    length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + cursor.u8(contentAt + i);
    contentAt += count;
  }
  if (contentAt + length > limit) throw invalidDer(`value of ${length} bytes`, cursor, at);
  return { tag, at, contentAt, end: contentAt + length };
}

/**
 * The values in `parent`, at most `MAX_DER_CHILDREN`.
 * @throws DeadboxError `SIGNATURE_INVALID`
 */
export function* derChildren(cursor: Cursor, parent: DerValue): Generator<DerValue> {
  let at = parent.contentAt;
  for (let count = 0; at < parent.end; count += 1) {
    if (count >= MAX_DER_CHILDREN) throw invalidDer('too many values', cursor, parent.at);
    const value = derValue(cursor, at, parent.end);
    yield value;
    at = value.end;
  }
}

/**
 * The first child of `parent` with that tag.
 * @throws DeadboxError `SIGNATURE_INVALID` when there is none
 */
export function derChild(cursor: Cursor, parent: DerValue, tag: number): DerValue {
  for (const child of derChildren(cursor, parent)) if (child.tag === tag) return child;
  throw invalidDer(`no value with tag ${tag}`, cursor, parent.at);
}

/** An object identifier as dotted text; numbers that are longer than real ones have give an empty text. */
export function derOid(cursor: Cursor, value: DerValue): string {
  const parts: number[] = [];
  let part = 0;
  for (let at = value.contentAt; at < value.end; at += 1) {
    const byte = cursor.u8(at);
    part = part * 128 + (byte & 0x7f);
    if (part > 0xffff_ffff || parts.length > 32) return '';
    if (byte >= 0x80) continue;
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(part / 40)), part - 40 * Math.min(2, Math.floor(part / 40)));
    else parts.push(part);
    part = 0;
  }
  return parts.join('.');
}

/** The error of a signature or catalog that is not what it must be. */
export function invalidDer(what: string, cursor: Cursor, at: number): DeadboxError<WindowsErrorCode> {
  const place = cursor.at(at);
  return new DeadboxError('SIGNATURE_INVALID', `Not a valid signature: ${what} at byte ${place.offset}`, {
    at: place,
    data: { what },
  });
}
