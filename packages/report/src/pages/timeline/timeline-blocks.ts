import type { TimelineEvent, TimelineReport } from '@deadbox/triage';
import { type Block, group, paragraph } from '../../document/document.js';
import { concat, data, type Phrase, text } from '../../document/phrase.js';
import type { Reader } from '../page.js';

/**
 * When Windows last ran, what was changed about then, and when it failed first; nothing where nothing tells when it
 * ran.
 */
export function timelineBlocks(timeline: TimelineReport | undefined, reader: Reader): Block[] {
  const { timeline: words } = reader.language;
  if (timeline === undefined || (timeline.lastRan === null && timeline.firstFailed === null)) return [];
  const { lastRan, changes, firstFailed } = timeline;
  const what = ({ kind, what: name, failed }: TimelineEvent): Phrase =>
    concat(
      words.events[kind](name === null ? undefined : data(name)),
      failed === true ? text(words.failed) : undefined,
    );
  const items = [
    ...(lastRan === null ? [] : [words.lastRan(reader.time(lastRan.at), what(lastRan))]),
    ...changes.map((change) => words.changed(reader.time(change.at), what(change))),
    firstFailed === null ? words.noFailure : words.firstFailed(reader.time(firstFailed.at), what(firstFailed)),
  ];
  return [paragraph([text(words.title, 'strong')]), group({ kind: 'list', ordered: false, items })];
}
