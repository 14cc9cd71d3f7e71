import { MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { checkSourceContract, expectSame } from '../../support/source-contract.js';

const MIB = 1 << 20;
const UUID = 'AAAAAAAA-1111-2222-3333-444444444444';

function image(): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(MIB).fill(7);
  return writeVdi({ type: 1, size: 3 * MIB, blocks: ['free', data, 'zero'], uuid: UUID, modifyUuid: UUID });
}

function open(bytes: Uint8Array<ArrayBuffer>): Promise<VirtualDisk> {
  return openImage(new MemorySource(bytes, { name: 'x.vdi' }));
}

describe('a VDI (synthetic)', () => {
  test('reads free and discarded blocks as zeros', async () => {
    const disk = await open(image());
    expect([disk.format, disk.variant, disk.size]).toEqual(['vdi', 'dynamic', 3 * MIB]);
    const expected = new Uint8Array(3 * MIB).fill(7, MIB, 2 * MIB);
    await checkSourceContract(disk, { reference: expected });
    expectSame(await disk.read(0, disk.size), expected, 'whole disk');
  });

  test('cut off is reported when it is opened, and an error where it is read', async () => {
    const bytes = image();
    const disk = await open(bytes.slice(0, bytes.length - MIB / 2));
    expect(disk.issues).toMatchObject([{ code: 'image.truncated', severity: 'error' }]);
    expectSame(await disk.read(MIB, MIB / 2), new Uint8Array(MIB / 2).fill(7), 'what is there');
    expect((await errorOf(Promise.resolve().then(() => disk.read(2 * MIB - 512, 512)))).code).toBe('IMAGE_TRUNCATED');
  });

  for (const [what, at, value, code] of [
    ['version 2', 0x46, 2, 'IMAGE_UNSUPPORTED'],
    ['type 9', 0x4c, 9, 'IMAGE_UNSUPPORTED'],
    ['a block size of 3', 0x178, 3, 'IMAGE_DAMAGED'],
    ['one block for three', 0x180, 1, 'IMAGE_DAMAGED'],
    ['its map on the header', 0x154, 16, 'IMAGE_DAMAGED'],
    ['its map on the data', 0x154, 4092, 'IMAGE_DAMAGED'],
    ['its map behind the end', 0x154, 0x7fff_0000, 'IMAGE_TRUNCATED'],
    ['2^61 bytes', 0x174, 0x2000_0000, 'IMAGE_DAMAGED'],
  ] as const) {
    test(`with ${what} is refused`, async () => {
      const bytes = image();
      new DataView(bytes.buffer).setUint32(at, value, true);
      expect((await errorOf(open(bytes))).code).toBe(code);
    });
  }

  test('with a map entry behind the end is an error with its place', async () => {
    const bytes = image();
    new DataView(bytes.buffer).setUint32(1024, 0x7fff_ffff, true);
    const disk = await open(bytes);
    expect(await errorOf(Promise.resolve().then(() => disk.read(0, 512)))).toMatchObject({
      code: 'IMAGE_TRUNCATED',
      at: { offset: 1024 },
    });
  });
});
