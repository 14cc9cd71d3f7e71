import { defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { FileWindow, ImageFormat, ParentReference } from '../image-format.js';

/** A backing file as a QCOW image records it. */
export interface QcowBacking {
  /** Path of the file, without protocol. */
  readonly name: string;
  /** QEMU's name of the format; absent when the image leaves it to probing. */
  readonly driver?: string;
  /** The part of the file that is the backing disk; the whole file when absent. */
  readonly window?: FileWindow;
}

/** Drivers that bring bytes from somewhere, and the option that says from where. */
const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['file', 'filename'],
  ['host_device', 'filename'],
  ['host_cdrom', 'filename'],
  ['http', 'url'],
  ['https', 'url'],
  ['ftp', 'url'],
  ['ftps', 'url'],
]);
/** Options of QEMU's block devices (qapi/block-core.json) that change how a file is read, not what it holds. */
const HARMLESS: ReadonlySet<string> = new Set([
  'aio',
  'aio-max-batch',
  'auto-read-only',
  'cache',
  'detect-zeroes',
  'discard',
  'drop-cache',
  'force-share',
  'locking',
  'node-name',
  'pr-manager',
  'read-only',
  'x-check-cache-dropped',
]);
/** QEMU's formats that nobody here reads: a file of theirs, taken for a raw disk, has other bytes. */
const UNREAD: ReadonlySet<string> = new Set(['luks', 'dmg', 'bochs', 'cloop', 'qed', 'vvfat', 'quorum', 'blkverify']);
const MAX_DEPTH = 8;
const PREFIX = 'json:';

/**
 * Reads a recorded backing file name: a path, `protocol:path`, or QEMU's `json:{…}` block device description.
 * @param driver - the format that the image records beside the name
 * @param layer - name of the image for errors
 * @throws ImageError `IMAGE_UNSUPPORTED` for a description with an option that deadbox does not know: it may change the
 * bytes, and for a format that it cannot read
 */
export function parseQcowBacking(recorded: string, driver: string | undefined, layer: string): QcowBacking {
  const backing = recorded.startsWith(PREFIX)
    ? new Description(recorded, layer).backing(driver)
    : { name: recorded.replace(/^(file|nbd|https?|raw):(\/\/)?/, ''), ...defined({ driver }) };
  if (UNREAD.has(backing.driver?.toLowerCase() ?? '')) {
    const what = `${layer} has a backing file in the format "${backing.driver}", which deadbox does not read`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer, offset: 8 }, { recorded: recorded.slice(0, 1024) });
  }
  return backing;
}

/** What a child with this backing file asks of its parent. */
export function backingReference(backing: QcowBacking, formats: readonly ImageFormat[]): ParentReference {
  const { name, driver, window } = backing;
  const format = formats.find(({ qemuDrivers }) => qemuDrivers?.includes(driver?.toLowerCase() ?? ''))?.id;
  return {
    names: [name],
    ...defined({ format }),
    ...defined({ window }),
  };
}

type Options = ReadonlyMap<string, unknown>;

/** The JSON form of a backing file: a device, its options, and below `file` the device that it lies on. */
class Description {
  readonly #recorded: string;
  readonly #layer: string;
  #format: string | undefined;
  #window: FileWindow | undefined;

  constructor(recorded: string, layer: string) {
    this.#recorded = recorded;
    this.#layer = layer;
  }

  backing(driver: string | undefined): QcowBacking {
    const name = this.#walk(this.#optionsOf(this.#parsed()), 0);
    const format = driver ?? this.#format;
    return {
      name,
      ...defined({ driver: format }),
      ...defined({ window: this.#window }),
    };
  }

  #parsed(): unknown {
    try {
      return JSON.parse(this.#recorded.slice(PREFIX.length));
    } catch (cause) {
      throw this.#refusal(`that is no JSON: ${(cause as Error).message}`, cause);
    }
  }

  /** Follows `file` down to the protocol, and gives the name that it opens. */
  #walk(options: Options, depth: number): string {
    if (depth > MAX_DEPTH) throw this.#refusal(`nested deeper than ${MAX_DEPTH} levels`);
    const driver = text(options.get('driver'));
    const below = options.get('file');
    const place = PROTOCOLS.get(driver ?? 'file');
    if (below === undefined && place === undefined && driver !== 'raw') {
      // Another protocol: what it reaches cannot be opened here, but can be given by the user.
      return text(options.get('export')) ?? text(options.get('path')) ?? text(options.get('image')) ?? '';
    }
    const known = new Set(['driver', 'file', ...(driver === 'raw' ? ['offset', 'size'] : []), place ?? '']);
    for (const key of options.keys())
      if (!known.has(key) && !HARMLESS.has(key))
        throw this.#refusal(`with the option "${key}", which deadbox does not know`);
    if (below === undefined) {
      const name = text(options.get(place ?? 'filename'));
      if (name === undefined) throw this.#refusal('without a file name');
      if (depth === 0) this.#format = driver;
      return name.replace(/^file:(\/\/)?/, '');
    }
    if (driver === 'raw') this.#narrow(options);
    else if (driver !== undefined) this.#setFormat(driver);
    const name = typeof below === 'string' ? below : this.#walk(this.#optionsOf(below), depth + 1);
    this.#format ??= driver;
    return name;
  }

  #setFormat(driver: string): void {
    if (this.#format !== undefined) throw this.#refusal(`with a ${driver} image inside a ${this.#format} image`);
    if (this.#window !== undefined) throw this.#refusal(`that takes a part of a ${driver} image`);
    if (UNREAD.has(driver)) throw this.#refusal(`as a ${driver} image, which deadbox does not read`);
    this.#format = driver;
  }

  /** A window in a window lies further in; an outer one is met first. */
  #narrow(options: Options): void {
    const offset = this.#number(options, 'offset') ?? 0;
    const size = this.#number(options, 'size');
    if (offset === 0 && size === undefined) return;
    const outer = this.#window ?? { offset: 0 };
    const rest = size === undefined ? undefined : size - outer.offset;
    const length = outer.size ?? rest;
    if (rest !== undefined && (rest < 0 || (length !== undefined && length > rest)))
      throw this.#refusal('whose parts do not lie in one another');
    this.#window = { offset: offset + outer.offset, ...defined({ size: length }) };
  }

  #number(options: Options, key: string): number | undefined {
    const value = options.get(key);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    throw this.#refusal(`whose ${key} is no number of bytes`);
  }

  /** The options of a device; QEMU also writes `file.filename` for what lies below `file`. */
  #optionsOf(value: unknown): Options {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#refusal('that is no JSON object');
    const options = new Map<string, unknown>();
    const dotted = new Map<string, Record<string, unknown>>();
    for (const [key, inner] of Object.entries(value)) {
      const dot = key.indexOf('.');
      if (dot < 0) options.set(key, inner);
      else if (key.slice(0, dot) === 'file') {
        const group = dotted.get('file') ?? {};
        dotted.set('file', Object.defineProperty(group, key.slice(dot + 1), { value: inner, enumerable: true }));
      } else options.set(key.slice(0, dot), inner);
    }
    for (const [key, group] of dotted) {
      if (options.has(key)) throw this.#refusal(`that says "${key}" twice`);
      options.set(key, group);
    }
    return options;
  }

  #refusal(what: string, cause?: unknown): Error {
    return imageError(
      'IMAGE_UNSUPPORTED',
      `${this.#layer} describes its backing file by a JSON text ${what}`,
      { layer: this.#layer, offset: 8 },
      { recorded: this.#recorded.slice(0, 1024) },
      cause,
    );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
