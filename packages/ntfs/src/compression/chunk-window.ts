/** Bytes behind a window that a match copied in words may touch. */
const SLACK = 64;

/** Where a decoder expands a chunk, before the whole of it goes to its place. */
export interface ChunkWindow {
  /** Its length is a power of two, and {@link SLACK} more. */
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly words: DataView;
}

/**
 * A window of `size` bytes. A decoder that expands into an array it made itself, once, and looks codes up in such arrays has their addresses
 * and lengths in its machine code: that is a tenth of its time, against any array that it is handed.
 */
export function makeWindow(size: number): ChunkWindow {
  const bytes = new Uint8Array(size + SLACK);
  return { bytes, words: new DataView(bytes.buffer) };
}
