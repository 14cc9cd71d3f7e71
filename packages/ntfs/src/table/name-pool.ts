/**
 * Bit of a name's traits: it has a character that a terminal would act on (C0, DEL, C1, bidirectional controls,
 * invisible characters, line and paragraph separators).
 */
export const NAME_IS_UNSAFE = 1;
/** The name has an unpaired surrogate, so its bytes are not valid UTF-8. */
export const NAME_HAS_LONE_SURROGATE = 2;
/** The name has a `|`, which ends a field in body files; Windows allows it in no name, NTFS does. */
export const NAME_HAS_BAR = 4;

/** Traits of the ASCII characters. */
const ASCII_TRAITS: Uint8Array = Uint8Array.from({ length: 0x80 }, (_, unit) =>
  unit < 0x20 || unit === 0x7f ? NAME_IS_UNSAFE : unit === 0x7c ? NAME_HAS_BAR : 0,
);
/** First and last of each range of other characters that a terminal would act on, or that are not seen. */
const UNSAFE_RANGES: readonly (readonly [number, number])[] = [
  [0x80, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xe_0000, 0xe_0fff],
];

function traitsBeyondAscii(point: number): number {
  // Most such names are Chinese, Japanese or Korean.
  if (point > 0x3164 && point < 0xfe00) return 0;
  return UNSAFE_RANGES.some(([first, last]) => point >= first && point <= last) ? NAME_IS_UNSAFE : 0;
}

/**
 * All names of a volume in one array, as UTF-8 extended to unpaired surrogates (three bytes each, as if they were
 * characters: WTF-8), so that listings copy bytes instead of making strings, and no code unit is lost.
 */
export class NamePool {
  /** The bytes; replaced when it grows. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes in use. */
  length = 0;
  /** What the name appended last has: `NAME_IS_UNSAFE`, `NAME_HAS_LONE_SURROGATE`, `NAME_HAS_BAR`. */
  lastTraits = 0;

  /** @param capacity - bytes to start with */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(Math.max(1024, capacity));
  }

  /**
   * Appends a name of UTF-16LE code units.
   * @param source - holds the units
   * @param at - where they begin
   * @returns how many bytes it took (at most 3 a unit)
   */
  append(source: DataView, at: number, units: number): number {
    if (this.length + units * 3 > this.bytes.length) this.#grow(units * 3);
    const { bytes } = this;
    const start = this.length;
    let out = start;
    let traits = 0;
    const end = at + units * 2;
    let from = at;
    // Two units a step while both are ASCII, as nearly all are.
    for (; from + 4 <= end; from += 4) {
      const pair = source.getInt32(from, true);
      if ((pair & 0xff80_ff80) !== 0) break;
      const first = pair & 0x7f;
      const second = pair >> 16;
      // One comparison for most letters: below are the controls, at and above `|` what has traits or is rare.
      if ((first - 0x20) >>> 0 >= 0x5c || (second - 0x20) >>> 0 >= 0x5c)
        traits |= ASCII_TRAITS[first] | ASCII_TRAITS[second];
      bytes[out++] = first;
      bytes[out++] = second;
    }
    for (; from < end; from += 2) {
      const unit = source.getUint16(from, true);
      if (unit < 0x80) {
        traits |= ASCII_TRAITS[unit];
        bytes[out++] = unit;
      } else if (unit < 0x800) {
        traits |= traitsBeyondAscii(unit);
        bytes[out++] = 0xc0 | (unit >> 6);
        bytes[out++] = 0x80 | (unit & 0x3f);
      } else {
        const next = from + 3 < end ? source.getUint16(from + 2, true) : 0;
        if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
          const point = 0x1_0000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
          traits |= traitsBeyondAscii(point);
          bytes[out++] = 0xf0 | (point >> 18);
          bytes[out++] = 0x80 | ((point >> 12) & 0x3f);
          bytes[out++] = 0x80 | ((point >> 6) & 0x3f);
          bytes[out++] = 0x80 | (point & 0x3f);
          from += 2;
        } else {
          traits |= unit >= 0xd800 && unit < 0xe000 ? NAME_HAS_LONE_SURROGATE : traitsBeyondAscii(unit);
          bytes[out++] = 0xe0 | (unit >> 12);
          bytes[out++] = 0x80 | ((unit >> 6) & 0x3f);
          bytes[out++] = 0x80 | (unit & 0x3f);
        }
      }
    }
    this.length = out;
    this.lastTraits = traits;
    return out - start;
  }

  #grow(more: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Bytes up to which a text is put together by characters: what holds it is a tree with a node for each. */
const SHORT_TEXT = 256;

/** Text of pool bytes; unpaired surrogates come back as they were. */
export function poolText(bytes: Uint8Array, offset: number, length: number): string {
  if (length <= SHORT_TEXT) return textByCharacters(bytes, offset, length);
  const long = bytes.subarray(offset, offset + length);
  // A decoder is many times as fast, and the text takes no more than its characters, but it keeps no surrogates.
  if (!hasSurrogates(long)) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(long);
  const parts: string[] = [];
  for (let at = 0; at < length; ) {
    let end = Math.min(at + SHORT_TEXT, length);
    while (end < length && (long[end] & 0xc0) === 0x80) end -= 1;
    parts.push(textByCharacters(long, at, end - at));
    at = end;
  }
  return parts.join('');
}

function hasSurrogates(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) if (bytes[at + 1] >= 0xa0) return true;
  return false;
}

function textByCharacters(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let at = offset, end = offset + length; at < end; ) {
    const lead = bytes[at];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      at += 1;
    } else if (lead < 0xe0) {
      text += String.fromCharCode(((lead & 0x1f) << 6) | (bytes[at + 1] & 0x3f));
      at += 2;
    } else if (lead < 0xf0) {
      text += String.fromCharCode(((lead & 0x0f) << 12) | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f));
      at += 3;
    } else {
      text += String.fromCodePoint(
        ((lead & 0x07) << 18) | ((bytes[at + 1] & 0x3f) << 12) | ((bytes[at + 2] & 0x3f) << 6) | (bytes[at + 3] & 0x3f),
      );
      at += 4;
    }
  }
  return text;
}

/** Puts U+FFFD, which has three bytes too, in the place of each unpaired surrogate. */
export function replaceSurrogates(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at + 2 < to; at += 1) {
    if (bytes[at] !== 0xed || bytes[at + 1] < 0xa0) continue;
    bytes[at] = 0xef;
    bytes[at + 1] = 0xbf;
    bytes[at + 2] = 0xbd;
    at += 2;
  }
}
