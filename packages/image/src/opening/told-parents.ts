import { keepOnce } from '@deadbox/core';
import type { ImageIdentity, ParentReference } from '../image-format.js';
import { FolderNames } from './folder-names.js';

/** A file beside an image that says what it was made on. */
export interface Claim {
  /** Its name. */
  readonly name: string;
  /** What it says of its parent. */
  readonly reference: ParentReference;
  /** What it says of itself. */
  readonly self: ImageIdentity | undefined;
}

/** An image without a parent that is made of other files: whoever opens one of those has its bytes. */
export interface WholeImage {
  readonly name: string;
  readonly self: ImageIdentity | undefined;
  /** Names of its files, in its folder. */
  readonly parts: readonly string[];
}

/** A file that may be a link and does not say of what. */
export interface UnreadImage {
  readonly name: string;
  /** Code of the error that kept it from being asked. */
  readonly unread: string;
  /** Whether it is a link that leads out of the folder. */
  readonly isLink: boolean;
}

/** What a file said; `undefined` for one that has no parent, or is no image that can have one. */
export type ToldFile = Claim | WholeImage | UnreadImage | undefined;

/** What the files around the images of one place said. */
export interface AskedAround {
  readonly files: readonly NonNullable<ToldFile>[];
  /** Files that were asked, and what could not be, at least. */
  readonly asked: number;
  readonly leftOut: number;
  /** Paths of packed images, of which nobody knows what they say. */
  readonly packed: readonly string[];
  /** Their paths in small letters. */
  readonly present: ReadonlySet<string>;
}

/**
 * What the files of one folder say of their parents, kept for all searches of a run: a thousand images in a folder
 * would each ask the thousand others.
 */
export class ToldParents {
  readonly #files = new Map<string, Promise<ToldFile>>();
  readonly #said = new Map<string, ToldFile>();
  readonly #around = new Map<string, Promise<AskedAround>>();
  #names: FolderNames | undefined;

  /** What the file called `name` said, or says now; `ask` opens it. */
  of(name: string, ask: () => Promise<ToldFile>): Promise<ToldFile> {
    // A server that failed may answer the next time.
    return keepOnce(this.#files, name, async () => {
      const file = await ask();
      this.#said.set(name, file);
      return file;
    });
  }

  /** Whether the file called `name` has said already what there is to hear, which {@link said} has without waiting. */
  hasSaid(name: string): boolean {
    return this.#said.has(name);
  }

  /** What the file called `name` said; `undefined` for one that was not asked, too. */
  said(name: string): ToldFile {
    return this.#said.get(name);
  }

  /** What all files around the images of `place` said, or say now; `ask` asks them. */
  around(place: string, ask: () => Promise<AskedAround>): Promise<AskedAround> {
    return keepOnce(this.#around, place, ask);
  }

  /** The names in the folder of the image `own`, of which `listed` are the others. */
  names(listed: readonly string[], own: string): FolderNames {
    if (this.#names?.are(listed, own) !== true) this.#names = new FolderNames(listed, own);
    return this.#names;
  }
}
