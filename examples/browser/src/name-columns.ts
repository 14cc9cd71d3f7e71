/** Names with their sizes, in the order of the names whatever their case. */
export class NameColumns {
  readonly #names: string[] = [];
  readonly #sizes: number[] = [];
  #last = '';
  #isSorted = true;

  add(name: string, size: number): void {
    const key = name.toUpperCase();
    // NTFS keeps a folder in this order: it is sorted only where a file system does not.
    if (key < this.#last) this.#isSorted = false;
    this.#last = key;
    this.#names.push(name);
    this.#sizes.push(size);
  }

  sorted(): { readonly names: readonly string[]; readonly sizes: readonly number[] } {
    if (this.#isSorted) return { names: this.#names, sizes: this.#sizes };
    const keys = this.#names.map((name) => name.toUpperCase());
    const order = keys.map((_, index) => index).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
    return { names: order.map((index) => this.#names[index]), sizes: order.map((index) => this.#sizes[index]) };
  }
}
