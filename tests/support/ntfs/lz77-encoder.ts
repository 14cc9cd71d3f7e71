/** A greedy compressor for plain LZ77, written from [MS-XCA] 2.3. */
export function encodeLz77(data: Uint8Array): Uint8Array {
  const out: number[] = [0, 0, 0, 0];
  let flags = 0;
  let count = 0;
  let flagsAt = 0;
  let halfAt = -1;
  const flag = (bit: number): void => {
    flags = ((flags << 1) | bit) >>> 0;
    count += 1;
    if (count < 32) return;
    for (let i = 0; i < 4; i += 1) out[flagsAt + i] = (flags >>> (8 * i)) & 0xff;
    flagsAt = out.length;
    out.push(0, 0, 0, 0);
    flags = 0;
    count = 0;
  };
  for (let at = 0; at < data.length; ) {
    let best = 0;
    let distance = 0;
    for (let from = Math.max(0, at - 8192); from < at && best < 100_000; from += 1) {
      let length = 0;
      while (at + length < data.length && data[from + length] === data[at + length]) length += 1;
      if (length > best) {
        best = length;
        distance = at - from;
      }
    }
    if (best < 3) {
      out.push(data[at]);
      at += 1;
      flag(0);
      continue;
    }
    const length = best - 3;
    const token = ((distance - 1) << 3) | Math.min(length, 7);
    out.push(token & 0xff, token >> 8);
    if (length >= 7) {
      const half = Math.min(length - 7, 15);
      if (halfAt < 0) {
        halfAt = out.length;
        out.push(half);
      } else {
        out[halfAt] = out[halfAt] | (half << 4);
        halfAt = -1;
      }
      if (half === 15) {
        const rest = length - 7 - 15;
        if (rest < 255) out.push(rest);
        else {
          out.push(255);
          if (length < 65_536) out.push(length & 0xff, length >> 8);
          else out.push(0, 0, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, 0);
        }
      }
    }
    at += best;
    flag(1);
  }
  // The flags that are left over are set, as the specification wants it.
  const last = count === 0 ? 0xffff_ffff : ((flags << (32 - count)) | (2 ** (32 - count) - 1)) >>> 0;
  for (let i = 0; i < 4; i += 1) out[flagsAt + i] = (last >>> (8 * i)) & 0xff;
  return Uint8Array.from(out);
}
