import { type Bytes, type Cursor, toHex } from '@deadbox/core';
import { DerTag, type DerValue, derChild, derChildren, derOid, derValue, invalidDer } from './der.js';

/** A hash algorithm that signatures of Windows files use. */
export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'md5';

/** A digest with its algorithm; lower-case hexadecimal. */
export interface FileDigest {
  readonly algorithm: DigestAlgorithm;
  readonly value: string;
}

const ALGORITHMS: Readonly<Record<string, DigestAlgorithm>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const SIGNED_DATA = '1.2.840.113549.1.7.2';
/**
 * `SPC_INDIRECT_DATA`: the digest of the signed file (Microsoft, Windows Authenticode Portable Executable Signature
 * Format).
 */
export const INDIRECT_DATA = '1.3.6.1.4.1.311.2.1.4';

/** What a PKCS #7 `SignedData` signs. */
export interface SignedContent {
  /** Kind of the content, dotted. */
  readonly type: string;
  readonly content: DerValue;
}

/**
 * The content that a `ContentInfo` with `SignedData` signs (RFC 2315, 9.1).
 * @throws DeadboxError `SIGNATURE_INVALID`
 */
export function signedContent(cursor: Cursor, at: number, limit: number): SignedContent {
  const info = derValue(cursor, at, limit);
  if (info.tag !== DerTag.sequence || derOid(cursor, derChild(cursor, info, DerTag.oid)) !== SIGNED_DATA)
    throw invalidDer('no signed data', cursor, at);
  const signed = derChild(cursor, derChild(cursor, info, DerTag.context0), DerTag.sequence);
  const inner = derChild(cursor, signed, DerTag.sequence);
  const type = derOid(cursor, derChild(cursor, inner, DerTag.oid));
  return { type, content: derChild(cursor, derChild(cursor, inner, DerTag.context0), DerTag.sequence) };
}

/**
 * The digest in a `SpcIndirectDataContent`: what was signed, then `DigestInfo`.
 * @returns `undefined` for an algorithm that Windows files do not use
 * @throws DeadboxError `SIGNATURE_INVALID`
 */
export function indirectDigest(cursor: Cursor, indirect: DerValue): FileDigest | undefined {
  const [, info] = derChildren(cursor, indirect);
  if (info === undefined) throw invalidDer('no digest', cursor, indirect.at);
  const algorithm = ALGORITHMS[derOid(cursor, derChild(cursor, derChild(cursor, info, DerTag.sequence), DerTag.oid))];
  const value = derChild(cursor, info, DerTag.octets);
  return algorithm === undefined ? undefined : { algorithm, value: toHex(octets(cursor, value)) };
}

/** The content of a value. */
export function octets(cursor: Cursor, value: DerValue): Bytes {
  return cursor.slice(value.contentAt, value.end - value.contentAt);
}
