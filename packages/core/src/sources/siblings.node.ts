import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ByteSource, Siblings } from './byte-source.js';
import { openBeside } from './file-source.node.js';
import type { SiblingOptions } from './surroundings.node.js';

export type { SiblingOptions };

/** Whether `name` is a plain file name: no folder part in any system's notation, no `..`. */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/\0]/.test(name) && !/^[A-Za-z]:/.test(name);
}

/**
 * The files in the same folder as `path`, and no others: names with a folder part are refused. A name that only differs
 * in case is found, as on Windows. The names come out of an image that nobody vouches for, so what they lead to must be
 * a plain file in that folder: a device, or a symbolic link that leads out of the folder (and out of the one that
 * `path` itself links to), is `SIBLING_REFUSED`.
 */
export function fileSiblings(path: string, options: SiblingOptions = {}): Siblings {
  const folder = dirname(path);
  const names = (): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return {
    async open(name: string): Promise<ByteSource | undefined> {
      if (!isPlainName(name)) return undefined;
      const found = names();
      const lower = name.toLowerCase();
      const match = found.includes(name) ? name : found.find((candidate) => candidate.toLowerCase() === lower);
      return match === undefined ? undefined : openBeside(path, join(folder, match), options);
    },
    list(): Promise<string[]> {
      const own = basename(path);
      return Promise.resolve(names().filter((name) => name !== own));
    },
    // Most runs never ask.
    around: async () => (await import('./surroundings.node.js')).filesAround(path, options),
  };
}
