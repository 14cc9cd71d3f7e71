import type { FileRecord } from '@deadbox/ntfs';
import { AttributeSet } from '@deadbox/ntfs/internals';
import { expect, test } from 'vitest';

/** Entries of an `$ATTRIBUTE_LIST` that name one record each, from `first` on. */
function listOf(count: number, first: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * 0x20);
  const view = new DataView(bytes.buffer);
  for (let at = 0, record = first; at < bytes.length; at += 0x20, record += 1) {
    view.setUint32(at, 0x80, true);
    view.setUint16(at + 4, 0x20, true);
    view.setUint32(at + 0x10, record, true);
    view.setUint16(at + 0x16, 1, true);
  }
  return bytes;
}

/** A record, as far as an attribute set looks at it; `base` 0 for a base record. */
function recordOf(number: number, base: number, list?: Uint8Array<ArrayBuffer>): FileRecord {
  const attribute = {
    type: 0x20,
    name: '',
    flags: 0,
    id: 1,
    offset: 0x38,
    length: 24,
    resident: true,
    valueOffset: 0x50,
  };
  const data = { ...attribute, type: 0x80, id: 0, value: new Uint8Array(0) };
  return {
    number,
    sequence: 1,
    inUse: true,
    place: { offset: number * 1024 },
    attributes: list === undefined ? [data] : [{ ...attribute, value: list }],
    ...(base === 0 ? {} : { base: { record: base, sequence: 1 } }),
  } as unknown as FileRecord;
}

async function readsFor(owner: number): Promise<{ reads: number; found: number }> {
  let reads = 0;
  const reader = {
    read: (number: number) => {
      reads += 1;
      return Promise.resolve(recordOf(number, owner));
    },
  };
  const set = new AttributeSet(reader as never, recordOf(70, 0, listOf(5000, 1000)));
  const found = (await set.all()).length;
  return { reads, found };
}

test('a list that names thousands of records of other files is followed only so far', async () => {
  expect(await readsFor(71)).toEqual({ reads: 64, found: 0 });
});

test('every record that belongs to the file is read, however many there are', async () => {
  expect(await readsFor(70)).toEqual({ reads: 5000, found: 5000 });
});
