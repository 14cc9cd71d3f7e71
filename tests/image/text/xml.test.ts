import { describe, expect, test } from 'vitest';
import { decodeIn } from '../../../packages/image/src/text/code-page.js';
import { parseXml } from '../../../packages/image/src/text/xml.js';

const textOf = (xml: string): string | undefined => parseXml(xml)?.text;

describe('an XML document', () => {
  test('has references to characters, and the five entities that every document knows (XML 1.0, 4.1 and 4.6)', () => {
    expect(textOf('<a>&#65;&#x42;&#X1F4BE; &lt;&gt;&amp;&quot;&apos;</a>')).toBe('AB\u{1f4be} <>&"\'');
  });

  test('keeps what is no reference, and what no Unicode character has', () => {
    const strange = '&constructor; &toString; &__proto__; &nbsp; &#1114112; &#x110000; & &;';
    expect(textOf(`<a>${strange}</a>`)).toBe(strange);
  });

  test('has text in CDATA, comments and declarations left out, and attributes in either quotes', () => {
    const root = parseXml(
      '<?xml version="1.0"?><!DOCTYPE a><!-- no --><a x:b="1" c=\'2\' d=""><![CDATA[<raw>]]> &amp;</a>',
    );
    expect([root?.text, [...(root?.attributes ?? [])]]).toEqual([
      '<raw> &',
      [
        ['b', '1'],
        ['c', '2'],
        ['d', ''],
      ],
    ]);
  });

  test.each([
    ['that ends inside a tag', '<a><b'],
    ['that does not close an element', '<a><b></b>'],
    ['that closes what it did not open', '<a></b></a>'],
    ['that closes more than it opened', '<a></a></a>'],
    ['with a bare less-than sign', '<a>1 < 2</a>'],
    ['nested a hundred deep', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['of little more than empty elements', `<a>${'<b/>'.repeat(10_000)}</a>`],
    ['of nothing', ''],
  ])('%s is none', (_, xml) => {
    expect(parseXml(xml)).toBeUndefined();
  });
});

test('an encoding whose name every object has is not known', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    expect(decodeIn(name, Uint8Array.of(0x41))).toBeUndefined();
});
