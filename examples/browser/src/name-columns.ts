import type { ListedFolder } from './api.js';

/** Collects names with their sizes: in three pieces of memory, because a folder may have 400,000 of them. */
export class NameColumns {
  #text = new Uint16Array(1 << 12);
  #ends = new Uint32Array(1 << 8);
  #sizes = new Float64Array(1 << 8);
  #count = 0;
  #last = '';
  #isSorted = true;

  /** @param size - bytes; -1 where it is not known */
  add(name: string, size: number): void {
    const key = name.toUpperCase();
    // NTFS keeps a folder in this order: it is sorted only where a file system does not.
    if (key < this.#last) this.#isSorted = false;
    this.#last = key;
    const start = this.#count === 0 ? 0 : this.#ends[this.#count - 1];
    const end = start + name.length;
    if (end > this.#text.length) this.#text = grown(this.#text, Uint16Array, end);
    if (this.#count === this.#ends.length) {
      this.#ends = grown(this.#ends, Uint32Array, this.#count + 1);
      this.#sizes = grown(this.#sizes, Float64Array, this.#count + 1);
    }
    for (let i = 0; i < name.length; i += 1) this.#text[start + i] = name.charCodeAt(i);
    this.#ends[this.#count] = end;
    this.#sizes[this.#count] = size;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The names, sorted whatever their case. */
  finish(): Omit<ListedFolder, 'folders'> {
    const found = {
      text: this.#text.slice(0, this.#ends[this.#count - 1] ?? 0),
      ends: this.#ends.slice(0, this.#count),
      sizes: this.#sizes.slice(0, this.#count),
    };
    if (this.#isSorted) return found;
    const keys = Array.from({ length: this.#count }, (_, index) => nameAt(found, index).toUpperCase());
    const order = keys.map((_, index) => index).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
    const sorted = new NameColumns();
    for (const index of order) sorted.add(nameAt(found, index), found.sizes[index]);
    return sorted.finish();
  }
}

/** Folders, then files. */
export function folderOf(folders: NameColumns, files: NameColumns): ListedFolder {
  const [first, second] = [folders.finish(), files.finish()];
  const text = new Uint16Array(first.text.length + second.text.length);
  text.set(first.text);
  text.set(second.text, first.text.length);
  const ends = new Uint32Array(first.ends.length + second.ends.length);
  ends.set(first.ends);
  ends.set(
    second.ends.map((end) => end + first.text.length),
    first.ends.length,
  );
  const sizes = new Float64Array(ends.length);
  sizes.set(first.sizes);
  sizes.set(second.sizes, first.sizes.length);
  return { folders: folders.count, text, ends, sizes };
}

/** The name at `index`, whatever UTF-16 it is. */
export function nameAt({ text, ends }: Pick<ListedFolder, 'text' | 'ends'>, index: number): string {
  return String.fromCharCode(...text.subarray(index === 0 ? 0 : ends[index - 1], ends[index]));
}

type Column = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function grown<C extends Column>(column: C, kind: new (length: number) => C, length: number): C {
  const larger = new kind(Math.max(length, column.length * 2));
  larger.set(column);
  return larger;
}
