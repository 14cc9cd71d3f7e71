/** An element of an XML document. Names are local: prefixes of name spaces are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside the element, trimmed. */
  readonly text: string;
}

/** An element, to which its content is added until its end tag comes. */
class OpenElement implements XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  #children: XmlElement[] | undefined;
  #text = '';

  constructor(name: string, attributes: ReadonlyMap<string, string>) {
    this.name = name;
    this.attributes = attributes;
  }

  get children(): readonly XmlElement[] {
    return this.#children ?? NO_CHILDREN;
  }

  get text(): string {
    return this.#text.trim();
  }

  add(child: XmlElement): void {
    if (this.#children === undefined) this.#children = [child];
    else this.#children.push(child);
  }

  addText(text: string): void {
    this.#text += text;
  }
}

/** Most elements have neither: nothing is made for them. */
const NO_CHILDREN: readonly XmlElement[] = [];
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
/** Characters of a document for each of its elements; descriptions have sixty. */
const LEAST_ELEMENT = 16;
/** Elements of the smallest documents. */
const FEW_ELEMENTS = 1024;
const MAX_DEPTH = 64;
/**
 * A tag, or what has no elements in it: a comment, CDATA, a processing instruction, a declaration. Names end where they
 * do, and nowhere before: else a long one is tried in as many ways as it has characters.
 */
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<![^>]*>|<(\/?)([^\s<>/]+)(?=[\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>/y;
const ATTRIBUTE = /(?<![^\s=<>"'/])([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads the elements of a small XML document: descriptors of archives, bundles and machines. Declared entities and
 * external parts are not read, so that none of the ways to attack an XML parser exists.
 * @returns the root; `undefined` when the text is no well-formed document, or little more than empty elements
 */
export function parseXml(text: string): XmlElement | undefined {
  const root = new OpenElement('', NO_ATTRIBUTES);
  const open: OpenElement[] = [root];
  let left = text.length / LEAST_ELEMENT + FEW_ELEMENTS;
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf('<', at);
    const inner = open[open.length - 1];
    inner.addText(unescaped(text.slice(at, start < 0 ? text.length : start)));
    if (start < 0) break;
    TOKEN.lastIndex = start;
    const token = TOKEN.exec(text);
    if (token === null) return undefined;
    at = TOKEN.lastIndex;
    const [, cdata, isEnd, name, attributes, isEmpty] = token;
    if (cdata !== undefined) inner.addText(cdata);
    if (name === undefined) continue;
    if (isEnd === '/') {
      if (open.length < 2 || inner.name !== localName(name)) return undefined;
      open.pop();
      continue;
    }
    const element = new OpenElement(localName(name), attributesOf(attributes));
    inner.add(element);
    if (isEmpty !== '/') open.push(element);
    left -= 1;
    if (open.length > MAX_DEPTH || left < 0) return undefined;
  }
  return open.length === 1 ? root.children[0] : undefined;
}

/** All elements of this name at any depth, in the order of the document. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  if (!text.includes('=')) return NO_ATTRIBUTES;
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name, double, single]) => [
      localName(name),
      unescaped(double ?? single ?? ''),
    ]),
  );
}

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name: string | undefined) => {
    if (name !== undefined) return ENTITIES.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}
