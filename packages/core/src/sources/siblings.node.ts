import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { DeadboxError, isDeadboxError } from '../errors.js';
import type { ByteSource, Siblings } from './byte-source.js';
import { type FileOptions, openFile } from './file-source.node.js';

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
      const place = plainFile(path, join(folder, match));
      if (place === undefined) return undefined;
      try {
        return await openFile(place, { ...options, onlyFiles: true });
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

/** The path to open for the sibling at `sibling`; `undefined` when it leads nowhere. */
function plainFile(image: string, sibling: string): string | undefined {
  const facts = lstatSync(sibling, { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  if (facts.isFile()) return sibling;
  if (!facts.isSymbolicLink()) throw refused(sibling, facts.isDirectory() ? 'a folder' : 'a device or pipe');
  const target = realPath(sibling);
  if (target === undefined) return undefined;
  const folders = [realPath(dirname(image)), dirname(realPath(image) ?? image)];
  if (
    !folders.some((folder) => folder !== undefined && target.startsWith(folder.endsWith(sep) ? folder : folder + sep))
  )
    throw refused(sibling, 'a link that leads out of the folder of the image');
  if (lstatSync(target, { throwIfNoEntry: false })?.isFile() !== true)
    throw refused(sibling, 'a link to something that is no file');
  return target;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function refused(path: string, what: string): DeadboxError {
  const advice = 'If it belongs to the image, copy it there or name it yourself';
  return new DeadboxError(
    'SIBLING_REFUSED',
    `${path} is ${what}, and is not opened because an image names it. ${advice}.`,
    {
      data: { path, what },
    },
  );
}
