import { Cursor, DeadboxError, describeStructure, type Structure, structure, utf16Bytes } from '@deadbox/core';
import { describe, expect, test } from 'vitest';

const FIELDS = {
  magic: [0, 'ascii[4]', 'Marks the structure', { values: { test: 'a test' } }],
  flags: [4, 'u16', 'What holds', { flags: { 0x1: 'in use', 0x2: 'directory', 0x8000: 'last' }, source: 'elsewhere' }],
  kind: [6, 'u8', 'What it is', { values: { 7: 'seventh' } }],
  signed: [7, 'i8', 'A signed byte'],
  size: [8, 'u64', 'Bytes of the content'],
  time: [16, 'filetime', 'When it was written'],
  id: [24, 'guid', 'Which one it is'],
  port: [40, 'u16be', 'Big-endian'],
  nameLength: [42, 'u16', 'Code units of the name'],
  name: [44, 'utf16[nameLength]', 'The name'],
} as const;
const TABLE: Structure<typeof FIELDS> = structure('test-header', 'nowhere', FIELDS);

/** A structure with every field, written by DataView and not by the table. */
function sample(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 6);
  const view = new DataView(bytes.buffer);
  bytes.set([0x74, 0x65, 0x73, 0x74]);
  view.setUint16(4, 0x8012, true);
  view.setUint8(6, 7);
  view.setInt8(7, -10);
  view.setBigUint64(8, 0x1_0000_0001n, true);
  view.setBigUint64(16, 133_658_357_751_234_567n, true);
  // The EFI system partition's type as UEFI 2.10 table 5-7 gives it, in the bytes that RFC 9562's mixed-endian form
  // puts on disk.
  bytes.set([0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b], 24);
  view.setUint16(40, 443, false);
  view.setUint16(42, 3, true);
  bytes.set(utf16Bytes('C:ü'), 44);
  return bytes;
}

/** What one field of `type` reads from `bytes`. */
const one = (type: string, bytes: number[]): unknown =>
  structure('one', '', { value: [0, type as 'u8', ''] }).read(Uint8Array.from(bytes)).value;

describe('a structure', () => {
  test('is read as a whole, with the type of each field', () => {
    const {
      magic,
      flags,
      size,
      time,
      id,
      name,
      port,
      signed,
      kind,
    }: { size: number; time: bigint; id: string } & Record<string, unknown> = TABLE.read(sample());
    expect({ magic, flags, size, time, id, name, port, signed, kind }).toEqual({
      magic: 'test',
      flags: 0x8012,
      size: 0x1_0000_0001,
      time: 133_658_357_751_234_567n,
      id: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      name: 'C:ü',
      port: 443,
      signed: -10,
      kind: 7,
    });
    expect(TABLE.size).toBe(44);
  });

  test('is read field by field, from any base, and tells a hot loop its offsets', () => {
    const bytes = new Uint8Array(100);
    bytes.set(sample(), 20);
    const cursor = new Cursor(bytes, 'volume', 5000);
    const port: number = TABLE.fields.port.read(cursor, 20);
    expect(port).toBe(443);
    expect(TABLE.fields.name.read(cursor, 20)).toBe('C:ü');
    expect(bytes[20 + TABLE.fields.kind.offset]).toBe(7);
    expect(TABLE.read(bytes, 20).id).toBe(TABLE.read(sample()).id);
  });

  test('that ends early is an error with its absolute place', () => {
    const cursor = new Cursor(sample().subarray(0, 20), 'volume', 5000);
    expect(() => TABLE.read(cursor)).toThrow(
      expect.objectContaining({ code: 'CURSOR_OUT_OF_RANGE', at: { layer: 'volume', offset: 5016 } }),
    );
  });

  test.each([
    ['u16be', [1, 2], 0x102],
    ['i16', [0xfe, 0xff], -2],
    ['u24', [1, 2, 3], 0x30201],
    ['u24be', [1, 2, 3], 0x10203],
    ['u32', [0, 0, 0, 0x80], 0x8000_0000],
    ['u32be', [0x80, 0, 0, 0], 0x8000_0000],
    ['i32', [0xff, 0xff, 0xff, 0xff], -1],
    ['u48', [1, 0, 0, 0, 0, 0x80], 0x8000_0000_0001],
    ['u64be', [0, 0, 0, 1, 0, 0, 0, 2], 0x1_0000_0002],
    ['i64', [0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
    ['u64big', [255, 255, 255, 255, 255, 255, 255, 255], 0xffff_ffff_ffff_ffffn],
    ['u64bigbe', [0x80, 0, 0, 0, 0, 0, 0, 1], 0x8000_0000_0000_0001n],
    ['i64big', [255, 255, 255, 255, 255, 255, 255, 255], -1n],
    ['guidbe', Array.from({ length: 16 }, (_, at) => at), '00010203-0405-0607-0809-0A0B0C0D0E0F'],
    ['latin1[2]', [0x4d, 0xfc], 'Mü'],
    ['utf16[3]', [0x41, 0, 0, 0, 0x42, 0], 'A'],
    ['utf16be[2]', [0, 0x41, 0x20, 0xac], 'A€'],
    ['ascii[4]', [0x41, 1, 0, 0x42], 'A.'],
    ['bytes[2]', [5, 6, 7], Uint8Array.of(5, 6)],
  ])('reads %s', (type, bytes, value) => {
    expect(one(type, bytes)).toEqual(value);
  });

  test('has no number for what no number can hold', () => {
    const large = [0, 0, 0, 0, 0, 0, 0x20, 0];
    expect(() => one('u64', large)).toThrow(
      expect.objectContaining({ code: 'NUMBER_TOO_LARGE', data: { value: String(2n ** 53n) } }),
    );
    expect(() => one('u64be', large.toReversed())).toThrow(expect.objectContaining({ code: 'NUMBER_TOO_LARGE' }));
    expect(one('u64', [255, 255, 255, 255, 255, 255, 0x1f, 0])).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('counts text by bytes as well as by code units', () => {
    const table = structure('counted', '', { bytes: [0, 'u8', ''], text: [1, 'utf16[bytes/2]', ''] });
    expect(table.read(Uint8Array.of(5, 0x41, 0, 0x42, 0, 0x43)).text).toBe('AB');
  });

  test('of a type that nobody knows cannot be made', () => {
    expect(() => one('u7', [0])).toThrow(DeadboxError);
  });
});

describe('a described structure', () => {
  test('lists each field with its place, bytes, value and meaning', () => {
    const rows = describeStructure(TABLE, sample());
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(FIELDS));
    expect(rows[1]).toEqual({
      name: 'flags',
      offset: 4,
      length: 2,
      raw: '1280',
      value: 0x8012,
      text: 'directory, last, 0x10',
      meaning: 'What holds',
      source: 'elsewhere',
    });
    expect(rows[0].text).toBe('a test');
    expect(rows[2].text).toBe('seventh');
    expect(rows[5]).toMatchObject({
      value: '2024-07-19T04:09:35.1234567Z',
      raw: '0740067791d9da01',
      source: 'nowhere',
    });
    expect(rows.at(-1)).toMatchObject({ offset: 44, length: 6, raw: '43003a00fc00', value: 'C:ü' });
  });

  test('lacks only what is cut off, wherever the bytes end', () => {
    const whole = sample();
    for (let length = 0; length <= whole.length; length += 1) {
      const rows = describeStructure(TABLE, whole.slice(0, length));
      const full = describeStructure(TABLE, whole);
      for (const [index, row] of rows.entries()) {
        if (row.offset + full[index].length <= length) expect(row).toEqual(full[index]);
        else expect(row.value === null || row.length === 0).toBe(true);
      }
    }
  });

  test('shows a number of 2^53 and above as text, and a time that is not set as null', () => {
    const bytes = sample();
    bytes.fill(0xff, 8, 16);
    bytes.fill(0, 16, 24);
    const rows = describeStructure(TABLE, bytes);
    expect(rows[4].value).toBe('18446744073709551615');
    expect(rows[5].value).toBeNull();
  });

  test('survives a count that leads behind the end', () => {
    const bytes = sample();
    bytes[42] = 0xff;
    expect(describeStructure(TABLE, bytes).at(-1)).toMatchObject({ value: null, length: 510, raw: '43003a00fc00' });
  });
});
