import { type FileTime, formatFileTime, isDamage, parseFileTime, type ReadOptions } from '@deadbox/core';
import {
  IndexTree,
  type MftTable,
  type NtfsFile,
  type NtfsVolume,
  readIndexSlack,
  readUsnJournal,
  usnReasonNames,
} from '@deadbox/ntfs';
import type { HistoryEvent, HistoryReport } from '../report/report-types.js';
import type { RuleText } from '../report/rule-text.js';
import { classify } from '../rules/files/file-tests.js';
import { matchesName, resolvePattern } from '../rules/files/path-pattern.js';
import type { FileSelection, Rule } from '../rules/rule.js';

/** Events kept of one installation; a busy journal has many more. */
const MAX_EVENTS = 500;
/** USN_REASON bits (winioctl.h): what makes a name come and go. */
const REASON_COMES: number = 0x100 | 0x2000;
const REASON_GOES: number = 0x200 | 0x1000;

/** What the volume remembers of a rule's files: when each came and went. It explains; it never changes a verdict. */
export async function readHistory(
  tree: NtfsVolume,
  root: string,
  rule: Rule,
  table: MftTable | undefined,
  options: ReadOptions,
): Promise<HistoryReport> {
  const events: HistoryEvent[] = [];
  let journalFrom: string | null = null;
  let folderPath = root;
  for (const selection of Object.values(rule.selections)) {
    if (selection.type !== 'FILE' || selection.classes.length === 0) continue;
    for (const path of selection.paths) {
      const pattern = resolvePattern(path, root);
      const folder = await tree.lookup(pattern.folder, options);
      if (folder?.isDirectory !== true) continue;
      folderPath = folder.path;
      // One by one: a journal has more events than a call may have arguments.
      const add = (found: readonly HistoryEvent[]): void => found.forEach((event) => void events.push(event));
      add(await slackEvents(tree, folder, pattern.name, selection, options));
      if (table === undefined) continue;
      add(deletedEvents(table, folder, pattern.name, selection));
      const journal = await journalEvents(tree, folder, pattern.name, options);
      add(journal.events);
      journalFrom = journal.from;
    }
  }
  events.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  return { events: events.slice(0, MAX_EVENTS), folder: folderPath, journalFrom, ...badPeriod(rule, events) };
}

const iso = (time: FileTime | undefined): string | null => (time === undefined ? null : (formatFileTime(time) ?? null));

function classOf(selection: FileSelection, name: string, size: number, modified: FileTime, created: FileTime): string {
  return classify(selection.classes, { name, size, modified, created: [created] })?.class ?? 'unknown';
}

/** Names that the folder's index no longer uses. */
async function slackEvents(
  tree: NtfsVolume,
  folder: NtfsFile,
  name: string,
  selection: FileSelection,
  options: ReadOptions,
): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  try {
    const index = await IndexTree.open(folder.attributeSet, '$I30', tree.geometry.clusterSize, options);
    for await (const node of readIndexSlack(index, folder.attributeSet, options)) {
      for (const entry of node.entries) {
        if (!matchesName(name, entry.fileName.name)) continue;
        const { size, modified, created } = entry.fileName;
        events.push({
          source: 'index-slack',
          name: entry.fileName.name,
          record: entry.reference?.record ?? null,
          time: iso(modified),
          modified: iso(modified),
          created: iso(created),
          class: classOf(selection, entry.fileName.name, size, modified, created),
          reasons: [],
          offset: node.offset + entry.offset,
        });
      }
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  return events;
}

/** Free file records that still carry such a name in this folder. */
function deletedEvents(table: MftTable, folder: NtfsFile, name: string, selection: FileSelection): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const row of table.children(folder.record)) {
    const found = table.name(row);
    const record = table.record(found.record);
    if (record === undefined || record.inUse || !matchesName(name, found.name)) continue;
    const { modified = 0n, created = 0n } = record.times ?? {};
    events.push({
      source: 'deleted-record',
      name: found.name,
      record: found.record,
      time: iso(modified),
      modified: iso(modified),
      created: iso(created),
      class: classOf(selection, found.name, record.size, modified, created),
      reasons: [],
      offset: null,
    });
  }
  return events;
}

/** What the change journal says of such names in this folder, and how far it reaches back. */
async function journalEvents(
  tree: NtfsVolume,
  folder: NtfsFile,
  name: string,
  options: ReadOptions,
): Promise<{ events: HistoryEvent[]; from: string | null }> {
  const events: HistoryEvent[] = [];
  let from: string | null = null;
  try {
    const journal = await (await tree.lookup('/$Extend/$UsnJrnl', options))?.stream('$J', options);
    if (journal === undefined) return { events, from };
    for await (const batch of readUsnJournal(journal, options)) {
      for (const record of batch) {
        from ??= iso(record.time);
        if (record.parent.record !== folder.record || record.name === undefined || !matchesName(name, record.name))
          continue;
        events.push({
          source: 'journal',
          name: record.name,
          record: record.file.record,
          time: iso(record.time),
          modified: null,
          created: null,
          class: null,
          reasons: usnReasonNames(record.reason),
          came: (record.reason & REASON_COMES) !== 0,
          went: (record.reason & REASON_GOES) !== 0,
          offset: null,
        });
      }
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  return { events, from };
}

/** When a file of a class that the rule calls bad came and went, as far as the traces tell. */
function badPeriod(rule: Rule, events: readonly HistoryEvent[]): Pick<HistoryReport, 'badFrom' | 'badUntil'> {
  const selections = Object.values(rule.selections).filter((selection) => selection.type === 'FILE');
  const bad = new Set(
    selections.flatMap(({ classes }) => classes.filter((entry) => entry.bad === true).map((entry) => entry.class)),
  );
  const traces = events.filter((event) => event.class !== null && bad.has(event.class));
  // A journal entry carries no modification time, but a file that was not copied was created within seconds of it.
  const arrivals = events.filter(
    (event) => event.came === true && selections.some((selection) => isBadArrival(selection, bad, event)),
  );
  const from = earliest([...arrivals.map((event) => event.time), ...traces.map((event) => event.modified)]);
  if (from === null) return { badFrom: null, badUntil: null };
  const records = new Set([...traces, ...arrivals].map((event) => event.record));
  const departures = events.filter(
    (event) => event.went === true && records.has(event.record) && event.time !== null && event.time >= from,
  );
  return { badFrom: from, badUntil: earliest(departures.map((event) => event.time)) };
}

/** What the rule says of a history; `null` where it says nothing. */
export function historyText(rule: Rule, verdict: string, history: HistoryReport): RuleText | null {
  const shown =
    history.badFrom === null
      ? history.journalFrom === null
        ? null
        : 'none'
      : history.badUntil === null
        ? 'since'
        : 'period';
  const row = rule.history.find(
    ({ shows, verdicts }) => shows === shown && (verdicts.length === 0 || verdicts.includes(verdict)),
  );
  return row?.text ?? null;
}

/** ISO times sort as text. */
function earliest(times: readonly (string | null)[]): string | null {
  return times.reduce<string | null>(
    (least, time) => (time !== null && (least === null || time < least) ? time : least),
    null,
  );
}

function isBadArrival(selection: FileSelection, bad: ReadonlySet<string>, event: HistoryEvent): boolean {
  const time = event.time === null ? undefined : parseFileTime(event.time);
  return time !== undefined && bad.has(classOf(selection, event.name, 1, time, time));
}
