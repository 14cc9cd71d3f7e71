import { imageNamesAmong } from '@deadbox/image/internals';
import { expect, test } from 'vitest';
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

test('a bundle is one image, whatever else lies in its folder', () => {
  expect(imageNamesAmong(['DiskDescriptor.xml', 'disk.hdd.0.{5fbaabe3-6958-40ff-92a7-860e329aab41}.hds'])).toEqual([
    'DiskDescriptor.xml',
  ]);
});
