import { type RegistryLine, registryTypeName } from '@deadbox/windows';
import type { Block } from '../../document/document.js';
import { data, type Span, text } from '../../document/phrase.js';
import { plainText } from '../../words/facts.js';
import type { Reader } from '../page.js';

/** Characters shown of a value; --json has all. */
const MAX_SHOWN = 200;
/** `type` of a row that is a key, not a value. */
const KEY = -1;

/** A key of `reg`, or a value below it, as a line. */
export function regRow(line: Omit<RegistryLine, 'sha256'>, reader: Reader): Block {
  if (line.type === KEY) return { kind: 'row', cells: [{ content: [data(line.key)] }] };
  const { hives: words } = reader.language;
  const name: Span = line.name === '' ? text(words.defaultValue) : data(line.name);
  return {
    kind: 'group',
    blocks: [
      {
        kind: 'row',
        cells: [
          { content: [name] },
          { content: [text(registryTypeName(line.type))] },
          { content: [valueOf(line, reader)] },
        ],
      },
    ],
  };
}

function valueOf({ data: value }: Pick<RegistryLine, 'data'>, { language: { hives: words } }: Reader): Span {
  if (value === undefined) return text(words.unreadableValue);
  const shown = plainText(value);
  return data(shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown);
}
