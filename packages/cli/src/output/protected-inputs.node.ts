import { statSync } from 'node:fs';
import { DeadboxError } from '@deadbox/core';

/** Identities of the files that this run reads. */
const inputs = new Set<string>();

/** What tells one file from another whatever it is called: the device itself, else the place on its file system. */
function identity(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (stats.isBlockDevice()) return `device ${stats.rdev}`;
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
  } catch {
    return undefined;
  }
}

/** Notes files that are read, so that {@link refuseInput} keeps output from replacing them. Names that are no files do no harm. */
export function protectInputs(paths: readonly string[]): void {
  for (const path of paths) {
    const id = identity(path);
    if (id !== undefined) inputs.add(id);
  }
}

/** @throws DeadboxError `OUTPUT_IS_INPUT` when `path` is a file that this run reads, under whatever name */
export function refuseInput(path: string): void {
  const id = identity(path);
  if (id === undefined || !inputs.has(id)) return;
  throw new DeadboxError(
    'OUTPUT_IS_INPUT',
    `${path} is what is being read: writing there would destroy it. Name another file with -o.`,
    {
      data: { path },
    },
  );
}
