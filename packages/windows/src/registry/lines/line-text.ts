import {
  ByteLines,
  type Bytes,
  fileTimeOf,
  formatFileTime,
  type Json,
  keepNewest,
  latin1Text,
  sha256Hex,
  utf16Text,
} from '@deadbox/core';
import { decodeValue, RegistryType, registryDataToJson } from '../value-data.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COLON = 0x3a;
const DOT = 0x2e;
const UTC = 0x5a;
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
/** Room for the parts of a line that are no text of the hive. */
const LINE_ROOM = 512;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const KEY: Uint8Array = ascii('{"key":"');
const NAME: Uint8Array = ascii('","name":"');
const TYPE: Uint8Array = ascii('","type":');
const SIZE: Uint8Array = ascii(',"size":');
const HASH: Uint8Array = ascii(',"sha256":"');
const DATA: Uint8Array = ascii(',"data":');
const READABLE: Uint8Array = ascii(',"readable":');
const OF_KEY: Uint8Array = ascii('","name":"","type":-1,"size":0');
const NO_HASH: Uint8Array = ascii(',"sha256":""');
const LAST_WRITTEN: Uint8Array = ascii(',"lastWritten":"');
const END: Uint8Array = ascii('}\n');
/** The digits of a byte are two entries. */
const HEX: Uint8Array = ascii(Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0')).join(''));

/** Days whose text is kept. */
const KEPT_DAYS = 1024;
/** Numbers whose hashes are kept. */
const KEPT_NUMBERS = 1024;
/** Upper half of a FILETIME before the year 9999: later ones are written with more digits. */
const FOUR_DIGIT_YEARS = 0x24c8_0000;
/** Days between 1601 and 1970. */
const EPOCH_DAYS = 134_774;
/** Seconds of a day. */
const DAY = 86_400;
/** Ticks of a second. */
const TICKS = 1e7;

/** How lines are written. */
export interface LineTextOptions {
  /** Without it, lines have no `sha256`. */
  readonly hashes: boolean;
  /** Makes JSON of what is not plain ASCII. */
  readonly toJson: (value: Json) => string;
}

/** A name as it lies in the hive. */
export interface StoredName {
  readonly bytes: Bytes;
  readonly at: number;
  /** Bytes of it. */
  readonly length: number;
  /** Latin-1, else UTF-16LE. */
  readonly latin1: boolean;
}

/**
 * Writes lines of registry keys and values as bytes. Plain ASCII is copied from where it lies; only the rest becomes
 * text first.
 */
export class LineText {
  readonly lines: ByteLines = new ByteLines();
  readonly #hashes: boolean;
  readonly #toJson: (value: Json) => string;
  readonly #encoder = new TextEncoder();
  readonly #days = new Map<number, Uint8Array>();
  readonly #numbers = new Map<number, Uint8Array>();

  constructor({ hashes, toJson }: LineTextOptions) {
    this.#hashes = hashes;
    this.#toJson = toJson;
  }

  /** A text as it stands between the quotes of JSON. */
  quoted(text: string): Uint8Array {
    return this.#encoder.encode(this.#toJson(text).slice(1, -1));
  }

  /** The line of a key, last written at the FILETIME of two halves. */
  key(path: Uint8Array, pathEnd: number, low: number, high: number): void {
    const { lines } = this;
    lines.reserve(pathEnd + LINE_ROOM);
    lines.all(KEY);
    lines.bytes(path, 0, pathEnd);
    lines.all(OF_KEY);
    if (this.#hashes) lines.all(NO_HASH);
    if (high >= FOUR_DIGIT_YEARS) this.#oddTime(low, high);
    else if (low !== 0 || high !== 0) this.#time(low, high);
    lines.all(END);
  }

  /** Begins the line of a value whose name lies in the hive. */
  value(path: Uint8Array, pathEnd: number, name: StoredName, type: number, size: number): void {
    const { lines } = this;
    const { bytes, at, length, latin1 } = name;
    const start = lines.at;
    lines.reserve(pathEnd + 2 * length + LINE_ROOM);
    lines.all(KEY);
    lines.bytes(path, 0, pathEnd);
    lines.all(NAME);
    if (latin1 ? this.#latin1(bytes, at, at + length) : this.#utf16(bytes, at, at + (length & ~1))) {
      this.#typeAndSize(type, size);
      return;
    }
    lines.at = start;
    const stored = bytes.subarray(at, at + length);
    this.named(path, pathEnd, latin1 ? latin1Text(stored) : utf16Text(stored), type, size);
  }

  /** Begins the line of a value of that name. */
  named(path: Uint8Array, pathEnd: number, name: string, type: number, size: number): void {
    const { lines } = this;
    const text = this.quoted(name);
    lines.reserve(pathEnd + text.length + LINE_ROOM);
    lines.all(KEY);
    lines.bytes(path, 0, pathEnd);
    lines.all(NAME);
    lines.all(text);
    this.#typeAndSize(type, size);
  }

  /** Ends the line of a value that has `length` bytes of data at `at`, of `size`. */
  data(type: number, bytes: Bytes, at: number, length: number, size: number): void {
    const { lines } = this;
    lines.reserve(2 * length + LINE_ROOM);
    if (this.#hashes) this.#hash(bytes, at, length);
    lines.all(DATA);
    const start = lines.at;
    if (!this.#plainData(type, bytes, at, length)) {
      lines.at = start;
      const json = this.#toJson(registryDataToJson(decodeValue(type, bytes.subarray(at, at + length))));
      const text = this.#encoder.encode(json);
      lines.reserve(text.length + LINE_ROOM);
      lines.all(text);
    }
    if (length !== size) {
      lines.all(READABLE);
      lines.decimal(length);
    }
    lines.all(END);
  }

  /** Ends the line of a value whose data cannot be read. */
  noData(): void {
    const { lines } = this;
    if (this.#hashes) lines.all(NO_HASH);
    lines.all(READABLE);
    lines.decimal(0);
    lines.all(END);
  }

  #typeAndSize(type: number, size: number): void {
    const { lines } = this;
    lines.all(TYPE);
    lines.decimal(type);
    lines.all(SIZE);
    lines.decimal(size);
  }

  #hash(bytes: Bytes, at: number, length: number): void {
    const { lines } = this;
    lines.all(HASH);
    if (length <= 4) lines.all(this.#smallHash(bytes, at, length));
    else {
      const digest = sha256Hex(bytes.subarray(at, at + length));
      const { chunk } = lines;
      const to = lines.at;
      for (let i = 0; i < digest.length; i += 1) chunk[to + i] = digest.charCodeAt(i);
      lines.at = to + digest.length;
    }
    lines.chunk[lines.at++] = QUOTE;
  }

  /** That of a number: half of the values of a hive are numbers, and most of those are the same few. */
  #smallHash(bytes: Bytes, at: number, length: number): Uint8Array {
    let key = length;
    for (let i = 0; i < length; i += 1) key = key * 256 + bytes[at + i];
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    return keepNewest(this.#numbers, key, ascii(sha256Hex(bytes.subarray(at, at + length))), KEPT_NUMBERS);
  }

  /** Writes data by its type; false where it holds text that is not plain, or is a number of odd length. */
  #plainData(type: number, bytes: Bytes, at: number, length: number): boolean {
    const { lines } = this;
    switch (type) {
      case RegistryType.sz:
      case RegistryType.expandSz:
      case RegistryType.link:
        lines.chunk[lines.at++] = QUOTE;
        if (!this.#utf16(bytes, at, textEnd(bytes, at, length))) return false;
        lines.chunk[lines.at++] = QUOTE;
        return true;
      case RegistryType.multiSz:
        return this.#texts(bytes, at, at + (length & ~1));
      case RegistryType.dword:
        if (length !== 4) return false;
        lines.decimal((bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0);
        return true;
      case RegistryType.dwordBigEndian:
      case RegistryType.qword:
        return false;
      default:
        this.#hex(bytes, at, length);
        return true;
    }
  }

  /** The texts of a list, up to an empty one. */
  #texts(bytes: Bytes, from: number, end: number): boolean {
    const { lines } = this;
    lines.chunk[lines.at++] = OPEN;
    for (let at = from; at < end; ) {
      const next = textEnd(bytes, at, end - at);
      if (next === at) break;
      if (at > from) lines.chunk[lines.at++] = COMMA;
      lines.chunk[lines.at++] = QUOTE;
      if (!this.#utf16(bytes, at, next)) return false;
      lines.chunk[lines.at++] = QUOTE;
      at = next + 2;
    }
    lines.chunk[lines.at++] = CLOSE;
    return true;
  }

  /** Copies Latin-1 text; false at the first character that is not plain. */
  #latin1(bytes: Bytes, from: number, end: number): boolean {
    const { lines } = this;
    const { chunk } = lines;
    let to = lines.at;
    for (let at = from; at < end; at += 1) {
      const unit = bytes[at];
      if (!isPlain(unit)) return false;
      if (unit === QUOTE || unit === BACKSLASH) chunk[to++] = BACKSLASH;
      chunk[to++] = unit;
    }
    lines.at = to;
    return true;
  }

  /** Copies UTF-16 text; false at the first character that is not plain. */
  #utf16(bytes: Bytes, from: number, end: number): boolean {
    const { lines } = this;
    const { chunk } = lines;
    let to = lines.at;
    for (let at = from; at < end; at += 2) {
      const unit = bytes[at];
      if (!isPlain(unit) || bytes[at + 1] !== 0) return false;
      if (unit === QUOTE || unit === BACKSLASH) chunk[to++] = BACKSLASH;
      chunk[to++] = unit;
    }
    lines.at = to;
    return true;
  }

  #hex(bytes: Bytes, from: number, length: number): void {
    const { lines } = this;
    const { chunk } = lines;
    let to = lines.at;
    chunk[to++] = QUOTE;
    for (let at = from; at < from + length; at += 1) {
      const digits = bytes[at] * 2;
      chunk[to++] = HEX[digits];
      chunk[to++] = HEX[digits + 1];
    }
    chunk[to++] = QUOTE;
    lines.at = to;
  }

  /** 2^32 ticks are 429 s and 4,967,296 ticks, which keeps every step below 2^53. */
  #time(low: number, high: number): void {
    const { lines } = this;
    const ticks = high * 4_967_296 + low;
    const part = Math.floor(ticks / TICKS);
    const seconds = high * 429 + part;
    const day = Math.floor(seconds / DAY);
    const ofDay = seconds - day * DAY;
    lines.all(LAST_WRITTEN);
    lines.all(this.#day(day));
    const hour = Math.floor(ofDay / 3600);
    const minute = Math.floor(ofDay / 60) % 60;
    lines.digits(hour, 2);
    lines.chunk[lines.at++] = COLON;
    lines.digits(minute, 2);
    lines.chunk[lines.at++] = COLON;
    lines.digits(ofDay % 60, 2);
    lines.chunk[lines.at++] = DOT;
    lines.digits(ticks - part * TICKS, 7);
    lines.chunk[lines.at++] = UTC;
    lines.chunk[lines.at++] = QUOTE;
  }

  /** The date of a day since 1601, with the `T` behind it. */
  #day(day: number): Uint8Array {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const text = new Date((day - EPOCH_DAYS) * DAY * 1000).toISOString().slice(0, 11);
    return keepNewest(this.#days, day, ascii(text), KEPT_DAYS);
  }

  #oddTime(low: number, high: number): void {
    const text = formatFileTime(fileTimeOf(low, high));
    if (text === undefined) return;
    this.lines.all(LAST_WRITTEN);
    this.lines.all(ascii(`${text}"`));
  }
}

/** Whether a character stands in JSON, and on a terminal, as it is, or behind a backslash. */
export function isPlain(unit: number): boolean {
  return unit >= FIRST_PLAIN && unit <= LAST_PLAIN;
}

/** Where the text that begins at `at` ends: at a NUL, or with its bytes. */
function textEnd(bytes: Bytes, at: number, length: number): number {
  const end = at + (length & ~1);
  for (let next = at; next < end; next += 2) if (bytes[next] === 0 && bytes[next + 1] === 0) return next;
  return end;
}
