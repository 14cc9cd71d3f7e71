import type { Bytes } from '@deadbox/core';
import { BASE_BLOCK_BYTES } from './base-block.js';
import { readValueData } from './big-data.js';
import type { HiveContext } from './hive-context.js';
import { KEY_VALUE, type KeyValue } from './key-value.js';
import { decodeValue, type RegistryData } from './value-data.js';

/** A value of a key. Its data is read when asked for. */
export class RegistryValue {
  readonly #context: HiveContext;
  readonly #record: KeyValue;

  /** Values come from {@link RegistryKey}, not from here. */
  constructor(context: HiveContext, record: KeyValue) {
    this.#context = context;
    this.#record = record;
  }

  /** Empty for the key's default value. */
  get name(): string {
    return this.#record.name;
  }

  /** Type number; see {@link RegistryType}. */
  get type(): number {
    return this.#record.type;
  }

  /** Bytes of data, as the record claims. */
  get size(): number {
    return this.#record.size;
  }

  /** Byte offset of the value record in the hive file. */
  get fileOffset(): number {
    return BASE_BLOCK_BYTES + this.#record.offset;
  }

  /**
   * Byte offset of the data in the hive file: what a repair patches and evidence shows. Big data names its record, not
   * the data.
   */
  get dataFileOffset(): number {
    const { inline, offset, dataOffset } = this.#record;
    return BASE_BLOCK_BYTES + 4 + (!inline ? dataOffset : offset + KEY_VALUE.fields.dataOffset.offset);
  }

  /** The data; shorter than {@link size} or `undefined` when the hive is damaged there, which its issues tell. */
  bytes(): Promise<Bytes | undefined> {
    return readValueData(this.#context, this.#record);
  }

  /** The data decoded by its type; `undefined` when it cannot be read. */
  async data(): Promise<RegistryData | undefined> {
    const bytes = await this.bytes();
    return bytes === undefined ? undefined : decodeValue(this.type, bytes);
  }
}
