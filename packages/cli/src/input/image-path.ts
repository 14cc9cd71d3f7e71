/** A path argument with an optional stream: `/a/b.txt:stream`, `C:\a\b.txt`. The drive letter's colon is no stream. */
export function splitStream(argument: string): { path: string; stream: string } {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(argument)?.[0] ?? '';
  const rest = argument.slice(drive.length);
  const slash = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\'));
  const colon = rest.indexOf(':', slash + 1);
  if (colon < 0) return { path: argument, stream: '' };
  return { path: drive + rest.slice(0, colon), stream: rest.slice(colon + 1).replace(/:\$DATA$/i, '') };
}

/** A record argument: `#1234`. */
export function recordNumber(argument: string): number | undefined {
  const match = /^#(\d{1,15})$/.exec(argument);
  return match === null ? undefined : Number(match[1]);
}
