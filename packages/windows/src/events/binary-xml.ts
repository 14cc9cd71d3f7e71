import { type Bytes, type Cursor, DeadboxError, utf16Text } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { WORK_PER_CHUNK_BYTE } from '../limits.js';
import { binaryXmlText, NESTED_XML } from './binary-xml-value.js';

/** An element of an event. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside the element. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Where a template takes a value from. */
interface Slot {
  readonly slot: number;
}
type Part = string | Slot | Shape | Instance;
/** An element with slots that are not filled yet: what a template holds. */
interface Shape {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly parts: readonly (string | Slot)[] }[];
  readonly parts: readonly Part[];
}
/** A template with the values of its own. */
interface Instance {
  readonly template: readonly Shape[];
  readonly values: readonly Value[];
}
interface Value {
  readonly type: number;
  readonly bytes: Bytes;
  /** Where the bytes stand in the chunk: nested XML refers to the chunk. */
  readonly at: number;
}

const MAX_DEPTH = 32;
const MAX_VALUES = 1024;
/** What a part of an event costs, in bytes of text that would cost as much. */
const PART_WORK = 16;

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
const PI_TARGET = 0x0a;
const PI_DATA = 0x0b;
const TEMPLATE = 0x0c;
const SUBSTITUTION = 0x0d;
const OPTIONAL_SUBSTITUTION = 0x0e;
const FRAGMENT = 0x0f;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads the binary XML of one chunk; templates and names are parsed once and kept. The work is bounded by the bytes of
 * the chunk, not by what its records claim: forged ones let many records share one large template, or many slots one
 * large value.
 */
export class BinaryXmlReader {
  readonly #chunk: Cursor;
  readonly #templates = new Map<number, readonly Shape[]>();
  /** Definitions that are being parsed: one that leads back to itself has no end. */
  readonly #openTemplates = new Set<number>();
  readonly #names = new Map<number, string>();
  #work: number;

  /** @param chunk - the whole chunk: names and templates are named by their offset in it */
  constructor(chunk: Cursor) {
    this.#chunk = chunk;
    this.#work = chunk.length * WORK_PER_CHUNK_BYTE;
  }

  /** Whether more was asked of the chunk than its bytes can honestly hold; nothing is read from then on. */
  get exhausted(): boolean {
    return this.#work < 0;
  }

  /**
   * The elements of the XML fragment at `at`.
   * @throws DeadboxError `EVENT_DAMAGED`, or `CURSOR_OUT_OF_RANGE` when it refers outside the chunk
   */
  read(at: number, end: number): XmlElement[] {
    this.#openTemplates.clear();
    return this.#fragment(at, end, 0);
  }

  #fragment(from: number, end: number, depth: number): XmlElement[] {
    this.#spend(from, PART_WORK);
    const parts: Part[] = [];
    this.#content(this.#skipHeaders(from, end), end, parts, depth, false);
    return this.#elements(parts, depth);
  }

  /** The elements among the parts of a fragment; text between them says nothing. */
  #elements(parts: readonly Part[], depth: number): XmlElement[] {
    const found: XmlElement[] = [];
    for (const part of parts) {
      if (isShape(part)) found.push(this.#fill(part, [], depth));
      else if (isInstance(part)) for (const shape of part.template) found.push(this.#fill(shape, part.values, depth));
    }
    return found;
  }

  #skipHeaders(from: number, end: number): number {
    let at = from;
    while (at < end && this.#chunk.u8(at) === FRAGMENT) at += 4;
    return at;
  }

  /**
   * A template instance: token, version, id (4), offset of the definition (4), perhaps the definition itself, values.
   */
  #instance(at: number, depth: number): { instance: Instance; end: number } {
    const definition = this.#chunk.u32(at + 6);
    let next = at + 10;
    // A definition that stands right here belongs to the instance; else it was written with an earlier record.
    if (definition === next) next += 24 + this.#chunk.u32(definition + 20);
    const { values, end } = this.#values(next);
    return { instance: { template: this.#template(definition, depth), values }, end };
  }

  /** A definition: next (4), GUID (16), size (4), then a fragment. */
  #template(definition: number, depth: number): readonly Shape[] {
    const known = this.#templates.get(definition);
    if (known !== undefined) return known;
    if (this.#openTemplates.has(definition)) throw damaged(definition, 'template within itself');
    this.#openTemplates.add(definition);
    const end = definition + 24 + this.#chunk.u32(definition + 20);
    const parts: Part[] = [];
    this.#content(this.#skipHeaders(definition + 24, end), end, parts, depth + 1, true);
    this.#openTemplates.delete(definition);
    const shapes = parts.filter((part) => isShape(part));
    this.#templates.set(definition, shapes);
    return shapes;
  }

  /** The values of an instance: count (4), then size (2), type (1), zero (1) of each, then the bytes of each. */
  #values(at: number): { values: Value[]; end: number } {
    const count = this.#chunk.u32(at);
    if (count > MAX_VALUES) throw damaged(at, `${count} values`);
    const values: Value[] = [];
    let data = at + 4 + count * 4;
    for (let i = 0; i < count; i += 1) {
      this.#spend(at, PART_WORK);
      const size = this.#chunk.u16(at + 4 + i * 4);
      values.push({ type: this.#chunk.u8(at + 6 + i * 4), bytes: this.#chunk.slice(data, size), at: data });
      data += size;
    }
    return { values, end: data };
  }

  /** Content up to the end of the element it stands in; returns where it ended. */
  #content(from: number, end: number, parts: Part[], depth: number, inTemplate: boolean): number {
    if (depth > MAX_DEPTH) throw damaged(from, 'nested too deeply');
    let at = from;
    while (at < end) {
      this.#spend(at, PART_WORK);
      const token = this.#chunk.u8(at) & 0x3f;
      if (token === END_OF_STREAM || token === END_ELEMENT) return at + 1;
      if (token === OPEN_ELEMENT) {
        const element = this.#element(at, end, depth, inTemplate);
        parts.push(element.shape);
        at = element.end;
      } else if (token === TEMPLATE) {
        const { instance, end: after } = this.#instance(at, depth);
        parts.push(instance);
        at = after;
      } else {
        const text = this.#text(at, token);
        if (text === undefined) throw damaged(at, `unknown token ${this.#chunk.u8(at)}`);
        if (text.part !== undefined) parts.push(text.part);
        at = text.end;
      }
    }
    return at;
  }

  /**
   * An element: token, dependency (2), size (4), name (4), attributes' size (4, when there are any), attributes,
   * content. Outside a template the dependency is mostly left out.
   */
  #element(from: number, end: number, depth: number, inTemplate: boolean): { shape: Shape; end: number } {
    const hasAttributes = (this.#chunk.u8(from) & 0x40) !== 0;
    const name = this.#name(from + (inTemplate || this.#hasDependency(from) ? 7 : 5));
    let at = name.end + (hasAttributes ? 4 : 0);
    const attributes: Shape['attributes'][number][] = [];
    const parts: Part[] = [];
    const shape: Shape = { name: name.text, attributes, parts };
    while (at < end && (this.#chunk.u8(at) & 0x3f) === ATTRIBUTE) {
      this.#spend(at, PART_WORK);
      const attribute = this.#name(at + 1);
      const value: (string | Slot)[] = [];
      at = attribute.end;
      for (;;) {
        const text = at < end ? this.#text(at, this.#chunk.u8(at) & 0x3f) : undefined;
        if (text === undefined) break;
        this.#spend(at, PART_WORK);
        if (text.part !== undefined) value.push(text.part);
        at = text.end;
      }
      attributes.push({ name: attribute.text, parts: value });
    }
    const close = this.#chunk.u8(at) & 0x3f;
    if (close === CLOSE_EMPTY) return { shape, end: at + 1 };
    if (close !== CLOSE_START) throw damaged(at, `start of an element ends with token ${close}`);
    return { shape, end: this.#content(at + 1, end, parts, depth + 1, inTemplate) };
  }

  /**
   * Whether an element outside a template has the field all the same: then its name stands where the offset behind it
   * says.
   */
  #hasDependency(element: number): boolean {
    return this.#isNamedAt(element + 7) && !this.#isNamedAt(element + 5);
  }

  /** Whether the four bytes at `at` are the offset of a name: right behind them, or one that was written before. */
  #isNamedAt(at: number): boolean {
    if (at + 4 > this.#chunk.length) return false;
    const offset = this.#chunk.u32(at);
    if ((offset > at && offset !== at + 4) || offset + 8 > this.#chunk.length) return false;
    const end = offset + 8 + this.#chunk.u16(offset + 6) * 2;
    return end + 2 <= this.#chunk.length && this.#chunk.u16(end) === 0;
  }

  /** Text of any kind, or a slot; `undefined` when the token is none of these. */
  #text(at: number, token: number): { part?: string | Slot; end: number } | undefined {
    switch (token) {
      case VALUE: {
        const units = this.#chunk.u16(at + 2);
        return { part: this.#units(at + 4, units), end: at + 4 + units * 2 };
      }
      case CDATA: {
        const units = this.#chunk.u16(at + 1);
        return { part: this.#units(at + 3, units), end: at + 3 + units * 2 };
      }
      case CHARACTER:
        return { part: String.fromCharCode(this.#chunk.u16(at + 1)), end: at + 3 };
      case ENTITY: {
        const name = this.#name(at + 1);
        return { part: ENTITIES.get(name.text) ?? '', end: name.end };
      }
      case PI_TARGET:
        return { end: this.#name(at + 1).end };
      case PI_DATA:
        return { end: at + 3 + this.#chunk.u16(at + 1) * 2 };
      case SUBSTITUTION:
      case OPTIONAL_SUBSTITUTION:
        return { part: { slot: this.#chunk.u16(at + 1) }, end: at + 4 };
      default:
        return undefined;
    }
  }

  #units(at: number, units: number): string {
    this.#spend(at, units * 2);
    return utf16Text(this.#chunk.slice(at, units * 2));
  }

  /**
   * A name by its offset; the name itself follows the offset where it is used for the first time: next (4), hash (2),
   * length (2), text, NUL.
   */
  #name(at: number): { text: string; end: number } {
    const offset = this.#chunk.u32(at);
    const units = this.#chunk.u16(offset + 6);
    let text = this.#names.get(offset);
    if (text === undefined) {
      text = this.#units(offset + 8, units);
      this.#names.set(offset, text);
    }
    return { text, end: at + 4 + (offset === at + 4 ? 8 + units * 2 + 2 : 0) };
  }

  /** The element with its slots filled. */
  #fill(shape: Shape, values: readonly Value[], depth: number): XmlElement {
    if (depth > MAX_DEPTH) throw damaged(0, 'nested too deeply');
    // No prototype: the names come from the file.
    const attributes = Object.create(null) as Record<string, string>;
    for (const { name, parts } of shape.attributes) attributes[name] = this.#joined(parts, values);
    let text = '';
    const children: XmlElement[] = [];
    for (const part of shape.parts) {
      if (isShape(part)) children.push(this.#fill(part, values, depth + 1));
      else if (typeof part === 'object' && isInstance(part))
        for (const child of this.#elements([part], depth + 1)) children.push(child);
      else if (typeof part === 'object' && values[part.slot]?.type === NESTED_XML) {
        const { at, bytes } = values[part.slot];
        for (const child of this.#fragment(at, at + bytes.length, depth + 1)) children.push(child);
      } else text += this.#joined([part], values);
    }
    this.#spend(0, PART_WORK);
    return { name: shape.name, attributes, text, children };
  }

  #joined(parts: readonly (string | Slot)[], values: readonly Value[]): string {
    let text = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? undefined : values[part.slot];
      this.#spend(
        value?.at ?? 0,
        PART_WORK + (typeof part === 'string' ? part.length * 2 : (value?.bytes.length ?? 0)),
      );
      text += typeof part === 'string' ? part : value === undefined ? '' : binaryXmlText(value.type, value.bytes);
    }
    return text;
  }

  #spend(at: number, work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw damaged(at, 'more than the chunk can hold');
  }
}

/** The error of damage at byte `at` of a chunk: the record is left out, the others are read. */
function damaged(at: number, what: string): DeadboxError<WindowsErrorCode> {
  return new DeadboxError('EVENT_DAMAGED', `Damaged event: ${what} at byte ${at} of its chunk`, {
    at: { layer: 'event chunk', offset: at },
    data: { what },
  });
}

function isShape(part: Part): part is Shape {
  return typeof part === 'object' && 'parts' in part;
}

function isInstance(part: Part): part is Instance {
  return typeof part === 'object' && 'template' in part;
}
