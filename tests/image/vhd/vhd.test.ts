import { MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { testContainers, withDisk } from '../../support/containers.js';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { errorOf } from '../../support/image/memory-files.js';
import { vhdFooter, writeVhd } from '../../support/image/vhd-writer.js';
import { expectSame, generator } from '../../support/source-contract.js';

const UUID = 'AAAAAAAA-1111-2222-3333-444444444444';
const BLOCK = 64 << 10;

describeWithCorpus('VHD containers of the corpus', () => {
  testContainers('vhd');

  test('dfvfs-vhd-differencing: wrong checksums are noted, not fatal', async () => {
    const entry = corpusManifest().find(({ id }) => id === 'dfvfs-vhd-differencing');
    await withDisk(corpusFile(entry as NonNullable<typeof entry>), async (disk) => {
      expect(disk.variant).toBe('differencing');
      expect(disk.parents).toMatchObject([
        { id: 'D49C5C80-350A-4A89-898A-5AD6D10F6578', format: 'vhd', variant: 'dynamic' },
      ]);
      expect(disk.issues.map(({ code, at }) => `${code}@${at?.offset}`)).toEqual([
        'image.footer-damaged@2099712',
        'image.header-damaged@512',
        'image.footer-damaged@2099712',
      ]);
    });
  });

  test('malformed-cloop-afl5: a table of four gigabytes in a file of one kilobyte is a truncated image', async () => {
    const entry = corpusManifest().find(({ id }) => id === 'malformed-cloop-afl5');
    const error = await errorOf(
      withDisk(corpusFile(entry as NonNullable<typeof entry>), (disk) => Promise.resolve(disk)),
    );
    expect(error.code).toBe('IMAGE_TRUNCATED');
  });
});

function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = generator(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

function open(bytes: Uint8Array<ArrayBuffer>, name = 'x.vhd'): Promise<VirtualDisk> {
  return openImage(new MemorySource(bytes, { name }));
}

function fixed(size: number, data: Uint8Array, footerBytes = 512): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(data.length + footerBytes);
  file.set(data);
  file.set(vhdFooter(2, size, UUID, undefined).subarray(0, footerBytes), data.length);
  return file;
}

describe('a fixed VHD', () => {
  const data = noise(4096, 1);

  test('is the bytes before its footer', async () => {
    const disk = await open(fixed(4096, data));
    expect([disk.format, disk.variant, disk.size, disk.sectorSize]).toEqual(['vhd', 'fixed', 4096, 512]);
    expectSame(await disk.read(0, 4096), data, 'disk');
  });

  test('of an old Virtual PC ends in a footer of 511 bytes', async () => {
    const disk = await open(fixed(4096, data, 511));
    expect([disk.format, disk.size]).toEqual(['vhd', 4096]);
    expect(disk.issues).toEqual([]);
    expectSame(await disk.read(0, 4096), data, 'disk');
  });

  test('shorter than its footer says still reads as far as it goes', async () => {
    const disk = await open(fixed(8192, data));
    expect(disk.issues).toMatchObject([{ code: 'image.truncated', severity: 'error', at: { offset: 4096 } }]);
    expectSame(await disk.read(0, 2048), data.subarray(0, 2048), 'what is there');
    const error = await errorOf(Promise.resolve().then(() => disk.read(4096, 4096)));
    expect(error.code).toBe('IMAGE_TRUNCATED');
  });

  test('without its footer is a raw disk, and the name raises a warning', async () => {
    const disk = await open(data);
    expect(disk.format).toBe('raw');
    expect(disk.issues).toMatchObject([{ code: 'image.name-suggests-format', data: { extension: 'vhd' } }]);
  });
});

describe('a dynamic VHD (synthetic)', () => {
  const image = (): Uint8Array<ArrayBuffer> =>
    writeVhd({
      type: 'dynamic',
      size: 4 * BLOCK,
      blockSize: BLOCK,
      uuid: UUID,
      blocks: new Map([[2, { data: noise(BLOCK, 2) }]]),
    });
  const expectContent = async (disk: VirtualDisk): Promise<void> => {
    expectSame(await disk.read(2 * BLOCK, BLOCK), noise(BLOCK, 2), 'block 2');
    expectSame(await disk.read(0, BLOCK), new Uint8Array(BLOCK), 'block 0');
  };

  test('with a broken last footer is read by the copy at its start', async () => {
    const bytes = image();
    bytes[bytes.length - 512 + 50] ^= 1;
    const disk = await open(bytes);
    expect(disk.issues).toMatchObject([{ code: 'image.footer-copy-used', data: { reason: 'checksum' } }]);
    await expectContent(disk);
  });

  test('without its last footer is read by the copy at its start', async () => {
    const bytes = image();
    const disk = await open(bytes.slice(0, bytes.length - 512));
    expect(disk.issues).toMatchObject([{ code: 'image.footer-copy-used', data: { reason: 'missing' } }]);
    await expectContent(disk);
  });

  test('with a broken copy is read by its last footer', async () => {
    const bytes = image();
    bytes.fill(0, 0, 512);
    const disk = await open(bytes);
    expect(disk.issues).toEqual([]);
    await expectContent(disk);
  });

  test('cut off in a block is truncated there and nowhere else', async () => {
    const bytes = image();
    const disk = await open(bytes.slice(0, bytes.length - 512 - BLOCK / 2));
    expectSame(await disk.read(2 * BLOCK, BLOCK / 2), noise(BLOCK, 2).subarray(0, BLOCK / 2), 'the first half');
    expect((await errorOf(Promise.resolve().then(() => disk.read(2 * BLOCK, BLOCK)))).code).toBe('IMAGE_TRUNCATED');
    expectSame(await disk.read(0, BLOCK), new Uint8Array(BLOCK), 'block 0');
  });

  test('whose footer says version 2 or an unknown type is refused by name', async () => {
    const bytes = image();
    for (const at of [0, bytes.length - 512]) bytes[at + 13] = 2;
    expect((await errorOf(open(bytes))).code).toBe('IMAGE_UNSUPPORTED');
    const typed = image();
    for (const at of [0, typed.length - 512]) typed[at + 63] = 6;
    expect(await errorOf(open(typed))).toMatchObject({ code: 'IMAGE_UNSUPPORTED', data: { type: 6 } });
  });

  test('claiming 2^63 bytes, too few table entries or an odd block size is refused', async () => {
    const size = image();
    for (const at of [0, size.length - 512]) size[at + 48] = 0x80;
    expect((await errorOf(open(size))).code).toBe('IMAGE_LIMIT');
    const entries = image();
    entries[512 + 31] = 1;
    expect(await errorOf(open(entries))).toMatchObject({ code: 'IMAGE_DAMAGED', data: { tableEntries: 1, needed: 4 } });
    const odd = image();
    odd[512 + 35] = 7;
    expect((await errorOf(open(odd))).code).toBe('IMAGE_DAMAGED');
  });

  test('with a table entry on the headers or behind the end is an error where it is read', async () => {
    for (const [entry, code] of [
      [0, 'IMAGE_DAMAGED'],
      [2, 'IMAGE_DAMAGED'],
      [0x7fff_fff0, 'IMAGE_TRUNCATED'],
    ] as const) {
      const bytes = image();
      new DataView(bytes.buffer).setUint32(1536, entry);
      const disk = await open(bytes);
      const error = await errorOf(Promise.resolve().then(() => disk.read(0, 512)));
      expect(error).toMatchObject({ code, at: { layer: 'x.vhd', offset: 1536 } });
      expectSame(await disk.read(2 * BLOCK, BLOCK), noise(BLOCK, 2), 'block 2');
    }
  });
});
