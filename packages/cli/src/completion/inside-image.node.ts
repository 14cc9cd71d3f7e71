import { isDeadboxError } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { UsageError } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { isUrl } from '../input/targets.node.js';
import { openPath } from '../open-path.node.js';
import type { Candidate } from './candidate.js';

/** Nobody reads on in a longer list, and no shell shows one well. */
const MOST_NAMES = 500;
/** Names that a shell, a terminal and a reader all take as they are; others are typed by hand, with care. */
const PLAIN = /^[\p{L}\p{N} ._~()+,@%=&$#{}[\]-]+$/u;

/** The entries of the folder that `typed` is in, as it would go on. */
export async function insideImage(
  image: string,
  typed: string,
  volume: number | undefined,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const cut = typed.lastIndexOf('/') + 1;
  // A name that stands alone could be an option (`--output=x`), or what a shell makes of `~root`: a path is neither.
  const folder = typed === '' ? '/' : typed.slice(0, cut);
  const begun = typed.slice(cut).toLowerCase();
  return onDisk(image, async (disk) => {
    const { tree } = await chooseTree(disk, volume, { signal });
    const node = await findFile(tree, folder === '' ? '/' : folder, { signal });
    const found: Candidate[] = [];
    for await (const batch of node.entries({ signal })) {
      for (const { name, type } of batch) {
        if (!name.toLowerCase().startsWith(begun) || !PLAIN.test(name)) continue;
        found.push({ value: `${folder}${name}${type === 'directory' ? '/' : ''}`, about: '' });
        if (found.length === MOST_NAMES) return found;
      }
    }
    return found;
  });
}

/** The numbers of an image's volumes. */
export async function volumesOf(image: string): Promise<Candidate[]> {
  return onDisk(image, (disk) =>
    disk.volumes.map(({ number, fileSystem }) => ({ value: String(number), about: fileSystem })),
  );
}

/** What `look` finds on the disk; nothing where it cannot be read: a shell waits for candidates, not for reasons. */
async function onDisk(image: string, look: (disk: Disk) => Promise<Candidate[]> | Candidate[]): Promise<Candidate[]> {
  if (isUrl(image)) return [];
  let disk: Disk | undefined;
  try {
    disk = await openPath(image);
    return await look(disk);
  } catch (error) {
    if (!isDeadboxError(error) && !(error instanceof UsageError)) throw error;
    return [];
  } finally {
    await disk?.close();
  }
}
