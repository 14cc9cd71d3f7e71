import { compareImages, type ImageOutline, isFailedOutline } from '@deadbox/triage';
import { type Judged, type KeptReport, reportText, wholeReport, withOutline } from './kept-report.node.js';

/** The reports of a run: in memory that hardly grows with their number. */
export class RunResults {
  readonly #kept = new Map<number, KeptReport>();

  get size(): number {
    return this.#kept.size;
  }

  /** Adds a report; one of the same image takes the place of the one before. */
  add(report: KeptReport): void {
    this.#kept.set(report.index, report);
  }

  has(index: number): boolean {
    return this.#kept.has(index);
  }

  /** What each image came to, in the order given. */
  outlines(): ImageOutline[] {
    return this.#ordered().map(({ outline }) => outline);
  }

  /** The report at `index`. */
  image(index: number): Judged | undefined {
    const kept = this.#kept.get(index);
    return kept === undefined ? undefined : wholeReport(kept);
  }

  /** The reports one at a time, in the order given. */
  get images(): Iterable<Judged> {
    return iterable(() => this.#ordered(), wholeReport);
  }

  /** The same as the JSON form has them. */
  get texts(): Iterable<string> {
    return iterable(() => this.#ordered(), reportText);
  }

  /** The reports one at a time, the worst first. */
  get worstFirst(): Iterable<Judged> {
    return iterable(
      () => this.#ordered().sort((left, right) => compareImages(left.outline, right.outline)),
      wholeReport,
    );
  }

  /**
   * The disks of a machine are seen together: call it when all of them are there. Where one holds Windows, those that
   * hold nothing but data ask for nothing.
   */
  settle(indexes: Iterable<number>): void {
    const kept = [...indexes].flatMap((index) => this.#kept.get(index) ?? []);
    if (!kept.some(({ role }) => role === 'windows')) return;
    for (const disk of kept) {
      const { role, outline } = disk;
      if (role === 'data' && !isFailedOutline(outline)) this.add(withOutline(disk, { ...outline, severity: 'none' }));
    }
  }

  /**
   * Settles every machine whose disks are there.
   * @param placeOf - from where the image at an index was seen: one description's path there is one machine
   */
  settleAll(placeOf: (index: number) => string = () => ''): void {
    const machines = new Map<string, number[]>();
    for (const { index, outline } of this.#kept.values()) {
      if (outline.machine === undefined) continue;
      const machine = JSON.stringify([placeOf(index), outline.machine.path]);
      const disks = machines.get(machine);
      if (disks === undefined) machines.set(machine, [index]);
      else disks.push(index);
    }
    for (const indexes of machines.values()) this.settle(indexes);
  }

  #ordered(): KeptReport[] {
    return [...this.#kept.values()].sort((left, right) => left.index - right.index);
  }
}

function iterable<T>(order: () => readonly KeptReport[], read: (kept: KeptReport) => T): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const kept of order()) yield read(kept);
    },
  };
}
