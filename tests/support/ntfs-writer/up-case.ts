/** The $UpCase table that our volumes carry: each UTF-16 unit's own upper case, where that is a single unit. */
export const upCase: Uint16Array = Uint16Array.from({ length: 65536 }, (_, unit) => {
  const upper = String.fromCharCode(unit).toUpperCase();
  // The dotless i and the long s would become ASCII letters: Windows leaves them alone.
  return upper.length === 1 && (unit < 128 || upper.charCodeAt(0) >= 128) ? upper.charCodeAt(0) : unit;
});

/** The bytes of the $UpCase file. */
export function upCaseBytes(): Uint8Array {
  const bytes = new Uint8Array(131_072);
  const view = new DataView(bytes.buffer);
  upCase.forEach((upper, unit) => view.setUint16(unit * 2, upper, true));
  return bytes;
}

/** A text whose order by code units is the order of `name` in a directory; names equal but for case have equal keys. */
export function collationKey(name: string): string {
  let key = '';
  for (let i = 0; i < name.length; i += 1) key += String.fromCharCode(upCase[name.charCodeAt(i)]);
  return key;
}
