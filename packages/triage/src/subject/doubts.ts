import type { Issue, Json } from '@deadbox/core';
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

/** What kept causes from being decided: with a doubt nothing reassuring is said of the start. */
export class Doubts {
  readonly #issues = new Map<string, Issue<TriageIssueCode>>();

  /**
   * Notes that `causes` could not be decided.
   * @param facts - `reason`, and what it is about: `path`, `key`, `volume`
   */
  add(causes: readonly CauseId[], facts: Readonly<Record<string, Json>>, at?: Issue['at']): void {
    const key = JSON.stringify([facts, at ?? null]);
    const known = this.#issues.get(key)?.data.causes;
    if (known === undefined && this.#issues.size >= MAX_DOUBTS) return;
    const all = [...new Set([...(Array.isArray(known) ? known : []), ...causes])];
    this.#issues.set(key, {
      code: 'cause.undecided',
      severity: 'warning',
      ...(at === undefined ? {} : { at }),
      data: { causes: all, ...facts },
    });
  }

  /** In the order they came; one for each reason. */
  get issues(): readonly Issue<TriageIssueCode>[] {
    return [...this.#issues.values()];
  }
}
