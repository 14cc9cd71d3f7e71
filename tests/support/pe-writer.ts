/**
 * Small executable images with a version resource, for fixtures. Built from the Microsoft PE/COFF specification and
 * verrsrc.h; nothing is shared with the reader.
 */

/** What the image says of itself. */
export interface PeSpec {
  /** Four numbers, e.g. `7.11.18110.0`. */
  fileVersion: string;
  productVersion?: string;
  strings?: Record<string, string>;
  /** 32-bit image (`PE32`) in place of a 64-bit one. */
  narrow?: boolean;
  /** Processor; by default x86 of a 32-bit image, x64 of another one. */
  machine?: number;
  /** Images that it imports one function from each. */
  imports?: readonly string[];
  /** Store the right checksum, as the files of Windows have it. Default false: 0. */
  checksum?: boolean;
  /** Bytes of code, which differ from name to name. Default 16. */
  code?: { readonly size: number; readonly seed: number };
}

const utf16z = (text: string): number[] =>
  [...Array.from(text), '\0'].flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]);
const u16 = (value: number): number[] => [value & 255, (value >> 8) & 255];
const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const pad = (bytes: number[]): number[] => {
  while (bytes.length % 4 !== 0) bytes.push(0);
  return bytes;
};

/** A block: length, value length, type, key, value, children; each part on a 32-bit boundary. */
function block(
  key: string,
  value: number[],
  valueLength: number,
  text: boolean,
  children: readonly number[][],
): number[] {
  const bytes = pad([0, 0, ...u16(valueLength), ...u16(text ? 1 : 0), ...utf16z(key)]);
  bytes.push(...value);
  for (const child of children) {
    pad(bytes);
    bytes.push(...child);
  }
  bytes.splice(0, 2, ...u16(bytes.length));
  return bytes;
}

function versionResource(spec: PeSpec): number[] {
  const four = (text: string): number[] => {
    const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
    return [...u16(b), ...u16(a), ...u16(d), ...u16(c)];
  };
  const fixed = [
    ...u32(0xfeef04bd),
    ...u32(0x10000),
    ...four(spec.fileVersion),
    ...four(spec.productVersion ?? spec.fileVersion),
    ...u32(0x3f),
    ...u32(0),
    ...u32(0x40004),
    ...u32(3),
    ...u32(7),
    ...u32(0),
    ...u32(0),
  ];
  const strings = Object.entries({ FileVersion: spec.fileVersion, ...spec.strings }).map(([key, text]) =>
    block(key, utf16z(text), text.length + 1, true, []),
  );
  const table = block('StringFileInfo', [], 0, true, [block('040904b0', [], 0, true, strings)]);
  const translation = block('VarFileInfo', [], 0, true, [
    block('Translation', [...u16(0x409), ...u16(1200)], 4, false, []),
  ]);
  return block('VS_VERSION_INFO', fixed, fixed.length, false, [table, translation]);
}

const ALIGNMENT = 0x200;
/** The import directory with its names, to lie at `rva`; each image gives one function by number 1. */
function importDirectory(names: readonly string[], rva: number, wide: boolean): number[] {
  const width = wide ? 8 : 4;
  const listAt = (names.length + 1) * 20;
  const listSize = width * 2;
  const namesAt = listAt + names.length * listSize;
  const entries: number[] = [];
  const lists: number[] = [];
  const texts: number[] = [];
  for (const [i, name] of names.entries()) {
    const list = rva + listAt + i * listSize;
    entries.push(...u32(list), ...u32(0), ...u32(0), ...u32(rva + namesAt + texts.length), ...u32(list));
    const byNumber = Array.from({ length: width }, (_, at) => (at === 0 ? 1 : at === width - 1 ? 0x80 : 0));
    lists.push(...byNumber, ...Array.from({ length: width }, () => 0));
    texts.push(...Array.from(name, (char) => char.charCodeAt(0)), 0);
  }
  return names.length === 0
    ? []
    : [...entries, ...u32(0), ...u32(0), ...u32(0), ...u32(0), ...u32(0), ...lists, ...texts];
}

/**
 * The checksum of an image whose own checksum, at `at`, counts as zero (PE/COFF specification: CheckSum; the algorithm
 * of imagehlp.dll).
 */
function imageChecksum(file: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < file.length; i += 2) {
    if (i === at || i === at + 2) continue;
    sum += file[i] | ((file[i + 1] ?? 0) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum + file.length;
}

/** The `.rsrc` section with the version resource, to lie at `rva`. */
function resourceSection(spec: PeSpec, rva: number): number[] {
  const version = pad(versionResource(spec));
  const directory = (id: number, target: number, isDirectory: boolean): number[] => [
    ...u32(0),
    ...u32(0),
    ...u16(0),
    ...u16(0),
    ...u16(0),
    ...u16(1),
    ...u32(id),
    ...u32(isDirectory ? (target | 0x80000000) >>> 0 : target),
  ];
  return [
    ...directory(16, 24, true),
    ...directory(1, 48, true),
    ...directory(0x409, 72, false),
    ...u32(rva + 88),
    ...u32(version.length),
    ...u32(0),
    ...u32(0),
    ...version,
  ];
}

/** Writes an image with a `.text` and a `.rsrc` section; imports stand at the end of `.text`. */
export function writePe(spec: PeSpec): Uint8Array<ArrayBuffer> {
  const up = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  const codeSize = spec.code?.size ?? 0x10;
  const importsAt = Math.ceil(codeSize / 16) * 16;
  const imports = importDirectory(spec.imports ?? [], 0x1000 + importsAt, spec.narrow !== true);
  const textSize = up(importsAt + imports.length);
  const resourceRva = 0x1000 + Math.ceil(textSize / 0x1000) * 0x1000;
  const resources = resourceSection(spec, resourceRva);
  const resourceSize = up(resources.length);
  const resourcesAt = 0x400 + textSize;
  const file = new Uint8Array(resourcesAt + resourceSize);
  const view = new DataView(file.buffer);
  file.set([0x4d, 0x5a]);
  view.setUint32(0x3c, 0x80, true);
  file.set([0x50, 0x45, 0, 0], 0x80);
  const optionalSize = spec.narrow === true ? 224 : 240;
  view.setUint16(0x84, spec.machine ?? (spec.narrow === true ? 0x14c : 0x8664), true);
  view.setUint16(0x86, 2, true);
  view.setUint32(0x88, 0x66000000, true);
  view.setUint16(0x94, optionalSize, true);
  view.setUint16(0x96, 0x22, true);
  const optional = 0x98;
  view.setUint16(optional, spec.narrow === true ? 0x10b : 0x20b, true);
  view.setUint32(optional + 32, 0x1000, true);
  view.setUint32(optional + 36, ALIGNMENT, true);
  view.setUint32(optional + 56, resourceRva + 0x1000 + resourceSize, true);
  view.setUint32(optional + 60, 0x400, true);
  view.setUint16(optional + 68, 1, true);
  const directories = optional + (spec.narrow === true ? 96 : 112);
  view.setUint32(directories - 4, 16, true);
  if (imports.length > 0) {
    view.setUint32(directories + 8, 0x1000 + importsAt, true);
    view.setUint32(directories + 12, ((spec.imports?.length ?? 0) + 1) * 20, true);
  }
  view.setUint32(directories + 16, resourceRva, true);
  view.setUint32(directories + 20, resources.length, true);
  const section = (
    at: number,
    name: string,
    size: number,
    rva: number,
    rawSize: number,
    raw: number,
    flags: number,
  ): void => {
    for (let i = 0; i < name.length; i += 1) file[at + i] = name.charCodeAt(i);
    [size, rva, rawSize, raw].forEach((value, i) => view.setUint32(at + 8 + i * 4, value, true));
    view.setUint32(at + 36, flags, true);
  };
  section(optional + optionalSize, '.text', importsAt + imports.length, 0x1000, textSize, 0x400, 0x60000020);
  section(optional + optionalSize + 40, '.rsrc', resources.length, resourceRva, resourceSize, resourcesAt, 0x40000040);
  for (let i = 0; i < codeSize && spec.code !== undefined; i += 1) file[0x400 + i] = (i * 31 + spec.code.seed) & 255;
  file.set(imports, 0x400 + importsAt);
  file.set(resources, resourcesAt);
  if (spec.checksum === true) view.setUint32(optional + 64, imageChecksum(file, optional + 64), true);
  return file;
}
