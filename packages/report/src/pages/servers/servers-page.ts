import type { ServerReport, ServerState, TimelineEvent } from '@deadbox/triage';
import { type Block, BREAK, type Document, group, heading, paragraph, paragraphs } from '../../document/document.js';
import { concat, data, type Phrase, text } from '../../document/phrase.js';
import { type PageOptions, Reader } from '../page.js';

/** States shown of a server; --json has all. */
const MAX_STATES = 30;
/** Changes named of what would be lost. */
const MAX_CHANGES = 6;

/** For each server which state to restore, what would be lost, and all its states, the newest first. */
export function serversPage(servers: readonly ServerReport[], options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const { servers: words } = reader.language;
  if (servers.length === 0) return [paragraph(words.noServers)];
  return [
    heading(1, [text(words.title, 'strong')]),
    ...servers.flatMap((server) => [group(...serverBlocks(server, reader)), BREAK]),
  ];
}

/** What a server is called, with its domain. */
export function serverTitle({ name, domain }: ServerReport, { language: { servers: words, common } }: Reader): Phrase {
  if (name === null) return [text(words.unnamed, 'strong')];
  if (domain === null) return [data(name, 'strong')];
  return concat(data(name, 'strong'), text(common.wordGap), common.inParentheses(data(domain)));
}

/** Which state of a server to restore, and what that loses. */
export function restorePhrases({ states, newestSafe, lost }: ServerReport, reader: Reader): Phrase[] {
  const { servers: words, common } = reader.language;
  const state = newestSafe === null ? undefined : states[newestSafe];
  if (state === undefined) return [words.noneSafe];
  if (newestSafe === 0) return [words.newestIsSafe(stateName(state, reader))];
  const restore = words.restore(stateName(state, reader), whenPhrase(state, reader));
  if (lost === null) return [restore, words.lostUnknown];
  const { from, to, milliseconds, changes } = lost;
  const changed = changes.slice(0, MAX_CHANGES).map((change) => changePhrase(change, reader));
  const more = changes.length - changed.length;
  return [
    restore,
    words.lost(common.span(milliseconds), timeOf(from, reader), timeOf(to, reader)),
    ...(changed.length === 0 ? [] : [words.changed(common.list(more > 0 ? [...changed, common.more(more)] : changed))]),
  ];
}

function serverBlocks(server: ServerReport, reader: Reader): Block[] {
  const { servers: words, common } = reader.language;
  const { states, sameBy } = server;
  const shown = states.slice(0, MAX_STATES);
  const rows = shown.map((state) => [stateName(state, reader), whenPhrase(state, reader), safePhrase(state, reader)]);
  const { columns } = words;
  return [
    heading(2, serverTitle(server, reader)),
    group(
      ...paragraphs([
        ...restorePhrases(server, reader),
        words.states(
          states.length,
          sameBy.map((reason) => words.sameBy[reason]),
        ),
      ]),
      { kind: 'table', head: [columns.state, columns.when, columns.safe], rows },
      ...(states.length > shown.length ? [paragraph(common.more(states.length - shown.length))] : []),
    ),
  ];
}

function stateName({ path, kind, name }: ServerState, { language: { servers: words } }: Reader): Phrase {
  if (kind === 'snapshot') return words.snapshot(path, name ?? '');
  return kind === 'shadow-copy' ? words.shadowCopy(path, name ?? '') : [data(path)];
}

function whenPhrase({ at, atFrom }: ServerState, reader: Reader): Phrase {
  const { servers: words } = reader.language;
  if (at === null || atFrom === null) return [text(words.unknownTime, 'faint')];
  return words.when(timeOf(at, reader), words.timeFrom[atFrom]);
}

function safePhrase({ safe, unsafe }: ServerState, { language: { servers: words, common } }: Reader): Phrase {
  if (safe) return [text(words.safe, 'good')];
  return common.list(unsafe.map((reason) => text(words.unsafe[reason], 'doubt')));
}

function changePhrase({ kind, what }: TimelineEvent, { language }: Reader): Phrase {
  return language.timeline.events[kind](what === null ? undefined : data(what));
}

/** Parts of a second tell nobody which backup it is. */
function timeOf(iso: string, reader: Reader): string {
  return reader.time(iso.replace(/\.\d+Z$/, 'Z'));
}
