import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, linkSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from './cli.js';
import { testImagePath } from './test-image.js';

/** The disks that the images are made of: to act on, well, of another partition table. */
const KINDS = ['gpt-faulty', 'gpt-reverted', 'mbr-absent'];

/** A folder of `count` small disks, each a file of its own; their zeros are holes. */
export function manyImages(folder: string, count: number): string {
  mkdirSync(folder, { recursive: true });
  const disks = KINDS.map((kind) => filled(readFileSync(testImagePath(kind))));
  for (let i = 0; i < count; i += 1) {
    const { pieces, size } = disks[i % disks.length];
    const handle = openSync(join(folder, `server-${String(i).padStart(4, '0')}.img`), 'w');
    ftruncateSync(handle, size);
    for (const { offset, bytes } of pieces) writeSync(handle, bytes, 0, bytes.length, offset);
    closeSync(handle);
  }
  return folder;
}

/** A second name for an image. */
export function secondName(path: string, other: string): void {
  linkSync(path, other);
}

const PIECE = 64 << 10;
const ZEROS: Buffer = Buffer.alloc(PIECE);

/** The pieces of a disk that are not zeros. */
function filled(disk: Buffer): { pieces: readonly { offset: number; bytes: Buffer }[]; size: number } {
  const pieces = [];
  for (let offset = 0; offset < disk.length; offset += PIECE) {
    const bytes = disk.subarray(offset, offset + PIECE);
    if (!bytes.equals(ZEROS.subarray(0, bytes.length))) pieces.push({ offset, bytes });
  }
  return { pieces, size: disk.length };
}

/**
 * A run of the command line that is killed as soon as its journal has so many lines. Gives whether it was still
 * running.
 */
export async function killedRun(args: readonly string[], journal: string, lines: number): Promise<boolean> {
  return (await endedRun(args, journal, lines, 'SIGKILL')).signal === 'SIGKILL';
}

/** The same with any signal. Gives how the program ended. */
export function endedRun(
  args: readonly string[],
  journal: string,
  lines: number,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cliPath, ...args], { stdio: 'ignore' });
    const watch = setInterval(() => {
      if (lineCount(journal) < lines) return;
      clearInterval(watch);
      child.kill(signal);
    }, 10);
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearInterval(watch);
      resolve({ code, signal: by });
    });
  });
}

/** Line feeds in a file; none where there is no file. */
export function lineCount(path: string): number {
  try {
    return readFileSync(path, 'latin1').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** What a run found, without what differs from run to run. */
export function findings(path: string): unknown {
  const { images, summary, provenance } = JSON.parse(readFileSync(path, 'utf8'));
  const { startedAt: _, finishedAt: __, ...made } = provenance;
  return { images: images.map(({ cost: ___, ...image }: { cost?: unknown }) => image), summary, made };
}
