/**
 * Text of a descriptor: up to the first NUL, in the encoding that it names for itself (UTF-8 when it names none or an unknown one).
 */
export function decodeVmdkText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const plain = new TextDecoder('utf-8').decode(used);
  const named = /^\s*encoding\s*=\s*"?([\w.:-]{1,40})"?\s*$/im.exec(plain)?.[1];
  if (named === undefined || /^utf-?8$/i.test(named)) return plain;
  try {
    return new TextDecoder(named).decode(used);
  } catch {
    return plain;
  }
}
