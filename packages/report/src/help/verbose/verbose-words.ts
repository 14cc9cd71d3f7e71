import type { SourceState } from '@deadbox/windows';
import type { Phrase } from '../../document/phrase.js';

/** What `--verbose` says of one image. */
export interface VerboseWords {
  /** The container; `parents`: from the nearest to the base. */
  image(facts: { name: string; format: string; size: string; table: string; parents: readonly string[] }): Phrase;
  volume(facts: { number: number; role: string; fileSystem: string; offset: number; encryption: string }): Phrase;
  /** What opening survived. */
  survived(layer: string, code: string, count: number): Phrase;
  /** How far one source of facts could be read. */
  source(facts: { root: string; path: string; state: SourceState }): Phrase;
  /** What was read of a file, below the caches. */
  read(facts: { name: string; size: string; reads: number; bytes: string }): Phrase;
  /** A recording was written. */
  recorded(facts: { path: string; recorded: string; leftOut: string; contents: boolean }): Phrase;
  /** A recording is read in place of an image. */
  replayed(facts: { path: string; image: string; version: string; made: string; contents: boolean }): Phrase;
  /** A default that stood in for an option. */
  setting(key: string, value: string, place: string): Phrase;
}
