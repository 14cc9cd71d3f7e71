import type { CrashReport, ImageReport, InstallationReport, TimelineEvent } from '@deadbox/triage';
import { escapeHtml } from '../document/escape.js';
import { concat, data, type Phrase, text } from '../document/phrase.js';
import { zoneFor } from '../pages/installation-blocks.js';
import type { Reader } from '../pages/page.js';
import { formatBoth } from '../words/times.js';
import { htmlPhrase } from '../writers/html-writer.js';

/** One moment of a machine's incident. */
interface Moment {
  readonly at: string;
  readonly tone: 'bad' | 'good' | 'plain';
  readonly what: Phrase;
}

/** Moments shown; the rest is counted. */
const MAX_MOMENTS = 40;
/** A shorter time between two moments is not spelled out. */
const LEAST_GAP = 1000;

/**
 * What happened to this machine, as a line of moments with the time between them: when a file came and went, the
 * crashes, the last shutdown, what was changed. Empty where the disk tells of no moment. All that comes from the disk
 * is escaped.
 */
export function incidentLine({ installations }: Pick<ImageReport, 'installations'>, general: Reader): string {
  const installation = installations.find(({ active }) => active);
  if (installation === undefined) return '';
  const reader = general.in(zoneFor(installation.host, general.zone));
  const moments = momentsOf(installation, reader);
  if (moments.length === 0) return '';
  const { incident: words } = reader.language.figures;
  const shown = moments.slice(0, MAX_MOMENTS);
  const items = shown.map((moment, index) => item(moment, shown[index + 1], reader));
  if (moments.length > shown.length) items.push(`<li>${htmlPhrase(words.more(moments.length - shown.length))}</li>`);
  return `<ol class="incident">${items.join('')}</ol>`;
}

function item({ at, tone, what }: Moment, after: Moment | undefined, reader: Reader): string {
  const gap = after === undefined ? Number.NaN : Date.parse(after.at) - Date.parse(at);
  const later =
    gap >= LEAST_GAP
      ? `<span class="incident-gap">${escapeHtml(reader.language.figures.incident.later(reader.language.common.span(gap)))}</span>`
      : '';
  const time = `<time datetime="${escapeHtml(at)}">${escapeHtml(formatBoth(toSeconds(at), reader.zone))}</time>`;
  return `<li class="incident-${tone}">${time}<span class="incident-what">${htmlPhrase(what)}</span>${later}</li>`;
}

/** A hundred-nanosecond more or less is for the tables. */
function toSeconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

function momentsOf(installation: InstallationReport, reader: Reader): Moment[] {
  const all = [
    ...fileMoments(installation, reader),
    ...installation.crash.flatMap((crash) => crashMoment(crash, reader)),
    ...timelineMoments(installation, reader),
  ];
  const seen = new Set<string>();
  return all
    .filter(({ at, tone }) => !Number.isNaN(Date.parse(at)) && !seen.has(`${at} ${tone}`) && seen.add(`${at} ${tone}`))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** When the files that decided the verdict came, and went. */
function fileMoments(installation: InstallationReport, { language }: Reader): Moment[] {
  const { arrived, removed } = language.figures.incident;
  const { decided, files, historySummary, severity } = installation;
  const names = (decided?.files ?? []).flatMap((index) => files[index] ?? []);
  const tone = severity === 'none' ? 'plain' : 'bad';
  const came = names.flatMap(({ path, created, modified }): Moment[] => {
    const at = created ?? modified;
    return at === null ? [] : [{ at, tone, what: arrived(data(path.slice(path.lastIndexOf('/') + 1))) }];
  });
  const bad = data(installation.history.find(({ came: appeared }) => appeared === true)?.name ?? installation.rule);
  const { badFrom, badUntil } = historySummary ?? { badFrom: null, badUntil: null };
  if (badFrom !== null && came.length === 0) came.push({ at: badFrom, tone: 'bad', what: arrived(bad) });
  if (badUntil !== null) came.push({ at: badUntil, tone: 'good', what: removed(bad) });
  return came;
}

function crashMoment({ time, code, codeName, module }: CrashReport, { language }: Reader): Moment[] {
  if (time === null) return [];
  const named =
    code === null ? undefined : concat(data(code), codeName === null ? undefined : [text(' '), data(codeName)]);
  const what = language.figures.incident.crashed(named, module === null ? undefined : data(module));
  return [{ at: time, tone: 'bad', what }];
}

function timelineMoments({ host, timeline }: InstallationReport, { language }: Reader): Moment[] {
  const moments: Moment[] = [];
  const add = (event: TimelineEvent | null, tone: Moment['tone']): void => {
    if (event === null) return;
    const named = event.what === null ? undefined : data(event.what);
    const what = concat(
      language.timeline.events[event.kind](named),
      event.failed === true ? text(language.timeline.failed) : undefined,
    );
    moments.push({ at: event.at, tone: event.failed === true || event.kind === 'crashed' ? 'bad' : tone, what });
  };
  add(timeline?.lastRan ?? null, 'good');
  for (const change of timeline?.changes ?? []) add(change, 'plain');
  add(timeline?.firstFailed ?? null, 'bad');
  if (host.lastShutdown !== undefined)
    moments.push({ at: host.lastShutdown, tone: 'good', what: language.figures.incident.lastShutdown });
  return moments;
}
