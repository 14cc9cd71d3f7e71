import { describe, expect, test } from 'vitest';
import { parseQcowBacking } from '../../../packages/image/src/qemu/backing.js';

const backing = (value: unknown, driver?: string) =>
  parseQcowBacking(`json:${JSON.stringify(value)}`, driver, 'top.qcow2');
const code = (value: unknown, message: RegExp) =>
  expect(() => backing(value)).toThrow(
    expect.objectContaining({ code: 'IMAGE_UNSUPPORTED', message: expect.stringMatching(message) }),
  );

describe('a backing file in the words of QEMU', () => {
  test('below a protocol that deadbox has not is what that calls it, if anything', () => {
    expect(backing({ driver: 'nbd', export: 'disk1', server: { type: 'unix' } })).toEqual({ name: 'disk1' });
    expect(backing({ driver: 'ssh', path: '/vm/base.raw' })).toEqual({ name: '/vm/base.raw' });
    expect(backing({ driver: 'rbd', image: 'base' })).toEqual({ name: 'base' });
    expect(backing({ driver: 'iscsi', lun: 1 })).toEqual({ name: '' });
  });

  test('of a driver that is called like a property of every object is of one that is not known', () => {
    for (const driver of ['constructor', 'toString', '__proto__'])
      expect(backing({ driver, path: 'base.raw' })).toEqual({ name: 'base.raw' });
  });

  test('may name the file by a text alone', () => {
    expect(backing({ driver: 'qcow2', file: 'base.qcow2' })).toEqual({ name: 'base.qcow2', driver: 'qcow2' });
    expect(backing({ file: { filename: 'base.raw' } })).toEqual({ name: 'base.raw' });
  });

  test('that contradicts itself, or says what nobody knows, is refused', () => {
    code({ driver: 'file' }, /without a file name/);
    code({ driver: 'raw' }, /without a file name/);
    code(
      { driver: 'qcow2', file: { driver: 'vmdk', file: { driver: 'file', filename: 'a' } } },
      /a vmdk image inside a qcow2 image/,
    );
    code({ driver: 'raw', file: 7 }, /no JSON object/);
    code([], /no JSON object/);
    code(null, /no JSON object/);
    code({ driver: 'raw', file: 'a', 'file.filename': 'b' }, /says "file" twice/);
    code({ driver: 'file', filename: 'a', 'cache.direct': true, 'server.host': 'b' }, /option "server"/);
    let deep: unknown = 'base.raw';
    for (let depth = 0; depth < 10; depth += 1) deep = { driver: 'raw', file: deep };
    code(deep, /nested deeper than 8 levels/);
  });
});
