import { type ByteSource, type Bytes, DeadboxError, type ReadOptions, transportFailed } from '@deadbox/core';

/** A source whose medium refuses the given ranges. */
export function withBadPlaces(inner: ByteSource, places: readonly { offset: number; length: number }[]): ByteSource {
  return {
    size: inner.size,
    async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
      if (places.some((place) => offset < place.offset + place.length && place.offset < offset + length))
        throw new DeadboxError('READ_FAILED', `no data at ${offset}`, { at: { layer: 'file', offset } });
      return inner.read(offset, length, options);
    },
  };
}

/** A source that loses its connection at its read number `failing`, from 0; `reads` counts those before. */
export function withLostConnection(inner: ByteSource, failing: number): ByteSource & { readonly reads: number } {
  let reads = 0;
  return {
    size: inner.size,
    get reads() {
      return reads;
    },
    async read(offset: number, length: number, options?: ReadOptions): Promise<Bytes> {
      if (reads === failing) throw transportFailed('network', 'http://server/disk', { offset, length }, 'HTTP 503');
      reads += 1;
      return inner.read(offset, length, options);
    },
  };
}
