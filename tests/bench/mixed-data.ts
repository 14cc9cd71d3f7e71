import { createCipheriv } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/corpus.js';

const MIB = 1 << 20;

/**
 * A raw image of mixed data, kept between runs: a quarter each of zeros (stored, no hole), machine code (Node's own
 * executable), log text and bytes that do not compress, in runs of 64 KiB to 2 MiB. The same for the same size and the
 * same Node.
 * @param size - bytes; a multiple of 64 KiB
 */
export function cachedMixedData(size: number): string {
  const folder = join(cacheFolder, 'big');
  const path = join(folder, `mixed-data-${size / MIB}-${process.version}.raw`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const code = readFileSync(process.execPath);
  const text = logText(16 * MIB);
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(64 * MIB));
  const pools = [Buffer.alloc(16 * MIB), code, text, noise];
  const next = randomNumbers(291);
  const handle = openSync(`${path}.part`, 'w');
  for (let at = 0, kind = 0; at < size; kind = (kind + 1) % 4) {
    const length = Math.min(size - at, (1 + (next() % 32)) * (64 << 10));
    const pool = pools[kind];
    // 16-byte steps keep every run different from the ones before.
    const from = (next() % ((pool.length - length) >> 4)) << 4;
    writeSync(handle, pool, from, length, at);
    at += length;
  }
  closeSync(handle);
  renameSync(`${path}.part`, path);
  return path;
}

/** Lines as services write them: a time, an address, a path, a code. */
function logText(length: number): Buffer {
  const next = randomNumbers(7);
  const verbs = ['GET', 'POST', 'PUT', 'HEAD'];
  const lines: string[] = [];
  for (let size = 0; size < length; ) {
    const second = 1_721_361_600 + (size >> 7);
    const line = `${new Date(second * 1000).toISOString()} 10.${next() % 256}.${next() % 256}.7 ${verbs[next() % 4]} /api/v2/items/${next() % 100_000}?page=${next() % 50} ${next() % 9 === 0 ? 404 : 200} ${next() % 65536}\n`;
    lines.push(line);
    size += line.length;
  }
  return Buffer.from(lines.join(''), 'latin1').subarray(0, length);
}

/** Numerical Recipes' linear congruential generator, its better upper bits. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 4;
  };
}
