import type { Bytes } from '@deadbox/core';
import { attributesOf, replaceAttributes, unseal, viewOf } from '../file-record-writer.js';
import { type Attribute, nonResident, resident } from '../ntfs-writer/attribute.js';
import type { Run } from '../ntfs-writer/layout.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { FileEntry, Tree } from '../ntfs-writer/tree.js';

const CLUSTER = 4096;
const RECORD = 1024;

/** A volume in memory whose records can be written anew. */
export class EditedVolume {
  readonly bytes: Bytes;
  readonly view: DataView<ArrayBuffer>;
  readonly #mft: number;

  /**
   * A volume of 8 MiB in clusters of 4096 bytes, where the options say nothing else.
   * @param fill - puts files into it; or the bytes of one that was made before
   */
  constructor(
    fill: Bytes | ((tree: Tree, root: FileEntry) => void) = () => undefined,
    options: Partial<VolumeOptions> = {},
  ) {
    this.bytes = fill instanceof Uint8Array ? fill : written(fill, options);
    this.view = new DataView(this.bytes.buffer);
    this.#mft = Number(this.view.getBigUint64(0x30, true)) * CLUSTER;
  }

  /** Byte offset of a record of the first run of `$MFT`. */
  at(record: number): number {
    return this.#mft + record * RECORD;
  }

  /** The attributes of a record, as bytes. */
  parts(record: number): Uint8Array[] {
    return attributesOf(unseal(this.bytes.slice(this.at(record), this.at(record) + RECORD)));
  }

  /** Gives a record other attributes. */
  rewrite(record: number, change: (parts: Uint8Array[]) => Uint8Array[]): void {
    replaceAttributes(this.bytes, this.at(record), RECORD, change(this.parts(record)));
  }

  /** Adds attributes to a record. */
  add(record: number, ...attributes: Attribute[]): void {
    this.rewrite(record, (parts) => {
      const first = 1 + Math.max(-1, ...parts.map((part) => viewOf(part).getUint16(0x0e, true)));
      const added = attributes.map(({ bytes }) => bytes.slice());
      for (const [i, part] of added.entries()) viewOf(part).setUint16(0x0e, first + i, true);
      return [...parts, ...added];
    });
  }

  /** Takes the attributes of a type, and of a name where one is given, out of a record. */
  remove(record: number, type: number, name?: string): void {
    this.rewrite(record, (parts) =>
      parts.filter((part) => !(typeOf(part) === type && (name ?? nameOf(part)) === nameOf(part))),
    );
  }

  /** Puts an attribute in the place of those of its type and name. */
  replace(record: number, attribute: Attribute): void {
    this.remove(record, attribute.type, attribute.name);
    this.add(record, attribute);
  }

  /** A non-resident attribute whose content is written to the cluster `lcn` and those behind it. */
  stored(type: number, value: Uint8Array, lcn: number, options: { name?: string; valid?: number } = {}): Attribute {
    const run: Run = { lcn, length: Math.max(1, Math.ceil(value.length / CLUSTER)) };
    this.bytes.set(value, lcn * CLUSTER);
    return nonResident(type, [run], { size: value.length, ...options }, CLUSTER, options);
  }

  /** Writes fields of a record's header as they are after fixup; none of them lies at the end of a stride. */
  header(record: number, edit: (view: DataView) => void): void {
    edit(new DataView(this.bytes.buffer, this.at(record), 0x30));
  }
}

function written(fill: (tree: Tree, root: FileEntry) => void, options: Partial<VolumeOptions>): Bytes {
  const { size = 8 << 20 } = options;
  const sink = new MemorySink(size);
  const writer = new NtfsVolumeWriter(sink, { shortNames: false, ...options, size });
  fill(writer.tree, writer.tree.root);
  writer.finish();
  return sink.bytes;
}

/** Type of an attribute given as bytes. */
export function typeOf(part: Uint8Array): number {
  return viewOf(part).getUint32(0, true);
}

/** Name of an attribute given as bytes. */
export function nameOf(part: Uint8Array): string {
  const at = viewOf(part).getUint16(0x0a, true);
  return Buffer.from(part.slice(at, at + part[9] * 2)).toString('utf16le');
}

export { nonResident, resident };
