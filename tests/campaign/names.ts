import type { Numbers } from './family.js';

/**
 * Ranges of UTF-16 that names are drawn from: with and without case, combining, control, reserved in Win32, private,
 * unpaired surrogates.
 */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x61, 0x7a],
  [0x41, 0x5a],
  [0x20, 0x7e],
  [0x01, 0x1f],
  [0xc0, 0x17f],
  [0x370, 0x3ff],
  [0x400, 0x4ff],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13fd],
  [0x1e00, 0x1fff],
  [0x200b, 0x200f],
  [0x300, 0x36f],
  [0x2160, 0x24e9],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xf000, 0xf0ff],
  [0xff21, 0xff5a],
  [0xfffd, 0xffff],
];

/**
 * A name that NTFS allows, whatever Win32 says of it: 1 to 255 units without `/` and NUL, and without `:` unless it is
 * asked for.
 */
export function drawName(numbers: Numbers, colons: boolean, surrogates: boolean): string {
  const length = numbers.chance(0.05) ? 255 : numbers.scaled(1, 255);
  const ranges = [numbers.pick(RANGES), numbers.pick(RANGES), RANGES[0]];
  const units: number[] = [];
  while (units.length < length) {
    const [first, last] = numbers.pick(ranges);
    if (surrogates && numbers.chance(0.03)) units.push(0xd800 + numbers.below(0x800));
    else if (length - units.length > 1 && numbers.chance(0.02)) units.push(0xd83d, 0xdc00 + numbers.below(0x300));
    else units.push(first + numbers.below(last - first + 1));
  }
  const name = String.fromCharCode(...units).replaceAll('/', '_');
  const allowed = colons ? name : name.replaceAll(':', ';');
  return allowed === '.' || allowed === '..' ? '._' : allowed;
}

/** UTF-8 in which an unpaired surrogate has the three bytes of its number, as ntfs-3g takes and gives names. */
export function toBytes(name: string): Buffer {
  const bytes: number[] = [];
  for (const character of name) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point < 0xe000) bytes.push(0xed, 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else bytes.push(...Buffer.from(character, 'utf8'));
  }
  return Buffer.from(bytes);
}

/** The name of such bytes. */
export function fromBytes(bytes: Uint8Array): string {
  let name = '';
  let from = 0;
  for (let at = 0; at + 2 < bytes.length; at += 1) {
    // ED A0 80 to ED BF BF are surrogates.
    if (bytes[at] !== 0xed || bytes[at + 1] < 0xa0) continue;
    name += Buffer.from(bytes.subarray(from, at)).toString('utf8');
    name += String.fromCharCode(0xd000 | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f));
    from = at + 3;
    at += 2;
  }
  return name + Buffer.from(bytes.subarray(from)).toString('utf8');
}
