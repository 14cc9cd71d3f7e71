import type { Phrase } from '../../document/phrase.js';

/** Words of a run over many images. */
export interface RunWords {
  /** Heads of the summary's table. */
  readonly columns: Readonly<Record<'server' | 'image' | 'starts' | 'verdict' | 'next', string>>;
  /** Images that the table has no room for. */
  moreImages(count: number): Phrase;
  /** Counts of what is done: of the live view, short. */
  readonly counts: Readonly<Record<RunCount, (count: number) => string>>;
  done(done: number, images: number): string;
  /** @param images - a second */
  rate(images: string): string;
  /** @param time - `h:mm:ss` */
  left(time: string): string;
  /** Of a worker: how long it has been at its image. */
  seconds(seconds: number): string;
}

/** What a run counts. */
export type RunCount = 'act' | 'blocked' | 'look' | 'failed' | 'well';
