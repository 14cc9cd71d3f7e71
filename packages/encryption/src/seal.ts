import { type ByteSource, type Bytes, checkRange } from '@deadbox/core';
import { DecryptedSource } from './bitlocker/sectors/decrypted-source.js';
import { encryptionError } from './errors.js';

/** Bytes to write one layer below a decrypted volume. */
export interface SealedPiece {
  /** The source below: the partition that holds the ciphertext. */
  readonly source: ByteSource;
  /** Byte offset in it. */
  readonly offset: number;
  /** What belongs there: ciphertext, or the plain bytes where the volume is not encrypted. */
  readonly bytes: Bytes;
}

/**
 * Encrypts whole sectors of an unlocked BitLocker volume back into what belongs on the disk. Nothing is written here.
 * Each piece is decrypted again and compared before it is handed out.
 * @param volume - the source of an `UnlockedVolume`
 * @param offset - offset in the decrypted volume, a multiple of its sector size
 * @param plain - whole sectors
 * @throws DeadboxError `SEAL_NOT_POSSIBLE` for anything that is not an unlocked volume, for parts of sectors, and for
 * places that are not stored (reserved regions, the rebuilt first sector of Vista); `READ_OUT_OF_RANGE`,
 * `SOURCE_CLOSED`
 */
export async function sealSectors(volume: ByteSource, offset: number, plain: Bytes): Promise<SealedPiece[]> {
  if (!(volume instanceof DecryptedSource)) throw impossible('the source is not an unlocked BitLocker volume', offset);
  checkRange('BitLocker volume', volume.size, offset, plain.length);
  const { sectorSize } = volume.layout;
  if (offset % sectorSize !== 0 || plain.length % sectorSize !== 0)
    throw impossible(`only whole sectors of ${sectorSize} bytes can be`, offset);
  const pieces: SealedPiece[] = [];
  const end = offset + plain.length;
  for (let at = offset; at < end; ) {
    const run = volume.runAt(at, end);
    if (run.kind === 'zero' || run.kind === 'generated') throw impossible('the place is reserved by BitLocker', at);
    // A copy: aligned for the cipher, and the caller's bytes stay plain.
    const bytes = new Uint8Array(plain.subarray(at - offset, run.end - offset));
    if (run.kind === 'encrypted') {
      volume.seal(bytes, run.storedAt);
      await proveSealed(volume, bytes, run.storedAt, plain.subarray(at - offset, run.end - offset));
    }
    pieces.push({ source: volume.below, offset: run.storedAt, bytes });
    at = run.end;
  }
  return pieces;
}

/** A sector that does not come back as it was would be lost on a server's disk: the round trip is cheap. */
async function proveSealed(volume: DecryptedSource, sealed: Bytes, storedAt: number, plain: Bytes): Promise<void> {
  const back = new Uint8Array(sealed);
  await volume.unseal(back, storedAt);
  if (back.some((value, i) => value !== plain[i]))
    throw impossible('a sealed sector does not decrypt to what was sealed', storedAt);
}

function impossible(what: string, offset: number): Error {
  return encryptionError('SEAL_NOT_POSSIBLE', `Cannot encrypt back at ${offset}: ${what}`, {
    at: { layer: 'BitLocker volume', offset },
  });
}
