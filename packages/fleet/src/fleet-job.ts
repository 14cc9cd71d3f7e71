/** One image to judge. Nothing secret is in it: it lies in the queue for all to read. */
export interface FleetJob {
  /** What the image is known by in its run. */
  readonly key: string;
  /** Path, device or address, as the hosts of its site see it. */
  readonly path: string;
  /** Which disk of several. */
  readonly disk?: number;
  /** The machine that it is a disk of, as the report has it. */
  readonly machine?: unknown;
  /** Place among all images of the run. */
  readonly index: number;
}

/** What all images of a run share. */
export interface FleetRun {
  /** First line of the run's journal. */
  readonly head: string;
  /** What its verdicts depend on: images may be added by a run that agrees in it. */
  readonly fingerprint: string;
}

/** How far a part of a run is. */
export interface FleetCounts {
  readonly images: number;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  /** Tried as often as an image is, without a report. */
  readonly lost: number;
}

/** How far a run is. */
export interface FleetStatus extends FleetCounts {
  readonly sites: readonly ({ readonly site: string; readonly workers: number } & FleetCounts)[];
}

/** A line of the run's journal, or the image that has none because every try at it ended its worker or failed. */
export type FleetResult =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'lost'; readonly job: FleetJob; readonly reason: string };
