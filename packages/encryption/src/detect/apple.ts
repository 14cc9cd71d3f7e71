import { type ByteSource, type Bytes, Cursor, crc32c, hasAscii, type IssueSink, type ReadOptions } from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import { type EncryptionFinding, lockedBy, noEncryption } from '../finding/finding.js';
import { headEvidence, probeEvidence, readOrNote, type VolumeProbe } from '../finding/volume-probe.js';

/**
 * CoreStorage physical volume header, 512 bytes. Source: libfvde format document; libblkid `cs_fvault2.c`; checked on
 * an image.
 */
const CORE_STORAGE = {
  checksum: 0,
  seed: 4,
  version: 8,
  blockType: 10,
  signature: 88,
  keySize: 168,
  cipher: 172,
  length: 512,
} as const;
/**
 * APFS container and volume superblocks. Source: Apple File System Reference, "nx_superblock_t", "apfs_superblock_t".
 */
const APFS = { magic: 32, blockSize: 36, volumeFlags: 264 } as const;
/** `APFS_FS_UNENCRYPTED` */
const UNENCRYPTED = 1;
/** How much of a container is searched for its volume superblocks. */
const APFS_SEARCH = 16 * 1024 * 1024;
const PIECE = 1024 * 1024;

/**
 * Recognises FileVault 2 on CoreStorage, and APFS with or without encryption. Only an APFS container costs further
 * reads (up to 16 MiB).
 */
export async function detectApple(
  probe: VolumeProbe,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<EncryptionFinding | undefined> {
  return (await detectCoreStorage(probe, options)) ?? detectApfs(probe, unread, options);
}

async function detectCoreStorage(probe: VolumeProbe, options?: ReadOptions): Promise<EncryptionFinding | undefined> {
  const { head } = probe;
  if (head.length < CORE_STORAGE.length || !hasAscii(head, CORE_STORAGE.signature, 'CS')) return undefined;
  const cursor = new Cursor(head, 'CoreStorage header');
  if (cursor.u16(CORE_STORAGE.version) !== 1 || cursor.u16(CORE_STORAGE.blockType) !== 0x10) return undefined;
  if (cursor.u32(CORE_STORAGE.keySize) !== 16 || cursor.u32(CORE_STORAGE.cipher) !== 2) return undefined;
  const proven = coreStorageChecksum(head) === cursor.u32(CORE_STORAGE.checksum);
  return {
    ...lockedBy('FileVault 2 (CoreStorage)', ['password', 'recovery-password']),
    confidence: proven ? 'verified' : 'corroborated',
    method: 'AES-XTS-128',
    flags: proven ? [] : ['metadata-damaged'],
    evidence: [await headEvidence(probe, 'CoreStorage physical volume header', CORE_STORAGE.signature, 2, options)],
  };
}

/**
 * CRC-32C over the header behind checksum and seed, begun with the seed and not inverted at the end, as libfvde
 * computes it.
 */
function coreStorageChecksum(head: Bytes): number {
  const seed = new Cursor(head).u32(CORE_STORAGE.seed);
  return ~crc32c(head.subarray(CORE_STORAGE.version, CORE_STORAGE.length), ~seed >>> 0) >>> 0;
}

async function detectApfs(
  probe: VolumeProbe,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<EncryptionFinding | undefined> {
  if (!hasAscii(probe.head, APFS.magic, 'NXSB') || probe.head.length < 4096) return undefined;
  const blockSize = new Cursor(probe.head).u32(APFS.blockSize);
  const evidence = [await headEvidence(probe, 'APFS container superblock', APFS.magic, 4, options)];
  const container: EncryptionFinding = { ...noEncryption(), product: 'APFS', evidence };
  if (blockSize < 4096 || blockSize > 65536 || (blockSize & (blockSize - 1)) !== 0)
    return { ...container, confidence: 'heuristic' };
  const volume = await findApfsVolume(probe.source, blockSize, unread, options);
  if (volume === undefined) return { ...container, verdict: 'not-enough-data', confidence: 'heuristic' };
  const offset = volume.offset + APFS.volumeFlags;
  evidence.push(await probeEvidence(probe, 'APFS volume flags', offset, volume.flags, options));
  if (volume.flags[0] & UNENCRYPTED) return container;
  return { ...container, ...lockedBy('APFS', ['password', 'recovery-password']), confidence: 'corroborated', evidence };
}

/** The first encrypted volume superblock among the blocks searched, else the first one at all. */
async function findApfsVolume(
  source: ByteSource,
  blockSize: number,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<{ offset: number; flags: Bytes } | undefined> {
  let found: { offset: number; flags: Bytes } | undefined;
  for (let at = 0; at < Math.min(APFS_SEARCH, source.size); at += PIECE) {
    const piece = await readOrNote(source, at, Math.min(PIECE, source.size - at), unread, options);
    if (piece === undefined) continue;
    for (let block = 0; block + 512 <= piece.length; block += blockSize) {
      if (!hasAscii(piece, block + APFS.magic, 'APSB')) continue;
      const flags = piece.subarray(block + APFS.volumeFlags, block + APFS.volumeFlags + 8);
      if ((flags[0] & UNENCRYPTED) === 0) return { offset: at + block, flags };
      found ??= { offset: at + block, flags };
    }
  }
  return found;
}
