import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UnlockKey } from '@deadbox/encryption';
import { root } from '../support/workspace.js';

const PART = { offset: 0, length: 0 };
let cached: Uint8Array<ArrayBuffer> | undefined;

/** The NTFS volume C: of a bundled disk. */
export function plainVolume(): Uint8Array<ArrayBuffer> {
  if (cached === undefined) {
    const golden = JSON.parse(readFileSync(join(root, 'test-images/mbr-faulty.json'), 'utf8'));
    const partition = golden.partitions.find((item: { number: number }) => item.number === golden.windowsVolume) ?? PART;
    const disk = gunzipSync(readFileSync(join(root, 'test-images/mbr-faulty.img.gz')));
    cached = Uint8Array.from(disk.subarray(partition.offset, partition.offset + partition.length));
  }
  return cached;
}

/** A hash to compare large byte arrays by, so that a difference does not print megabytes. */
export function bytesText(bytes: Uint8Array): string {
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A recovery password to offer. */
export function recoveryKey(text: string, label = '--recovery-key #1'): UnlockKey {
  return { kind: 'recovery-password', label, text };
}
