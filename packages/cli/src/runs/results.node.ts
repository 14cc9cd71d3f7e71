import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  compareImages,
  type FailedImage,
  type ImageOutline,
  type ImageReport,
  isFailedImage,
  isFailedOutline,
  outlineOf,
  settleMachine,
} from '@deadbox/triage';

/** What is known of an image. */
export type Judged = ImageReport | FailedImage;

/** The report of an image as a run keeps it. */
export interface KeptReport {
  readonly index: number;
  readonly outline: ImageOutline;
  /** Its JSON, deflated: a tenth of the memory, and none that a garbage collector walks through. */
  readonly packed: Uint8Array;
}

/**
 * Packs the report of the image that stands at `index`.
 * @param sameAs - another name of the same file: its disk counts once
 */
export function packReport(index: number, image: Judged, sameAs?: string): KeptReport {
  const outline = outlineOf(image);
  const again = sameAs !== undefined && !isFailedOutline(outline);
  return {
    index,
    outline: again ? { ...outline, disk: { diskId: null } } : outline,
    packed: deflateRawSync(JSON.stringify(image), { level: 1 }),
  };
}

/** The same report under another path. */
export function withPath(kept: KeptReport, path: string): KeptReport {
  const { index, outline } = kept;
  const image = JSON.stringify({ ...unpack(kept), path });
  return { index, outline: { ...outline, path }, packed: deflateRawSync(image, { level: 1 }) };
}

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
    return kept === undefined ? undefined : unpack(kept);
  }

  /** The reports one at a time, in the order given. */
  get images(): Iterable<Judged> {
    return iterable(() => this.#ordered());
  }

  /** The reports one at a time, the worst first. */
  get worstFirst(): Iterable<Judged> {
    return iterable(() => this.#ordered().sort((left, right) => compareImages(left.outline, right.outline)));
  }

  /** The disks of a machine are seen together: call it when all of them are there. */
  settle(indexes: Iterable<number>): void {
    const kept = [...indexes].flatMap((index) => this.#kept.get(index) ?? []);
    if (kept.length < 2) return;
    for (const [place, image] of settleMachine(kept.map(unpack)).entries()) {
      const { outline, ...report } = kept[place];
      if (!isFailedImage(image) && !isFailedOutline(outline))
        this.add({ ...report, outline: { ...outline, severity: image.severity } });
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

/** A machine's other disks may have settled what a disk asks for. */
function unpack({ packed, outline }: KeptReport): Judged {
  const image = JSON.parse(new TextDecoder().decode(inflateRawSync(packed))) as Judged;
  return isFailedImage(image) || isFailedOutline(outline) ? image : { ...image, severity: outline.severity };
}

function iterable(order: () => readonly KeptReport[]): Iterable<Judged> {
  return {
    *[Symbol.iterator]() {
      for (const kept of order()) yield unpack(kept);
    },
  };
}
