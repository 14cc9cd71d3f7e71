/** Bytes of a chunk that are looked at: 64 KiB expand from less, unless whoever wrote them took pains to waste room. */
const INPUT_BYTES: number = 1 << 17;
/** Makes an index into {@link XpressInput.bytes} of any number. */
export const INPUT_MASK: number = INPUT_BYTES - 1;
/** A word may begin at the last byte. */
const SLACK = 8;

/**
 * The packed bytes of one chunk: 16-bit little-endian words that are read as bits from their highest on, and bytes
 * between them.
 */
export class XpressInput {
  /**
   * What follows the chunk's own bytes is left over from an earlier chunk: needing it is damage, see {@link overrun}.
   */
  readonly bytes: Uint8Array = new Uint8Array(INPUT_BYTES + SLACK);
  /** The same bytes. */
  readonly words: DataView = new DataView(this.bytes.buffer);
  /** Index of the next byte or word. */
  at = 0;
  /** The low `count` bits are unread. */
  bits = 0;
  count = 0;
  #length = 0;

  /** Begins with the chunk in `[from, to)` of `packed`. */
  load(packed: Uint8Array, from: number, to: number): void {
    this.#length = Math.min(to - from, INPUT_BYTES);
    this.bytes.set(packed.subarray(from, from + this.#length));
    // A length that is read behind the end goes on as a word, which is looked for inside.
    this.bytes.fill(0xff, this.#length, this.#length + 4);
    this.at = 0;
    this.bits = 0;
    this.count = 0;
  }

  /** Whether so many bytes are left behind {@link at}. */
  has(bytes: number): boolean {
    return this.at + bytes <= this.#length;
  }

  /** Whether more was read than the chunk has; whole words that wait in `bits` are not read. */
  get overrun(): boolean {
    return this.at - ((this.count >> 4) << 1) > this.#length;
  }

  /** Near which byte of the chunk the reading is. */
  get position(): number {
    return Math.min(this.at, this.#length);
  }
}
