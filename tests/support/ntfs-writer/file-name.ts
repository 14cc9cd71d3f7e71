/** Name spaces of a $FILE_NAME. */
export const NAME_SPACE = { posix: 0, win32: 1, dos: 2, both: 3 } as const;

/** The four times of a file, as FILETIMEs. */
export interface Times {
  created: bigint;
  modified: bigint;
  changed: bigint;
  accessed: bigint;
}

/** What a $FILE_NAME value holds. */
export interface FileName {
  name: string;
  space: number;
  parentRecord: number;
  parentSequence: number;
  times: Times;
  allocated: number;
  size: number;
  attributes: number;
}

/** Bytes of a $FILE_NAME value. */
export function fileNameLength(name: string): number {
  return 0x42 + name.length * 2;
}

/** Writes a $FILE_NAME value at `at`. */
export function writeFileName(view: DataView, at: number, value: FileName): void {
  writeReference(view, at, value.parentRecord, value.parentSequence);
  writeTimes(view, at + 0x08, value.times);
  writeU64(view, at + 0x28, value.allocated);
  writeU64(view, at + 0x30, value.size);
  view.setUint32(at + 0x38, value.attributes, true);
  view.setUint32(at + 0x3c, 0, true);
  view.setUint8(at + 0x40, value.name.length);
  view.setUint8(at + 0x41, value.space);
  for (let i = 0; i < value.name.length; i += 1) view.setUint16(at + 0x42 + i * 2, value.name.charCodeAt(i), true);
}

/** Writes four times: created, modified, changed, accessed. */
export function writeTimes(view: DataView, at: number, times: Times): void {
  view.setBigUint64(at, times.created, true);
  view.setBigUint64(at + 8, times.modified, true);
  view.setBigUint64(at + 16, times.changed, true);
  view.setBigUint64(at + 24, times.accessed, true);
}

/** Writes a file reference: 48 bits of record number, 16 of sequence. */
export function writeReference(view: DataView, at: number, record: number, sequence: number): void {
  view.setUint32(at, record % 2 ** 32, true);
  view.setUint16(at + 4, Math.floor(record / 2 ** 32), true);
  view.setUint16(at + 6, sequence, true);
}

/** Writes an unsigned number below 2^53 in 64 bits. */
export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** Short names as Windows makes them: four with a counter, then two characters and four digits of a hash. */
export class ShortNames {
  readonly #taken = new Set<string>();

  /** The short name of `name` in this directory; `undefined` when it is one already. */
  of(name: string): string | undefined {
    const upper = name.toUpperCase();
    if (/^[A-Z0-9_$~!#%&'()@^`{}-]{1,8}(\.[A-Z0-9_$~!#%&'()@^`{}-]{1,3})?$/.test(upper)) {
      this.#taken.add(upper);
      return undefined;
    }
    const dot = upper.lastIndexOf('.');
    const clean = (text: string): string =>
      text.replace(/[^A-Z0-9_$!#%&'()@^`{}-]/g, (c) => (c === ' ' || c === '.' ? '' : '_'));
    const base = clean(dot > 0 ? upper.slice(0, dot) : upper);
    const extension = dot > 0 ? clean(upper.slice(dot + 1)).slice(0, 3) : '';
    for (let n = 1; ; n += 1) {
      const stem =
        n <= 4
          ? `${base.slice(0, 6)}~${n}`
          : `${base.slice(0, 2)}${hash(name, n).toString(16).toUpperCase().padStart(4, '0')}~1`;
      const short = extension === '' ? stem : `${stem}.${extension}`;
      if (!this.#taken.has(short)) {
        this.#taken.add(short);
        return short;
      }
    }
  }
}

function hash(name: string, salt: number): number {
  let value = salt * 0x9e37;
  for (let i = 0; i < name.length; i += 1) value = (value * 37 + name.charCodeAt(i)) >>> 0;
  return (value ^ (value >>> 16)) & 0xffff;
}
