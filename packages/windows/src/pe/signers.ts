import { type ByteSource, type Bytes, Cursor, type ReadOptions, utf16Text } from '@deadbox/core';
import { MAX_SIGNATURE_BYTES } from '../limits.js';
import { DerTag, type DerValue, derChild, derChildren, derOid, derValue, invalidDer } from './der.js';
import { CERTIFICATE } from './embedded-signature.js';
import type { PeImage } from './pe-image.js';
import { octets } from './signed-data.js';

const SIGNED_DATA = 2;
const COMMON_NAME = '2.5.4.3';
/** Texts of two bytes a character (`BMPString`), big-endian. */
const BMP_STRING = 0x1e;
/** Entries of the certificate table begin at multiples of eight bytes. */
const ALIGNMENT = 8;

/**
 * Common names of the authorities that issued the certificates with which an image is signed, by its embedded
 * signatures: one a signer, in stored order. Whether the signatures hold is not looked at; none for an image without
 * them.
 * @throws DeadboxError `SIGNATURE_INVALID` when the certificate table holds something else
 */
export async function readSignerIssuers(
  source: ByteSource,
  { certificates }: Pick<PeImage, 'certificates'>,
  options?: ReadOptions,
): Promise<readonly string[]> {
  const { address, size } = certificates;
  const length = Math.min(size, MAX_SIGNATURE_BYTES, Math.max(0, source.size - address));
  if (length < CERTIFICATE.size) return [];
  const cursor = new Cursor(await source.read(address, length, options), 'PE', address);
  const issuers: string[] = [];
  if (size > MAX_SIGNATURE_BYTES) throw invalidDer(`certificate table of ${size} bytes`, cursor, 0);
  // Each takes eight bytes at least, and no byte twice.
  for (let at = 0; at + CERTIFICATE.size <= length; ) {
    const entry = CERTIFICATE.read(cursor, at);
    if (entry.length < CERTIFICATE.size) break;
    if (entry.type === SIGNED_DATA) {
      const end = Math.min(at + entry.length, length);
      for (const name of issuersOf(cursor, derValue(cursor, at + CERTIFICATE.size, end))) issuers.push(name);
    }
    at += Math.ceil(entry.length / ALIGNMENT) * ALIGNMENT;
  }
  return issuers;
}

/** Issuers in the `SignerInfo`s of a `ContentInfo` (RFC 2315, 9.1 and 9.2). */
function issuersOf(cursor: Cursor, info: DerValue): string[] {
  const signed = derChild(cursor, derChild(cursor, info, DerTag.context0), DerTag.sequence);
  // The digest algorithms are a set too; the signers come last.
  const signers = [...derChildren(cursor, signed)].findLast(({ tag }) => tag === DerTag.set);
  if (signers === undefined) return [];
  return [...derChildren(cursor, signers)].flatMap((signer) => {
    const name = derChild(cursor, derChild(cursor, signer, DerTag.sequence), DerTag.sequence);
    return commonName(cursor, name) ?? [];
  });
}

/** The common name in a distinguished name: sets of pairs of identifier and text. */
function commonName(cursor: Cursor, name: DerValue): string | undefined {
  for (const set of derChildren(cursor, name)) {
    for (const pair of derChildren(cursor, set)) {
      const [identifier, value] = derChildren(cursor, pair);
      if (identifier !== undefined && value !== undefined && derOid(cursor, identifier) === COMMON_NAME)
        return textOf(value.tag, octets(cursor, value));
    }
  }
  return undefined;
}

function textOf(tag: number, bytes: Bytes): string {
  if (tag !== BMP_STRING) return new TextDecoder().decode(bytes);
  return utf16Text(Uint8Array.from(bytes, (_, at) => bytes[at ^ 1] ?? 0));
}
