import { isVolumeBootSector } from '@deadbox/partitions/internals';
import { expect, test } from 'vitest';

/** A boot sector without a known name, whose FAT parameter block holds together. */
function sector(change: Readonly<Record<number, number>> = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512);
  bytes.set([0xeb, 0x3c, 0x90, ...Buffer.from('mkfs.fat'), 0x00, 0x02, 4, 1, 0, 2, 0, 2, 0, 0x40, 0xf8, 32]);
  bytes.set([0x55, 0xaa], 510);
  for (const [at, value] of Object.entries(change)) bytes[Number(at)] = value;
  return bytes;
}

test('a FAT boot sector is known by a parameter block that holds together', () => {
  expect(isVolumeBootSector(sector())).toBe(true);
  expect(isVolumeBootSector(sector({ 0: 0xe9, 0x15: 0xf0, 0x10: 1 }))).toBe(true);
  // The number of sectors and that of a table stand in 32 bits where they do not fit, as in FAT32.
  expect(isVolumeBootSector(sector({ 0x14: 0, 0x22: 1, 0x16: 0, 0x24: 9 }))).toBe(true);
  for (const size of [4, 8, 16]) expect(isVolumeBootSector(sector({ 0x0c: size }))).toBe(true);
});

test.each<[string, Readonly<Record<number, number>>]>([
  ['no jump', { 0: 0x33 }],
  ['sectors of 256 bytes', { 0x0c: 1 }],
  ['sectors of 8192 bytes', { 0x0c: 32 }],
  ['no sectors a cluster', { 0x0d: 0 }],
  ['three sectors a cluster', { 0x0d: 3 }],
  ['no reserved sector', { 0x0e: 0 }],
  ['no table', { 0x10: 0 }],
  ['three tables', { 0x10: 3 }],
  ['a media byte below F8h that is not F0h', { 0x15: 0xf7 }],
  ['no sectors', { 0x14: 0 }],
  ['no sectors in a table', { 0x16: 0 }],
])('and none is one with %s', (_, change) => {
  expect(isVolumeBootSector(sector(change))).toBe(false);
});

test('what is shorter than a sector is none', () => {
  expect(isVolumeBootSector(sector().subarray(0, 511))).toBe(false);
});
