import { readFileSync } from 'node:fs';
import { usageError } from '../exit-code.js';
import type { InputFiles } from '../output/input-files.node.js';

/** Characters of the longest path that any system has; a longer line is of another kind of file. */
const LONGEST_PATH = 32_767;

/**
 * The names in a list, each once: one a line; empty lines and those that begin with `#` are passed over.
 * @param path - `-` reads standard input
 * @throws UsageError when it cannot be read or names nothing
 */
export function readTargetList(path: string, inputs: InputFiles): string[] {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw usageError('targets-unreadable', { path, reason: (error as Error).message });
  }
  if (path !== '-') inputs.add(path);
  const names = new Set<string>();
  for (const line of linesOf(text.replace(/^\ufeff/, ''))) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.length > LONGEST_PATH)
      throw usageError('targets-unreadable', { path, reason: `a line has ${line.length} characters` });
    names.add(line);
  }
  if (names.size === 0) throw usageError('targets-empty', { path });
  return [...names];
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(start, end).replace(/\r$/, '');
    start = end + 1;
  }
}
