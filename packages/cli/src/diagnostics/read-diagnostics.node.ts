import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DeadboxError, jsonFits } from '@deadbox/core';
import type { OutputErrorCode } from '@deadbox/report/internals';
import { MAX_HEAD, MAX_LINE, MAX_LINES, MAX_RECORDED, MAX_SOURCES, MAX_UNPACKED } from './limits.js';
import { Replay, ReplayedFile } from './replay.js';

const SCHEMA = 'deadbox.diagnostics/1';
/** A list of the names in a folder is the only one. */
const LINE_SHAPE = { levels: 2, values: 65_536 };
const BEGINNING = '{"schema":"deadbox.diagnostics/';

/** Whether the file at `path` is a recording, whatever it is called. */
export function isDiagnostics(path: string): boolean {
  return headOf(path, BEGINNING.length) === BEGINNING;
}

function headOf(path: string, length: number): string {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const bytes = new Uint8Array(length);
    return new TextDecoder().decode(bytes.subarray(0, readSync(handle, bytes, 0, length, 0)));
  } catch {
    // A folder, or a device that is read otherwise.
    return '';
  } finally {
    closeSync(handle);
  }
}

/**
 * Reads a recording. It may come from anybody: every number in it is checked.
 * @throws DeadboxError `DIAGNOSTICS_DAMAGED` with the line that is wrong
 */
export async function readDiagnostics(path: string): Promise<Replay> {
  const [first = ''] = headOf(path, MAX_HEAD).split('\n', 1);
  const head = parsed(path, 1, first);
  if (head.schema !== SCHEMA) throw damaged(path, 1, `its form is ${String(head.schema).slice(0, 40)}, not ${SCHEMA}`);
  const { image, version, made, contents } = head;
  if (typeof image !== 'string' || typeof version !== 'string' || typeof made !== 'string')
    throw damaged(path, 1, 'image, version or time of making is missing');
  const reader = new Reader(path);
  for await (const line of linesOf(path, new TextEncoder().encode(first).length + 1)) reader.take(line);
  return reader.replay({ image, version, made, contents: contents === true });
}

type Line = Readonly<Record<string, unknown>>;

/** Takes the lines of a recording, one after another. */
class Reader {
  readonly #path: string;
  readonly #files: ReplayedFile[] = [];
  #listing: readonly string[] | undefined;
  #bytes = 0;
  #line = 1;
  #ended = false;

  constructor(path: string) {
    this.#path = path;
  }

  take(text: string): void {
    this.#line += 1;
    if (this.#ended || this.#line > MAX_LINES) throw this.#damaged('it goes on after its end');
    const line = parsed(this.#path, this.#line, text);
    if (line.type === 'source') this.#addFile(line);
    else if (line.type === 'bytes') this.#addBytes(line);
    else if (line.type === 'unreadable') {
      const [file, offset, length] = this.#range(line);
      file.addUnreadable(offset, length);
    } else if (line.type === 'left-out') this.#range(line);
    else if (line.type === 'listing' && Array.isArray(line.names)) {
      if (this.#listing !== undefined) throw this.#damaged('the folder is listed twice');
      this.#listing = line.names.filter((name): name is string => typeof name === 'string');
    } else if (line.type === 'end') {
      if (line.sources !== this.#files.length || line.bytes !== this.#bytes) throw this.#damaged('lines are missing');
      this.#ended = true;
    } else throw this.#damaged('it is of no known kind');
  }

  replay(head: ConstructorParameters<typeof Replay>[0]): Replay {
    if (!this.#ended || this.#files.length === 0) throw this.#damaged('the recording ends before its end');
    for (const file of this.#files) if (!file.settle()) throw this.#damaged(`bytes of ${file.name} are there twice`);
    return new Replay(head, this.#files, this.#listing ?? []);
  }

  #addFile({ name, size, sectorSize }: Line): void {
    const known = sectorSize === 512 || sectorSize === 4096 ? sectorSize : undefined;
    if (typeof name !== 'string' || !isCount(size) || this.#files.length === MAX_SOURCES)
      throw this.#damaged('it names no file');
    this.#files.push(new ReplayedFile(name, size, known));
  }

  #addBytes(line: Line): void {
    const [file, offset, length] = this.#range(line);
    const bytes = typeof line.data === 'string' ? bytesOf(line.data) : undefined;
    if (bytes === undefined || bytes.length !== length)
      throw this.#damaged(`it has not the ${length} bytes it tells of`);
    this.#bytes += length;
    if (this.#bytes > MAX_RECORDED) throw this.#damaged(`more than ${MAX_RECORDED} bytes are recorded`);
    file.add({ offset, bytes });
  }

  /** The file that a line is about, and the range in it. */
  #range({ source, offset, length }: Line): [file: ReplayedFile, offset: number, length: number] {
    const file = isCount(source) ? this.#files[source] : undefined;
    if (file === undefined) throw this.#damaged('its file was not named before');
    if (!isCount(offset) || !isCount(length) || length === 0 || offset + length > file.size)
      throw this.#damaged('its range is not in the file');
    return [file, offset, length];
  }

  #damaged(what: string): DeadboxError {
    return damaged(this.#path, this.#line, what);
  }
}

/** As a buffer of its own, or a view of the one that small ones share. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = Buffer.from(base64, 'base64');
  return new Uint8Array(buffer, byteOffset, length);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parsed(path: string, line: number, text: string): Line {
  try {
    const value: unknown = jsonFits(text, LINE_SHAPE) ? JSON.parse(text) : undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line;
  } catch {
    // Said below.
  }
  throw damaged(path, line, 'it is no JSON object');
}

function damaged(path: string, line: number, what: string): DeadboxError {
  return new DeadboxError<OutputErrorCode>('DIAGNOSTICS_DAMAGED', `${path}, line ${line}: ${what}`, {
    data: { path, line },
  });
}

/** The lines behind the first one, unpacked as they are wanted. */
async function* linesOf(path: string, start: number): AsyncGenerator<string> {
  const unpacked = createGunzip();
  // A file that cannot be read on ends the unpacking with its error.
  pipeline(createReadStream(path, { start }), unpacked, () => undefined);
  const decoder = new TextDecoder();
  let [text, total, held] = ['', 0, 0];
  const pieces: string[] = [];
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      const piece = decoder.decode(chunk, { stream: true });
      pieces.push(piece);
      held += piece.length;
      if (held > MAX_LINE + piece.length || total > MAX_UNPACKED) break;
      // What a long line has so far is looked through once, at its end.
      if (!piece.includes('\n')) continue;
      const lines = pieces.join('').split('\n');
      text = lines.pop() ?? '';
      pieces.splice(0, pieces.length, text);
      held = text.length;
      yield* lines;
    }
    text = pieces.join('');
  } catch (cause) {
    if (cause instanceof DeadboxError) throw cause;
    throw damaged(path, 1, `what follows it is not whole: ${(cause as Error).message}`);
  }
  if (text !== '') yield text;
}
