import { fileTimeFromUnixMs, fileTimeText } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { HistoryTraces } from '../../../packages/triage/src/evidence/history-traces.js';
import type { Rule } from '../../../packages/triage/src/rules/rule.js';

const at = (minute: number) => fileTimeFromUnixMs(Date.UTC(2024, 6, 19) + minute * 60_000);
const text = (minute: number) => fileTimeText(at(minute));
/** What arrives before this minute is bad. */
const GOOD_FROM = 9000;
const COUNT = 3000;

const rule = {
  selections: {
    files: {
      type: 'FILE',
      classes: [
        { class: 'good', 'modified|gte': text(GOOD_FROM), notes: [] },
        { class: 'bad', bad: true, notes: [] },
      ],
    },
  },
} as unknown as Rule;

/** A journal of arrivals, newest first, and of a departure of each file `stay` minutes later. */
function busy(stay: number): HistoryTraces {
  const traces = new HistoryTraces(rule);
  const trace = (record: number, minute: number, came: boolean) =>
    traces.addJournal({ name: `f${record}.sys`, record, time: at(minute), reasons: [], came, went: !came });
  for (let minute = COUNT; minute > 0; minute -= 1) {
    trace(minute, minute, true);
    trace(minute, minute + stay, false);
  }
  return traces;
}

describe('the traces of a busy journal', () => {
  test('that are kept are the earliest, in the order of time, whatever order they come in', () => {
    const events = busy(COUNT).events();
    expect(events).toHaveLength(500);
    expect(events.map(({ time }) => time)).toEqual(Array.from({ length: 500 }, (_, i) => text(i + 1)));
    expect(events[0]).toMatchObject({ source: 'journal', name: 'f1.sys', record: 1, came: true, class: null });
  });

  test('tell when the bad file went, though that event is not kept', () => {
    expect(busy(COUNT).badPeriod()).toEqual({ badFrom: text(1), badUntil: text(COUNT + 1) });
  });

  test('of two events at one time keep the one that was found first', () => {
    const traces = new HistoryTraces(rule);
    for (let record = 0; record < 2000; record += 1)
      traces.addJournal({ name: 'same.sys', record, time: at(7), reasons: [] });
    expect(traces.events().map(({ record }) => record)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  test('without a time come first, and say nothing of the period', () => {
    const traces = new HistoryTraces(rule);
    const facts = { source: 'index-slack', class: 'bad', offset: 0, created: 0n } as const;
    traces.add({ ...facts, name: 'later.sys', record: 2, modified: at(5) });
    traces.add({ ...facts, name: 'unset.sys', record: 1, modified: 0n });
    expect(traces.events().map(({ name, time }) => [name, time])).toEqual([
      ['unset.sys', null],
      ['later.sys', text(5)],
    ]);
    expect(traces.badPeriod()).toEqual({ badFrom: text(5), badUntil: null });
  });
});
