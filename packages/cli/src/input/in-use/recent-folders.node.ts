import { basename, dirname } from 'node:path';
import type { Siblings } from '@deadbox/core';

/** Milliseconds for which images share what was read of a folder. */
const FRESH = 250;

/**
 * Names in the folders of the images of a run, one after the other: read anew when they are older than 250 ms. A
 * thousand images in a folder would each list the thousand others.
 */
export class RecentFolders {
  #known: { readonly folder: string; readonly names: readonly string[]; readonly readAt: number } | undefined;

  /** The files beside the one at `path`, with a list of them that may be 250 ms old. */
  beside(path: string, siblings: Siblings): Siblings {
    const folder = dirname(path);
    const own = basename(path);
    return {
      ...siblings,
      list: async (options) => {
        const now = performance.now();
        if (this.#known?.folder !== folder || now - this.#known.readAt >= FRESH) {
          const others = (await siblings.list?.(options)) ?? [];
          this.#known = { folder, names: [...others, own], readAt: now };
        }
        return this.#known.names.filter((name) => name !== own);
      },
    };
  }
}
