import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DeadboxError } from '@deadbox/core';
import { usageError } from '../exit-code.js';

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

/** The files that a run reads, and those that it writes: no output may replace another of them. */
export class InputFiles {
  /** What is at each path, once it was asked: most runs never need to. */
  readonly #identities = new Map<string, string | undefined>();
  readonly #written = new Set<string>();

  /** Notes files; names that are no files do no harm. */
  add(...paths: readonly string[]): void {
    this.addAll(paths);
  }

  /** The same of as many as a list may name. */
  addAll(paths: Iterable<string>): void {
    for (const path of paths) if (!this.#identities.has(path)) this.#identities.set(path, undefined);
  }

  /** Takes back names that are not read. */
  forget(paths: Iterable<string>): void {
    for (const path of paths) this.#identities.delete(path);
  }

  /** @throws DeadboxError `OUTPUT_IS_INPUT` when `path` is one of them, under whatever name */
  refuse(path: string): void {
    const id = identity(path);
    if (id === undefined || !this.#has(id)) return;
    throw new DeadboxError(
      'OUTPUT_IS_INPUT',
      `${path} is what is being read: writing there would destroy it. Name another file with -o.`,
      { data: { path } },
    );
  }

  /**
   * Notes a file that the run writes: a report, a journal, an undo file. It need not be there yet; pipes and devices
   * take any number of outputs.
   * @throws UsageError when the run writes something else there, too
   */
  claim(path: string): void {
    const place = identity(path) ?? (existsSync(path) ? undefined : resolve(path));
    if (place === undefined) return;
    if (this.#written.has(place)) throw usageError('output-twice', { path });
    this.#written.add(place);
  }

  #has(wanted: string): boolean {
    for (const [path, known] of this.#identities) {
      const id = known ?? identity(path);
      this.#identities.set(path, id);
      if (id === wanted) return true;
    }
    return false;
  }
}
