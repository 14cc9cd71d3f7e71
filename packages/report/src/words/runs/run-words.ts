import type { Phrase } from '../../document/phrase.js';

/** Words of a run over many images. */
export interface RunWords {
  /** Heads of the summary's table. */
  readonly columns: Readonly<Record<'server' | 'image' | 'starts' | 'verdict' | 'next', string>>;
  /** Images that the table has no room for. */
  moreImages(count: number): Phrase;
  /** In a sentence about an image whose name stands beside it. */
  readonly thisImage: string;
  /** Counts of what is done: of the live view, short. */
  readonly counts: Readonly<Record<RunCount, (count: number) => string>>;
  done(done: number, images: number): string;
  /** @param images - a second */
  rate(images: string): string;
  /** @param time - `h:mm:ss` */
  left(time: string): string;
  /** Of a worker: how long it has been at its image. */
  seconds(seconds: number): string;
  readonly fleet: FleetWords;
}

/** Words of a run over many hosts. */
export interface FleetWords {
  readonly columns: Readonly<Record<'site' | 'workers' | 'waiting' | 'active' | 'done' | 'lost', string>>;
  readonly all: string;
  submitted(images: number, site: string, inQueue: number): Phrase;
  judged(images: number): Phrase;
  cancelled(images: number): Phrase;
  readonly server: Readonly<Record<'gone' | 'back', (queue: string, reason: string) => Phrase>>;
}

/** What a run counts. */
export type RunCount = 'act' | 'blocked' | 'look' | 'failed' | 'well';
