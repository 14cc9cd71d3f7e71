/** Bytes behind a window that a match copied in words may touch. */
const SLACK = 64;

/** Where a decoder expands a chunk, before the whole of it goes to its place. */
export interface ChunkWindow {
  /** Its length is a power of two, and {@link SLACK} more. */
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly words: DataView;
}

/** A window of `size` bytes, made once by the decoder that uses it: see this folder's README. */
export function makeWindow(size: number): ChunkWindow {
  const bytes = new Uint8Array(size + SLACK);
  return { bytes, words: new DataView(bytes.buffer) };
}
