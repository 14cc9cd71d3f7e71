import type { Run } from './layout.js';

/** Bytes that hold `value` as a signed little-endian number. */
function signedLength(value: number): number {
  let length = 1;
  while (value < -(2 ** (8 * length - 1)) || value >= 2 ** (8 * length - 1)) length += 1;
  return length;
}

/** Mapping pairs of `runs`, the end mark included. A run with LCN -1 is a hole. */
export function encodeRuns(runs: readonly Run[]): Uint8Array {
  const out: number[] = [];
  let previous = 0;
  for (const run of runs) {
    out.push(...encodeRun(run, previous));
    if (run.lcn >= 0) previous = run.lcn;
  }
  out.push(0);
  return Uint8Array.from(out);
}

function encodeRun(run: Run, previous: number): number[] {
  const length = bytesOf(run.length, signedLength(run.length));
  if (run.lcn < 0) return [length.length, ...length];
  const delta = run.lcn - previous;
  const place = bytesOf(delta, signedLength(delta));
  return [length.length | (place.length << 4), ...length, ...place];
}

function bytesOf(value: number, length: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (let i = 0; i < length; i += 1) {
    bytes.push(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  }
  return bytes;
}
