import { type ByteSource, createSha1, createSha256, readInto, toHex } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { HashVerification, VerifyOptions } from '../image-format.js';

/** A line of a manifest: the digest of one file of the archive. */
export interface ManifestLine {
  readonly file: string;
  readonly algorithm: 'sha1' | 'sha256';
  /** Lower-case hexadecimal. */
  readonly digest: string;
}

/** `SHA256(vm-disk1.vmdk)= 0123…` (DMTF DSP0243 section 5.1); lines with digests of other kinds are passed over. */
const LINE = /^(SHA1|SHA256) ?\((.+)\) ?= ?([0-9a-f]{40}|[0-9a-f]{64})[ \t\r]*$/gim;
/** Bytes that are hashed in one piece. */
const PIECE = 4 * 1024 * 1024;
/** Most lines that are taken: as many as an archive may have members. */
const MAX_LINES = 4096;

/** Reads a manifest (`.mf`). */
export function parseManifest(text: string): ManifestLine[] {
  const lines: ManifestLine[] = [];
  for (const [, kind, file, digest] of text.matchAll(LINE)) {
    const algorithm = kind.toLowerCase() === 'sha1' ? 'sha1' : 'sha256';
    if (digest.length === (algorithm === 'sha1' ? 40 : 64))
      lines.push({ file, algorithm, digest: digest.toLowerCase() });
    if (lines.length > MAX_LINES)
      throw imageError('IMAGE_LIMIT', `The manifest lists more than ${MAX_LINES} files`, {
        layer: 'manifest',
        offset: 0,
      });
  }
  return lines;
}

/** A file that a manifest lists; `source` is absent when the archive does not hold it. */
export interface ListedFile extends ManifestLine {
  readonly source?: ByteSource;
}

/**
 * Compares the files of an archive with its manifest.
 * @throws what reading throws, and the signal's reason
 */
export async function verifyManifest(files: readonly ListedFile[], options: VerifyOptions): Promise<HashVerification> {
  const total = files.reduce((sum, { source }) => sum + (source?.size ?? 0), 0);
  const hashes: HashVerification['hashes'][number][] = [];
  let done = 0;
  for (const { file, algorithm, digest, source } of files) {
    let computed = '';
    if (source !== undefined) {
      const hash = algorithm === 'sha1' ? createSha1() : createSha256();
      const buffer = new Uint8Array(Math.min(PIECE, source.size));
      for (let at = 0; at < source.size; at += buffer.length) {
        options.signal?.throwIfAborted();
        const piece = buffer.subarray(0, Math.min(buffer.length, source.size - at));
        await readInto(source, at, piece, options);
        hash.update(piece);
        options.onProgress?.(done + at + piece.length, total);
      }
      computed = toHex(hash.digest());
      done += source.size;
    }
    hashes.push({ algorithm, stored: digest, computed, match: computed === digest, file });
  }
  const verdict = hashes.length === 0 ? 'none-stored' : hashes.every(({ match }) => match) ? 'match' : 'mismatch';
  return { verdict, hashes };
}
