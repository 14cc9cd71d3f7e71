import type { KnownCauseId } from '../cause-kinds/cause-kinds.js';
import { MAX_LISTED_NAMES_EXAMINED } from '../limits.js';
import type { InstallationSubject } from '../subject/installation-subject.js';

/** A list of names in the registry. */
interface NameList {
  /** Path of the key from the hive's root. */
  readonly key: string;
  /** Name of the value. */
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * The names of lists that one detector examines, at most {@link MAX_LISTED_NAMES_EXAMINED} in all: each can be looked
 * for in several folders. Where a list goes on behind that, the causes stay undecided.
 */
export class ListedNames {
  readonly #subject: Pick<InstallationSubject, 'doubts'>;
  readonly #causes: readonly KnownCauseId[];
  #left = MAX_LISTED_NAMES_EXAMINED;

  constructor(subject: Pick<InstallationSubject, 'doubts'>, causes: readonly KnownCauseId[]) {
    this.#subject = subject;
    this.#causes = causes;
  }

  /** The names of a list that are examined. */
  of({ key, name, values }: NameList): readonly string[] {
    const taken = values.slice(0, this.#left);
    this.#left -= taken.length;
    if (taken.length < values.length)
      this.#subject.doubts.add(this.#causes, { key: `${key}\\${name}`, reason: 'too-many' });
    return taken;
  }
}
