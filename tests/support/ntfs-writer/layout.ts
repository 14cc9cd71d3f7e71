/** A run of clusters. */
export interface Run {
  lcn: number;
  length: number;
}

/** Hands out clusters from the front of the volume, and remembers which are used. */
export class ClusterAllocator {
  readonly used: Uint8Array;
  readonly clusters: number;
  #next = 0;

  constructor(clusters: number) {
    this.clusters = clusters;
    this.used = new Uint8Array(Math.ceil(clusters / 64) * 8);
  }

  /** `length` clusters in one run. */
  take(length: number): Run {
    const run = { lcn: this.#next, length };
    this.#next += length;
    if (this.#next > this.clusters)
      throw new Error(`the volume is too small: ${this.#next} of ${this.clusters} clusters are needed`);
    this.#mark(run);
    return run;
  }

  /** Leaves `length` clusters free. */
  skip(length: number): void {
    this.#next += length;
  }

  /**
   * `length` clusters in `pieces` runs of whole `unit`s that do not lie in their order, `gap` free clusters between
   * them; the first one, of `first` clusters, comes first.
   */
  takePieces(length: number, pieces: number, options: { first: number; unit?: number; gap?: number }): Run[] {
    const { first, unit = 1, gap = 3 } = options;
    const count = Math.max(1, Math.min(pieces, Math.floor((length - first) / unit) + 1));
    if (count === 1) return [this.take(length)];
    const sizes = [first];
    for (let left = (length - first) / unit, i = 1; i < count; i += 1) {
      const size = Math.floor(left / (count - i));
      sizes.push(size * unit);
      left -= size;
    }
    // A step that shares no factor with the count visits every slot once: neighbours in the stream are far apart on the
    // disk.
    const others = count - 1;
    let step = Math.max(1, Math.floor(others * 0.381_966));
    while (gcd(step, others) !== 1) step += 1;
    const runs: Run[] = [];
    const slots = [0, ...Array.from({ length: others }, (_, i) => 1 + ((i * step) % others))];
    const order = slots.map((slot, piece) => ({ slot, piece })).toSorted((a, b) => a.slot - b.slot);
    for (const { piece } of order) {
      runs[piece] = this.take(sizes[piece]);
      this.skip(gap);
    }
    return runs;
  }

  #mark(run: Run): void {
    for (let i = run.lcn; i < run.lcn + run.length; ) {
      if (i % 8 === 0 && i + 8 <= run.lcn + run.length) {
        this.used[i >> 3] = 0xff;
        i += 8;
      } else {
        this.used[i >> 3] |= 1 << (i & 7);
        i += 1;
      }
    }
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
