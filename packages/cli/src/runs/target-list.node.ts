import { readFileSync } from 'node:fs';
import { usageError } from '../exit-code.js';
import type { InputFiles } from '../output/input-files.node.js';

/** Characters of the longest path that any system has; a longer line is of another kind of file. */
const LONGEST_PATH = 32_767;

/**
 * The names in a list: one a line; empty lines and those that begin with `#` are passed over.
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
  const names = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const long = names.find(({ length }) => length > LONGEST_PATH);
  if (long !== undefined)
    throw usageError('targets-unreadable', { path, reason: `a line has ${long.length} characters` });
  if (names.length === 0) throw usageError('targets-empty', { path });
  return names;
}
