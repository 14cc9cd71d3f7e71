import { MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { PARALLELS_HEADER } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { LateSource } from '../../support/image/late-source.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import {
  PARALLELS_STATES,
  parallelsDescriptor,
  parallelsSnapshots,
  writeParallels,
} from '../../support/image/parallels-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Descriptor = Parameters<typeof parallelsDescriptor>[0];

const CLUSTER = 4096;
const SECTORS = 16;
const cluster = new Uint8Array(CLUSTER).fill(7);
const { base: BASE, top: TOP } = PARALLELS_STATES;

const { fields } = PARALLELS_HEADER;

const expandable = (more: Partial<Parameters<typeof writeParallels>[0]> = {}): Bytes =>
  writeParallels({ sectors: SECTORS, entries: [8, 0], data: { offset: CLUSTER, bytes: cluster }, ...more });
const open = (bytes: Bytes): Promise<VirtualDisk> => openImage(new MemorySource(bytes), { name: 'disk.hds' });
const changed = (change: (view: DataView) => void, more: Parameters<typeof expandable>[0] = {}): Bytes => {
  const bytes = expandable(more);
  change(new DataView(bytes.buffer));
  return bytes;
};

describe('a Parallels image', () => {
  test('counts its blocks in sectors, in the extended form in clusters', async () => {
    for (const bytes of [expandable(), expandable({ extended: true, entries: [1, 0] })]) {
      const disk = await open(bytes);
      expect([await disk.read(0, 2), await disk.read(CLUSTER, 2)]).toEqual([Uint8Array.of(7, 7), Uint8Array.of(0, 0)]);
      expect(disk.issues).toEqual([]);
    }
  });

  test('that counts as empty is, whatever its table says, and what its table does not reach is zeros', async () => {
    const empty = await open(expandable({ extended: true, entries: [1, 0], flags: 1 }));
    const short = await open(expandable({ entries: [8] }));
    expect([await empty.read(0, 2), await short.read(CLUSTER - 1, 2)]).toEqual([
      Uint8Array.of(0, 0),
      Uint8Array.of(7, 0),
    ]);
  });

  test('that is in use says so', async () => {
    expect((await open(expandable({ inUse: true }))).issues).toMatchObject([
      { code: 'image.marked-dirty', at: { offset: fields.inUse.offset } },
    ]);
  });

  test.each<[string, string, number, Bytes]>([
    ['of 40 bytes', 'IMAGE_TRUNCATED', 0, expandable().slice(0, 40)],
    ['of version 3', 'IMAGE_UNSUPPORTED', fields.version.offset, changed((view) => view.setUint32(16, 3, true))],
    [
      'without sectors in a cluster',
      'IMAGE_DAMAGED',
      fields.clusterSectors.offset,
      changed((view) => view.setUint32(28, 0, true)),
    ],
    ['of 2^50 sectors', 'IMAGE_LIMIT', fields.sectors.offset, expandable({ extended: true, sectors: 2 ** 50 })],
    [
      'whose table ends behind the file',
      'IMAGE_TRUNCATED',
      64,
      writeParallels({ sectors: 1 << 20, entries: [0] }).slice(0, 66),
    ],
  ])('%s is refused where it says so', async (_, code, offset, bytes) => {
    expect(await errorOf(open(bytes))).toMatchObject({ code, at: { layer: 'disk.hds', offset } });
  });

  test('with a block behind the end of the file is truncated there', async () => {
    const disk = await open(expandable({ entries: [8, 4000] }));
    expect(await errorOf((async () => disk.read(CLUSTER, 2))())).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('with a table of more than one page is walked while its pages are on their way', async () => {
    const entries = Array.from({ length: 5000 }, (_, index) => (index === 4999 ? 40 : 0));
    const bytes = writeParallels({ sectors: 5000 * 8, entries, data: { offset: 40 * 512, bytes: cluster } });
    const disk = await openImage(new LateSource(bytes), { name: 'disk.hds' });
    expect((await disk.read(4090 * CLUSTER, 910 * CLUSTER)).at(-1)).toBe(7);
  });
});

const bundle = (descriptor: Descriptor, files: Record<string, Bytes>, name = 'DiskDescriptor.xml') =>
  new MemoryFiles({ 'DiskDescriptor.xml': parallelsDescriptor(descriptor), ...files }).image(name);
const one = (more: Partial<Descriptor> = {}): Descriptor => ({
  storages: [{ start: 0, end: SECTORS, images: [{ guid: BASE, file: 'disk.0.hds' }] }],
  ...more,
});

describe('a bundle of Parallels', () => {
  const files = { 'disk.0.hds': expandable() };

  test('of one state needs neither size nor snapshots', async () => {
    const disk = await bundle(one(), files);
    expect([disk.size, await disk.read(0, 2), disk.variant]).toEqual([
      SECTORS * 512,
      Uint8Array.of(7, 7),
      'expandable',
    ]);
  });

  test('of several parts is one disk, what lies between and behind them zeros', async () => {
    const part = (start: number, end: number, file: string, guid: string = BASE) => ({
      start,
      end,
      images: [{ guid, file, type: 'Plain' }],
    });
    const storages = [part(24, 40, 'b.hds'), part(0, 8, 'a.hds')];
    const raw = { 'a.hds': cluster, 'b.hds': new Uint8Array(CLUSTER).fill(9) };
    const disk = await bundle({ storages, size: 48, snapshots: parallelsSnapshots(BASE, []) }, raw);
    expect([disk.size, disk.variant]).toEqual([48 * 512, 'split']);
    const at = async (sector: number): Promise<number | undefined> => (await disk.read(sector * 512, 1))[0];
    expect(await Promise.all([0, 8, 23, 24, 31, 32, 47].map(at))).toEqual([7, 0, 0, 9, 9, 0, 0]);
    const over = { storages: [part(0, 16, 'a.hds'), part(8, 24, 'b.hds')], snapshots: parallelsSnapshots(BASE, []) };
    expect(await errorOf(bundle(over, raw))).toMatchObject({ code: 'IMAGE_DAMAGED' });
  });

  test.each<[string, string, Descriptor]>([
    ['with a padding', 'IMAGE_UNSUPPORTED', one({ parameters: '<Padding>1</Padding>' })],
    ['without files', 'IMAGE_DAMAGED', { storages: [] }],
    ['of 4097 parts', 'IMAGE_LIMIT', { storages: Array.from({ length: 4097 }, () => one().storages[0] as never) }],
    ['whose part ends where it begins', 'IMAGE_DAMAGED', { storages: [{ start: 5, end: 5, images: [] }] }],
    ['whose part begins nowhere', 'IMAGE_DAMAGED', { storages: [{ start: 'zero', end: 5, images: [] }] }],
    ['with a nameless file', 'IMAGE_DAMAGED', { storages: [{ start: 0, end: 8, images: [{ guid: BASE, file: '' }] }] }],
    [
      'with a file of no state',
      'IMAGE_DAMAGED',
      { storages: [{ start: 0, end: 8, images: [{ guid: 'base', file: 'a' }] }] },
    ],
    [
      'with a file of an unknown type',
      'IMAGE_UNSUPPORTED',
      { storages: [{ start: 0, end: 8, images: [{ guid: BASE, file: 'a', type: 'Sparse' }] }] },
    ],
    [
      'of several states of which none is the newest',
      'IMAGE_DAMAGED',
      {
        storages: [
          {
            start: 0,
            end: 8,
            images: [
              { guid: BASE, file: 'a' },
              { guid: TOP, file: 'b' },
            ],
          },
        ],
      },
    ],
    ['whose newest state has no file', 'IMAGE_DAMAGED', one({ snapshots: parallelsSnapshots(TOP, [[TOP, BASE]]) })],
    ['that is encrypted', 'IMAGE_ENCRYPTED', one({ parameters: `<Encryption><Engine>${TOP}</Engine></Encryption>` })],
    ['of 2^51 bytes', 'IMAGE_LIMIT', one({ size: 2 ** 42 })],
  ])('%s is refused', async (_, code, descriptor) => {
    expect(await errorOf(bundle(descriptor, files))).toMatchObject({ code });
  });

  test('that names no type, or is no whole document, is refused', async () => {
    const xml = new TextDecoder().decode(parallelsDescriptor(one()));
    const opened = (text: string) =>
      new MemoryFiles({ 'DiskDescriptor.xml': new TextEncoder().encode(text), ...files }).image('DiskDescriptor.xml');
    expect((await errorOf(opened(xml.replace('<Type>Compressed</Type>', '')))).message).toContain('the type (none)');
    expect(await errorOf(opened(xml.slice(0, -5)))).toMatchObject({ code: 'IMAGE_DAMAGED' });
    expect(await errorOf(opened(xml + ' '.repeat(5 << 20)))).toMatchObject({ code: 'IMAGE_LIMIT' });
  });

  test('with a snapshot leads from a state to the one that it was made on', async () => {
    const states = (type?: string): Descriptor => ({
      storages: [
        {
          start: 0,
          end: SECTORS,
          images: [
            { guid: BASE, file: 'disk.0.hds', ...(type && { type }) },
            { guid: TOP, file: 'disk.1.hds' },
          ],
        },
      ],
      snapshots: parallelsSnapshots(TOP, [
        [BASE, '{00000000-0000-0000-0000-000000000000}'],
        [TOP, BASE],
      ]),
    });
    const top = writeParallels({ sectors: SECTORS, entries: [0, 0] });
    for (const [descriptor, below] of [
      [states(), expandable()],
      [states('Plain'), new Uint8Array(SECTORS * 512).fill(7)],
    ] as const) {
      const disk = await bundle(descriptor, { 'disk.0.hds': below, 'disk.1.hds': top });
      expect([await disk.read(0, 2), disk.parents.length]).toEqual([Uint8Array.of(7, 7), 1]);
    }
    // Without the file of the state below, its identifier is what is missing.
    const alone = {
      storages: [{ start: 0, end: SECTORS, images: [{ guid: TOP, file: 'disk.1.hds' }] }],
      snapshots: parallelsSnapshots(TOP, [[TOP, BASE]]),
    };
    expect(await errorOf(bundle(alone, { 'disk.1.hds': top }))).toMatchObject({
      code: 'IMAGE_PARENT_MISSING',
      data: { parent: BASE },
    });
    // A part without a sector has nothing to read.
    const nothing = await bundle(one(), { 'disk.0.hds': writeParallels({ sectors: 0 }) });
    expect(await nothing.read(0, 2)).toEqual(Uint8Array.of(0, 0));
    const strange = { storages: [{ start: 0, end: SECTORS, images: [{ guid: BASE, file: '..' }] }] };
    expect((await bundle(strange, { 'other.hds': expandable() }, 'other.hds')).parents).toEqual([]);
    // A file that the descriptor does not know is a disk of its own.
    expect((await bundle(states(), { 'other.hds': expandable() }, 'other.hds')).parents).toEqual([]);
  });
});
