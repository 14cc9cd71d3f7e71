import { escapeText, formatCount, formatUtc } from '@deadbox/report';
import type { CommonOptions } from '../options.js';
import type { Output } from './output.node.js';

/** Options of `deadbox ls`. */
export interface LsOptions extends CommonOptions {
  readonly recursive?: boolean;
  readonly long?: boolean;
  readonly streams?: boolean;
  readonly all?: boolean;
  readonly deleted?: boolean;
  readonly hash?: 'sha256';
}

/** One line of `ls --ndjson`. */
export interface LsEntry {
  readonly record: number | null;
  readonly sequence: number | null;
  readonly path: string;
  readonly stream: string;
  readonly type: string;
  readonly size: number;
  readonly modified: string | null;
  readonly created: string | null;
  readonly changed: string | null;
  readonly accessed: string | null;
  readonly deleted: boolean;
  sha256?: string | null;
}

/** Writes entries in the form that the options ask for. */
export interface LsWriter {
  entry(entry: LsEntry): void;
  end(): void;
}

/** The writer for the options. */
export function lsWriter(options: LsOptions, output: Output): LsWriter {
  if (options.ndjson === true)
    return { entry: (entry) => output.write(`${JSON.stringify(entry)}\n`), end: () => undefined };
  if (options.json === true) {
    let count = 0;
    output.write('[');
    return {
      entry: (entry) => {
        output.write(`${count === 0 ? '' : ','}\n${JSON.stringify(entry)}`);
        count += 1;
      },
      end: () => output.write('\n]\n'),
    };
  }
  return { entry: (entry) => output.write(textLine(entry, options)), end: () => undefined };
}

function textLine(entry: LsEntry, options: LsOptions): string {
  const full = entry.stream === '' ? entry.path : `${entry.path}:${entry.stream}`;
  const recursive = options.recursive === true;
  const shown = escapeText(recursive ? full : full.slice(entry.path.lastIndexOf('/') + 1));
  // A recursive listing is for other programs: plain paths. A folder's own listing marks folders.
  const marked = !recursive && entry.type === 'directory' && entry.stream === '' ? `${shown}/` : shown;
  const name = entry.deleted ? `${marked} (deleted)` : marked;
  const hash = options.hash === undefined ? '' : `${entry.sha256 ?? '-'.padEnd(64)}  `;
  if (options.long !== true) return `${hash}${name}\n`;
  const modified = entry.modified === null ? '-'.padEnd(31) : formatUtc(entry.modified).padEnd(31);
  return `${hash}${entry.type.padEnd(9)} ${formatCount(entry.size).padStart(16)}  ${modified}  ${name}\n`;
}
