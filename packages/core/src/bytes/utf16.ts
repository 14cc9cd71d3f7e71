const CHUNK = 4096;

/**
 * Text of UTF-16LE bytes, code unit by code unit: unpaired surrogates survive, which `TextDecoder` would destroy. A
 * last odd byte is left out.
 */
export function utf16Text(bytes: Uint8Array): string {
  const units = bytes.length >> 1;
  const codes = new Array<number>(Math.min(units, CHUNK));
  let text = '';
  for (let from = 0; from < units; from += CHUNK) {
    const count = Math.min(CHUNK, units - from);
    if (count < codes.length) codes.length = count;
    for (let i = 0; i < count; i += 1) {
      const at = (from + i) * 2;
      codes[i] = bytes[at] | (bytes[at + 1] << 8);
    }
    text += String.fromCharCode.apply(null, codes);
  }
  return text;
}

/** UTF-16LE bytes of `text`. */
export function utf16Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    bytes[i * 2] = code & 0xff;
    bytes[i * 2 + 1] = code >> 8;
  }
  return bytes;
}

/** `text` up to its first NUL. */
export function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
