import { defined, type FileTree, fileTimeText, type ReadOptions } from '@deadbox/core';
import { MAX_LOG_LINE, MAX_LOG_TAIL_BYTES } from '../limits.js';
import { decodeText } from './text-file.js';

/** The newest lines of a text log that grows at its end. */
export interface LogTail {
  /** Path as stored. */
  readonly path: string;
  /** Last change of the file, ISO-8601 UTC. */
  readonly modified?: string;
  /** Whole lines, oldest first, each cut at {@link MAX_LOG_LINE} characters. */
  readonly lines: readonly string[];
}

/** Reads the end of a text log; `undefined` when there is no such file. */
export async function readLogTail(tree: FileTree, path: string, options?: ReadOptions): Promise<LogTail | undefined> {
  const file = await tree.lookup(path, options);
  if (file?.type !== 'file') return undefined;
  const source = await file.stream(undefined, options);
  const from = Math.max(0, source.size - MAX_LOG_TAIL_BYTES);
  // Two bytes a character: an odd place would shift all of them.
  const even = from - (from % 2);
  const text = decodeText(await source.read(even, source.size - even, options));
  const lines = text.split(/\r?\n/).slice(even === 0 ? 0 : 1);
  return {
    path: file.path,
    ...defined({ modified: fileTimeText(file.modified) ?? undefined }),
    lines: lines.map((line) => line.slice(0, MAX_LOG_LINE)),
  };
}
