import { createHash } from 'node:crypto';
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** One name as a mounted volume shows it. */
export interface MountedEntry {
  record: number;
  type: 'file' | 'directory';
  size: number;
  /** FILETIME of the last change of the content. */
  modified: bigint;
  sha256: string;
}

/** A small reproducible random generator (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS = [
  'system',
  'Driver',
  'résumé',
  '設定',
  'Ελλάδα',
  'überlang',
  'a',
  'C-00000291',
  'data',
  'ДАННЫЕ',
  'x'.repeat(120),
  '😀 emoji',
  'mixed CASE',
];

/**
 * Fills a mounted volume with directories, files of all size classes (empty, resident, one byte past a cluster,
 * fragments, sparse, past the valid data length), hard links, streams, and one directory that is large enough for a
 * tree of index blocks.
 */
export function growTree(root: string, seed: number, clusterSize: number, largeDirectory: number): void {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(next() * 256));
  const sizes = [0, 1, 200, 700, 4000, clusterSize - 1, clusterSize, clusterSize + 1, 3 * clusterSize + 17].map(
    (size) => Math.min(size, 70_000),
  );
  const folders = [''];
  for (let i = 0; i < 8; i += 1) {
    const path = `${pick(folders)}/${pick(WORDS)} ${i}`;
    mkdirSync(root + path);
    folders.push(path);
  }
  for (let i = 0; i < 40; i += 1) {
    const path = `${pick(folders)}/${pick(WORDS)}-${i}.${pick(['sys', 'dll', 'txt'])}`;
    writeFileSync(root + path, bytes(pick(sizes)));
    if (next() < 0.2) linkSync(root + path, `${root}${pick(folders)}/link ${i}`);
    if (next() < 0.2) {
      const content = bytes(pick([3, 900, 9000]));
      writeFileSync(`${root}${path}:${pick(['Zone.Identifier', 'été'])}${i}`, content);
    }
    if (next() < 0.5) utimesSync(root + path, 1_721_362_175 + i, 1_721_362_175.25 + i);
  }
  const sparse = `${root}/sparse.bin`;
  writeFileSync(sparse, 'head');
  truncateSync(sparse, 3_000_000);
  const handle = openSync(sparse, 'r+');
  writeSync(handle, Buffer.from('middle'), 0, 6, 1_500_000);
  closeSync(handle);
  const grown = `${root}/grown.bin`;
  writeFileSync(grown, bytes(5000));
  truncateSync(grown, 200_000);
  mkdirSync(`${root}/many`);
  for (let i = 0; i < largeDirectory; i += 1)
    writeFileSync(
      `${root}/many/C-${String((i * 7919) % 100_000).padStart(8, '0')}-${String(i).padStart(8, '0')}.sys`,
      'x',
    );
  const linked = `${root}/many links`;
  writeFileSync(linked, 'linked');
  for (let i = 0; i < 40; i += 1) linkSync(linked, `${root}/many/one of the many names of one file, number ${i}`);
}

/** Every name below `root`, with record number, size, time and content, as the mounted file system gives them. */
export function readMounted(root: string): Map<string, MountedEntry> {
  const found = new Map<string, MountedEntry>();
  const walk = (path: string): void => {
    for (const name of readdirSync(root + (path === '' ? '/' : path))) {
      const child = `${path}/${name}`;
      const stats = lstatSync(root + child, { bigint: true });
      const directory = stats.isDirectory();
      found.set(child, {
        record: Number(stats.ino),
        type: directory ? 'directory' : 'file',
        size: directory ? 0 : Number(stats.size),
        modified: stats.mtimeNs / 100n + 116_444_736_000_000_000n,
        sha256: directory
          ? '-'
          : createHash('sha256')
              .update(readFileSync(join(root, child)))
              .digest('hex'),
      });
      if (directory) walk(child);
    }
  };
  walk('');
  return found;
}
