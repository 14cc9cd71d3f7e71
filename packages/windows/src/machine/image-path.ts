import { splitPath } from '@deadbox/core';

/** Variables that stand for a folder beside the Windows folder. */
const FOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^%systemdrive%/i, ''],
  [/^%programfiles%/i, '/Program Files'],
  [/^%programfiles\(x86\)%/i, '/Program Files (x86)'],
  [/^%programdata%/i, '/ProgramData'],
];

/**
 * The file on the Windows volume that an `ImagePath` or another stored path names: `system32\drivers\x.sys`,
 * `\SystemRoot\…`, `%SystemRoot%\…`, `\??\C:\…`, `"C:\…\x.exe" -k group`.
 * @param root - the Windows folder on its volume, e.g. `/Windows`
 * @param driveLetter - letter that Windows gave its volume; paths on other letters give `undefined`
 */
export function resolveImagePath(imagePath: string, root: string, driveLetter = 'C'): string | undefined {
  let path = imagePath.trim().replaceAll('/', '\\');
  if (path.startsWith('"')) path = path.slice(1, path.indexOf('"', 1) < 0 ? undefined : path.indexOf('"', 1));
  else path = withoutArguments(path);
  path = path.replace(/^\\\?\?\\/, '').replace(/^\\DosDevices\\/i, '');
  const variable = /^(?:%(?:systemroot|windir)%|\\?systemroot(?=\\))/i.exec(path);
  if (variable !== null) return join(root, path.slice(variable[0].length));
  const drive = /^([a-z]):(?=\\|$)/i.exec(path);
  if (drive !== null) return drive[1].toUpperCase() === driveLetter.toUpperCase() ? join('', path.slice(2)) : undefined;
  const folder = FOLDERS.find(([pattern]) => pattern.test(path));
  if (folder !== undefined) return join(folder[1], path.replace(folder[0], ''));
  if (/^[\\%]/.test(path) || path === '') return undefined;
  // Relative paths of drivers are relative to the Windows folder.
  return join(root, path);
}

/** Cuts arguments off a path that is not quoted: after the first name that ends like a program or driver. */
function withoutArguments(path: string): string {
  const match = /^.*?\.(?:exe|sys|dll|com)(?=\s|$)/i.exec(path);
  return match === null ? path : match[0];
}

function join(root: string, path: string): string | undefined {
  const parts = splitPath(path);
  if (parts.length === 0 || parts.includes('..')) return undefined;
  return `${root}/${parts.join('/')}`;
}
