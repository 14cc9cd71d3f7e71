import { type ByteSource, Cursor, type ReadOptions, type Structure, structure } from '@deadbox/core';
import { MAX_SIGNATURE_BYTES } from '../limits.js';
import { invalidDer } from './der.js';
import type { PeImage } from './pe-image.js';
import { type FileDigest, INDIRECT_DATA, indirectDigest, signedContent } from './signed-data.js';

export const CERTIFICATE_FIELDS = {
  length: [0, 'u32', 'Bytes of this entry with its header'],
  revision: [4, 'u16', 'Revision, 0x200'],
  type: [6, 'u16', 'What follows', { values: { 1: 'X.509', 2: 'PKCS #7 signed data' } }],
} as const;
/** `WIN_CERTIFICATE`: an entry of the certificate table of an image; its signature follows. */
export const CERTIFICATE: Structure<typeof CERTIFICATE_FIELDS> = structure(
  'pe-certificate',
  'Microsoft PE/COFF specification',
  CERTIFICATE_FIELDS,
);
const SIGNED_DATA = 2;

/**
 * The digest of the file that its embedded signature signs. Whose signature it is is not looked at.
 * @returns `undefined` for an image without one
 * @throws DeadboxError `SIGNATURE_INVALID` when the table is there and is none
 */
export async function readSignedDigest(
  source: ByteSource,
  image: PeImage,
  options?: ReadOptions,
): Promise<FileDigest | undefined> {
  const { address, size } = image.certificates;
  if (size === 0) return undefined;
  const length = Math.min(size, MAX_SIGNATURE_BYTES, Math.max(0, source.size - address));
  const cursor = new Cursor(
    length === 0 ? new Uint8Array(0) : await source.read(address, length, options),
    'PE',
    address,
  );
  if (length < CERTIFICATE.size) throw invalidDer('certificate table outside the file', cursor, 0);
  const entry = CERTIFICATE.read(cursor);
  if (entry.type !== SIGNED_DATA) throw invalidDer(`certificate of type ${entry.type}`, cursor, 6);
  const signed = signedContent(cursor, CERTIFICATE.size, Math.min(entry.length, length));
  if (signed.type !== INDIRECT_DATA) throw invalidDer('no digest of a file', cursor, signed.content.at);
  return indirectDigest(cursor, signed.content);
}
