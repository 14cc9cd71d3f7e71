/**
 * What no output may hold as it is: controls but for the end of a line, marks that are not seen or that turn text
 * round, line separators, lone surrogates. Written down a second time here: nothing is shared with the writers.
 */
const UNSAFE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|[\u{e0000}-\u{e0fff}]/u;

/** Throws when a program that shows `output` could be misled by it. */
export function checkOutput(output: string, what: string): void {
  const found = UNSAFE.exec(output.replaceAll('\r\n', '\n'));
  if (found === null) return;
  const near = JSON.stringify(output.slice(Math.max(0, found.index - 60), found.index + 20));
  throw new TypeError(`${what} has U+${found[0].codePointAt(0)?.toString(16)} near ${near}`);
}
