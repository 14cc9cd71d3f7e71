import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFileTime, hashSource, sha256Hex } from '@deadbox/core';
import type { FatFile, FatVolume } from '@deadbox/fat';
import { run } from '../tools.js';

/** What one file or folder is, as any tool can tell it. */
export interface TreeRow {
  path: string;
  type: 'file' | 'directory';
  size: number;
  sha256: string;
}

/** Bytes that differ from file to file. */
export function sample(seed: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) ^ (i >> 8));
}

/**
 * The tree that every image gets: long, short and Unicode names, empty and large files, depth, a directory of many
 * entries.
 */
export function sampleTree(): Map<string, Uint8Array<ArrayBuffer>> {
  const tree = new Map<string, Uint8Array<ArrayBuffer>>();
  tree.set('/EFI/Microsoft/Boot/BCD', sample(1, 24_576));
  tree.set('/EFI/Microsoft/Boot/bootmgfw.efi', sample(2, 60_001));
  tree.set('/EFI/Boot/bootx64.efi', sample(3, 512));
  tree.set('/Größe 報告 отчёт.txt', sample(4, 5));
  tree.set('/empty.txt', sample(5, 0));
  tree.set('/a name of exactly 26 chars', sample(6, 100));
  tree.set('/thirteen char', sample(7, 4096));
  tree.set('/.hidden configuration', sample(8, 4097));
  tree.set(`/${'n'.repeat(200)}.txt`, sample(9, 77));
  tree.set('/two.dots.in.name', sample(10, 1));
  for (let i = 0; i < 150; i += 1) tree.set(`/many/entry number ${i} of the directory.dat`, sample(i, (i * 37) % 900));
  tree.set('/a/b/c/d/e/f/deep.bin', sample(11, 9999));
  return tree;
}

/**
 * Makes a FAT volume with mkfs.vfat and copies `tree` into it with mtools; deleted files and a fragmented one are left
 * in it.
 */
export function makeImage(
  path: string,
  mib: number,
  options: readonly string[],
  tree: ReadonlyMap<string, Uint8Array>,
): void {
  writeFileSync(path, '');
  truncateSync(path, mib << 20);
  run('mkfs.vfat', ['-n', 'DEADBOX', '-i', '1234abcd', ...options, path]);
  const stage = mkdtempSync(join(tmpdir(), 'deadbox-fat-'));
  try {
    for (const [name, bytes] of tree) {
      const target = join(stage, name);
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, bytes);
      utimesSync(target, 1_721_362_174, 1_721_362_174);
    }
    // Neighbours are deleted again, so that the file written afterwards lies in pieces.
    for (let i = 0; i < 24; i += 1) writeFileSync(join(stage, `filler${i}`), sample(i, 9000));
    run('mcopy', ['-s', '-m', '-i', path, ...readdirSync(stage).map((name) => join(stage, name)), '::/']);
    run('mdel', ['-i', path, ...Array.from({ length: 12 }, (_, i) => `::/filler${i * 2}`)]);
    writeFileSync(join(stage, 'in pieces.bin'), sample(99, 90_000));
    run('mcopy', ['-m', '-i', path, join(stage, 'in pieces.bin'), '::/in pieces.bin']);
    run('mdel', ['-i', path, ...Array.from({ length: 12 }, (_, i) => `::/filler${i * 2 + 1}`)]);
    run('mattrib', ['+h', '+s', '+r', '-i', path, '::/empty.txt']);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The tree as mtools copies it out, sorted by path. */
export function treeByMtools(path: string): TreeRow[] {
  return treeByCopy((target) => run('mcopy', ['-s', '-n', '-i', path, '::/', target]));
}

/**
 * The tree as 7-Zip copies it out, sorted by path; it also takes FAT32 volumes that mtools and the Sleuth Kit find too
 * small.
 */
export function treeBySevenZip(path: string): TreeRow[] {
  return treeByCopy((target) => run('7z', ['x', '-y', `-o${target}`, path]));
}

function treeByCopy(copy: (target: string) => void): TreeRow[] {
  const target = mkdtempSync(join(tmpdir(), 'deadbox-fat-'));
  try {
    copy(target);
    const rows: TreeRow[] = [];
    for (const name of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
      const file = join(target, name);
      const directory = statSync(file).isDirectory();
      const bytes = directory ? new Uint8Array(0) : new Uint8Array(readFileSync(file));
      rows.push({
        path: `/${name}`,
        type: directory ? 'directory' : 'file',
        size: bytes.length,
        sha256: directory ? '-' : sha256Hex(bytes),
      });
    }
    return rows.sort(byPath);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** The tree as `@deadbox/fat` reads it, sorted by path. */
export async function treeByUs(volume: FatVolume): Promise<TreeRow[]> {
  const rows: TreeRow[] = [];
  for await (const file of walk(volume.root)) {
    const sha256 = file.type === 'directory' ? '-' : await hashSource(await file.stream());
    rows.push({ path: file.path, type: file.type, size: file.size, sha256 });
  }
  return rows.sort(byPath);
}

/** Every file below `directory`. */
export async function* walk(directory: FatFile, depth = 0): AsyncGenerator<FatFile> {
  for await (const batch of directory.entries()) {
    for (const entry of batch) {
      const file = (await entry.open()) as FatFile;
      yield file;
      if (file.type === 'directory' && depth < 20) yield* walk(file, depth + 1);
    }
  }
}

/** Modification and creation times as the Sleuth Kit tells them, by path. */
export function timesBySleuthKit(
  path: string,
): Map<string, { modified: string | undefined; created: string | undefined }> {
  const time = (seconds: string): string | undefined =>
    seconds === '0' ? undefined : new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const times = new Map<string, { modified: string | undefined; created: string | undefined }>();
  for (const line of run('fls', ['-r', '-p', '-f', 'fat', '-u', '-m', '/', '-z', 'UTC', path]).split('\n')) {
    const fields = line.split('|');
    if (fields.length < 11) continue;
    times.set(fields[1], { modified: time(fields[8]), created: time(fields[10]) });
  }
  return times;
}

/** A FILETIME to the second, for comparison. */
export function toSecond(time: bigint | undefined): string | undefined {
  return time === undefined ? undefined : formatFileTime(time)?.slice(0, 19);
}

function byPath(a: TreeRow, b: TreeRow): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
