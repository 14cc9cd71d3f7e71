const LETTERS = 26;
/** Segments that are numbered with two digits; letters follow. */
const NUMBERED = 99;

/**
 * Extension of a segment file: `.E01`–`.E99`, then `.EAA`–`.EZZ`, `.FAA`–`.ZZZ` (libyal, "EWF specification", "Segment
 * file extensions").
 * @param number - from 1
 * @param first - extension of the first file without the dot, whose letter and case are kept, e.g. `E01` or `s01`
 * @returns `undefined` behind the last possible one
 */
export function ewfSegmentExtension(number: number, first: string): string | undefined {
  const letter = first.charAt(0);
  if (number <= NUMBERED) return `${letter}${String(number).padStart(2, '0')}`;
  const isLower = letter === letter.toLowerCase();
  const a = (isLower ? 'a' : 'A').charCodeAt(0);
  const index = number - NUMBERED - 1;
  const place = [
    letter.charCodeAt(0) + Math.floor(index / (LETTERS * LETTERS)),
    a + (Math.floor(index / LETTERS) % LETTERS),
    a + (index % LETTERS),
  ];
  return place[0] < a + LETTERS ? String.fromCharCode(...place) : undefined;
}

/** Name before the dot, and extension, of the first segment file; `undefined` when the name does not end like one. */
export function splitEwfName(name: string): { stem: string; extension: string } | undefined {
  const match = /^(.*\.)([es]01)$/i.exec(name);
  return match === null ? undefined : { stem: match[1], extension: match[2] };
}
