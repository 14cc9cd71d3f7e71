import type { Document } from '../document/document.js';
import { data, type Phrase, text } from '../document/phrase.js';
import type { Reader } from '../pages/page.js';

/** What is counted of a run, or of a site's part of it. */
type Counts = Readonly<Record<'waiting' | 'active' | 'done' | 'lost', number>>;

/** How far a run over many hosts is: a line for each site, and their sum. */
export function fleetPage(
  status: Counts & { readonly sites: readonly (Counts & { readonly site: string; readonly workers: number })[] },
  { language }: Reader,
): Document {
  const { columns, all } = language.runs.fleet;
  const workers = status.sites.reduce((sum, site) => sum + site.workers, 0);
  const rows = status.sites.map(({ site, ...counts }) => row([data(site)], counts));
  const head = [columns.site, columns.workers, columns.waiting, columns.active, columns.done, columns.lost];
  const sum = rows.length > 1 ? [row([text(all)], { ...status, workers })] : [];
  return [{ kind: 'table', head, rows: [...rows, ...sum] }];
}

function row(name: Phrase, { workers, waiting, active, done, lost }: Counts & { readonly workers: number }): Phrase[] {
  const count = (number: number): Phrase => [text(String(number))];
  return [
    name,
    count(workers),
    count(waiting),
    count(active),
    count(done),
    [text(String(lost), lost > 0 ? 'bad' : undefined)],
  ];
}
