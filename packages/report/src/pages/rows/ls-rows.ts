import type { FileType } from '@deadbox/core';
import type { Block, Cell } from '../../document/document.js';
import { concat, data, phrase, text } from '../../document/phrase.js';
import { formatUtc } from '../../words/times.js';
import { formatCount } from '../../words/units.js';
import type { Reader } from '../page.js';

/** One entry of `ls`. */
export interface LsEntry {
  readonly record: number | null;
  readonly sequence: number | null;
  readonly path: string;
  readonly stream: string;
  readonly type: FileType;
  readonly size: number;
  readonly modified: string | null;
  readonly created: string | null;
  readonly changed: string | null;
  readonly accessed: string | null;
  readonly deleted: boolean;
  sha256?: string | null;
}

/** Which columns of an entry are shown. */
export interface LsColumns {
  readonly recursive: boolean;
  readonly long: boolean;
  readonly hash: boolean;
}

const HASH_WIDTH = 64;
const TYPE_WIDTH = 9;
const SIZE_WIDTH = 16;
const TIME_WIDTH = 31;

/**
 * An entry of `ls` as a line. A recursive listing gives plain paths, for other programs; a folder's own listing marks
 * folders.
 */
export function lsRow(entry: LsEntry, columns: LsColumns, { language: { common, files } }: Reader): Block {
  const full = entry.stream === '' ? entry.path : `${entry.path}:${entry.stream}`;
  const shown = columns.recursive ? full : full.slice(entry.path.lastIndexOf('/') + 1);
  const marked = !columns.recursive && entry.type === 'directory' && entry.stream === '' ? `${shown}/` : shown;
  const cells: Cell[] = [];
  if (columns.hash) cells.push({ content: [text(entry.sha256 ?? '-')], width: HASH_WIDTH });
  if (columns.long)
    cells.push(
      { content: [text(common.fileTypes[entry.type])], width: TYPE_WIDTH },
      { content: [text(formatCount(entry.size))], width: SIZE_WIDTH, align: 'right' },
      { content: [text(entry.modified === null ? '-' : formatUtc(entry.modified))], width: TIME_WIDTH },
    );
  cells.push({ content: entry.deleted ? phrase`${marked} ${text(files.deleted)}` : concat(data(marked)) });
  return { kind: 'row', cells };
}
