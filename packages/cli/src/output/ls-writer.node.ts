import { type Writer } from '@deadbox/report';
import { type LsEntry, lsRow, type Reader } from '@deadbox/report/internals';
import type { CommonOptions } from '../options.js';
import { type ItemWriter, itemWriter, type Output } from './output.node.js';

/** Options of `deadbox ls`. */
export interface LsOptions extends CommonOptions {
  readonly recursive?: boolean;
  readonly long?: boolean;
  readonly streams?: boolean;
  readonly all?: boolean;
  readonly deleted?: boolean;
  readonly hash?: 'sha256';
}

/** The writer of `ls`. */
export function lsWriter(options: LsOptions, output: Output, reader: Reader, write: Writer): ItemWriter<LsEntry> {
  const columns = {
    // What lies below a folder is shown with its path.
    recursive: options.recursive === true || options.deleted === true,
    long: options.long === true,
    hash: options.hash !== undefined,
  };
  return itemWriter(options, output, (entry) => write([lsRow(entry, columns, reader)]));
}
