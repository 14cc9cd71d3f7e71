import { checksum } from '../hive-writer.js';

const BINS = 4096;
/** Where the fields of the records stand (msuhanov/regf). */
export const NK = { subkeyCount: 0x14, subkeyList: 0x1c, valueCount: 0x24, valueList: 0x28, security: 0x2c } as const;
export const VK = { size: 0x04, data: 0x08, type: 0x0c } as const;

/** Finds the records of a written hive by their names, so that a test can damage one of them. */
export class HiveEditor {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;

  constructor(hive: Uint8Array) {
    this.bytes = new Uint8Array(hive);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Cell of the first key of that name (ASCII), relative to the hive bins. */
  key(name: string): number {
    return this.#named('nk', 0x48, 0x4c, name);
  }

  /** Cell of the first value of that name (ASCII). */
  value(name: string): number {
    return this.#named('vk', 0x02, 0x14, name);
  }

  u16(cell: number, field: number): number {
    return this.view.getUint16(BINS + cell + 4 + field, true);
  }

  u32(cell: number, field: number): number {
    return this.view.getUint32(BINS + cell + 4 + field, true);
  }

  setU16(cell: number, field: number, value: number): void {
    this.view.setUint16(BINS + cell + 4 + field, value, true);
  }

  setU32(cell: number, field: number, value: number): void {
    this.view.setUint32(BINS + cell + 4 + field, value, true);
  }

  /** Writes the two letters that a record begins with. */
  setSignature(cell: number, signature: string): void {
    this.setU16(cell, 0, signature.charCodeAt(0) | (signature.charCodeAt(1) << 8));
  }

  /** The size of a cell, negative while it is in use. */
  setSize(cell: number, size: number): void {
    this.view.setInt32(BINS + cell, size, true);
  }

  /** Makes the checksum of the base block right again. */
  seal(): Uint8Array<ArrayBuffer> {
    this.view.setUint32(508, checksum(this.bytes), true);
    return this.bytes;
  }

  #named(signature: string, lengthAt: number, nameAt: number, name: string): number {
    for (let at = BINS; at + 8 <= this.bytes.length; ) {
      if (at % BINS === 0 && this.#text(at, 4) === 'hbin') at += 32;
      const cell = at - BINS;
      const size = Math.abs(this.view.getInt32(at, true));
      const isRecord = size >= nameAt + 8 && this.#text(at + 4, 2) === signature;
      if (isRecord && this.u16(cell, lengthAt) === name.length && this.#text(at + 4 + nameAt, name.length) === name)
        return cell;
      at += Math.max(8, size);
    }
    throw new Error(`no ${signature} called ${name}`);
  }

  #text(at: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + length));
  }
}
