import { type Bytes, Cursor, toHex } from '@deadbox/core';

/*
 * Records of the LDM database (linux-ntfs "LDM documentation"; libldm): the pieces of a group of blocks, without the
 * blocks' heads, joined:
 *   0x00 u16 status   0x02 u8 flags   0x03 u8 type (low 4 bits) and revision   0x04 u32 size   0x08 fields:
 * of variable width: a number is a length byte and as many big-endian bytes, a text a length byte and its characters.
 */

/**
 * A record of the database. Numbers of sectors and offsets are in sectors of 512 bytes, counted in the area for
 * volumes.
 */
export type LdmRecord =
  | {
      readonly kind: 'volume';
      readonly id: number;
      readonly name: string;
      readonly raid5: boolean;
      readonly sectors: number;
      readonly partitionType: number;
      readonly guid: string;
      readonly hint: string;
    }
  | {
      readonly kind: 'component';
      readonly id: number;
      readonly layout: number;
      readonly parts: number;
      readonly volume: number;
      /** Sectors of a stripe on one disk; 0 when the component is not striped. */
      readonly stripeSectors: number;
    }
  | {
      readonly kind: 'part';
      readonly id: number;
      readonly name: string;
      readonly start: number;
      readonly volumeOffset: number;
      readonly sectors: number;
      readonly component: number;
      readonly disk: number;
      /** Column of a striped component, from 0 on. */
      readonly column: number;
    }
  | { readonly kind: 'disk'; readonly id: number; readonly name: string; readonly guid: string };

/** Reads fields of variable width one after another. */
class FieldReader {
  readonly #cursor: Cursor;
  #at: number;

  constructor(cursor: Cursor, at: number) {
    this.#cursor = cursor;
    this.#at = at;
  }

  skip(length: number): void {
    this.#at += length;
  }

  byte(): number {
    return this.#cursor.u8(this.#at++);
  }

  u64(): number {
    this.#at += 8;
    return this.#cursor.u64NumberBe(this.#at - 8);
  }

  guid(): string {
    // Text order, unlike the GUIDs of Windows' own structures.
    const text = toHex(this.bytes(16)).toUpperCase();
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
  }

  bytes(length: number): Bytes {
    this.#at += length;
    return this.#cursor.slice(this.#at - length, length);
  }

  number(): number {
    let value = 0;
    for (const byte of this.bytes(this.byte())) value = value * 256 + byte;
    return value;
  }

  text(): string {
    return String.fromCharCode(...this.bytes(this.byte()));
  }
}

const FLAG = { hint: 0x02, firstId: 0x08, secondId: 0x20, secondSize: 0x80 } as const;
const COMPONENT_STRIPED = 0x10;
const PART_COLUMN = 0x08;

/**
 * Parses one joined record.
 * @returns `undefined` for empty records, for kinds that say nothing of volumes (disk groups) and for revisions that
 * nobody has described
 * @throws DeadboxError `CURSOR_OUT_OF_RANGE` when a field leaves the record
 */
export function parseLdmRecord(record: Bytes): LdmRecord | undefined {
  const cursor = new Cursor(record, 'LDM record');
  const flags = cursor.u8(2);
  const type = cursor.u8(3);
  const fields = new FieldReader(cursor, 8);
  switch (type) {
    case 0x51:
      return volumeRecord(fields, flags);
    case 0x32:
      return componentRecord(fields, flags);
    case 0x33:
      return partRecord(fields, flags);
    case 0x34:
      return { kind: 'disk', id: fields.number(), name: fields.text(), guid: fields.text().toUpperCase() };
    case 0x44:
      return { kind: 'disk', id: fields.number(), name: fields.text(), guid: fields.guid() };
    default:
      return undefined;
  }
}

function volumeRecord(fields: FieldReader, flags: number): LdmRecord {
  const id = fields.number();
  const name = fields.text();
  const raid5 = fields.text() === 'raid5';
  // An empty text, the state in 14 characters, volume type, unknown, volume number, three zeros, flags.
  fields.skip(1 + 14 + 1 + 1 + 1 + 3 + 1);
  fields.number();
  fields.skip(16);
  const sectors = fields.number();
  fields.skip(4);
  const partitionType = fields.byte();
  const guid = fields.guid();
  if ((flags & FLAG.firstId) !== 0) fields.text();
  if ((flags & FLAG.secondId) !== 0) fields.text();
  if ((flags & FLAG.secondSize) !== 0) fields.number();
  const hint = (flags & FLAG.hint) === 0 ? '' : fields.text();
  return { kind: 'volume', id, name, raid5, sectors, partitionType, guid, hint };
}

function componentRecord(fields: FieldReader, flags: number): LdmRecord {
  const id = fields.number();
  fields.text();
  fields.text();
  const layout = fields.byte();
  fields.skip(4);
  const parts = fields.number();
  fields.skip(16);
  const volume = fields.number();
  fields.skip(1);
  const stripeSectors = (flags & COMPONENT_STRIPED) === 0 ? 0 : fields.number();
  return { kind: 'component', id, layout, parts, volume, stripeSectors };
}

function partRecord(fields: FieldReader, flags: number): LdmRecord {
  const id = fields.number();
  const name = fields.text();
  fields.skip(12);
  const start = fields.u64();
  const volumeOffset = fields.u64();
  const sectors = fields.number();
  const component = fields.number();
  const disk = fields.number();
  const column = (flags & PART_COLUMN) === 0 ? 0 : fields.number();
  return { kind: 'part', id, name, start, volumeOffset, sectors, component, disk, column };
}
