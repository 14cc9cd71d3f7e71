/** A decoding table of finite state entropy (RFC 8878 section 4.1): one entry a state. */
export interface FseTable {
  /** States are below `1 << log`. */
  readonly log: number;
  /** Value of the state's symbol before its extra bits. */
  readonly base: Int32Array;
  /**
   * Packed: next state before its bits (bits 0-15), number of state bits (16-23), number of extra bits of the symbol
   * (24-31).
   */
  readonly step: Int32Array;
}

/** Base values and extra bits of symbols, as tables are built for them. */
export interface FseSymbols {
  readonly base: ArrayLike<number>;
  readonly bits: ArrayLike<number>;
}

/** Probabilities as a frame describes them, and where the description ends. */
export interface FseDescription {
  /** By symbol; -1 stands for "less than one". */
  readonly counts: Int16Array;
  readonly log: number;
  /** Byte offset behind the description. */
  readonly end: number;
}

/**
 * Reads a table description (RFC 8878 section 4.1.1).
 * @param end - byte offset behind which nothing may be read
 * @throws Error when it is damaged
 */
export function readFseDescription(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLog: number,
  maxSymbol: number,
): FseDescription {
  let bit = start * 8;
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i += 1, bit += 1) value |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << i;
    if (bit > end * 8) throw new Error('zstd table description is cut off');
    return value;
  };
  const log = read(4) + 5;
  if (log > maxLog) throw new Error(`zstd table of 2^${log} states`);
  const counts = new Int16Array(maxSymbol + 1);
  let remaining = 1 << log;
  let symbol = 0;
  while (remaining > 0 && symbol <= maxSymbol) {
    const width = 32 - Math.clz32(remaining + 1);
    // Values below the threshold are written with one bit less.
    const lowMask = (1 << (width - 1)) - 1;
    const threshold = (1 << width) - 2 - remaining;
    let value = read(width);
    if ((value & lowMask) < threshold) {
      bit -= 1;
      value &= lowMask;
    } else if (value > lowMask) value -= threshold;
    const count = value - 1;
    remaining -= Math.abs(count);
    counts[symbol++] = count;
    if (count === 0) {
      for (let repeat = 3; repeat === 3; symbol += repeat) repeat = read(2);
    }
  }
  if (remaining !== 0 || symbol > maxSymbol + 1) throw new Error('zstd table description does not add up');
  return { counts, log, end: (bit + 7) >> 3 };
}

/**
 * Builds the decoding table of `counts` (RFC 8878 section 4.1.1, "From normalized distribution to decoding tables").
 */
export function buildFseTable(counts: ArrayLike<number>, log: number, symbols: FseSymbols): FseTable {
  const size = 1 << log;
  const symbolOf = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    if (counts[symbol] === -1) {
      symbolOf[high--] = symbol;
      next[symbol] = 1;
    } else next[symbol] = counts[symbol];
  }
  const stride = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    for (let i = 0; i < counts[symbol]; i += 1) {
      symbolOf[place] = symbol;
      do place = (place + stride) & (size - 1);
      while (place > high);
    }
  }
  const base = new Int32Array(size);
  const step = new Int32Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = symbolOf[state];
    const value = next[symbol]++;
    const bits = log - (31 - Math.clz32(value));
    base[state] = symbols.base[symbol];
    step[state] = ((value << bits) - size) | (bits << 16) | (symbols.bits[symbol] << 24);
  }
  return { log, base, step };
}

/** The table of a single symbol, which takes no state bits. */
export function singleSymbolTable(symbol: number, symbols: FseSymbols): FseTable {
  const base = symbols.base[symbol];
  if (base === undefined) throw new Error(`zstd symbol ${symbol} does not exist`);
  return { log: 0, base: Int32Array.of(base), step: Int32Array.of(symbols.bits[symbol] << 24) };
}
