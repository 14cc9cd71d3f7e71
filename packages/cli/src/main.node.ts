import { writeSync } from 'node:fs';
import { VERSION } from './version.js';

/**
 * Answers `--version`, for which nothing else need be loaded.
 * @returns whether that was asked, and could be written: what keeps it from being written, the command line tells
 */
function answersVersion([option, ...more]: readonly string[]): boolean {
  if ((option !== '--version' && option !== '-V') || more.length > 0) return false;
  try {
    writeSync(1, `${VERSION}\n`);
    return true;
  } catch {
    return false;
  }
}

if (!answersVersion(process.argv.slice(2))) {
  // Until it is done: what Node itself gives where an await never ends. Nothing but its own code may pass for success.
  process.exitCode = 13;
  void import('./start.node.js').then(({ start }) => start());
}
