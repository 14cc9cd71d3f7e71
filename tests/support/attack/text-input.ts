export const MEGABYTE: number = 1_000_000;
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** As many copies of a line as make so many bytes. */
export function lines(bytes: number, line: (i: number) => string, head = ''): Uint8Array<ArrayBuffer> {
  const width = line(1e6).length + 1;
  return utf8(`${head}${Array.from({ length: Math.floor(bytes / width) }, (_, i) => line(i)).join('\n')}\n`);
}
