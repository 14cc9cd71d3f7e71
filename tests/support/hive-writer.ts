/**
 * A writer of registry hives for fixtures. It shares no code with the reader: the layout is written down a second time
 * here, from https://github.com/msuhanov/regf (Windows registry file format specification).
 */

/** Data of a value: text → SZ, texts → MULTI_SZ, number → DWORD, bigint → QWORD, bytes → BINARY. */
export type ValueData =
  | string
  | number
  | bigint
  | readonly string[]
  | Uint8Array
  | { type: number; bytes: Uint8Array }
  | { expand: string };

/** A key to be written. */
export interface KeySpec {
  values?: Record<string, ValueData>;
  keys?: Record<string, KeySpec>;
  className?: string;
}

/** How a hive is written. */
export interface HiveSpec {
  /**
   * Minor version: 3 for boot stores, 5 for SYSTEM and SOFTWARE (default), 6. Lists are `lf` up to 4, `lh` from 5 on.
   */
  minorVersion?: number;
  rootName?: string;
  /** Kind of subkey lists, when not the version's own. */
  lists?: 'li' | 'lf' | 'lh';
  /** Keys a list holds before it is split under an `ri` list. Default 500. */
  listSize?: number;
  sequence?: number;
  lastWritten?: bigint;
  /** Bytes after the hive bins, as real hives have. */
  trailing?: Uint8Array;
}

const NONE = 0xffffffff;
const WRITTEN = 133_658_285_758_000_000n;

/** Turns `{ 'Select': { Current: 1 }, 'ControlSet001\\Control': {…} }` into a tree of keys. */
export function keysFromPaths(paths: Record<string, Record<string, ValueData>>): KeySpec {
  const root: KeySpec = {};
  // Names that differ in case only are one key.
  const known = new Map<string, KeySpec>();
  for (const [path, values] of Object.entries(paths)) {
    let key = root;
    let place = '';
    for (const name of path.split('\\').filter((part) => part !== '')) {
      place += `\\${name.toUpperCase()}`;
      let child = known.get(place);
      if (child === undefined) {
        child = {};
        known.set(place, child);
        key.keys = Object.assign(key.keys ?? {}, { [name]: child });
      }
      key = child;
    }
    key.values = { ...key.values, ...values };
  }
  return root;
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i += 1) {
    bytes[2 * i] = text.charCodeAt(i) & 255;
    bytes[2 * i + 1] = text.charCodeAt(i) >>> 8;
  }
  return bytes;
}

/** Type number and bytes of a value. */
export function encodeValue(data: ValueData): { type: number; bytes: Uint8Array } {
  if (typeof data === 'string') return { type: 1, bytes: utf16(`${data}\0`) };
  if (typeof data === 'number') {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, data >>> 0, true);
    return { type: 4, bytes };
  }
  if (typeof data === 'bigint') {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, data, true);
    return { type: 11, bytes };
  }
  if (data instanceof Uint8Array) return { type: 3, bytes: data };
  if (Array.isArray(data)) return { type: 7, bytes: utf16(`${data.map((one) => `${one}\0`).join('')}\0`) };
  if ('expand' in data) return { type: 2, bytes: utf16(`${data.expand}\0`) };
  return data as { type: number; bytes: Uint8Array };
}

/** XOR checksum of a base block's first 508 bytes. */
export function checksum(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset);
  let x = 0;
  for (let i = 0; i < 127; i += 1) x ^= view.getUint32(i * 4, true);
  x >>>= 0;
  return x === 0xffffffff ? 0xfffffffe : x === 0 ? 1 : x;
}

class Bins {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  /** End of the bins, the next free byte of the last one, and its end. */
  end = 0;
  free = 0;

  /** A cell for `data`; returns its offset in the hive bins. */
  add(data: Uint8Array): number {
    const size = Math.max(16, Math.ceil((data.length + 4) / 8) * 8);
    if (this.free + size > this.end) this.newBin(size);
    const at = this.free;
    this.view.setInt32(at, -size, true);
    this.bytes.set(data, at + 4);
    this.free += size;
    return at;
  }

  newBin(cell: number): void {
    this.closeBin();
    const size = Math.ceil((cell + 32) / 4096) * 4096;
    const start = this.end;
    while (start + size > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    this.bytes.set([0x68, 0x62, 0x69, 0x6e], start);
    this.view.setUint32(start + 4, start, true);
    this.view.setUint32(start + 8, size, true);
    if (start === 0) this.view.setBigUint64(20, WRITTEN, true);
    this.end = start + size;
    this.free = start + 32;
  }

  /** What is left of the last bin becomes one free cell. */
  closeBin(): void {
    if (this.end > this.free) this.view.setInt32(this.free, this.end - this.free, true);
    this.free = this.end;
  }
}

/** A record with a two-letter signature. */
function record(signature: string, length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  bytes[0] = signature.charCodeAt(0);
  bytes[1] = signature.charCodeAt(1);
  return { bytes, view: new DataView(bytes.buffer) };
}

function storedName(name: string): { bytes: Uint8Array; latin1: boolean } {
  const latin1 = Array.from(name).every((char) => (char.codePointAt(0) as number) < 256);
  return { latin1, bytes: latin1 ? Uint8Array.from(Array.from(name), (char) => char.charCodeAt(0)) : utf16(name) };
}

/** Writes a hive file. */
export function writeHive(root: KeySpec, spec: HiveSpec = {}): Uint8Array<ArrayBuffer> {
  const minor = spec.minorVersion ?? 5;
  const bins = new Bins();
  const lists = spec.lists ?? (minor >= 5 ? 'lh' : 'lf');
  const rootCell = addKey(bins, spec.rootName ?? 'ROOT', root, NONE, {
    minor,
    lists,
    listSize: spec.listSize ?? 500,
    security: { cell: NONE },
  });
  bins.closeBin();
  const trailing = spec.trailing ?? new Uint8Array(0);
  const file = new Uint8Array(4096 + bins.end + trailing.length);
  file.set(bins.bytes.subarray(0, bins.end), 4096);
  file.set(trailing, 4096 + bins.end);
  const view = new DataView(file.buffer);
  file.set([0x72, 0x65, 0x67, 0x66]);
  const sequence = spec.sequence ?? 7;
  view.setUint32(4, sequence, true);
  view.setUint32(8, sequence, true);
  view.setBigUint64(12, spec.lastWritten ?? WRITTEN, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, minor, true);
  view.setUint32(32, 1, true);
  view.setUint32(36, rootCell, true);
  view.setUint32(40, bins.end, true);
  view.setUint32(44, 1, true);
  file.set(utf16('\\fixture'), 48);
  view.setUint32(508, checksum(file), true);
  return file;
}

interface Style {
  minor: number;
  lists: 'li' | 'lf' | 'lh';
  listSize: number;
  security: { cell: number };
}

function addKey(bins: Bins, name: string, spec: KeySpec, parent: number, style: Style): number {
  const text = storedName(name);
  const { bytes, view } = record('nk', 0x4c + text.bytes.length);
  view.setUint16(2, (parent === NONE ? 0x2c : 0) | (text.latin1 ? 0x20 : 0), true);
  view.setBigUint64(4, WRITTEN, true);
  view.setUint32(0x10, parent === NONE ? 0 : parent, true);
  view.setUint32(0x48, text.bytes.length, true);
  bytes.set(text.bytes, 0x4c);
  const cell = bins.add(bytes);
  if (style.security.cell === NONE) style.security.cell = addSecurity(bins);
  const children = Object.entries(spec.keys ?? {}).sort(([a], [b]) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
  const childCells = children.map(([child, childSpec]) => ({
    name: child,
    cell: addKey(bins, child, childSpec, cell, style),
  }));
  const values = Object.entries(spec.values ?? {}).map(([value, data]) => addValue(bins, value, data, style));
  const classCell = spec.className === undefined ? NONE : bins.add(utf16(spec.className));
  const at = cell + 4;
  const list = childCells.length === 0 ? NONE : addList(bins, childCells, style);
  const valueList = values.length === 0 ? NONE : bins.add(words(values));
  bins.view.setUint32(at + 0x14, childCells.length, true);
  bins.view.setUint32(at + 0x1c, list, true);
  bins.view.setUint32(at + 0x20, NONE, true);
  bins.view.setUint32(at + 0x24, values.length, true);
  bins.view.setUint32(at + 0x28, valueList, true);
  bins.view.setUint32(at + 0x2c, style.security.cell, true);
  bins.view.setUint32(at + 0x30, classCell, true);
  bins.view.setUint16(at + 0x4a, (spec.className?.length ?? 0) * 2, true);
  return cell;
}

function words(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 4);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => view.setUint32(i * 4, number, true));
  return bytes;
}

/** One security record for all keys: O:BA, a DACL with full access for SYSTEM. */
function addSecurity(bins: Bins): number {
  const descriptor = Uint8Array.from([
    1, 0, 4, 0x80, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x24, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2,
    0, 0, 2, 0, 0x1c, 0, 1, 0, 0, 0, 0, 3, 0x14, 0, 0x3f, 0, 0xf, 0, 1, 1, 0, 0, 0, 0, 0, 5, 0x12, 0, 0, 0,
  ]);
  const { bytes, view } = record('sk', 20 + descriptor.length);
  view.setUint32(12, 1, true);
  view.setUint32(16, descriptor.length, true);
  bytes.set(descriptor, 20);
  const cell = bins.add(bytes);
  bins.view.setUint32(cell + 8, cell, true);
  bins.view.setUint32(cell + 12, cell, true);
  return cell;
}

function addValue(bins: Bins, name: string, data: ValueData, style: Style): number {
  const text = storedName(name);
  const { type, bytes: content } = encodeValue(data);
  const { bytes, view } = record('vk', 0x14 + text.bytes.length);
  view.setUint16(2, text.bytes.length, true);
  view.setUint32(0x0c, type, true);
  view.setUint16(0x10, text.latin1 ? 1 : 0, true);
  bytes.set(text.bytes, 0x14);
  if (content.length <= 4) {
    view.setUint32(4, (0x80000000 | content.length) >>> 0, true);
    bytes.set(content, 8);
  } else {
    view.setUint32(4, content.length, true);
    view.setUint32(8, content.length > 16344 && style.minor > 3 ? addBigData(bins, content) : bins.add(content), true);
  }
  return bins.add(bytes);
}

function addBigData(bins: Bins, content: Uint8Array): number {
  const segments: number[] = [];
  for (let at = 0; at < content.length; at += 16344) segments.push(bins.add(content.subarray(at, at + 16344)));
  const { bytes, view } = record('db', 8);
  view.setUint16(2, segments.length, true);
  view.setUint32(4, bins.add(words(segments)), true);
  return bins.add(bytes);
}

function addList(bins: Bins, children: readonly { name: string; cell: number }[], style: Style): number {
  if (children.length > style.listSize) {
    const parts: number[] = [];
    for (let at = 0; at < children.length; at += style.listSize)
      parts.push(addList(bins, children.slice(at, at + style.listSize), style));
    const { bytes, view } = record('ri', 4 + parts.length * 4);
    view.setUint16(2, parts.length, true);
    bytes.set(words(parts), 4);
    return bins.add(bytes);
  }
  const step = style.lists === 'li' ? 4 : 8;
  const { bytes, view } = record(style.lists, 4 + children.length * step);
  view.setUint16(2, children.length, true);
  children.forEach(({ name, cell }, i) => {
    view.setUint32(4 + i * step, cell, true);
    if (style.lists === 'lh') view.setUint32(8 + i * step, lhHash(name), true);
    if (style.lists === 'lf' && Array.from(name).every((char) => char.charCodeAt(0) < 256)) {
      for (let k = 0; k < Math.min(4, name.length); k += 1) bytes[8 + i * step + k] = name.charCodeAt(k);
    }
  });
  return bins.add(bytes);
}

function lhHash(name: string): number {
  let hash = 0n;
  for (const char of name.toUpperCase()) hash = (hash * 37n + BigInt(char.charCodeAt(0))) & 0xffffffffn;
  return Number(hash);
}
