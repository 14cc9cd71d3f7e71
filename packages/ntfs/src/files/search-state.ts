import { type Contradiction, Contradictions } from '../index/contradictions.js';
import type { FoundBy } from './named-reference.js';
import type { VolumeContext } from './volume-context.js';

/** What came of a search besides names. */
export interface SearchOutcome {
  /** Nothing contradicts the indexes on the way: what was not found is not there. */
  readonly complete: boolean;
  /** `mft` as soon as the index alone did not do. */
  readonly foundBy: FoundBy;
  /** What contradicts the indexes on the way: the first 100. */
  readonly contradictions: readonly Contradiction[];
}

/** A search under way. */
export class SearchState implements SearchOutcome {
  foundBy: FoundBy = 'index';
  /** Told of every contradiction. */
  readonly found: Contradictions;

  constructor(context: VolumeContext) {
    this.found = new Contradictions(context.issues, context.contradictions);
  }

  get complete(): boolean {
    return this.found.count === 0;
  }

  get contradictions(): readonly Contradiction[] {
    return this.found.first;
  }
}
