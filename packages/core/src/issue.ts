import { defined } from './bytes/defined.js';
import type { Json, Location } from './errors.js';

/** Something wrong that was survived: reading went on. */
export interface Issue<C extends string = string> {
  /** Stable lower-case identifier with dots, e.g. `gpt.header-crc`. */
  readonly code: C;
  /** `error`: something is missing from the answer; `warning`: the answer may be wrong; `note`: worth knowing. */
  readonly severity: 'note' | 'warning' | 'error';
  /** Where it is, when the place is known. */
  readonly at?: Location;
  /** The facts behind it, as plain data. */
  readonly data: Record<string, Json>;
}

/** What a caller says of an issue; `severity` is `error` and `data` empty unless they are given. */
export interface IssueNote<C extends string = string> {
  readonly code: C;
  readonly severity?: Issue['severity'] | undefined;
  readonly at?: Location | undefined;
  readonly data?: Record<string, Json> | undefined;
}

/**
 * Takes issues; every {@link IssueLog} does. A package types its parameters `IssueSink<ItsIssueCode> | undefined`, and
 * notes an issue in one way:
 *
 * ```ts
 * issues?.add({ code: 'gpt.backup-used', severity: 'warning', at: { layer: 'disk', offset }, data: { reason } });
 * ```
 */
export interface IssueSink<C extends string = string> {
  /** Notes one issue. */
  add(issue: IssueNote<C>): void;
}

/** How many issues of one code are kept in full; the rest are only counted, so that damage cannot exhaust memory. */
export const ISSUES_KEPT_PER_CODE = 100;

/** Collects issues: the first {@link ISSUES_KEPT_PER_CODE} of each code in full, and how often each code came. */
export class IssueLog implements IssueSink {
  readonly #kept: Issue[] = [];
  readonly #counts = new Map<string, number>();
  #hasErrors = false;
  #total = 0;

  /** Notes one issue. */
  add({ code, severity = 'error', at, data = {} }: IssueNote): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    this.#total += 1;
    if (count <= ISSUES_KEPT_PER_CODE) this.#kept.push({ code, severity, ...defined({ at }), data });
    if (severity === 'error') this.#hasErrors = true;
  }

  /** The kept issues in the order they came. */
  get issues(): readonly Issue[] {
    return this.#kept;
  }

  /** How often `code` came, kept or not. */
  count(code: string): number {
    return this.#counts.get(code) ?? 0;
  }

  /** How many issues came, kept or not. */
  get total(): number {
    return this.#total;
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
