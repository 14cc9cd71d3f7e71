/**
 * Windows FILETIME: unsigned count of 100 ns since 1601-01-01 UTC (MS-DTYP 2.3.3). A value of today is above 2^53, so
 * it is a `bigint`. 0 means "not set".
 */
export type FileTime = bigint;

/** 100-ns ticks between 1601-01-01 and 1970-01-01. */
const UNIX_EPOCH: bigint = 116_444_736_000_000_000n;
/** Values above this are negative as signed numbers: garbage, never a time. */
const LARGEST: bigint = 0x7fff_ffff_ffff_ffffn;

/** Characters of `2024-02-29T12:34:56`. */
const SECONDS_END = 19;

/** The FILETIME of two little-endian halves, as tables keep them. */
export function fileTimeOf(low: number, high: number): FileTime {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/**
 * ISO-8601 UTC with all seven decimals, e.g. `2024-02-29T12:34:56.1234567Z`. Years above 9999 get ISO's sign and six
 * digits.
 * @returns `undefined` for 0 (not set) and for values above 0x7FFFFFFFFFFFFFFF
 */
export function formatFileTime(time: FileTime): string | undefined {
  if (time <= 0n || time > LARGEST) return undefined;
  const sinceUnix = time - UNIX_EPOCH;
  let seconds = sinceUnix / 10_000_000n;
  let fraction = sinceUnix % 10_000_000n;
  if (fraction < 0n) {
    fraction += 10_000_000n;
    seconds -= 1n;
  }
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, -5)}.${fraction.toString().padStart(7, '0')}Z`;
}

/** A FILETIME as reports carry it: {@link formatFileTime}, or `null` for one that is not set, not there or garbage. */
export function fileTimeText(time: FileTime | undefined): string | null {
  return time === undefined ? null : (formatFileTime(time) ?? null);
}

/**
 * The FILETIME of ISO-8601 text that carries a zone (`Z` or an offset), with up to seven decimals.
 * @returns `undefined` for anything else
 */
export function parseFileTime(text: string): FileTime | undefined {
  const local = text.slice(0, SECONDS_END);
  const match = /^(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)$/.exec(text.slice(SECONDS_END));
  // Six digits of a year push the seconds out of place.
  if (match === null || local[4] !== '-') return undefined;
  const milliseconds = Date.parse(`${local}${match[2]}`);
  const utc = new Date(`${local}Z`);
  if (Number.isNaN(milliseconds) || Number.isNaN(utc.getTime())) return undefined;
  // Date.parse takes other forms, too, and 30 February for 1 March: what is not written as it was read was not meant.
  if (utc.toISOString().slice(0, SECONDS_END) !== local) return undefined;
  return BigInt(milliseconds) * 10_000n + UNIX_EPOCH + BigInt((match[1] ?? '').padEnd(7, '0'));
}

/** The FILETIME of milliseconds since 1970. */
export function fileTimeFromUnixMs(milliseconds: number): FileTime {
  return BigInt(Math.round(milliseconds)) * 10_000n + UNIX_EPOCH;
}

/** Milliseconds since 1970, rounded down. */
export function unixMsOfFileTime(time: FileTime): number {
  const ticks = time - UNIX_EPOCH;
  // bigint division rounds towards zero, which is up before 1970.
  return Number((ticks - (((ticks % 10_000n) + 10_000n) % 10_000n)) / 10_000n);
}
