import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { type ImageReport, openDisk, type ScanOptions, scanDisk } from 'deadbox';
import {
  buildCrashedDisk,
  type ChannelFile,
  type CrashedDisk,
  type CrashedDiskOptions,
} from '../disk-writer/crashed-disk.js';

let made = 0;

/** A disk with a small crashed Windows that holds `channelFiles`. */
export function crashedDisk(folder: string, options: Partial<CrashedDiskOptions>): { path: string; disk: CrashedDisk } {
  made += 1;
  const path = join(folder, `disk-${made}.raw`);
  return { path, disk: buildCrashedDisk(path, { files: 40, crowdStrikeEntries: 12, hardLinks: false, ...options }) };
}

/** Scans a disk file with the library. */
export async function scan(path: string, options: ScanOptions = {}): Promise<ImageReport> {
  const source = await openFile(path);
  const disk = await openDisk(source);
  try {
    return await scanDisk(disk, options);
  } finally {
    await disk.close();
    await source.close?.();
  }
}

/** Builds, scans and removes a disk. */
export async function judge(
  folder: string,
  options: Partial<CrashedDiskOptions>,
  scanOptions: ScanOptions = { mode: 'quick' },
): Promise<ImageReport> {
  const { path } = crashedDisk(folder, options);
  try {
    return await scan(path, scanOptions);
  } finally {
    rmSync(path);
  }
}

/** Changes bytes of a disk file. */
export function patch(path: string, offset: number, change: (bytes: Buffer) => void, length = 4096): void {
  const handle = openSync(path, 'r+');
  const bytes = Buffer.alloc(length);
  readSync(handle, bytes, 0, length, offset);
  change(bytes);
  writeSync(handle, bytes, 0, length, offset);
  closeSync(handle);
}

const BYTES = Uint8Array.from({ length: 9000 }, (_, i) => (i * 31) ^ (i >> 3) ^ 0xaa);

/** The content states of the reference, section 3, and how a file comes to them. */
export const CONTENTS: Record<string, Pick<ChannelFile, 'size' | 'valid' | 'content'>> = {
  ok: { content: BYTES },
  empty: { size: 0 },
  unwritten: { size: 9000, valid: 0, content: BYTES },
  'partly-written': { size: 9000, valid: 5000, content: BYTES },
  'zero-filled': { content: new Uint8Array(9000) },
};

/** A channel file 291 of the given time and content. */
export function channel(version: number, modified: string, content = 'ok', created = modified): ChannelFile {
  return {
    name: `C-00000291-00000000-${String(version).padStart(8, '0')}.sys`,
    modified,
    created,
    ...CONTENTS[content],
  };
}
