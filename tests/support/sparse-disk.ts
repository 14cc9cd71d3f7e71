import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { generator } from './source-contract.js';

/**
 * Writes a raw disk of `size` bytes to `path`: random pieces of 1 byte to 3 MiB (some compressible, some of zeros that
 * are stored) with holes between them, the first and the last sector always filled. The same seed makes the same disk.
 */
export function writeSparseDisk(path: string, size: number, seed = 1): void {
  const random = generator(seed);
  const handle = openSync(path, 'w');
  try {
    for (let at = 0; at < size; ) {
      const length = Math.min(1 + Math.floor(random() ** 4 * (3 << 20)), size - at);
      writeSync(handle, piece(length, random), 0, length, at);
      at += length + Math.floor(random() ** 3 * (6 << 20));
    }
    writeSync(handle, piece(512, random), 0, 512, size - 512);
    ftruncateSync(handle, size);
  } finally {
    closeSync(handle);
  }
}

function piece(length: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(length);
  const kind = random();
  if (kind < 0.15) return bytes;
  const step = kind < 0.4 ? 1 : 0;
  const words = new Uint32Array(bytes.buffer, 0, length >> 2);
  const first = Math.floor(random() * 2 ** 32);
  for (let i = 0; i < words.length; i += 1) words[i] = step === 1 ? first + (i >> 8) : random() * 2 ** 32;
  for (let i = words.length * 4; i < length; i += 1) bytes[i] = random() * 256;
  return bytes;
}
