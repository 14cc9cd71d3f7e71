import type { Extent } from '@deadbox/core';

/** Collects extents in order and joins those that continue each other. */
export class ExtentList {
  #extents: Extent[] = [];

  /** Number of extents so far; the last may still grow. */
  get length(): number {
    return this.#extents.length;
  }

  /** Appends `extent`, which begins where the last one ends. */
  add(extent: Extent): void {
    const last = this.#extents[this.#extents.length - 1];
    if (last === undefined || !continues(last, extent)) this.#extents.push(extent);
    else this.#extents[this.#extents.length - 1] = { ...last, length: last.length + extent.length };
  }

  /** Removes and returns all but the last, which may still grow. */
  takeComplete(): readonly Extent[] {
    const complete = this.#extents;
    this.#extents = complete.splice(-1);
    return complete;
  }

  /** Removes and returns all. */
  takeAll(): readonly Extent[] {
    const all = this.#extents;
    this.#extents = [];
    return all;
  }
}

function continues(last: Extent, next: Extent): boolean {
  if (last.kind !== next.kind) return false;
  if (last.origin === undefined || next.origin === undefined) return last.origin === next.origin;
  return last.origin.source === next.origin.source && last.origin.offset + last.length === next.origin.offset;
}
