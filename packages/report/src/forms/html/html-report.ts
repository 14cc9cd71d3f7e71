import { createSha256, defined } from '@deadbox/core';
import { escapeHtml, escapeText } from '../../document/escape.js';
import type { Phrase } from '../../document/phrase.js';
import { FIGURE_STYLE } from '../../figures/figure-style.js';
import { type PageOptions, Reader } from '../../pages/page.js';
import type { LanguageCode } from '../../words/language.js';
import { DISK_STATES, type Judged, nameOf, nextStepOf, reasonOf, STATE_TONES, stateOf } from '../disk-state.js';
import type { ReportSink, ReportSource } from '../report-form.js';
import { diskDetails } from './disk-details.js';
import { countDisk, newOverview, overviewHtml } from './overview.js';
import { base64, pack } from './pack.js';
import { type PageRow, reportPage } from './report-page.js';
import { listHtml, toolbarHtml } from './shell.js';
import { PAGE_STYLE } from './style.js';

/** Disks whose details are packed together: few enough to open at once, enough to pack well. */
const GROUP = 16;
/** Characters of a cell of the table; the details have all. */
const MAX_CELL = 240;

/**
 * Writes the report as one HTML page that loads nothing: for a manager what to do first, a table of all disks, and all
 * about each disk, in every language. Details are packed; the page unpacks those that are opened.
 */
export async function writeHtmlReport(report: ReportSource, sink: ReportSink, options: PageOptions): Promise<void> {
  const readers = await readersFor(options);
  const overview = newOverview();
  const rows: PageRow[] = [];
  const packs: string[] = [];
  let group: Judged[] = [];
  const close = async (): Promise<void> => {
    for (const [code, reader] of readers) {
      const details = group.map((image) => diskDetails(image, reader));
      packs.push(dataBlock(`${code}-${Math.floor((rows.length - 1) / GROUP)}`, await pack(details)));
    }
    group = [];
  };
  for (const image of report.images) {
    countDisk(overview, image, rows.length);
    rows.push(rowOf(image, readers));
    group.push(image);
    if (group.length === GROUP) await close();
  }
  if (group.length > 0) await close();
  const first = options.language?.code ?? 'en';
  const script = `(${reportPage.toString()})()`;
  const style = PAGE_STYLE + FIGURE_STYLE;
  const title = (readers.get(first) as Reader).language.html.title(rows.length);
  sink(head(first, title, style, script));
  for (const [code, reader] of readers) {
    sink(
      `<div class="view" lang="${code}"${code === first ? '' : ' hidden'}>${toolbarHtml(reader, [...readers.values()])}`,
    );
    sink(`<main><div class="list">${overviewHtml(overview, report, reader)}${listHtml(reader, rows.length)}</div>`);
    sink(`<div class="detail" hidden></div><div class="print-details"></div></main></div>`);
  }
  sink(dataBlock('rows', await pack({ rows, group: GROUP, states: DISK_STATES })));
  for (const packed of packs) sink(packed);
  sink(`<script>${script}</script></body></html>\n`);
}

/** A reader for each language, that of `options` first. */
async function readersFor(options: PageOptions): Promise<Map<LanguageCode, Reader>> {
  const [{ en }, { ja }, english, japanese] = await Promise.all([
    import('../../words/en/en.js'),
    import('../../words/ja/ja.js'),
    import('../../words/en/causes/causes.js'),
    import('../../words/ja/causes/causes.js'),
  ]);
  const shown = { explain: options.explain === true, ...defined({ zone: options.zone }) };
  const readers: [LanguageCode, Reader][] = [
    ['en', new Reader({ ...shown, language: en, causes: english.causes })],
    ['ja', new Reader({ ...shown, language: ja, causes: japanese.causes })],
  ];
  return new Map(options.language?.code === 'ja' ? readers.reverse() : readers);
}

function rowOf(image: Judged, readers: ReadonlyMap<LanguageCode, Reader>): PageRow {
  const state = stateOf(image);
  const texts = [...readers].map(([code, reader]): [string, [string, string]] => [
    code,
    [plain(reasonOf(image, reader)), plain(nextStepOf(image, reader) ?? [])],
  ]);
  return {
    name: escapeText(nameOf(image)),
    path: nameOf(image) === image.path ? '' : escapeText(image.path),
    state,
    tone: STATE_TONES[state],
    texts: Object.fromEntries(texts),
  };
}

/** A phrase as the text of a cell. */
function plain(phrase: Phrase): string {
  const whole = phrase.map(({ text }) => escapeText(text)).join('');
  return whole.length > MAX_CELL ? `${whole.slice(0, MAX_CELL - 1)}…` : whole;
}

/** Packed data; base64 holds nothing that could end the element. */
function dataBlock(name: string, packed: string): string {
  return `<script type="text/plain" data-pack="${name}">${packed}</script>\n`;
}

/** Nothing is loaded, sent or run but this style and this script, whatever should stand in the page. */
function head(language: string, title: string, style: string, script: string): string {
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'`;
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body>`,
  ].join('');
}

function hashOf(text: string): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(text));
  return `sha256-${base64(hash.digest())}`;
}
