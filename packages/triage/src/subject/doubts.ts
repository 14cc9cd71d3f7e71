import { defined, type Issue, type Json } from '@deadbox/core';
import type { CauseId } from '../cause-kinds/cause-kinds.js';
import type { TriageIssueCode } from '../errors.js';
import { MAX_DOUBTS } from '../limits.js';

/**
 * Why something could not be decided. A message of an error stands beside its `code`; any other reason is one of these
 * words.
 */
export type DoubtReason =
  | 'unreadable'
  | 'folder-contradicted'
  | 'windows-incomplete'
  | 'drivers-incomplete'
  | 'table-damaged'
  | 'too-many'
  | 'path-unknown'
  | 'hive.work-exhausted';

interface Doubt {
  readonly causes: Set<CauseId>;
  readonly facts: Readonly<Record<string, Json>>;
  readonly at: Issue['at'];
}

/** What kept causes from being decided: with a doubt nothing reassuring is said of the start. */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();

  /**
   * Notes that `causes` could not be decided.
   * @param facts - `reason`, and what it is about: `path`, `key`, `volume`
   */
  add(causes: readonly CauseId[], facts: Readonly<Record<string, Json>>, at?: Issue['at']): void {
    const key = JSON.stringify([facts, at ?? null]);
    // Where no more doubts are kept, the last one speaks for the causes: each stays undecided, whatever the reason.
    const kept = this.#doubts.size < MAX_DOUBTS ? undefined : [...this.#doubts.values()].at(-1);
    const doubt = this.#doubts.get(key) ?? kept ?? { causes: new Set(), facts, at };
    for (const cause of causes) doubt.causes.add(cause);
    if (doubt !== kept) this.#doubts.set(key, doubt);
  }

  /** In the order they came; one for each reason. */
  get issues(): readonly Issue<TriageIssueCode>[] {
    return [...this.#doubts.values()].map(({ causes, facts, at }) => ({
      code: 'cause.undecided',
      severity: 'warning',
      ...defined({ at }),
      data: { causes: [...causes], ...facts },
    }));
  }
}
