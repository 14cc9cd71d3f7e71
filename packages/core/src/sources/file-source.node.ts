import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read,
  readSync,
  realpathSync,
} from 'node:fs';
import { dirname, sep } from 'node:path';
import type { Bytes, MaybePromise } from '../bytes/bytes.js';
import { MIB } from '../bytes/sizes.js';
import { checkRange, DeadboxError, isDeadboxError, sourceClosed, transportFailed } from '../errors.js';
import { AlignedSource } from './aligned-source.js';
import { type ByteSource, type ReadOptions, readThrough } from './byte-source.js';
import { deviceFacts } from './device-size.node.js';
import { openError } from './open-error.node.js';

/** Options of {@link openFile}. */
export interface FileOptions {
  /**
   * Reads up to this many bytes block the thread: a trip to the thread pool costs more than copying from the page
   * cache. 0 never blocks. Default 1 MiB.
   */
  readonly blockingReads?: number;
  /** Refuses devices: for names that come out of an image, not from the user. */
  readonly onlyFiles?: boolean;
}

const DEFAULT_BLOCKING: number = MIB;

/**
 * What a system says of a place that the medium cannot read: EIO everywhere (libuv's word for Windows' ERROR_CRC and
 * ERROR_IO_DEVICE, too), and Linux' "critical medium", "critical target" and "protection" errors (block/blk-core.c).
 * Every other failure is one of the way to the bytes.
 */
const MEDIUM_ERRORS: ReadonlySet<string> = new Set(['EIO', 'ENODATA', 'EREMOTEIO', 'EILSEQ']);

/** Linux's O_NOATIME: reading then leaves the access time alone. Node names it only on Linux. */
const NO_ATIME: number = (constants as Record<string, number>).O_NOATIME ?? 0;

/**
 * Opening a named pipe would otherwise wait for somebody who writes into it. Windows has no such flag, and no such
 * files.
 */
const NO_WAIT: number = (constants as Record<string, number>).O_NONBLOCK ?? 0;

function openReadOnly(path: string): number {
  if (NO_ATIME !== 0) {
    try {
      return openSync(path, constants.O_RDONLY | NO_WAIT | NO_ATIME);
    } catch (error) {
      // Only a file's owner may ask for it.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    }
  }
  return openSync(path, constants.O_RDONLY | NO_WAIT);
}

/**
 * Opens a regular file or a raw device, read-only.
 * @param path - a file, `/dev/…` or `\\.\PhysicalDriveN`
 * @throws DeadboxError `SOURCE_NOT_FOUND`, `SOURCE_DENIED` (says what to do), `SOURCE_NOT_READABLE` (a folder, a pipe)
 */
export function openFile(path: string, options: FileOptions = {}): Promise<ByteSource> {
  return Promise.resolve().then(() => openFileNow(path, options));
}

function openFileNow(path: string, options: FileOptions): ByteSource {
  let handle: number;
  try {
    handle = openReadOnly(path);
  } catch (cause) {
    throw openError(path, cause);
  }
  try {
    return sourceOf(handle, path, options);
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/**
 * The names under which Windows opens a device: `\\.\PhysicalDrive0`, `\\.\D:`, `\\?\Volume{…}`. Pipes have such names
 * too.
 */
const WINDOWS_DEVICE = /^\\\\(?:\.\\(?!pipe\\)|\?\\(?:[A-Z]:$|Volume\{[^\\]*$|GLOBALROOT\\|PhysicalDrive))/i;

function sourceOf(handle: number, path: string, options: FileOptions): ByteSource {
  const stats = statsOf(handle, path);
  if (stats?.isFile() === true) return new FileSource(handle, path, Number(stats.size), undefined, options, stats);
  if (stats === undefined || stats.isBlockDevice() || stats.isCharacterDevice() || WINDOWS_DEVICE.test(path)) {
    if (options.onlyFiles === true) throw notAFile(path, 'a device');
    const facts = deviceFacts(handle, path, stats);
    const source = new FileSource(handle, path, facts.size, facts.sectorSize, options, undefined);
    return stats?.isBlockDevice() === true ? source : new AlignedSource(source, facts.sectorSize ?? 4096);
  }
  throw notAFile(path, stats.isDirectory() ? 'a folder' : 'neither a file nor a disk');
}

/**
 * What was opened; `undefined` for a device of Windows, whose handle libuv cannot ask (EISDIR, EINVAL or UNKNOWN, by
 * version), though it can be read.
 */
function statsOf(handle: number, path: string): BigIntStats | undefined {
  try {
    return fstatSync(handle, { bigint: true });
  } catch (cause) {
    if (WINDOWS_DEVICE.test(path)) return undefined;
    throw openError(path, cause);
  }
}

function notAFile(path: string, what: string): DeadboxError {
  return new DeadboxError('SOURCE_NOT_READABLE', `${path} is ${what}, not a disk image`, { data: { path } });
}

/** A file or block device, opened read-only. */
class FileSource implements ByteSource {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly name: string;
  readonly #blocking: number;
  readonly #opened: BigIntStats | undefined;
  #handle: number | undefined;
  /** Reads that the thread pool still works on. */
  #running = 0;
  /**
   * Closed by the user, still open for those reads: the system would give its number to the next file, and they would
   * read that.
   */
  #closing: number | undefined;

  constructor(
    handle: number,
    path: string,
    size: number,
    sectorSize: 512 | 4096 | undefined,
    options: FileOptions,
    opened: BigIntStats | undefined,
  ) {
    this.#handle = handle;
    this.name = path;
    this.size = size;
    this.#blocking = options.blockingReads ?? DEFAULT_BLOCKING;
    this.#opened = opened;
    if (sectorSize !== undefined) this.sectorSize = sectorSize;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    checkRange(this.name, this.size, offset, length);
    return readThrough(this, offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    const handle = this.#handle;
    if (handle === undefined) throw sourceClosed(this.name);
    checkRange(this.name, this.size, offset, target.length);
    options?.signal?.throwIfAborted();
    if (target.length > this.#blocking) return this.#readLater(handle, offset, target, options);
    let done = 0;
    while (done < target.length) {
      let count: number;
      try {
        count = readSync(handle, target, done, target.length - done, offset + done);
      } catch (cause) {
        throw this.#failed(offset + done, target.length - done, cause);
      }
      if (count === 0) throw this.#failed(offset + done, target.length - done, undefined);
      done += count;
    }
    return undefined;
  }

  /** Whether the file's size or modification time differ from when it was opened. */
  changed(): boolean {
    if (this.#opened === undefined || this.#handle === undefined) return false;
    const now = fstatSync(this.#handle, { bigint: true });
    return now.size !== this.#opened.size || now.mtimeNs !== this.#opened.mtimeNs;
  }

  close(): void {
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    if (this.#running === 0) closeSync(handle);
    else this.#closing = handle;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #readLater(handle: number, offset: number, target: Bytes, options?: ReadOptions): Promise<void> {
    this.#running += 1;
    try {
      await this.#fillLater(handle, offset, target, options);
    } finally {
      this.#running -= 1;
      if (this.#running === 0 && this.#closing !== undefined) {
        closeSync(this.#closing);
        this.#closing = undefined;
      }
    }
  }

  async #fillLater(handle: number, offset: number, target: Bytes, options?: ReadOptions): Promise<void> {
    let done = 0;
    while (done < target.length) {
      options?.signal?.throwIfAborted();
      const at = done;
      const count = await new Promise<number>((resolve, reject) => {
        read(handle, target, at, target.length - at, offset + at, (error, bytesRead) => {
          if (error === null) resolve(bytesRead);
          else reject(this.#failed(offset + at, target.length - at, error));
        });
      });
      if (count === 0) throw this.#failed(offset + done, target.length - done, undefined);
      done += count;
    }
  }

  #failed(offset: number, length: number, cause: unknown): DeadboxError<'READ_FAILED'> {
    const place = { offset, length };
    if (cause === undefined)
      return transportFailed('ended', this.name, place, 'the file ends there: it was shortened while it was read');
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined || !MEDIUM_ERRORS.has(code))
      return transportFailed('source', this.name, place, message, cause);
    return new DeadboxError('READ_FAILED', `${this.name} could not be read at ${offset}: ${message}`, {
      at: { layer: this.name, offset },
      data: { length, system: code },
      cause,
    });
  }
}

/**
 * Opens a plain file that lies beside an image; `undefined` when it is gone or a link to it leads nowhere.
 * @throws DeadboxError what opening a file throws, `SIBLING_REFUSED`
 */
export async function openBeside(image: string, place: string, options: FileOptions): Promise<ByteSource | undefined> {
  const file = plainFile(image, place);
  if (file === undefined) return undefined;
  try {
    return await openFile(file, { ...options, onlyFiles: true });
  } catch (error) {
    if (isDeadboxError(error, 'SOURCE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The path to open for the sibling at `sibling`; `undefined` when it leads nowhere. */
function plainFile(image: string, sibling: string): string | undefined {
  const facts = lstatSync(sibling, { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  if (facts.isFile()) return sibling;
  if (!facts.isSymbolicLink()) throw refused(sibling, facts.isDirectory() ? 'a folder' : 'a device or pipe');
  const target = realPath(sibling);
  if (target === undefined) return undefined;
  const folders = [realPath(dirname(image)), dirname(realPath(image) ?? image)];
  if (
    !folders.some((folder) => folder !== undefined && target.startsWith(folder.endsWith(sep) ? folder : folder + sep))
  )
    throw refused(sibling, 'a link that leads out of the folder of the image', { link: true });
  if (lstatSync(target, { throwIfNoEntry: false })?.isFile() !== true)
    throw refused(sibling, 'a link to something that is no file');
  return target;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function refused(path: string, what: string, more: { readonly link?: true } = {}): DeadboxError {
  const advice = 'If it belongs to the image, copy it there or name it yourself';
  return new DeadboxError(
    'SIBLING_REFUSED',
    `${path} is ${what}, and is not opened because an image names it. ${advice}.`,
    { data: { path, what, ...more } },
  );
}
