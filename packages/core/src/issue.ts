import type { Json } from './bytes/bytes.js';
import type { Location } from './errors.js';

/** Something wrong that was survived: reading went on. */
export interface Issue {
  /** Stable lower-case identifier with dots, e.g. `gpt.header-crc`. */
  readonly code: string;
  /** `error`: something is missing from the answer; `warning`: the answer may be wrong; `note`: worth knowing. */
  readonly severity: 'note' | 'warning' | 'error';
  /** Where it is, when the place is known. */
  readonly at?: Location;
  /** The facts behind it, as plain data. */
  readonly data: Record<string, Json>;
}

/** How many issues of one code are kept in full; the rest are only counted, so that damage cannot exhaust memory. */
export const ISSUES_KEPT_PER_CODE = 100;

/** Collects issues: the first {@link ISSUES_KEPT_PER_CODE} of each code in full, and how often each code came. */
export class IssueLog {
  readonly #kept: Issue[] = [];
  readonly #counts = new Map<string, number>();
  #hasErrors = false;

  /** Notes one issue. */
  add(issue: Issue): void {
    const count = (this.#counts.get(issue.code) ?? 0) + 1;
    this.#counts.set(issue.code, count);
    if (count <= ISSUES_KEPT_PER_CODE) this.#kept.push(issue);
    if (issue.severity === 'error') this.#hasErrors = true;
  }

  /** The kept issues in the order they came. */
  get issues(): readonly Issue[] {
    return this.#kept;
  }

  /** How often `code` came, kept or not. */
  count(code: string): number {
    return this.#counts.get(code) ?? 0;
  }

  /** Counts by code. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Whether any issue of severity `error` came, kept or not. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }
}
