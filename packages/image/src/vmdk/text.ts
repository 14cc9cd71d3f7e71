/**
 * Text of a descriptor: up to the first NUL, in the encoding that it names for itself (UTF-8 when it names none or an unknown one).
 */
export function decodeVmdkText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const plain = new TextDecoder('utf-8').decode(used);
  // Blanks only, no line ends: `\s` would try every empty line of a hostile descriptor again and again.
  const named = /^[ \t]*encoding[ \t]*=[ \t]*"?([\w.:-]{1,40})"?[ \t\r]*$/im.exec(plain)?.[1];
  if (named === undefined || /^utf-?8$/i.test(named)) return plain;
  try {
    return new TextDecoder(named).decode(used);
  } catch {
    return plain;
  }
}
