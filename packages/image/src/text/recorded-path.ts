/**
 * The last part of a file name or path as an image records it, in any system's notation (`C:\VMs\base.vhd`,
 * `../base.vmdk`, `file:///vm/base.qcow2`).
 * @returns `undefined` when nothing is left that could name a file
 */
export function lastPathPart(recorded: string): string | undefined {
  const path = recorded.startsWith('file:') ? percentDecoded(recorded) : recorded;
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).replace(/^[A-Za-z]:/, '');
  return name === '' || name === '.' || name === '..' || name.includes('\0') ? undefined : name;
}

/** Whether `recorded` is a plain file name, or one in the image's own folder (`./x`, `.\x`). */
export function isPlainName(recorded: string): boolean {
  return lastPathPart(recorded) === recorded.replace(/^\.[\\/]/, '');
}

/**
 * Whether two file names are the same one as Windows compares them (ASCII letters only: enough to tell names apart).
 */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** The text of a URI reference; as it is when it is none. */
export function percentDecoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
