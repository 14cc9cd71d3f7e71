import { asciiText, type Bytes, Cursor, toHex, utf16Text } from '@deadbox/core';
import { DerTag, type DerValue, derChildren, derOid, invalidDer } from './der.js';
import { INDIRECT_DATA, indirectDigest, octets, signedContent } from './signed-data.js';

/** A list of trusted subjects (Microsoft: certificate trust list), of which a catalog is one. */
const TRUST_LIST = '1.3.6.1.4.1.311.10.1';

/**
 * The digests of the files that a security catalog (`.cat`) lists, in lower-case hexadecimal: SHA-1 ones have 40
 * digits, SHA-256 ones 64. Its signature is not looked at.
 * @throws DeadboxError `SIGNATURE_INVALID`
 */
export function catalogDigests(bytes: Bytes): Set<string> {
  const cursor = new Cursor(bytes, 'catalog');
  const { type, content } = signedContent(cursor, 0, bytes.length);
  if (type !== TRUST_LIST) throw invalidDer('no list of files', cursor, content.at);
  const digests = new Set<string>();
  for (const subjects of memberLists(cursor, content))
    for (const subject of derChildren(cursor, subjects)) addDigests(cursor, subject, digests);
  return digests;
}

/** The parts of a list that hold subjects: sequences of sequences that begin with octets. */
function* memberLists(cursor: Cursor, list: DerValue): Generator<DerValue> {
  for (const part of derChildren(cursor, list)) {
    if (part.tag !== DerTag.sequence || part.end === part.contentAt) continue;
    const [first] = derChildren(cursor, part);
    if (first?.tag !== DerTag.sequence) continue;
    const [identifier] = derChildren(cursor, first);
    if (identifier?.tag === DerTag.octets) yield part;
  }
}

function addDigests(cursor: Cursor, subject: DerValue, digests: Set<string>): void {
  for (const part of derChildren(cursor, subject)) {
    if (part.tag === DerTag.octets) {
      const digest = identifierDigest(octets(cursor, part));
      if (digest !== undefined) digests.add(digest);
    } else if (part.tag === DerTag.set) {
      for (const attribute of derChildren(cursor, part)) addAttribute(cursor, attribute, digests);
    }
  }
}

function addAttribute(cursor: Cursor, attribute: DerValue, digests: Set<string>): void {
  const [type, values] = derChildren(cursor, attribute);
  if (type === undefined || values === undefined || derOid(cursor, type) !== INDIRECT_DATA) return;
  for (const value of derChildren(cursor, values)) {
    const digest = indirectDigest(cursor, value);
    if (digest !== undefined) digests.add(digest.value);
  }
}

/** A subject's identifier: the digest itself, or its hexadecimal digits in UTF-16. */
function identifierDigest(bytes: Bytes): string | undefined {
  if (bytes.length === 20 || bytes.length === 32) return toHex(bytes);
  const text = (bytes[1] === 0 ? utf16Text(bytes.subarray(0, bytes.length & ~1)) : asciiText(bytes)).replace(
    /\0+$/,
    '',
  );
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text) ? text.toLowerCase() : undefined;
}
