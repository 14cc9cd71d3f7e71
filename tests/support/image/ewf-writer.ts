import { deflateSync } from 'node:zlib';

/** A section of a segment file; what is left out is right. */
export interface EwfSectionRecipe {
  type: string;
  data?: Uint8Array;
  /** Byte offset of the next descriptor. */
  next?: number;
  /** Bytes of the section; old writers leave 0. */
  size?: number;
}

/** Adler-32 of RFC 1950, section 8.2. */
export function adler32Of(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

/** Bytes with their Adler-32 behind them. */
export function withAdler(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(bytes.length + 4);
  sealed.set(bytes);
  new DataView(sealed.buffer).setUint32(bytes.length, adler32Of(bytes), true);
  return sealed;
}

const FILE_HEADER = 13;
const DESCRIPTOR = 76;

/** A segment file (libyal, "EWF specification"; synthetic): file header, and the sections one behind the other. */
export function writeEwf(sections: readonly EwfSectionRecipe[], segment = 1): Uint8Array<ArrayBuffer> {
  const length = sections.reduce((sum, { data }) => sum + DESCRIPTOR + (data?.length ?? 0), FILE_HEADER);
  const file = new Uint8Array(length);
  file.set([...Buffer.from('EVF\t\r\n', 'latin1'), 0xff, 0, 1, segment, segment >> 8]);
  let at = FILE_HEADER;
  for (const { type, data, next, size } of sections) {
    const end = at + DESCRIPTOR + (data?.length ?? 0);
    const isLast = type === 'done' || type === 'next';
    const head = new Uint8Array(DESCRIPTOR - 4);
    const view = new DataView(head.buffer);
    head.set(Buffer.from(type, 'latin1'));
    view.setBigUint64(16, BigInt(next ?? (isLast ? at : end)), true);
    view.setBigUint64(24, BigInt(size ?? (isLast ? DESCRIPTOR : end - at)), true);
    file.set(withAdler(head), at);
    if (data !== undefined) file.set(data, at + DESCRIPTOR);
    at = end;
  }
  return file;
}

/** Data of a volume section of EnCase, whatever `change` makes of it. */
export function ewfVolume(
  facts: { chunks: number; sectors: number; chunkSectors?: number; sectorBytes?: number },
  change: (view: DataView) => void = () => undefined,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1048);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  view.setUint32(4, facts.chunks, true);
  view.setUint32(8, facts.chunkSectors ?? 1, true);
  view.setUint32(12, facts.sectorBytes ?? 512, true);
  view.setBigUint64(16, BigInt(facts.sectors), true);
  bytes[36] = 1;
  change(view);
  return withAdler(bytes);
}

/** Data of a table section: header, entries, and their checksum. */
export function ewfTable(entries: readonly number[], base: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  view.setUint32(0, entries.length, true);
  view.setBigUint64(8, BigInt(base), true);
  const list = new Uint8Array(entries.length * 4);
  entries.forEach((entry, index) => new DataView(list.buffer).setUint32(index * 4, entry, true));
  return Uint8Array.from([...withAdler(head), ...withAdler(list)]);
}

/** An entry of a compressed chunk. */
export const EWF_COMPRESSED = 0x8000_0000;

/** A whole image of these chunks of one sector, each stored as it is or compressed, in one segment file. */
export function wholeEwf(
  chunks: readonly { bytes: Uint8Array; packed?: Uint8Array | true }[],
  more: { volume?: Uint8Array; before?: readonly EwfSectionRecipe[]; behind?: readonly EwfSectionRecipe[] } = {},
): { sections: EwfSectionRecipe[]; base: number } {
  const parts = chunks.map(({ bytes, packed }) =>
    packed === undefined ? withAdler(bytes) : packed === true ? new Uint8Array(deflateSync(bytes)) : packed,
  );
  const volume = more.volume ?? ewfVolume({ chunks: chunks.length, sectors: chunks.length });
  const before: EwfSectionRecipe[] = [...(more.before ?? []), { type: 'volume', data: volume }];
  const base = before.reduce((sum, { data }) => sum + DESCRIPTOR + (data?.length ?? 0), FILE_HEADER + DESCRIPTOR);
  let at = 0;
  const entries = parts.map((part, index) => {
    const entry = at + (chunks[index]?.packed === undefined ? 0 : EWF_COMPRESSED);
    at += part.length;
    return entry;
  });
  const table = ewfTable(entries, base);
  return {
    base,
    sections: [
      ...before,
      { type: 'sectors', data: Uint8Array.from(parts.flatMap((part) => [...part])) },
      { type: 'table', data: table },
      { type: 'table2', data: table.slice() },
      ...(more.behind ?? []),
      { type: 'done' },
    ],
  };
}
