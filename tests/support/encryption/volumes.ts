import { createCipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import type { UnlockKey } from '@deadbox/encryption';
import { root } from '../workspace.js';

const PART = { offset: 0, length: 0 };
let cached: Uint8Array<ArrayBuffer> | undefined;

/** The NTFS volume C: of a bundled disk. */
export function plainVolume(): Uint8Array<ArrayBuffer> {
  if (cached === undefined) {
    const golden = JSON.parse(readFileSync(join(root, 'test-images/mbr-faulty.json'), 'utf8'));
    const partition =
      golden.partitions.find((item: { number: number }) => item.number === golden.windowsVolume) ?? PART;
    const disk = gunzipSync(readFileSync(join(root, 'test-images/mbr-faulty.img.gz')));
    cached = Uint8Array.from(disk.subarray(partition.offset, partition.offset + partition.length));
  }
  return cached;
}

/** Bytes that look random, always the same for one seed: the AES-CTR stream of a fixed key. */
export function cipherBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return Uint8Array.from(stream.update(Buffer.alloc(length)));
}

/** A hash to compare large byte arrays by, so that a difference does not print megabytes. */
export function bytesText(bytes: Uint8Array): string {
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A recovery password to offer. */
export function recoveryKey(text: string, label = '--recovery-key #1'): UnlockKey {
  return { kind: 'recovery-password', label, text };
}

/**
 * A small volume with recognisable content, zeros where a recipe may put its metadata, and a boot sector's signature.
 */
export function smallPlainVolume(size = 4 << 20): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 512) {
    // The first 96 KiB and a stripe of every MiB hold data.
    if (at < 98_304 || at % (1 << 20) > (1 << 20) - 65_536)
      for (let i = 0; i < 512; i += 1) bytes[at + i] = (at / 512 + i * 7) & 0xff;
  }
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

/** Changes each metadata copy with `change` and puts its CRC-32 right again. */
export function changeMetadata(
  bytes: Uint8Array<ArrayBuffer>,
  offsets: readonly number[],
  change: (block: DataView<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  for (const offset of offsets) {
    const view = new DataView(changed.buffer, offset, 65_536);
    change(view);
    const size = Math.min(view.getUint16(8, true) * 16, 65_000);
    view.setUint32(size + 4, crc32(changed.subarray(offset, offset + size)), true);
  }
  return changed;
}

/** Where in a metadata block the entry of this role and layout begins, from the block's start. */
export function entryAt(block: DataView, entryType: number, valueType: number): number {
  for (let at = 112; at < block.byteLength - 8; at += block.getUint16(at, true)) {
    if (block.getUint16(at + 2, true) === entryType && block.getUint16(at + 4, true) === valueType) return at;
    if (block.getUint16(at, true) < 8) break;
  }
  throw new Error(`no entry of role ${entryType}, layout ${valueType}`);
}
