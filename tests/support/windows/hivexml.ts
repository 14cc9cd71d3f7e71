import { run } from '../tools.js';

/** A key or value as `hivexml` prints it. */
export interface HivexRow {
  key: string;
  /** `undefined` for a key. */
  name?: string;
  /** hivex' word for the type; absent for a key. */
  type?: string;
  /** Text, decimal number, or base64 text, as printed; string lists joined by a line feed. */
  value?: string;
  base64?: boolean;
  /** Byte offset of the key's or value's cell in the file. */
  offset: number;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|[a-z]+);/g, (_, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name];
  });
}

/** Every key below the root and every value of a hive, as the independent reader `hivexml` sees them. */
export function hivexRows(path: string): HivexRow[] {
  // hivexml opens /dev/stdout by name, which a socket (what Node gives it) refuses: a pipe in between.
  const xml = run('sh', ['-c', 'hivexml "$1" | cat', 'sh', path]);
  const rows: HivexRow[] = [];
  const keys: string[] = [];
  let value: HivexRow | undefined;
  let last: HivexRow | undefined;
  for (const match of xml.matchAll(/<(\/?)(node|value|string|byte_run)\b([^>]*?)(\/?)>([^<]*)/g)) {
    const [, closing, tag, attributeText, , text] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const attributes = Object.fromEntries(
      [...attributeText.matchAll(/([a-z_0-9]+)="([^"]*)"/g)].map(([, k, v]) => [k, plain(v)]),
    );
    if (tag === 'node' && closing === '/') keys.pop();
    else if (tag === 'node') {
      keys.push(attributes.root === '1' ? '' : attributes.name);
      last = { key: keys.join('\\'), offset: -1 };
      if (keys.length > 1) rows.push(last);
    } else if (tag === 'value' && closing === '/') value = undefined;
    else if (tag === 'value') {
      value = {
        key: keys.join('\\'),
        name: attributes.default === '1' ? '' : attributes.key,
        type: attributes.type,
        offset: -1,
      };
      if (attributes.encoding === 'base64') value.base64 = true;
      if (attributes.value !== undefined) value.value = attributes.value;
      last = value;
      rows.push(value);
    } else if (tag === 'string' && closing === '' && value !== undefined) {
      value.value = value.value === undefined ? plain(text) : `${value.value}\n${plain(text)}`;
    } else if (tag === 'byte_run' && last !== undefined && last.offset < 0)
      last.offset = Number(attributes.file_offset);
  }
  return rows;
}
