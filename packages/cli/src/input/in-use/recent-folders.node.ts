import { basename, dirname } from 'node:path';
import type { Siblings } from '@deadbox/core';
import { monotonicMilliseconds } from '@deadbox/core';

/** Milliseconds for which images share what was read of a folder. */
const FRESH = 250;

interface KnownFolder {
  readonly folder: string;
  readonly names: readonly string[];
  /** Where each stands among them. */
  readonly places: ReadonlyMap<string, number>;
  readonly readAt: number;
}

/**
 * Names in the folders of the images of a run, one after the other: read anew when they are older than 250 ms. A
 * thousand images in a folder would each list the thousand others.
 */
export class RecentFolders {
  #known: KnownFolder | undefined;

  /** The files beside the one at `path`, with a list of them that may be 250 ms old. */
  beside(path: string, siblings: Siblings): Siblings {
    const folder = dirname(path);
    const own = basename(path);
    return {
      ...siblings,
      list: async (options) => {
        const now = monotonicMilliseconds();
        if (this.#known?.folder !== folder || now - this.#known.readAt >= FRESH) {
          const names = [...((await siblings.list?.(options)) ?? []), own];
          this.#known = { folder, names, places: new Map(names.map((name, place) => [name, place])), readAt: now };
        }
        const { names, places } = this.#known;
        const others = [...names];
        const place = places.get(own);
        if (place !== undefined) others.splice(place, 1);
        return others;
      },
    };
  }
}
