import { type ByteSource, CachedSource, isDamage, isZero, type Json, KIB, type ReadOptions } from '@deadbox/core';
import {
  expectedFileSize,
  type PeImage,
  readPeChecksum,
  readPeContent,
  readPeImage,
  readSignedDigest,
} from '@deadbox/windows/internals';
import type { FileState } from './file-state.js';

/** What examining a file came to. */
export interface FileVerdict {
  readonly state: FileState;
  readonly data: Readonly<Record<string, Json>>;
}

/** Content that is zero up to here was never written, whatever comes after it. */
const ZERO_BYTES = 64 * KIB;
/** The headers of an image lie in its first page. */
const PAGE = 4 * KIB;

/** What the first bytes of any file tell. */
export async function plainState(content: ByteSource, options: ReadOptions): Promise<FileVerdict> {
  const head = await content.read(0, Math.min(PAGE, content.size), options);
  if (!isZero(head)) return { state: 'good', data: {} };
  const more = await content.read(0, Math.min(ZERO_BYTES, content.size), options);
  return { state: isZero(more) ? 'zeros' : 'good', data: {} };
}

/**
 * What the headers of an executable image tell; `machine`, `signed` and `wanted`, the size that they ask for, are its
 * facts.
 */
export async function imageState(content: ByteSource, options: ReadOptions): Promise<FileVerdict> {
  const plain = await plainState(content, options);
  if (plain.state !== 'good') return plain;
  const source = new CachedSource(content, { blockSize: PAGE, capacity: 4 * PAGE });
  return withImage(source, options, (image) => {
    const wanted = expectedFileSize(image);
    const data = { machine: image.machine, signed: image.certificates.size > 0 };
    return wanted > content.size ? { state: 'truncated', data: { ...data, wanted } } : { state: 'good', data };
  });
}

/** What the whole content of an image tells: its checksum, and the digest that it was signed with. */
export function contentState(content: ByteSource, options: ReadOptions): Promise<FileVerdict> {
  return withImage(content, options, async (image) => {
    const { checksum, ...digests } = await readPeContent(content, image, options);
    const sum = checksumState(image, checksum);
    if (sum.state !== 'good') return sum;
    const signed = await signedDigest(content, image, options);
    if (signed === undefined || (signed.algorithm !== 'sha1' && signed.algorithm !== 'sha256')) return GOOD;
    const computed = digests[signed.algorithm];
    if (computed === signed.value) return GOOD;
    return { state: 'bad-digest', data: { algorithm: signed.algorithm, stored: signed.value, computed } };
  });
}

/** What the checksum of the whole content tells. */
export function summedState(content: ByteSource, options: ReadOptions): Promise<FileVerdict> {
  return withImage(content, options, async (image) =>
    image.checksum === 0 ? GOOD : checksumState(image, await readPeChecksum(content, image, options)),
  );
}

/** A checksum of 0 says that the linker computed none. */
function checksumState({ checksum: stored }: PeImage, computed: number): FileVerdict {
  return stored === 0 || stored === computed ? GOOD : { state: 'bad-checksum', data: { stored, computed } };
}

const GOOD: FileVerdict = { state: 'good', data: {} };

async function withImage(
  content: ByteSource,
  options: ReadOptions,
  work: (image: PeImage) => FileVerdict | Promise<FileVerdict>,
): Promise<FileVerdict> {
  try {
    return await work(await readPeImage(content, options));
  } catch (error) {
    if (!isDamage(error, options.signal) || error.code !== 'PE_INVALID') throw error;
    return { state: 'not-pe', data: { reason: error.message } };
  }
}

/**
 * The signed digest; none where the table of signatures is not readable as such: Windows then looks into its catalogs.
 */
export async function signedDigest(
  content: ByteSource,
  image: PeImage,
  options: ReadOptions,
): Promise<Awaited<ReturnType<typeof readSignedDigest>>> {
  try {
    return await readSignedDigest(content, image, options);
  } catch (error) {
    if (!isDamage(error, options.signal) || error.code !== 'SIGNATURE_INVALID') throw error;
    return undefined;
  }
}
