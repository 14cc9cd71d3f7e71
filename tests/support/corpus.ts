import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe } from 'vitest';

/** One image of the corpus, as its manifest describes it. */
export interface CorpusEntry {
  id: string;
  kind: string;
  file: string;
  compression: 'gzip' | 'none';
  sha256: string;
  size: number;
  extra_files?: (string | { file: string; [key: string]: unknown })[];
  secrets?: Record<string, unknown>;
  notes?: string;
  pad_to?: number;
  expected: any;
  [key: string]: any;
}

const folder: string | undefined = process.env.DEADBOX_CORPUS;
const required: boolean = (process.env.DEADBOX_REQUIRE ?? '').split(/[ ,]+/).includes('corpus');
const present: boolean = folder !== undefined && existsSync(join(folder, 'manifest.json'));

/** Where unpacked images are kept between runs: outside the tree. */
export const cacheFolder: string = process.env.DEADBOX_CACHE ?? join(tmpdir(), 'deadbox-cache');

/** The folder of the corpus; only call inside {@link describeWithCorpus}. */
export function corpusFolder(): string {
  if (!present) throw new Error('DEADBOX_CORPUS does not name the corpus');
  return folder as string;
}

/** The manifest's entries. */
export function corpusManifest(): CorpusEntry[] {
  return JSON.parse(readFileSync(join(corpusFolder(), 'manifest.json'), 'utf8')) as CorpusEntry[];
}

/**
 * Runs `define` when the corpus is there; else skips with a line that says why, or fails when DEADBOX_REQUIRE asks for
 * the corpus.
 */
export function describeWithCorpus(name: string, define: () => void): void {
  if (present) describe(name, define);
  else if (required)
    describe(name, () => {
      throw new Error(`${name}: DEADBOX_REQUIRE asks for the corpus, but DEADBOX_CORPUS does not name it`);
    });
  else describe.skip(`${name} (skipped: DEADBOX_CORPUS does not name the corpus)`, () => void 0);
}

/** Path of a corpus file, unpacked into the cache when it is gzip'd; zero blocks become holes. */
export function corpusPath(file: string): string {
  const path = join(corpusFolder(), file);
  if (!file.endsWith('.gz')) return path;
  const packed = readFileSync(path);
  const key = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  const target = join(cacheFolder, key, basename(file, '.gz'));
  if (!existsSync(target)) writeSparse(target, gunzipSync(packed));
  return target;
}

/** Path of an entry's main image, unpacked, padded where the manifest says so. */
export function corpusFile(entry: CorpusEntry): string {
  const path = corpusPath(entry.file);
  const pad = entry.pad_to ?? entry.expected?.pad_to;
  if (typeof pad === 'number' && statSync(path).size < pad) {
    const handle = openSync(path, 'r+');
    ftruncateSync(handle, pad);
    closeSync(handle);
  }
  return path;
}

/** Writes `bytes` to `path`, 64-KiB blocks of zeros as holes. */
export function writeSparse(path: string, bytes: Uint8Array): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const partial = `${path}.${process.pid}.part`;
  const handle = openSync(partial, 'w');
  const zeros = Buffer.alloc(65536);
  for (let at = 0; at < bytes.length; at += 65536) {
    const block = bytes.subarray(at, Math.min(at + 65536, bytes.length));
    if (zeros.compare(block, 0, block.length, 0, block.length) !== 0) writeSync(handle, block, 0, block.length, at);
  }
  ftruncateSync(handle, bytes.length);
  closeSync(handle);
  renameSync(partial, path);
}

/** One line of a `*.listing.tsv`. */
export interface ListingRow {
  record: number;
  size: number;
  path: string;
  sha256: string;
  type: string;
  modified: string;
}

/** Parses an oracle listing; `\t`, `\r`, `\n`, `\\` in paths are undone. */
export function readListing(path: string): ListingRow[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [record, size, name, sha256, type, modified] = line.split('\t') as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const undone = name.replace(
        /\\([trn\\])/g,
        (_, c: string) => ({ t: '\t', r: '\r', n: '\n', '\\': '\\' })[c] as string,
      );
      return { record: Number(record), size: Number(size), path: undone, sha256, type, modified };
    });
}
