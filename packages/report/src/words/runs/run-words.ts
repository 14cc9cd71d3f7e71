import type { SourceFact } from '@deadbox/windows';
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
  readonly fleet: FleetWords;
  readonly verbose: VerboseWords;
}

/** What `--verbose` says of one image. */
export interface VerboseWords {
  /** The container; `parents`: from the nearest to the base. */
  image(facts: { name: string; format: string; size: string; table: string; parents: readonly string[] }): Phrase;
  volume(facts: { number: number; role: string; fileSystem: string; offset: number; encryption: string }): Phrase;
  /** What opening survived. */
  survived(layer: string, code: string, count: number): Phrase;
  /** How far one source of facts could be read. */
  source(facts: { root: string; path: string; state: SourceFact['state'] }): Phrase;
  /** What was read of a file, below the caches. */
  read(facts: { name: string; size: string; reads: number; bytes: string }): Phrase;
  /** A default that stood in for an option. */
  setting(key: string, value: string, place: string): Phrase;
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
