import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cacheFolder, writeSparse } from './corpus.js';
import { root } from './workspace.js';

/** Golden answers of a disk in test-images, as other tools give them. */
export interface TestImage {
  id: string;
  size: number;
  sha256: string;
  partitionTable: 'gpt' | 'mbr';
  diskId: string;
  partitions: {
    number: number;
    offset: number;
    length: number;
    description: string;
    partitionType: string;
    partitionId?: string;
    name?: string;
  }[];
  /** Number of the Windows volume. */
  windowsVolume: number;
  verdict: string;
  severity: string;
  files: TestImageFile[];
  folder: { path: string; names: string[] };
}

/** One channel file of a disk. */
export interface TestImageFile {
  path: string;
  record: number;
  sequence: number;
  size: number;
  initializedSize: number;
  standardInformation: TestImageTimes;
  fileName: TestImageTimes;
  sha256: string;
  class: string;
  content: string;
}

/** ISO times with seven decimals. */
export interface TestImageTimes {
  created: string;
  modified: string;
  changed: string;
  accessed: string;
}

/** Names of the disks in test-images. */
export const testImageNames: string[] = readdirSync(join(root, 'test-images'))
  .filter((name) => name.endsWith('.img.gz'))
  .map((name) => name.slice(0, -'.img.gz'.length));

/** The golden answers of a disk. */
export function testImage(name: string): TestImage {
  return JSON.parse(readFileSync(join(root, 'test-images', `${name}.json`), 'utf8')) as TestImage;
}

/**
 * Path of the unpacked disk, outside the tree. Never write to it: other tests read the same file.
 * @param name - `gpt-faulty`, or `lessons/unclean` for a disk of a lesson
 */
export function testImagePath(name: string): string {
  const packed = readFileSync(join(root, 'test-images', `${name}.img.gz`));
  const key = createHash('sha256').update(packed).digest('hex').slice(0, 16);
  const path = join(cacheFolder, key, `${basename(name)}.img`);
  if (!existsSync(path)) writeSparse(path, gunzipSync(packed));
  return path;
}
