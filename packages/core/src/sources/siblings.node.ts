import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeadboxError } from '../errors.js';
import type { ByteSource, Siblings } from './byte-source.js';
import { type FileOptions, openFile } from './file-source.node.js';

/** Whether `name` is a plain file name: no folder part in any system's notation, no `..`. */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/\0]/.test(name) && !/^[A-Za-z]:/.test(name);
}

/**
 * The files in the same folder as `path`, and no others: names with a folder part are refused.
 * A name that only differs in case is found, as on Windows.
 */
export function fileSiblings(path: string, options: FileOptions = {}): Siblings {
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
      if (match === undefined) return undefined;
      try {
        return await openFile(join(folder, match), options);
      } catch (error) {
        if (isDeadboxError(error, 'SOURCE_NOT_FOUND')) return undefined;
        throw error;
      }
    },
    list(): Promise<string[]> {
      const own = basename(path);
      return Promise.resolve(names().filter((name) => name !== own));
    },
  };
}
