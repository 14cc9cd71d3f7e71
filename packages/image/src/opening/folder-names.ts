import type { ImageFormat } from '../image-format.js';

/** What the name of a file alone says of it. */
export interface ToldName {
  readonly lower: string;
  /** The ending without its dot, in lower case; the whole name where it has none. */
  readonly ending: string;
}

/** What a name says. */
export function toldName(name: string): ToldName {
  const lower = name.toLowerCase();
  return { lower, ending: lower.slice(lower.lastIndexOf('.') + 1) };
}

/** Whether a name is that of an image's further part. */
export function isPartName(name: string, formats: readonly ImageFormat[]): boolean {
  return formats.some(({ partName }) => partName?.test(name) === true);
}

/**
 * The names of one folder, taken apart once: a thousand images in it would each take the thousand others apart. Answers
 * are in the order of the list, and may hold the name of the image that asks.
 */
export class FolderNames {
  readonly #all: readonly string[];
  readonly #told: readonly ToldName[];
  #links: { readonly formats: readonly ImageFormat[]; readonly names: readonly string[] } | undefined;

  /** @param own - the image that `listed` leaves out */
  constructor(listed: readonly string[], own: string) {
    this.#all = [...listed, own];
    this.#told = this.#all.map(toldName);
  }

  /** Whether these are the names of `listed` in their order, and at most the one of the image `own` besides. */
  are(listed: readonly string[], own: string): boolean {
    const all = this.#all;
    let at = 0;
    for (const name of listed) {
      // The same string nearly always, which is told at once; two of one length are compared letter by letter.
      if (all[at] !== name && all[at] === own) at += 1;
      if (all[at] !== name) return false;
      at += 1;
    }
    if (all[at] === own) at += 1;
    return at === all.length;
  }

  /** Names of which `holds` is true. */
  where(holds: (told: ToldName) => boolean): string[] {
    return this.#all.filter((_, i) => holds(this.#told[i]));
  }

  /** Names with the ending of a format whose images have parents, but for further parts of an image. */
  links(formats: readonly ImageFormat[]): readonly string[] {
    if (this.#links?.formats !== formats) {
      const endings = new Set(formats.flatMap((format) => (format.hasParents === true ? format.extensions : [])));
      const names = this.where(({ ending }) => endings.has(ending));
      this.#links = { formats, names: names.filter((name) => !isPartName(name, formats)) };
    }
    return this.#links.names;
  }
}
