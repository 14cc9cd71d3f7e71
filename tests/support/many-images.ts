import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from './cli.js';
import { testImagePath } from './test-image.js';

/** The disks that the images are made of: to act on, well, of another partition table. */
const KINDS = ['gpt-faulty', 'gpt-reverted', 'mbr-absent'];

/** A folder of `count` small disks; each ends in bytes of its own, so that no two are one file. */
export function manyImages(folder: string, count: number): string {
  mkdirSync(folder, { recursive: true });
  const disks = KINDS.map((kind) => trimmed(readFileSync(testImagePath(kind))));
  for (let i = 0; i < count; i += 1) {
    const { bytes, size } = disks[i % disks.length];
    const path = join(folder, `server-${String(i).padStart(4, '0')}.img`);
    writeFileSync(path, bytes);
    truncateSync(path, size);
  }
  return folder;
}

/** A second name for an image. */
export function secondName(path: string, other: string): void {
  linkSync(path, other);
}

/** Without the zeros at the end, which a hole stands for. */
function trimmed(bytes: Buffer): { bytes: Buffer; size: number } {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return { bytes: bytes.subarray(0, end), size: bytes.length };
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
