import { Cursor } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { BinaryXmlReader, type XmlElement } from '../../../packages/windows/src/events/binary-xml.js';
import { binaryXmlText } from '../../../packages/windows/src/events/binary-xml-value.js';
import { Chunk } from '../../support/evtx-writer.js';

/** Writes a fragment and reads it. */
function read(write: (chunk: Chunk) => void): XmlElement[] {
  const chunk = new Chunk();
  write(chunk);
  chunk.u8(0);
  return new BinaryXmlReader(new Cursor(chunk.bytes)).read(512, chunk.at);
}

/** A template instance with its definition, and one value for each of `values`. */
function template(
  chunk: Chunk,
  content: () => void,
  values: readonly { type: number; bytes: Uint8Array }[] = [],
): number {
  chunk.u8(0x0c);
  chunk.u8(1);
  chunk.u32(0);
  chunk.u32(chunk.at + 4);
  const definition = chunk.at;
  chunk.at += 20;
  chunk.u32(0);
  const from = chunk.at;
  content();
  chunk.u8(0);
  chunk.view.setUint32(definition + 20, chunk.at - from, true);
  instanceValues(chunk, values);
  return definition;
}

function instanceValues(chunk: Chunk, values: readonly { type: number; bytes: Uint8Array }[]): void {
  chunk.u32(values.length);
  for (const { type, bytes } of values) {
    chunk.u16(bytes.length);
    chunk.u8(type);
    chunk.u8(0);
  }
  for (const { bytes } of values) for (const byte of bytes) chunk.u8(byte);
}

/** Another use of a template. */
function again(chunk: Chunk, definition: number): void {
  chunk.u8(0x0c);
  chunk.u8(1);
  chunk.u32(0);
  chunk.u32(definition);
  instanceValues(chunk, []);
}

function nested(chunk: Chunk, depth: number, inside: () => void): void {
  if (depth === 0) inside();
  else chunk.element('e', undefined, () => nested(chunk, depth - 1, inside));
}
const damaged = (what: string): unknown =>
  expect.objectContaining({ code: 'EVENT_DAMAGED', message: expect.stringContaining(what) });

describe('binary XML', () => {
  test('has text, entities, characters and sections; instructions say nothing', () => {
    const [element] = read((chunk) =>
      chunk.element('a', undefined, () => {
        chunk.literal('x');
        chunk.u8(0x09);
        chunk.name('lt');
        chunk.u8(0x09);
        chunk.name('unknown');
        chunk.u8(0x08);
        chunk.u16(0x2603);
        chunk.u8(0x07);
        chunk.u16(2);
        chunk.text('<>');
        chunk.u8(0x0a);
        chunk.name('target');
        chunk.u8(0x0b);
        chunk.u16(4);
        chunk.text('data');
      }),
    );
    expect(element).toMatchObject({ name: 'a', text: 'x<\u2603<>', children: [] });
  });

  test('has no text outside of its elements, and no instruction in an attribute', () => {
    const elements = read((chunk) => {
      chunk.literal('outside');
      chunk.element(
        'a',
        () =>
          chunk.attribute('name', () => {
            chunk.literal('v');
            chunk.u8(0x0b);
            chunk.u16(1);
            chunk.text('i');
          }),
        undefined,
      );
    });
    expect(elements).toEqual([{ name: 'a', attributes: { name: 'v' }, text: '', children: [] }]);
  });

  test('has templates within templates, each with its own values', () => {
    const one = { type: 1, bytes: Uint8Array.of(0x31, 0) };
    const two = { type: 1, bytes: Uint8Array.of(0x32, 0) };
    const [outer] = read((chunk) =>
      template(
        chunk,
        () =>
          chunk.element('outer', undefined, () => {
            chunk.slot(0, 1);
            template(chunk, () => chunk.element('inner', undefined, () => chunk.slot(0, 1)), [two]);
          }),
        [one],
      ),
    );
    expect(outer).toMatchObject({ name: 'outer', text: '1', children: [{ name: 'inner', text: '2' }] });
  });

  test('that has no end is damage', () => {
    const itself = (): unknown =>
      read((chunk) => {
        const definition = 512 + 10;
        template(chunk, () => chunk.element('a', undefined, () => again(chunk, definition)));
      });
    expect(itself).toThrow(damaged('template within itself'));
    expect(() => read((chunk) => nested(chunk, 40, () => chunk.literal('x')))).toThrow(damaged('nested too deeply'));
    const shared = (depth: number): unknown =>
      read((chunk) => {
        let definition = 0;
        chunk.element('first', undefined, () => {
          definition = template(chunk, () => nested(chunk, 20, () => chunk.literal('x')));
        });
        nested(chunk, depth, () => again(chunk, definition));
      });
    expect(shared(5)).toHaveLength(2);
    expect(() => shared(20)).toThrow(damaged('nested too deeply'));
  });

  test('that ends in an element is damage at its place', () => {
    const bytes = Uint8Array.of(0x01, 0xff, 0xff, 0, 0, 0);
    expect(() => new BinaryXmlReader(new Cursor(bytes)).read(0, bytes.length)).toThrow(
      expect.objectContaining({ code: 'CURSOR_OUT_OF_RANGE' }) as Error,
    );
  });
});

describe('a value of an event (MS-EVEN6 2.2.12)', () => {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'));
  test.each([
    ['Int8', 0x03, 'fe', '-2'],
    ['Int16', 0x05, 'feff', '-2'],
    ['Int32', 0x07, 'feffffff', '-2'],
    ['Int64', 0x09, 'feffffffffffffff', '-2'],
    ['Int64 of three bytes', 0x09, '010203', '010203'],
    ['UInt8', 0x04, 'fe', '254'],
    ['UInt64', 0x0a, 'ffffffffffffffff', '18446744073709551615'],
    ['UInt32 of three bytes', 0x08, '010203', '010203'],
    ['Boolean', 0x0d, '01000000', 'true'],
    ['Guid', 0x0f, '94a9230b5e097d488d48719ecd4d78ca', '{0B23A994-095E-487D-8D48-719ECD4D78CA}'],
    ['Guid of two bytes', 0x0f, '0102', '0102'],
    ['SizeT', 0x10, '00010000', '0x100'],
    ['HexInt32', 0x14, '0d0000c0', '0xc000000d'],
    ['HexInt64 of three bytes', 0x15, '010203', '010203'],
    ['FileTime', 0x11, '0000000000000000', ''],
    ['FileTime of two bytes', 0x11, '0102', '0102'],
    ['SystemTime', 0x12, 'e8070700050013000400 1f0002007b00', '2024-07-19T04:31:02.1230000Z'],
    ['SystemTime of no date', 0x12, 'e8070200050 01e0004001f0002007b00', 'e80702000500 1e0004001f0002007b00'],
    ['SystemTime that is not set', 0x12, '00'.repeat(16), '00'.repeat(16)],
    ['SystemTime of two bytes', 0x12, '0102', '0102'],
    ['Sid', 0x13, '010100000000000512000000', 'S-1-5-18'],
    ['Sid that is cut off', 0x13, '0102000000000005 12000000', '010200000000000512000000'],
    ['Sid without its head', 0x13, '0101', '0101'],
    ['type that is not known', 0x7f, '0102', '0102'],
    ['array of numbers', 0x88, '01000000', '01000000'],
  ])('%s is text, and hexadecimal where the bytes do not fit', (_, type, stored, text) => {
    expect(binaryXmlText(type, bytes(stored.replaceAll(' ', '')))).toBe(text.replaceAll(' ', ''));
  });
});
