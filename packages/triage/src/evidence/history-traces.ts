import { type FileTime, fileTimeText } from '@deadbox/core';
import type { HistoryEvent, HistoryReport } from '../report/report-types.js';
import { classify } from '../rules/files/file-tests.js';
import type { FileSelection, Rule } from '../rules/rule.js';

/** Events kept of one installation; a busy journal has many more. */
const MAX_EVENTS = 500;

/** A trace that has no class yet: what the change journal says of a name. */
export type JournalTrace = Pick<HistoryEvent, 'name' | 'came' | 'went' | 'reasons'> & {
  readonly record: number;
  readonly time: FileTime;
};

/**
 * The traces of a rule's files as they are found. A journal has hundreds of thousands: kept are the earliest, and of
 * the others only what tells when a bad file was there.
 */
export class HistoryTraces {
  readonly #selections: readonly FileSelection[];
  readonly #bad: ReadonlySet<string>;
  #isCut = false;
  readonly #kept: { readonly time: FileTime; readonly event: HistoryEvent }[] = [];
  /** Records of bad files, and when the first of them was there. */
  readonly #badRecords = new Set<number | null>();
  #badFrom: FileTime | undefined;
  readonly #departures: { readonly record: number; readonly time: FileTime }[] = [];

  constructor(rule: Rule) {
    this.#selections = Object.values(rule.selections).filter((selection) => selection.type === 'FILE');
    this.#bad = new Set(
      this.#selections.flatMap(({ classes }) => classes.filter(({ bad }) => bad === true).map((entry) => entry.class)),
    );
  }

  /** A trace with times of the file itself. */
  add(trace: Omit<HistoryEvent, 'time' | 'modified' | 'created' | 'reasons'> & TraceTimes): void {
    const { modified, created, ...rest } = trace;
    if (rest.class !== null && this.#bad.has(rest.class)) this.#addBad(rest.record, modified);
    this.#keep(modified, () => {
      const time = fileTimeText(modified);
      return { ...rest, time, modified: time, created: fileTimeText(created), reasons: [] };
    });
  }

  /** What the change journal says. */
  addJournal(trace: JournalTrace): void {
    const { record, time, ...rest } = trace;
    if (trace.came === true && this.#isBadArrival(trace)) this.#addBad(record, time);
    if (trace.went === true && isSet(time)) this.#departures.push({ record, time });
    this.#keep(time, () => ({
      source: 'journal',
      ...rest,
      record,
      time: fileTimeText(time),
      modified: null,
      created: null,
      class: null,
      offset: null,
    }));
  }

  /** The earliest events, in the order of time. */
  events(): HistoryEvent[] {
    this.#cut();
    return this.#kept.map(({ event }) => event);
  }

  /** When a file of a class that the rule calls bad came and went, as far as the traces tell. */
  badPeriod(): Pick<HistoryReport, 'badFrom' | 'badUntil'> {
    const from = this.#badFrom;
    if (from === undefined) return { badFrom: null, badUntil: null };
    let until: FileTime | undefined;
    for (const { record, time } of this.#departures)
      if (time >= from && (until === undefined || time < until) && this.#badRecords.has(record)) until = time;
    return { badFrom: fileTimeText(from), badUntil: fileTimeText(until) };
  }

  #addBad(record: number | null, time: FileTime): void {
    this.#badRecords.add(record);
    if (isSet(time) && (this.#badFrom === undefined || time < this.#badFrom)) this.#badFrom = time;
  }

  /** A journal entry carries no modification time, but a file that was not copied was created within seconds of it. */
  #isBadArrival({ name, time }: JournalTrace): boolean {
    return isSet(time) && this.#selections.some((one) => this.#bad.has(classOf(one, name, 1, time, time)));
  }

  /** Keeps an event if it may be one of the earliest; of two at one time the first found comes first. */
  #keep(when: FileTime, make: () => HistoryEvent): void {
    const time = isSet(when) ? when : 0n;
    // Once cut, the first ones are in order.
    if (this.#isCut && time >= this.#kept[MAX_EVENTS - 1].time) return;
    this.#kept.push({ time, event: make() });
    if (this.#kept.length >= 2 * MAX_EVENTS) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0));
    if (this.#kept.length < MAX_EVENTS) return;
    this.#kept.length = MAX_EVENTS;
    this.#isCut = true;
  }
}

/** Times of a file at the moment of a trace. */
interface TraceTimes {
  readonly modified: FileTime;
  readonly created: FileTime;
}

/** Whether reports have a text for a time: neither 0 nor negative as a signed number. */
function isSet(time: FileTime): boolean {
  return time > 0n && time >> 63n === 0n;
}

/** The class that a rule gives a file of such a name, size and times. */
export function classOf(
  { classes }: FileSelection,
  name: string,
  size: number,
  modified: FileTime,
  created: FileTime,
): string {
  return classify(classes, { name, size, modified, created: [created] })?.class ?? 'unknown';
}
