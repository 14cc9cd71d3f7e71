import { isFailedImage, type ScanReport, type ScanSummary } from '@deadbox/triage';
import { escapeHtml } from '../../document/escape.js';
import type { Reader } from '../../pages/page.js';
import { restorePhrases, serverTitle } from '../../pages/servers/servers-page.js';
import type { DiskState } from '../../words/html/html-words.js';
import { htmlPhrase } from '../../writers/html-writer.js';
import {
  DISK_STATES,
  isSharedReason,
  type Judged,
  nameOf,
  namePhrase,
  nextStepOf,
  reasonKey,
  reasonOf,
  STATE_TONES,
  stateOf,
} from '../disk-state.js';

/** Reasons shown on top, warnings, and disks named in each of these; the table has all. */
const MAX_REASONS = 5;
/** Disks named with a reason. */
const MAX_NAMES = 3;

/** Disks with one reason. */
interface Reason {
  /** The place of its first disk on the page, and the disk. */
  readonly place: number;
  readonly example: Judged;
  /** Its first disks: name, and place on the page. */
  readonly first: { readonly name: string; readonly place: number }[];
  count: number;
}

/** What is counted while the disks go by: it does not grow with them. */
export interface Overview {
  readonly counts: Record<DiskState, number>;
  readonly reasons: Map<string, Reason>;
  disks: number;
}

/** An overview of no disks. */
export function newOverview(): Overview {
  const counts = Object.fromEntries(DISK_STATES.map((state) => [state, 0])) as Record<DiskState, number>;
  return { counts, reasons: new Map(), disks: 0 };
}

/** Takes in a disk. */
export function countDisk(overview: Overview, image: Judged, place: number): void {
  overview.disks += 1;
  overview.counts[stateOf(image)] += 1;
  if (!isFailedImage(image) && image.severity === 'none') return;
  const key = reasonKey(image);
  const reason = overview.reasons.get(key) ?? { place, example: image, first: [], count: 0 };
  overview.reasons.set(key, reason);
  reason.count += 1;
  if (reason.first.length < MAX_NAMES) reason.first.push({ name: nameOf(image), place });
}

/** The page's first screen: how many, how bad, what to do first. */
export function overviewHtml(
  { counts, reasons, disks }: Overview,
  { provenance, summary }: Pick<ScanReport, 'provenance' | 'summary'>,
  reader: Reader,
): string {
  const { html: words } = reader.language;
  const unsure = counts.doubtful + counts.blocked + counts.failed + counts['no-windows'] + counts['not-checked'];
  const { finishedAt, tool, version } = provenance;
  const time = reader.time(finishedAt.replace(/\.\d+Z$/, 'Z'));
  const shared = summary.sharedIdentities.slice(0, MAX_REASONS).map(({ diskId, paths }) => {
    const more = paths.length - MAX_REASONS;
    const names = `<bdi>${escapeHtml(paths.slice(0, MAX_REASONS).join(', '))}</bdi>${more > 0 ? ` ${escapeHtml(words.more(more))}` : ''}`;
    return `<p class="warn">${htmlPhrase(words.sharedIdentity(diskId))} ${names}</p>`;
  });
  return [
    `<h1>${escapeHtml(words.headline(disks, counts.no + counts.act, unsure))}</h1>`,
    `<p class="lead">${htmlPhrase(words.examined(time, tool, version))}</p>`,
    bar(counts, disks, reader),
    tiles(counts, reader),
    `<section class="first"><h2>${escapeHtml(words.first)}</h2>${reasonList([...reasons.values()], reader)}${shared.join('')}</section>`,
    serversHtml(summary.servers, reader),
  ].join('');
}

/** Which state of each server to restore. */
function serversHtml(servers: ScanSummary['servers'], reader: Reader): string {
  if (servers === undefined || servers.length === 0) return '';
  const items = servers.map((server) => {
    const lines = restorePhrases(server, reader).map((line) => `<p>${htmlPhrase(line)}</p>`);
    return `<li><p class="reason-head">${htmlPhrase(serverTitle(server, reader))}</p>${lines.join('')}</li>`;
  });
  return `<section class="first"><h2>${escapeHtml(reader.language.servers.title)}</h2><ol class="reasons">${items.join('')}</ol></section>`;
}

/** The share of each state, drawn to scale. */
function bar(counts: Overview['counts'], disks: number, { language: { html: words } }: Reader): string {
  let at = 0;
  const parts = DISK_STATES.filter((state) => counts[state] > 0).map((state) => {
    const share = (counts[state] / disks) * 100;
    const part = `<rect class="bar-${STATE_TONES[state]}" x="${at.toFixed(3)}%" width="${share.toFixed(3)}%" height="10"></rect>`;
    at += share;
    return part;
  });
  return `<svg class="bar" width="100%" height="10" role="img" aria-label="${escapeHtml(words.overview)}">${parts.join('')}</svg>`;
}

/** A number for each state; a press shows only those disks. */
function tiles(counts: Overview['counts'], { language: { html: words } }: Reader): string {
  const shown = DISK_STATES.filter((state) => counts[state] > 0);
  const items = shown.map(
    (state) =>
      `<li><button type="button" class="tile tile-${STATE_TONES[state]}" data-state="${state}" aria-pressed="false"><strong>${counts[state]}</strong><span>${escapeHtml(words.states[state])}</span></button></li>`,
  );
  return `<ul class="tiles" aria-label="${escapeHtml(words.overview)}">${items.join('')}</ul>`;
}

function reasonList(all: readonly Reason[], reader: Reader): string {
  const { html: words } = reader.language;
  if (all.length === 0) return `<p>${htmlPhrase(words.nothingToDo)}</p>`;
  const sorted = [...all].sort(compareReasons);
  const items = sorted.slice(0, MAX_REASONS).map((reason) => reasonItem(reason, reader));
  const more = sorted.length - items.length;
  return `<ol class="reasons">${items.join('')}</ol>${more > 0 ? `<p class="hint">${htmlPhrase(words.moreGroups(more))}</p>` : ''}`;
}

function compareReasons(a: Reason, b: Reason): number {
  const urgency = ({ example }: Reason): number => DISK_STATES.indexOf(stateOf(example));
  return urgency(a) - urgency(b) || b.count - a.count || a.place - b.place;
}

function reasonItem({ example, first, count }: Reason, reader: Reader): string {
  const { html: words } = reader.language;
  const links = first.map(({ name, place }) => `<a href="#disk-${place + 1}"><bdi>${escapeHtml(name)}</bdi></a>`);
  const more = count - first.length;
  const names = `<span class="names">${links.join(' ')}${more > 0 ? ` ${escapeHtml(words.more(more))}` : ''}</span>`;
  const own = reasonOf(example, reader);
  const sentence = count === 1 || isSharedReason(example) ? own : words.forExample(namePhrase(example), own);
  const state = stateOf(example);
  const step = nextStepOf(example, reader);
  return [
    `<li><p class="reason-head"><span class="state state-${STATE_TONES[state]}">${escapeHtml(words.states[state])}</span> `,
    `<strong>${escapeHtml(words.disks(count))}</strong> ${names}</p>`,
    `<p>${htmlPhrase(sentence)}</p>`,
    step === undefined ? '' : `<p class="reason-step">${htmlPhrase(step)}</p>`,
    '</li>',
  ].join('');
}
