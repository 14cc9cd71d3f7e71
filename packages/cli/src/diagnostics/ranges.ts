/** Bytes `[from, to)`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Bytes of a file, as ranges in order that neither touch nor overlap. */
export class Ranges {
  #added: Range[] = [];
  #sorted: Range[] = [];

  add(from: number, to: number): void {
    if (to <= from) return;
    this.#added.push({ from, to });
    // Reads mostly go on where the last one ended, or repeat it.
    if (this.#added.length >= 4096 + this.#sorted.length) this.#merge();
  }

  /** All ranges. */
  get list(): readonly Range[] {
    this.#merge();
    return this.#sorted;
  }

  /** What of `[from, to)` is among them. */
  within(from: number, to: number): Range[] {
    const list = this.list;
    const found: Range[] = [];
    for (let index = this.#firstEndingAfter(from); index < list.length && list[index].from < to; index += 1)
      found.push({ from: Math.max(from, list[index].from), to: Math.min(to, list[index].to) });
    return found;
  }

  /** The ranges without those of `other`. */
  without(other: Ranges): Ranges {
    const left = new Ranges();
    for (const { from, to } of this.list) {
      let at = from;
      for (const cut of other.within(from, to)) {
        left.add(at, cut.from);
        at = cut.to;
      }
      left.add(at, to);
    }
    return left;
  }

  #firstEndingAfter(offset: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle].to > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #merge(): void {
    if (this.#added.length === 0) return;
    const all = [...this.#sorted, ...this.#added].sort((a, b) => a.from - b.from);
    const merged: { from: number; to: number }[] = [];
    for (const { from, to } of all) {
      const last = merged.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
    this.#sorted = merged;
    this.#added = [];
  }
}
