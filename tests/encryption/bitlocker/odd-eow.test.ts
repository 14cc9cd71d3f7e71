import { crc32 } from 'node:zlib';
import { EOW_BITMAP, EOW_INFORMATION, EOW_RECORD } from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import {
  encryptedBytes,
  eowBitmapSize,
  parseEowBitmap,
  parseEowInformation,
} from '../../../packages/encryption/src/bitlocker/metadata/eow.js';

type Fields = Readonly<Record<string, { readonly offset: number; readonly length: number }>>;

/** A structure of `size` bytes with its mark, fields and, unless `crc` says otherwise, its checksum. */
function build(
  size: number,
  mark: string,
  fields: Fields,
  values: Readonly<Record<string, number>>,
  covered = size,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes.set(Buffer.from(`${mark}\0`));
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(values)) {
    const { offset, length } = fields[name];
    if (length === 8) view.setBigUint64(offset, BigInt(value), true);
    else if (length === 4) view.setUint32(offset, value, true);
    else view.setUint16(offset, value, true);
  }
  const at = fields['crc'].offset;
  view.setUint32(at, 0, true);
  view.setUint32(at, crc32(bytes.subarray(0, covered)), true);
  return bytes;
}

describe('the information of a volume that is encrypted as it is written', () => {
  const fields = EOW_INFORMATION.fields as Fields;
  const SIZE = EOW_INFORMATION.size + 16;
  const information = (values: Readonly<Record<string, number>> = {}): Uint8Array<ArrayBuffer> =>
    build(SIZE, 'FVE-EOW', fields, { size: SIZE, regions: 2, chunkSize: 4096, ...values });

  test('names its regions', () => {
    expect(parseEowInformation(information())).toMatchObject({ chunkSize: 4096, size: SIZE, bitmapOffsets: [0, 0] });
  });

  test.each<[string, Readonly<Record<string, number>>]>([
    ['larger than what was read', { size: SIZE + 1 }],
    ['with more regions than fit it', { regions: 3 }],
    ['with more regions than any volume has', { regions: 0x7fff_ffff }],
    ['with chunks smaller than a sector', { chunkSize: 256 }],
    ['with chunks that are no sectors', { chunkSize: 700 }],
  ])('%s is none', (_, values) => {
    expect(parseEowInformation(information(values))).toBeUndefined();
  });

  test('whose checksum does not fit is none', () => {
    const bytes = information();
    bytes[SIZE - 1] ^= 1;
    expect(parseEowInformation(bytes)).toBeUndefined();
  });
});

describe('the bitmap of a region', () => {
  const fields = EOW_BITMAP.fields as Fields;
  const recordFields = EOW_RECORD.fields as Fields;
  const RECORD = EOW_RECORD.size + 8;
  const FIRST = EOW_BITMAP.size;
  const SIZE = FIRST + 2 * RECORD;
  const record = (sequence: number, values: Readonly<Record<string, number>> = {}): Uint8Array =>
    build(RECORD, 'FVE-EOWBR', recordFields, {
      headerSize: EOW_RECORD.size,
      size: RECORD,
      bits: 16,
      sequence,
      ...values,
    });
  const bitmap = (
    records: readonly Uint8Array[],
    values: Readonly<Record<string, number>> = {},
  ): Uint8Array<ArrayBuffer> => {
    const bytes = build(
      SIZE,
      'FVE-EOWBM',
      fields,
      { size: SIZE, recordSize: RECORD, record1: FIRST, record2: FIRST + RECORD, regionSize: 10_000, ...values },
      values['record1'] ?? FIRST,
    );
    for (const [i, one] of records.entries()) bytes.set(one, FIRST + i * RECORD);
    return bytes;
  };

  test('is that of the record that was written last', () => {
    expect(parseEowBitmap(bitmap([record(1), record(2)]), 0)).toMatchObject({ sequence: 2, bits: 16 });
    expect(parseEowBitmap(bitmap([record(3), record(2)]), 0)).toMatchObject({ sequence: 3 });
  });

  test('is that of the other record where one is damaged, or lies outside', () => {
    const broken = record(9);
    broken[RECORD - 1] ^= 1;
    for (const bad of [
      broken,
      new Uint8Array(RECORD),
      record(9, { headerSize: 4 }),
      record(9, { size: RECORD + 1 }),
      record(9, { bits: 65 }),
    ])
      expect(parseEowBitmap(bitmap([bad, record(1)]), 0)).toMatchObject({ sequence: 1 });
    expect(parseEowBitmap(bitmap([record(1)], { record2: SIZE }), 0)).toMatchObject({ sequence: 1 });
  });

  test('is none without a record, without room for its own head, or with a size that cannot be', () => {
    expect(parseEowBitmap(bitmap([]), 0)).toBeUndefined();
    expect(parseEowBitmap(bitmap([record(1)], { record1: 4 }), 0)).toBeUndefined();
    expect(parseEowBitmap(bitmap([record(1)], { record1: SIZE + 8 }), 0)).toBeUndefined();
    expect(eowBitmapSize(bitmap([], { size: 8 }))).toBeUndefined();
    expect(eowBitmapSize(bitmap([], { size: 0x7fff_ffff }))).toBeUndefined();
  });

  test('counts no chunk behind its region', () => {
    const full = record(1);
    full.fill(0xff, EOW_RECORD.size);
    const view = new DataView(full.buffer);
    view.setUint32(recordFields['crc'].offset, 0, true);
    view.setUint32(recordFields['crc'].offset, crc32(full), true);
    const parsed = parseEowBitmap(bitmap([full]), 0);
    expect(parsed && encryptedBytes(parsed, 4096)).toBe(10_000);
  });
});
