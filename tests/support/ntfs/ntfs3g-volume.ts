import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { run } from '../tools.js';

/** Makes an empty NTFS volume of `size` bytes at `path`. */
export function makeVolume(path: string, size: number, options: readonly string[] = []): void {
  const handle = openSync(path, 'w');
  ftruncateSync(handle, size);
  closeSync(handle);
  run('mkntfs', ['-F', '-f', '-q', ...options, path]);
}

/** Runs `work` while the volume is mounted at `${path}.mnt` with ntfs-3g; always unmounts. */
export function whileMounted(path: string, options: string, work: (root: string) => void): void {
  const root = `${path}.mnt`;
  mkdirSync(root, { recursive: true });
  run('ntfs-3g', ['-o', options, path, root]);
  try {
    work(root);
  } finally {
    run('umount', [root]);
  }
}

/** A run as ntfsinfo prints it; `lcn` -1 is a hole. */
export interface PrintedRun {
  vcn: number;
  lcn: number;
  length: number;
}

/** What `ntfsinfo -v` says of the unnamed `$DATA` of `file`. */
export function dataAttribute(
  path: string,
  file: string,
): { runs: PrintedRun[]; size: number; initializedSize: number; flags: number; unit: number } {
  const text = run('ntfsinfo', ['-v', '-F', file, path]);
  const data = text.slice(text.lastIndexOf('Dumping attribute $DATA'));
  const number = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(0x[0-9a-f]+|\\d+)`).exec(data)?.[1] ?? Number.NaN);
  const runs = [...data.matchAll(/^\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+|<HOLE>)\s+(0x[0-9a-f]+)$/gm)].map((match) => ({
    vcn: Number(match[1]),
    lcn: match[2] === '<HOLE>' ? -1 : Number(match[2]),
    length: Number(match[3]),
  }));
  return {
    runs,
    size: number('Data size'),
    initializedSize: number('Initialized size'),
    flags: number('Attribute flags'),
    unit: number('Compression unit'),
  };
}
