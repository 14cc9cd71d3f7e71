import type { BootReport, CauseReport, ImageReport, InstallationReport } from '@deadbox/triage';
import { escapeHtml } from '../document/escape.js';
import { code, type Phrase, text } from '../document/phrase.js';
import type { Reader } from '../pages/page.js';
import type { ChainLink, LinkState } from '../words/html/figure-words.js';
import { htmlPhrase } from '../writers/html-writer.js';

/** What a boot chain is drawn from. */
export type ChainedDisk = Pick<ImageReport, 'causes' | 'installations' | 'starts'>;

const LINKS: readonly ChainLink[] = [
  'disk',
  'firmware',
  'boot-manager',
  'store',
  'loader',
  'kernel',
  'session',
  'logon',
];

/** The phases of causes, as links of the chain; what lies in the file system stands in the way of no link by itself. */
const LINK_OF_PHASE: Readonly<Record<CauseReport['phase'], ChainLink | undefined>> = {
  image: 'disk',
  disk: 'disk',
  firmware: 'firmware',
  'boot-manager': 'boot-manager',
  loader: 'loader',
  kernel: 'kernel',
  session: 'session',
  logon: 'logon',
  data: undefined,
};

const MARKS: Readonly<Record<LinkState, string>> = {
  sound: '<path d="m4 8.5 2.6 2.6L12 5.5"></path>',
  broken: '<path d="m5 5 6 6m0-6-6 6"></path>',
  doubtful: '<path d="M8 4.2v4.6M8 11.4v.4"></path>',
  beyond: '<path d="M5 8h6"></path>',
  'not-checked': '<path d="M6.2 6.2a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.6v.2"></path>',
};

/**
 * The start of Windows as a chain, from the disk to the logon, with the broken link marked and the files that each link
 * uses. All that comes from the disk is escaped.
 */
export function bootChain(disk: ChainedDisk, reader: Reader): string {
  const { links, states } = reader.language.figures.chain;
  const stateOf = statesOf(disk);
  const installation = disk.installations.find(({ active }) => active);
  const items = LINKS.map((link) => {
    const state = stateOf[link];
    const more = installation === undefined ? [] : detailOf(link, installation, reader);
    const detail = more.length === 0 ? '' : `<span class="chain-detail">${htmlPhrase(more)}</span>`;
    return `<li class="chain-link chain-${state}"><svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><circle cx="8" cy="8" r="7.2"></circle>${MARKS[state]}</svg><span class="chain-name">${escapeHtml(links[link])}</span><span class="chain-state">${escapeHtml(states[state])}</span>${detail}</li>`;
  });
  return `<ol class="chain">${items.join('')}</ol>`;
}

/** What is known of each link. */
function statesOf({ causes, installations, starts }: ChainedDisk): Readonly<Record<ChainLink, LinkState>> {
  const asking = causes.filter(({ severity }) => severity !== 'none');
  const checked = starts !== 'not-checked' && installations.length > 0;
  const found = Object.fromEntries(LINKS.map((link) => [link, checked ? 'sound' : 'not-checked'])) as Record<
    ChainLink,
    LinkState
  >;
  for (const cause of asking) {
    const link = linkOf(cause);
    if (link === undefined || found[link] === 'broken') continue;
    found[link] = cause.confidence === 'proves' && starts === 'no' ? 'broken' : 'doubtful';
  }
  const first = LINKS.findIndex((link) => found[link] === 'broken');
  if (first >= 0) for (const link of LINKS.slice(first + 1)) if (found[link] === 'sound') found[link] = 'beyond';
  return found;
}

/** What is wrong in the boot store stands between the boot manager, which reads it, and the loader, which it names. */
function linkOf({ id, phase }: CauseReport): ChainLink | undefined {
  return id.startsWith('bcd-') ? 'store' : LINK_OF_PHASE[phase];
}

function detailOf(link: ChainLink, { boot, root, host }: InstallationReport, { language }: Reader): Phrase {
  const { chain } = language.figures;
  switch (link) {
    case 'firmware':
      return boot.store === null ? [] : [text(boot.store.firmware.toUpperCase())];
    case 'boot-manager':
      return fileOf(boot, 'boot-manager');
    case 'store':
      return boot.store === null ? [] : [text(`${chain.partition(boot.store.partition)} `), code(boot.store.path)];
    case 'loader':
      return fileOf(boot, 'default');
    case 'kernel':
      return [code(root), ...(host.version === undefined ? [] : [text(` ${host.version}`)])];
    default:
      return [];
  }
}

function fileOf({ entries }: BootReport, wanted: 'boot-manager' | 'default'): Phrase {
  const path = entries.find(({ role }) => role === wanted)?.path;
  return path === undefined || path === null ? [] : [code(path)];
}
