import { keepOnce } from '@deadbox/core';
import type { ImageIdentity, ParentReference } from '../image-format.js';

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

/** What the name of a file alone says of it. */
export interface ToldName {
  readonly lower: string;
  /** The ending without its dot, in lower case; the whole name where it has none. */
  readonly ending: string;
}

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
  readonly #around = new Map<string, Promise<AskedAround>>();
  readonly #names = new Map<string, ToldName>();

  /** What the file called `name` said, or says now; `ask` opens it. */
  of(name: string, ask: () => Promise<ToldFile>): Promise<ToldFile> {
    // A server that failed may answer the next time.
    return keepOnce(this.#files, name, ask);
  }

  /** What all files around the images of `place` said, or say now; `ask` asks them. */
  around(place: string, ask: () => Promise<AskedAround>): Promise<AskedAround> {
    return keepOnce(this.#around, place, ask);
  }

  /** What the name of a file says. */
  name(name: string): ToldName {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const told = { lower, ending: lower.slice(lower.lastIndexOf('.') + 1) };
    this.#names.set(name, told);
    return told;
  }
}
