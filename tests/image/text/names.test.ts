import { imageNamesAmong } from '@deadbox/image/internals';
import { expect, test } from 'vitest';
import { decodeIn } from '../../../packages/image/src/text/code-page.js';
import { lastPathPart } from '../../../packages/image/src/text/recorded-path.js';
import { parseSplitName } from '../../../packages/image/src/text/split-name.js';

test('the last part of a recorded path is its file name, in any notation, and none where none is left', () => {
  expect(
    ['C:\\VMs\\a b.vhd', '../base.vmdk', 'file:///vm/a%20b.qcow2', 'file:///vm/100%.raw', 'D:base.vhd'].map(
      lastPathPart,
    ),
  ).toEqual(['a b.vhd', 'base.vmdk', 'a b.qcow2', '100%.raw', 'base.vhd']);
  for (const none of ['', '/', 'C:', '..', 'vm/.', 'vm/', 'a\0b']) expect(lastPathPart(none)).toBeUndefined();
});

test('a set of parts ends where its letters do', () => {
  const two = parseSplitName('disk.aa');
  expect([0, 25, 26, 675, 676].map((number) => two?.nameAt(number))).toEqual([
    'disk.aa',
    'disk.az',
    'disk.ba',
    'disk.zz',
    undefined,
  ]);
  expect([parseSplitName('disk.ab')?.mayBeFirst, parseSplitName('disk.ab')?.number]).toEqual([false, 1]);
  expect([parseSplitName('disk.img'), parseSplitName('disk.img.1')]).toEqual([undefined, undefined]);
});

test('a name in the Korean code page of Windows has the syllables that the national standard lacks', () => {
  // Python's own table of cp949.
  expect(decodeIn('windows-949', Uint8Array.of(0x8c, 0x63, 0xb9, 0xe6, 0x41, 0xc6, 0x52, 0xa2, 0xe6))).toBe('똠방A힣€');
});

test.each([
  ['xaa', 'xab'],
  ['x00', 'x01'],
  ['DISK.AA', 'DISK.AB'],
  ['disk.img.part1', 'disk.img.part2'],
  ['disk-part09', 'disk-part10'],
  ['disk.part9', 'disk.part10'],
])('behind %s comes %s', (name, next) => {
  const split = parseSplitName(name);
  expect(split?.nameAt(split.number + 1)).toBe(next);
  expect(parseSplitName(next)?.number).toBe((split?.number ?? 0) + 1);
});

test.each(['server-001.img', 'server_02.vhdx', 'max', 'box', 'disk.AaB', 'disk.xab'])(
  '%s is one of no parts',
  (name) => {
    expect(parseSplitName(name)).toBeUndefined();
  },
);

test('a bundle is one image, whatever else lies in its folder', () => {
  expect(imageNamesAmong(['DiskDescriptor.xml', 'disk.hdd.0.{5fbaabe3-6958-40ff-92a7-860e329aab41}.hds'])).toEqual([
    'DiskDescriptor.xml',
  ]);
});
