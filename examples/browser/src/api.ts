import type { ImageReport } from '@deadbox/triage';
import type { Walk, WalkTarget } from '@deadbox/triage/walk';

/** What is opened: files that were chosen, or an address. */
export type Opened =
  | { readonly kind: 'files'; readonly files: readonly File[]; readonly name: string }
  | { readonly kind: 'link'; readonly url: string };

/** A secret, tried on every locked volume. */
export interface Secret {
  readonly kind: 'recovery-password' | 'password';
  readonly text: string;
}

/** A volume as the page lists it. */
export interface ListedVolume {
  readonly number: number;
  readonly label: string;
  readonly role: string;
  readonly readable: boolean;
  readonly locked: boolean;
  /** Ids of the recovery passwords that would open it. */
  readonly keyIds: readonly string[];
}

/**
 * The names of a folder in columns, folders first, each kind in the order of names: it may have 400,000, and columns go
 * from the worker to the page without being copied.
 */
export interface ListedFolder {
  /** How many of the names are folders. */
  readonly folders: number;
  /** All names, one behind the other, in UTF-16. */
  readonly text: Uint16Array<ArrayBuffer>;
  /** Where each ends in `text`. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Bytes of each file; -1 for a folder, and where the size is not known. */
  readonly sizes: Float64Array<ArrayBuffer>;
}

/** A registry hive or boot store of the disk. */
export interface ListedHive {
  readonly label: string;
  readonly volume: number;
  readonly path: string;
}

/** A value of a key. */
export interface ListedValue {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** A key: the names below it, and its values. */
export interface ListedKey {
  readonly keys: readonly string[];
  readonly values: readonly ListedValue[];
}

/** An object of a boot store. */
export interface ListedObject {
  readonly id: string;
  readonly name: string;
  readonly elements: readonly { readonly id: string; readonly name: string; readonly text: string }[];
}

/** What the worker does for the first answer. */
export interface OpeningApi {
  open(what: Opened, secrets: readonly Secret[]): Promise<readonly ListedVolume[]>;
  /** Judges the files alone. */
  first(): Promise<ImageReport>;
}

/** What it does after that. */
export interface ContentApi {
  scan(): Promise<ImageReport>;
  list(volume: number, path: string): Promise<ListedFolder>;
  head(volume: number, path: string): Promise<{ readonly size: number; readonly bytes: Uint8Array }>;
  content(volume: number, path: string): Promise<Blob>;
  hives(): Promise<readonly ListedHive[]>;
  key(hive: ListedHive, path: string): Promise<ListedKey>;
  stores(): Promise<readonly { readonly hive: ListedHive; readonly objects: readonly ListedObject[] }[]>;
  walk(target: WalkTarget): Promise<Walk>;
  causeTarget(id: string): Promise<WalkTarget | null>;
  /** What a path, `HIVE\\key\\value`, `BCD\\{object}\\element`, `boot-log` or the id of a cause stands for. */
  target(text: string): Promise<WalkTarget>;
}

/** What the worker does; every call can be cancelled. */
export interface Api extends OpeningApi, ContentApi {}

/** A call on its way to the worker. */
export interface Call {
  readonly id: number;
  readonly method: keyof Api;
  readonly args: readonly unknown[];
}

/** What comes back. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }
  | { readonly id: number; readonly progress: number };
