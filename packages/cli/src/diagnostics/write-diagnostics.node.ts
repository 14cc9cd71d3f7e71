import { createGzip, type Gzip } from 'node:zlib';
import { type Bytes, SECTOR, survive } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import type { OutputFile } from '../output/output-file.node.js';
import { writeNow } from '../output/write-bytes.node.js';
import { CHUNK, MAX_RECORDED } from './limits.js';
import { blankContents, unitLength } from './ntfs-units.js';
import { Ranges } from './ranges.js';
import type { RecordedFile } from './recorded-file.js';
import type { Recorder } from './recorder.js';
import type { VolumePiece } from './structures.js';

/** The first line of a recording, which is not compressed. */
export interface DiagnosticsHead {
  readonly schema: 'deadbox.diagnostics/1';
  readonly tool: string;
  readonly version: string;
  /** When it was made, ISO-8601 UTC. */
  readonly made: string;
  /** The image, as it was named. */
  readonly image: string;
  /** Whether contents of files are in it. */
  readonly contents: boolean;
}

/** Bytes of a disk image that could not be opened, from both ends: what containers begin and end with. */
const ENDS = [8192, SECTOR] as const;
/** Distance at which structures of NTFS are looked for: no record is smaller. */
const STEP = 1024;

/** What a recording came to. */
export interface Written {
  /** Bytes of the files that are in it, and of those that were read and are not. */
  readonly recorded: number;
  readonly leftOut: number;
}

/** Writes what a run read. The files are read once more. */
export async function writeDiagnostics(
  recorder: Recorder,
  head: DiagnosticsHead,
  output: OutputFile,
): Promise<Written> {
  writeNow(output.handle, new TextEncoder().encode(`${JSON.stringify(head)}\n`));
  const gzip = createGzip();
  const packed = (async () => {
    for await (const chunk of gzip) writeNow(output.handle, chunk as Uint8Array);
  })();
  const lines = new Lines(gzip);
  if (recorder.listing !== undefined) await lines.add({ type: 'listing', names: recorder.listing });
  let [recorded, leftOut] = [0, 0];
  for (const [index, file] of recorder.files.entries()) {
    const { name, size, sectorSize, refused } = file;
    await lines.add({ type: 'source', name, size, ...(sectorSize === undefined ? {} : { sectorSize }) });
    const written = await addFile(file, index, { recorder, contents: head.contents, lines, before: recorded });
    recorded += written.recorded;
    leftOut += written.leftOut;
    for (const { from, to } of refused.without(file.read).list)
      await lines.add({ type: 'unreadable', source: index, offset: from, length: to - from });
  }
  await lines.add({ type: 'end', sources: recorder.files.length, bytes: recorded });
  gzip.end();
  await packed;
  return { recorded, leftOut };
}

interface FileContext {
  readonly recorder: Recorder;
  readonly contents: boolean;
  readonly lines: Lines;
  /** Bytes that are in the recording already. */
  readonly before: number;
}

async function addFile(file: RecordedFile, index: number, context: FileContext): Promise<Written> {
  const { recorder, contents, lines, before } = context;
  const source = await openFile(file.name);
  try {
    const kept = new Ranges();
    const put = async (offset: number, bytes: Uint8Array): Promise<void> => {
      await lines.add({
        type: 'bytes',
        source: index,
        offset,
        length: bytes.length,
        data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
      });
      kept.add(offset, offset + bytes.length);
    };
    let recorded = 0;
    const wanted = contents ? file.read : tablesOf(file, recorder);
    for await (const [offset, bytes] of chunksOf(source, wanted)) {
      if (before + recorded + bytes.length > MAX_RECORDED) break;
      recorded += bytes.length;
      await put(offset, bytes);
    }
    for (const piece of contents ? [] : piecesIn(file, recorder))
      for await (const [offset, bytes] of unitsOf(source, piece)) {
        if (before + recorded + bytes.length > MAX_RECORDED) break;
        recorded += bytes.length;
        await put(offset, bytes);
      }
    const rest = file.read.without(kept).list;
    for (const { from, to } of rest)
      await lines.add({ type: 'left-out', source: index, offset: from, length: to - from });
    return { recorded, leftOut: rest.reduce((sum, { from, to }) => sum + to - from, 0) };
  } finally {
    await source.close?.();
  }
}

/** What of a file is in a recording without contents, structures of volumes aside. */
function tablesOf({ name, size, read }: RecordedFile, { structures }: Recorder): Ranges {
  const wanted = new Ranges();
  const [head, tail] = ENDS;
  const places = structures?.tables.get(name)?.list ?? [
    { from: 0, to: Math.min(head, size) },
    { from: Math.max(size - tail, 0), to: size },
  ];
  for (const { from, to } of places) for (const part of read.within(from, to)) wanted.add(part.from, part.to);
  return wanted;
}

function piecesIn({ name }: RecordedFile, { structures }: Recorder): VolumePiece[] {
  return structures?.volumes.filter((piece) => piece.name === name) ?? [];
}

type Source = Awaited<ReturnType<typeof openFile>>;

/** The bytes of ranges in chunks; what cannot be read a second time is passed over, and so left out. */
async function* chunksOf(source: Source, ranges: Ranges): AsyncGenerator<[offset: number, bytes: Bytes]> {
  for (const { from, to } of ranges.list)
    for (let at = from; at < to; at += CHUNK) {
      const bytes = await readAgain(source, at, Math.min(CHUNK, to - at));
      if (bytes !== undefined) yield [at, bytes];
    }
}

async function readAgain(source: Source, offset: number, length: number): Promise<Bytes | undefined> {
  return survive(
    async () => source.read(offset, length),
    () => undefined,
  );
}

/** The structures in a piece of a volume: its boot sectors by their place, records and index blocks by their looks. */
async function* unitsOf(source: Source, piece: VolumePiece): AsyncGenerator<[offset: number, bytes: Bytes]> {
  const { from, to, offset, head, tail, kind } = piece;
  const inFile = (place: number): number => from + place - offset;
  const ends = new Ranges();
  for (const [begin, end] of [
    [Math.max(offset, 0), Math.min(head, offset + to - from)],
    [Math.max(offset, tail), offset + to - from],
  ])
    ends.add(inFile(begin), inFile(end));
  yield* chunksOf(source, ends);
  if (kind !== 'ntfs') return;
  const first = Math.max(Math.ceil(offset / STEP) * STEP, head);
  const last = Math.min(offset + to - from, tail);
  for (let at = first; at < last; at += CHUNK) {
    // A structure that begins in this chunk may end in the next one.
    const bytes = await readAgain(source, inFile(at), Math.min(CHUNK + 4 * STEP, last - at));
    if (bytes !== undefined) yield* unitsIn(bytes, inFile(at));
  }
}

function* unitsIn(bytes: Bytes, offset: number): Generator<[offset: number, bytes: Bytes]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < Math.min(CHUNK, bytes.length); ) {
    const length = unitLength(view, at);
    if (length > 0) {
      const unit = bytes.slice(at, at + length);
      blankContents(unit, 0, length);
      yield [offset + at, unit];
    }
    at += Math.max(Math.ceil(length / STEP) * STEP, STEP);
  }
}

/** JSON lines into a stream, which is waited for when it is full. */
class Lines {
  readonly #gzip: Gzip;

  constructor(gzip: Gzip) {
    this.#gzip = gzip;
  }

  async add(line: object): Promise<void> {
    if (!this.#gzip.write(`${JSON.stringify(line)}\n`))
      await new Promise((resolve) => this.#gzip.once('drain', resolve));
  }
}
