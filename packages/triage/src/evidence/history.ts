import { fileTimeText, isDamage, type ReadOptions } from '@deadbox/core';
import {
  IndexTree,
  type MftTable,
  type NtfsFile,
  type NtfsVolume,
  readIndexSlack,
  readUsnJournal,
  usnReasonNames,
} from '@deadbox/ntfs';
import type { HistoryReport } from '../report/report-types.js';
import type { RuleText } from '../report/rule-text.js';
import { matchesName, resolvePattern } from '../rules/files/path-pattern.js';
import type { FileSelection, Rule } from '../rules/rule.js';
import { classOf, HistoryTraces } from './history-traces.js';

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
  const traces = new HistoryTraces(rule);
  let journalFrom: string | null = null;
  let folderPath = root;
  for (const selection of Object.values(rule.selections)) {
    if (selection.type !== 'FILE' || selection.classes.length === 0) continue;
    for (const path of selection.paths) {
      const pattern = resolvePattern(path, root);
      const folder = await tree.lookup(pattern.folder, options);
      if (folder?.isDirectory !== true) continue;
      folderPath = folder.path;
      const place: TracedPlace = { tree, folder, name: pattern.name, options };
      await addSlackEvents(traces, place, selection);
      if (table === undefined) continue;
      addDeletedEvents(traces, place, table, selection);
      journalFrom = await addJournalEvents(traces, place);
    }
  }
  return { events: traces.events(), folder: folderPath, journalFrom, ...traces.badPeriod() };
}

/** Where traces are looked for: names of one folder. */
interface TracedPlace {
  readonly tree: NtfsVolume;
  readonly folder: NtfsFile;
  /** Pattern of the name. */
  readonly name: string;
  readonly options: ReadOptions;
}

/** Names that the folder's index no longer uses. */
async function addSlackEvents(
  traces: HistoryTraces,
  { tree, folder, name, options }: TracedPlace,
  selection: FileSelection,
): Promise<void> {
  try {
    const index = await IndexTree.open(folder.attributeSet, '$I30', tree.geometry.clusterSize, options);
    for await (const node of readIndexSlack(index, folder.attributeSet, options)) {
      for (const entry of node.entries) {
        if (!matchesName(name, entry.fileName.name)) continue;
        const { size, modified, created } = entry.fileName;
        traces.add({
          source: 'index-slack',
          name: entry.fileName.name,
          record: entry.reference?.record ?? null,
          modified,
          created,
          class: classOf(selection, entry.fileName.name, size, modified, created),
          offset: node.offset + entry.offset,
        });
      }
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
}

/** Free file records that still carry such a name in this folder. */
function addDeletedEvents(
  traces: HistoryTraces,
  { folder, name }: TracedPlace,
  table: MftTable,
  selection: FileSelection,
): void {
  for (const row of table.children(folder.record)) {
    const found = table.name(row);
    const record = table.record(found.record);
    if (record === undefined || record.inUse || !matchesName(name, found.name)) continue;
    const { modified = 0n, created = 0n } = record.times ?? {};
    traces.add({
      source: 'deleted-record',
      name: found.name,
      record: found.record,
      modified,
      created,
      class: classOf(selection, found.name, record.size, modified, created),
      offset: null,
    });
  }
}

/** What the change journal says of such names in this folder; the time that it reaches back to. */
async function addJournalEvents(
  traces: HistoryTraces,
  { tree, folder, name, options }: TracedPlace,
): Promise<string | null> {
  let from: string | null = null;
  try {
    const journal = await (await tree.lookup('/$Extend/$UsnJrnl', options))?.stream('$J', options);
    if (journal === undefined) return from;
    for await (const batch of readUsnJournal(journal, options)) {
      for (const record of batch) {
        from ??= fileTimeText(record.time);
        if (record.parent.record === folder.record && record.name !== undefined && matchesName(name, record.name))
          traces.addJournal({
            name: record.name,
            record: record.file.record,
            time: record.time ?? 0n,
            reasons: usnReasonNames(record.reason),
            came: (record.reason & REASON_COMES) !== 0,
            went: (record.reason & REASON_GOES) !== 0,
          });
      }
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  return from;
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
