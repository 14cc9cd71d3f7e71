import { readFileSync } from 'node:fs';
import { usageError } from '../exit-code.js';
import type { InputFiles } from '../output/input-files.node.js';

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
  if (names.length === 0) throw usageError('targets-empty', { path });
  return names;
}
