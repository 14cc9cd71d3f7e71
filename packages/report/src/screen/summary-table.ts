import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import type { Block, Cell, Document } from '../document/document.js';
import { paragraph } from '../document/document.js';
import { code, data, type Phrase, text } from '../document/phrase.js';
import { type PageOptions, Reader } from '../pages/page.js';
import { answerBadge, serverName } from '../pages/start-blocks.js';
import { clipName, clipPhrase, phraseWidth } from './clip-phrase.js';
import { nextStepPhrase } from './next-step.js';

/** What a screen has room for. */
export interface TableRoom {
  readonly columns: number;
  /** Lines of the table, its head included. */
  readonly lines: number;
}

interface Row {
  readonly server: string;
  readonly image: string;
  readonly starts: Phrase;
  readonly verdict: Phrase;
  readonly next: Phrase;
}

/** Columns that the narrow columns take at most. */
const MOST = { server: 16, image: 28, starts: 21, verdict: 18 } as const;
const GAP = 2;
/** Columns that a next step needs to say something. */
const LEAST_NEXT = 24;

/**
 * A line for each image, the worst first: which server, which image, whether it starts, and the one next step.
 * @param images - the worst first
 * @param room - of a screen; without it every image is in the table, and nothing is cut
 */
export function summaryTable(
  images: Iterable<ImageReport | FailedImage>,
  room: TableRoom | undefined,
  options: PageOptions = {},
): Document {
  const reader = new Reader(options);
  const { columns, moreImages } = reader.language.runs;
  if (room === undefined) {
    const rows = [...images].map((image) => rowOf(image, reader)).map((row) => cellsOf(row));
    const head = [columns.server, columns.image, columns.starts, columns.verdict, columns.next];
    return [{ kind: 'table', head, rows }, { kind: 'break' }];
  }
  const rows: Row[] = [];
  const twoLines = room.columns < 2 * LEAST_NEXT + MOST.server;
  const most = Math.max(Math.floor((room.lines - 2) / (twoLines ? 2 : 1)), 1);
  let left = 0;
  for (const image of images) {
    if (rows.length < most) rows.push(rowOf(image, reader));
    else left += 1;
  }
  const blocks = twoLines ? narrowRows(rows, room.columns) : wideRows(rows, room.columns, reader);
  return [...blocks, ...(left === 0 ? [] : [paragraph(moreImages(left))]), { kind: 'break' }];
}

function rowOf(image: ImageReport | FailedImage, reader: Reader): Row {
  const next = nextStepPhrase(image, reader);
  const server = (isFailedImage(image) ? undefined : serverName(image)) ?? image.machine?.name ?? '';
  if (isFailedImage(image)) {
    const starts: Phrase = [text(reader.language.common.error, 'bad')];
    return { server, image: image.path, starts, verdict: [code(image.error.code)], next };
  }
  return { server, image: image.path, starts: answerBadge(image, reader), verdict: [code(image.verdict)], next };
}

function cellsOf({ server, image, starts, verdict, next }: Row): Phrase[] {
  return [[data(server)], [data(image)], starts, verdict, next];
}

/** Two lines an image: who and whether, then what to do. */
function narrowRows(rows: readonly Row[], columns: number): Block[] {
  const images = new Map<string, number>();
  for (const { server } of rows) images.set(server, (images.get(server) ?? 0) + 1);
  return rows.flatMap(({ server, image, starts, next }): Block[] => {
    const badge = clipPhrase(starts, Math.floor(columns / 2));
    // Of several states of one server its name would not tell which one is meant.
    const tells = server !== '' && images.get(server) === 1;
    const name = clipName(tells ? server : image, columns - phraseWidth(badge) - GAP);
    const who: Block = { kind: 'row', cells: [{ content: [data(name, 'strong')] }, { content: badge }] };
    if (phraseWidth(next) === 0) return [who];
    return [who, { kind: 'row', cells: [{ content: [] }, { content: clipPhrase(next, columns - GAP) }] }];
  });
}

function wideRows(rows: readonly Row[], columns: number, reader: Reader): Block[] {
  const { columns: titles } = reader.language.runs;
  const head = Object.values(titles).map((title): Phrase => [text(title, 'faint')]);
  const cells = rows.map(({ server, image, ...row }) =>
    cellsOf({ ...row, server: clipName(server, MOST.server), image: clipName(image, MOST.image) }),
  );
  const wanted = [MOST.server, MOST.image, MOST.starts, MOST.verdict].map((most, column) =>
    [head, ...cells].reduce((width, row) => Math.min(most, Math.max(width, phraseWidth(row[column]))), 0),
  );
  // The verdict says the least: what it stands for, the next step says.
  const shown = sum(wanted) + wanted.length * GAP + LEAST_NEXT > columns ? [0, 1, 2, 4] : [0, 1, 2, 3, 4];
  const widths = [...wanted, 0];
  const before = sum(shown.slice(0, -1).map((column) => widths[column] + GAP));
  return [head, ...cells].map((row): Block => {
    const line = shown.map((column): Cell => {
      const width = column === 4 ? Math.max(columns - before, 8) : widths[column];
      return { content: clipPhrase(row[column], width), ...(column === 4 ? {} : { width }) };
    });
    return { kind: 'row', cells: line };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
