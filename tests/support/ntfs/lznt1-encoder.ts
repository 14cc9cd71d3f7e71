/**
 * Bits of the distance at `position` bytes into a chunk: 4, and one more for every doubling above 16 bytes ([MS-XCA]
 * 2.5.1.4).
 */
function distanceBits(position: number): number {
  let bits = 4;
  while (1 << bits < position) bits += 1;
  return bits;
}

/** A greedy LZNT1 compressor for tests, written from [MS-XCA] 2.5: it has nothing in common with the decoder. */
export function encodeLznt1(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let start = 0; start < data.length; start += 4096) {
    const chunk = data.subarray(start, start + 4096);
    const body = encodeChunk(chunk);
    if (body.length >= chunk.length) {
      out.push((chunk.length - 1) & 0xff, 0x30 | ((chunk.length - 1) >> 8), ...chunk);
    } else {
      out.push((body.length - 1) & 0xff, 0xb0 | ((body.length - 1) >> 8), ...body);
    }
  }
  return Uint8Array.from(out);
}

function encodeChunk(chunk: Uint8Array): number[] {
  const body: number[] = [];
  let at = 0;
  while (at < chunk.length) {
    const tagAt = body.push(0) - 1;
    for (let item = 0; item < 8 && at < chunk.length; item += 1) {
      const bits = distanceBits(at);
      const match = longestMatch(chunk, at, 1 << bits, (0xffff >> bits) + 3);
      if (match.length < 3) {
        body.push(chunk[at]);
        at += 1;
        continue;
      }
      const token = ((match.distance - 1) << (16 - bits)) | (match.length - 3);
      body[tagAt] = body[tagAt] | (1 << item);
      body.push(token & 0xff, token >> 8);
      at += match.length;
    }
  }
  return body;
}

function longestMatch(
  chunk: Uint8Array,
  at: number,
  farthest: number,
  longest: number,
): { distance: number; length: number } {
  let best = { distance: 0, length: 0 };
  for (let from = Math.max(0, at - farthest); from < at; from += 1) {
    let length = 0;
    while (length < longest && at + length < chunk.length && chunk[from + length] === chunk[at + length]) length += 1;
    if (length > best.length) best = { distance: at - from, length };
  }
  return best;
}
