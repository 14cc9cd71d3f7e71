import { writeSync } from 'node:fs';
import { VERSION } from '../version.js';

/**
 * Answers `--version`, for which nothing else need be loaded.
 * @returns whether that was asked, and could be written: what keeps it from being written, the command line tells
 */
export function answersVersion([option, ...more]: readonly string[]): boolean {
  if ((option !== '--version' && option !== '-V') || more.length > 0) return false;
  try {
    writeSync(1, `${VERSION}\n`);
    return true;
  } catch {
    return false;
  }
}
