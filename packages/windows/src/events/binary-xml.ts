import { type Bytes, type Cursor, utf16Text } from '@deadbox/core';
import { binaryXmlText, NESTED_XML } from './binary-xml-value.js';

/** An element of an event. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  /** Text directly inside the element. */
  text: string;
  readonly children: XmlElement[];
}

/** Where a template takes a value from. */
interface Slot {
  readonly slot: number;
}
type Part = string | Slot | Shape;
/** An element with slots that are not filled yet: what a template holds. */
interface Shape {
  readonly name: string;
  readonly attributes: { name: string; parts: (string | Slot)[] }[];
  readonly parts: Part[];
}
interface Value {
  readonly type: number;
  bytes: Bytes;
  /** Where the bytes stand in the chunk: nested XML refers to the chunk. */
  readonly at: number;
}

const MAX_DEPTH = 32;
/** Parts of one event; real ones have some tens. */
const MAX_PARTS = 8192;
const MAX_VALUES = 1024;

/** Tokens; 0x40 marks "more follows" (MS-EVEN6 2.2.12). */
const END_OF_STREAM = 0x00;
const OPEN_ELEMENT = 0x01;
const CLOSE_START = 0x02;
const CLOSE_EMPTY = 0x03;
const END_ELEMENT = 0x04;
const VALUE = 0x05;
const ATTRIBUTE = 0x06;
const CDATA = 0x07;
const CHARACTER = 0x08;
const ENTITY = 0x09;
const TEMPLATE = 0x0c;
const SUBSTITUTION = 0x0d;
const OPTIONAL_SUBSTITUTION = 0x0e;
const FRAGMENT = 0x0f;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Damage inside an event: the record is left out, the others are read. */
export class BinaryXmlError extends Error {}

/** Reads the binary XML of one chunk; templates are parsed once and kept. */
export class BinaryXmlReader {
  readonly #chunk: Cursor;
  readonly #templates = new Map<number, readonly Shape[]>();
  #budget = 0;

  /** @param chunk - the whole chunk: names and templates are named by their offset in it */
  constructor(chunk: Cursor) {
    this.#chunk = chunk;
  }

  /**
   * The elements of the XML fragment at `at`.
   * @throws BinaryXmlError or DeadboxError `CURSOR_OUT_OF_RANGE` when it is damaged
   */
  read(at: number, end: number): XmlElement[] {
    this.#budget = MAX_PARTS;
    return this.#fragment(at, end, 0);
  }

  #fragment(from: number, end: number, depth: number): XmlElement[] {
    if (depth > MAX_DEPTH) throw new BinaryXmlError('nested too deeply');
    let at = from;
    while (at < end && this.#chunk.u8(at) === FRAGMENT) at += 4;
    if (at >= end || this.#chunk.u8(at) === END_OF_STREAM) return [];
    if (this.#chunk.u8(at) === TEMPLATE) return this.#instance(at, depth);
    const shapes: Part[] = [];
    this.#content(at, end, shapes, depth);
    return shapes.filter((part) => isShape(part)).flatMap((shape) => this.#fill(shape, [], depth));
  }

  /** A template instance: token, version, id (4), offset of the definition (4), perhaps the definition itself, values. */
  #instance(at: number, depth: number): XmlElement[] {
    const definition = this.#chunk.u32(at + 6);
    let next = at + 10;
    // A definition that stands right here belongs to the instance; else it was written with an earlier record.
    if (definition === next) next += 24 + this.#chunk.u32(definition + 20);
    const values = this.#values(next);
    return this.#template(definition).flatMap((shape) => this.#fill(shape, values, depth));
  }

  /** A definition: next (4), GUID (16), size (4), then a fragment. */
  #template(definition: number): readonly Shape[] {
    const known = this.#templates.get(definition);
    if (known !== undefined) return known;
    const end = definition + 24 + this.#chunk.u32(definition + 20);
    let at = definition + 24;
    while (at < end && this.#chunk.u8(at) === FRAGMENT) at += 4;
    const parts: Part[] = [];
    this.#content(at, end, parts, 0);
    const shapes = parts.filter((part) => isShape(part));
    this.#templates.set(definition, shapes);
    return shapes;
  }

  /** The values of an instance: count (4), then size (2), type (1), zero (1) of each, then the bytes of each. */
  #values(at: number): Value[] {
    const count = this.#chunk.u32(at);
    if (count > MAX_VALUES) throw new BinaryXmlError(`${count} values`);
    const values: Value[] = [];
    let data = at + 4 + count * 4;
    for (let i = 0; i < count; i += 1) {
      this.#spend();
      const size = this.#chunk.u16(at + 4 + i * 4);
      values.push({ type: this.#chunk.u8(at + 6 + i * 4), bytes: this.#chunk.slice(data, size), at: data });
      data += size;
    }
    return values;
  }

  /** Content up to the end of the element it stands in; returns where it ended. */
  #content(from: number, end: number, parts: Part[], depth: number): number {
    if (depth > MAX_DEPTH) throw new BinaryXmlError('nested too deeply');
    let at = from;
    while (at < end) {
      this.#spend();
      const token = this.#chunk.u8(at) & 0x3f;
      if (token === END_OF_STREAM || token === END_ELEMENT) return at + 1;
      if (token === OPEN_ELEMENT) {
        const element = this.#element(at, end, depth);
        parts.push(element.shape);
        at = element.end;
        continue;
      }
      const text = this.#text(at, token);
      if (text === undefined) throw new BinaryXmlError(`unknown token ${this.#chunk.u8(at)}`);
      if (text.part !== undefined) parts.push(text.part);
      at = text.end;
    }
    return at;
  }

  /** An element: token, dependency (2), size (4), name (4), attributes' size (4, when there are any), attributes, content. */
  #element(from: number, end: number, depth: number): { shape: Shape; end: number } {
    const hasAttributes = (this.#chunk.u8(from) & 0x40) !== 0;
    const name = this.#name(from + 7);
    let at = name.end + (hasAttributes ? 4 : 0);
    const shape: Shape = { name: name.text, attributes: [], parts: [] };
    while (at < end && (this.#chunk.u8(at) & 0x3f) === ATTRIBUTE) {
      this.#spend();
      const attribute = this.#name(at + 1);
      const value: (string | Slot)[] = [];
      at = attribute.end;
      for (;;) {
        const text = at < end ? this.#text(at, this.#chunk.u8(at) & 0x3f) : undefined;
        if (text === undefined) break;
        if (text.part !== undefined) value.push(text.part);
        at = text.end;
      }
      shape.attributes.push({ name: attribute.text, parts: value });
    }
    const close = this.#chunk.u8(at) & 0x3f;
    if (close === CLOSE_EMPTY) return { shape, end: at + 1 };
    if (close !== CLOSE_START) throw new BinaryXmlError(`start of an element ends with token ${close}`);
    return { shape, end: this.#content(at + 1, end, shape.parts, depth + 1) };
  }

  /** Text of any kind, or a slot; `undefined` when the token is none of these. */
  #text(at: number, token: number): { part?: string | Slot; end: number } | undefined {
    switch (token) {
      case VALUE: {
        const units = this.#chunk.u16(at + 2);
        return { part: utf16Text(this.#chunk.slice(at + 4, units * 2)), end: at + 4 + units * 2 };
      }
      case CDATA: {
        const units = this.#chunk.u16(at + 1);
        return { part: utf16Text(this.#chunk.slice(at + 3, units * 2)), end: at + 3 + units * 2 };
      }
      case CHARACTER:
        return { part: String.fromCharCode(this.#chunk.u16(at + 1)), end: at + 3 };
      case ENTITY: {
        const name = this.#name(at + 1);
        return { part: ENTITIES[name.text] ?? '', end: name.end };
      }
      case SUBSTITUTION:
      case OPTIONAL_SUBSTITUTION:
        return { part: { slot: this.#chunk.u16(at + 1) }, end: at + 4 };
      default:
        return undefined;
    }
  }

  /** A name by its offset; the name itself follows the offset where it is used for the first time: next (4), hash (2), length (2), text, NUL. */
  #name(at: number): { text: string; end: number } {
    const offset = this.#chunk.u32(at);
    const units = this.#chunk.u16(offset + 6);
    const text = utf16Text(this.#chunk.slice(offset + 8, units * 2));
    return { text, end: at + 4 + (offset === at + 4 ? 8 + units * 2 + 2 : 0) };
  }

  /** The element with its slots filled. */
  #fill(shape: Shape, values: readonly Value[], depth: number): XmlElement {
    this.#spend();
    if (depth > MAX_DEPTH) throw new BinaryXmlError('nested too deeply');
    const element: XmlElement = {
      name: shape.name,
      attributes: Object.create(null) as Record<string, string>,
      text: '',
      children: [],
    };
    for (const attribute of shape.attributes) {
      element.attributes[attribute.name] = attribute.parts
        .map((part) => (typeof part === 'string' ? part : slotText(values[part.slot])))
        .join('');
    }
    for (const part of shape.parts) {
      if (typeof part === 'string') element.text += part;
      else if (isShape(part)) element.children.push(this.#fill(part, values, depth + 1));
      else {
        const value = values[part.slot];
        this.#spend(value?.bytes.length);
        if (value?.type === NESTED_XML)
          element.children.push(...this.#fragment(value.at, value.at + value.bytes.length, depth + 1));
        else element.text += slotText(value);
      }
    }
    return element;
  }

  /** One part, and one more for each 256 bytes of data: forged events let many slots share one large value. */
  #spend(bytes = 0): void {
    this.#budget -= 1 + (bytes >> 8);
    if (this.#budget < 0) throw new BinaryXmlError('too many parts');
  }
}

function isShape(part: Part): part is Shape {
  return typeof part === 'object' && 'parts' in part;
}

function slotText(value: Value | undefined): string {
  return value === undefined ? '' : binaryXmlText(value.type, value.bytes);
}
