import { resolveImagePath } from '../machine/image-path.js';

/** Endings that a program's name gets where the text has none. */
const PROGRAM = /\.(?:exe|com|cmd|bat|scr|sys|dll)$/i;

/** The first word of a command line: quoted, or up to the first program name, or up to the first space. */
export function programOf(command: string): string {
  const text = command.trim();
  if (text.startsWith('"')) {
    const end = text.indexOf('"', 1);
    return end < 0 ? text.slice(1) : text.slice(1, end);
  }
  const named = /^.*?\.(?:exe|com|cmd|bat|scr)(?=[\s,]|$)/i.exec(text);
  return named === null ? text.replace(/[\s,].*$/s, '') : named[0];
}

/**
 * Where the program of a command line may lie on the Windows volume, the likeliest first: where its path says, and for
 * a bare name in `System32`, the Windows folder and `System32\oobe`, where Setup looks.
 * @param root - the Windows folder, e.g. `/Windows`
 * @returns nothing for a program of another volume, or one that cannot be told
 */
export function programPaths(command: string, root: string, driveLetter = 'C'): string[] {
  const program = programOf(command);
  if (program === '') return [];
  const named = PROGRAM.test(program) ? program : `${program}.exe`;
  if (/^[^\\/%:]+$/.test(named)) return [`${root}/System32/${named}`, `${root}/${named}`];
  if (/^[^\\/%:]+[\\/]/.test(named)) {
    const relative = named.replaceAll('\\', '/');
    return [`${root}/System32/${relative}`, `${root}/${relative}`];
  }
  const path = resolveImagePath(`"${named}"`, root, driveLetter);
  return path === undefined ? [] : [path];
}
