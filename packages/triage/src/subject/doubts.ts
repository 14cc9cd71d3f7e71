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
    if (known === undefined && this.#issues.size >= MAX_DOUBTS) return this.#addToLast(causes);
    const all = [...new Set([...(Array.isArray(known) ? known : []), ...causes])];
    this.#issues.set(key, {
      code: 'cause.undecided',
      severity: 'warning',
      ...(at === undefined ? {} : { at }),
      data: { causes: all, ...facts },
    });
  }

  /** Where no more doubts are kept, the last one speaks for the causes: each stays undecided, whatever the reason. */
  #addToLast(causes: readonly CauseId[]): void {
    const [key, last] = [...this.#issues].at(-1) ?? [];
    if (key === undefined || last === undefined) return;
    const known = Array.isArray(last.data.causes) ? last.data.causes : [];
    this.#issues.set(key, { ...last, data: { ...last.data, causes: [...new Set([...known, ...causes])] } });
  }

  /** In the order they came; one for each reason. */
  get issues(): readonly Issue<TriageIssueCode>[] {
    return [...this.#issues.values()];
  }
}
