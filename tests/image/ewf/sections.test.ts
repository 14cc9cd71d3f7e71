import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type ByteSource, IssueLog, MemorySource, transportFailed } from '@deadbox/core';
import { isEwfDisk, type OpenImageOptions, openImage, type VirtualDisk } from '@deadbox/image';
import { EWF_VOLUME } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { SparseMemory } from '../../support/healthy/sparse-memory.js';
import {
  EWF_COMPRESSED,
  type EwfSectionRecipe,
  ewfTable,
  ewfVolume,
  wholeEwf,
  withAdler,
  writeEwf,
} from '../../support/image/ewf-writer.js';
import { LateSource } from '../../support/image/late-source.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';

const sector = (value: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 512 }, (_, i) => (value * 37 + i * (value + 1)) & 0xff);
const CHUNKS = [{ bytes: sector(1) }, { bytes: sector(2), packed: true as const }, { bytes: sector(3) }];
const WHOLE = Uint8Array.from(CHUNKS.flatMap(({ bytes }) => [...bytes]));
/** Where the volume section's data begins in a file that begins with it. */
const VOLUME = 13 + 76;
const { fields: AT } = EWF_VOLUME;

const open = (sections: readonly EwfSectionRecipe[], options: OpenImageOptions = {}): Promise<VirtualDisk> =>
  openImage(new MemorySource(writeEwf(sections)), { name: 'case.E01', ...options });
const readAll = async (sections: readonly EwfSectionRecipe[], options?: OpenImageOptions) => {
  const disk = await open(sections, options);
  return { disk, bytes: await disk.read(0, disk.size) };
};
const failing = async (sections: readonly EwfSectionRecipe[]) => errorOf(readAll(sections));
const issuesOf = ({ issues }: VirtualDisk) => issues.map(({ code, severity }) => [code, severity]);
/** The sections with those of `type` changed. */
const changed = (type: string, change: Partial<EwfSectionRecipe>, sections = wholeEwf(CHUNKS).sections) =>
  sections.map((section) => (section.type === type ? { ...section, ...change } : section));
const spoiled = (data: Uint8Array | undefined): Uint8Array => Uint8Array.from(data ?? [], (value) => value ^ 1);

test('an EWF of stored and compressed chunks is the medium', async () => {
  const { disk, bytes } = await readAll(wholeEwf(CHUNKS).sections);
  expect([disk.format, bytes, disk.issues]).toEqual(['ewf', WHOLE, []]);
});

test('a compressed chunk that two reads want at once is right for both', async () => {
  const disk = await openImage(new LateSource(writeEwf(wholeEwf(CHUNKS).sections)));
  const [head, tail] = await Promise.all([disk.read(512, 100), disk.read(612, 412)]);
  expect([head, tail]).toEqual([sector(2).slice(0, 100), sector(2).slice(100)]);
});

describe('the volume section', () => {
  const facts = { chunks: 3, sectors: 3 };

  test.each<[string, string, number, Uint8Array]>([
    ['of 40 bytes', 'IMAGE_DAMAGED', AT.mediaType.offset, new Uint8Array(40)],
    ['whose checksum does not fit', 'IMAGE_DAMAGED', AT.checksum.offset, spoiled(ewfVolume(facts))],
    ['without bytes in a sector', 'IMAGE_DAMAGED', AT.chunkSectors.offset, ewfVolume({ ...facts, sectorBytes: 0 })],
    ['with sectors of 128 KiB', 'IMAGE_DAMAGED', AT.chunkSectors.offset, ewfVolume({ ...facts, sectorBytes: 1 << 17 })],
    ['without sectors in a chunk', 'IMAGE_DAMAGED', AT.chunkSectors.offset, ewfVolume({ ...facts, chunkSectors: 0 })],
    ['with chunks of 32 MiB', 'IMAGE_LIMIT', AT.chunkSectors.offset, ewfVolume({ ...facts, chunkSectors: 1 << 16 })],
    ['of 2^50 sectors', 'IMAGE_LIMIT', AT.sectors.offset, ewfVolume({ ...facts, sectors: 2 ** 50 })],
  ])('%s is refused where it says so', async (_, code, offset, data) => {
    expect(await failing(changed('volume', { data }))).toMatchObject({
      code,
      at: { layer: 'case.E01', offset: VOLUME + offset },
    });
  });

  test('that is missing is named', async () => {
    expect(await failing(wholeEwf(CHUNKS).sections.filter(({ type }) => type !== 'volume'))).toMatchObject({
      code: 'IMAGE_DAMAGED',
      message: expect.stringContaining('no volume section'),
    });
  });

  test('with a medium and a compression that nobody knows keeps their numbers', async () => {
    const data = ewfVolume(facts, (view) => {
      view.setUint8(0, 0x77);
      view.setUint8(52, 9);
    });
    expect((await open(changed('volume', { data }))).details).toMatchObject({
      mediaType: 'type 119',
      compressionLevel: 'unknown',
    });
  });
});

describe('a section', () => {
  test.each<[string, string, number, EwfSectionRecipe[]]>([
    ['that points back', 'IMAGE_DAMAGED', 13 + 16, [{ type: 'header', data: new Uint8Array(8), next: 5 }]],
    ['that points behind the end of the file', 'IMAGE_TRUNCATED', 1 << 20, [{ type: 'extra', next: 1 << 20 }]],
  ])('%s is damage there', async (_, code, offset, before) => {
    expect(await failing(wholeEwf(CHUNKS, { before }).sections)).toMatchObject({ code, at: { offset } });
  });

  test('whose descriptor is damaged ends the walk', async () => {
    const bytes = writeEwf(wholeEwf(CHUNKS).sections);
    bytes[13 + 20] ^= 1;
    expect(await errorOf(openImage(new MemorySource(bytes), { name: 'case.E01' }))).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { layer: 'case.E01', offset: 13 },
    });
  });

  test('that says another size than the way to the next is told, one without a size is not', async () => {
    const other = await readAll(wholeEwf(CHUNKS, { before: [{ type: 'ltree', size: 1000 }] }).sections);
    expect([other.bytes, issuesOf(other.disk)]).toEqual([WHOLE, [['image.size-mismatch', 'warning']]]);
    const old = await readAll(changed('sectors', { size: 0 }));
    expect([old.bytes, old.disk.issues]).toEqual([WHOLE, []]);
  });

  test('of a header that cannot be unpacked, or does not end, costs only what it says', async () => {
    const text = deflateSync(Buffer.from('1\nmain\nc\nTicket 7\n'));
    const good = { type: 'header', data: new Uint8Array(text) };
    const { details } = await open(wholeEwf(CHUNKS, { before: [good] }).sections);
    expect(JSON.stringify(details)).toContain('Ticket 7');
    const damaged = await readAll(
      wholeEwf(CHUNKS, { before: [{ type: 'header', data: new Uint8Array(9) }, good] }).sections,
    );
    expect([damaged.bytes, issuesOf(damaged.disk)]).toEqual([WHOLE, [['image.header-damaged', 'note']]]);
    const many = await open(wholeEwf(CHUNKS, { before: Array.from({ length: 40 }, () => good) }).sections);
    expect(many.size).toBe(WHOLE.length);
  });

  test('of a header that a server fails to deliver is no damaged header', async () => {
    const before = [
      { type: 'comment', data: new Uint8Array(40_000) },
      { type: 'header', data: new Uint8Array(40_000) },
    ];
    const bytes = writeEwf(wholeEwf(CHUNKS, { before }).sections);
    const server: ByteSource = {
      size: bytes.length,
      read(offset, length) {
        if (length > 39_000 && offset > 39_000)
          throw transportFailed('network', 'http://server/case.E01', { offset, length }, 'HTTP 503');
        return bytes.slice(offset, offset + length);
      },
    };
    expect(await errorOf(openImage(server, { name: 'case.E01' }))).toMatchObject({ code: 'READ_FAILED' });
  });
});

describe('the table of chunks', () => {
  const table = wholeEwf(CHUNKS).sections.find(({ type }) => type === 'table')?.data ?? new Uint8Array(0);
  const torn = [
    ['whose header does not fit its checksum', Uint8Array.from(table, (value, i) => (i === 0 ? value ^ 1 : value))],
    ['whose entries do not fit their checksum', Uint8Array.from(table, (value, i) => (i === 25 ? value ^ 1 : value))],
    ['of 20 bytes', table.slice(0, 20)],
    ['without the checksum of its entries', table.slice(0, -4)],
    ['with fewer entries than it counts', table.slice(0, 28)],
    ['of a million entries more than it may have', ewfTable([], 0).map((_, i) => withAdler(million())[i] ?? 0)],
  ] as const;
  function million(): Uint8Array {
    const head = new Uint8Array(20);
    new DataView(head.buffer).setUint32(0, 2 ** 20 + 1, true);
    return head;
  }

  test.each(torn)('%s is replaced by its copy', async (_, data) => {
    const { disk, bytes } = await readAll(changed('table', { data }));
    expect([bytes, issuesOf(disk)]).toEqual([WHOLE, [['image.backup-structure-used', 'warning']]]);
  });

  test('that is lost with its copy is named', async () => {
    const data = table.slice(0, 20);
    const both = changed('table2', { data }, changed('table', { data }));
    const none = changed('table', { data }).filter(({ type }) => type !== 'table2');
    for (const sections of [both, none])
      expect(await failing(sections)).toMatchObject({
        code: 'IMAGE_DAMAGED',
        message: expect.stringContaining('and its copy are damaged'),
      });
  });

  test('whose offsets go beyond 31 bits goes on uncompressed, as EnCase 6.7 wrote it', async () => {
    const far = 0x7fff_fe00;
    const volume = { type: 'volume', data: ewfVolume({ chunks: 3, sectors: 3 }) };
    const base = 13 + 76 + volume.data.length + 76;
    const sectors = CHUNKS.map(({ bytes }) => withAdler(bytes));
    const end = base + far + 3 * 516;
    const data = ewfTable([far, far + 516, far + 1032], base);
    const [table2, done] = [end + 76 + data.length, end + 2 * (76 + data.length)];
    const tail = writeEwf([
      { type: 'table', data, next: table2 },
      { type: 'table2', data, next: done },
      { type: 'done', next: done },
    ]).subarray(13);
    const file = new SparseMemory(end + tail.length);
    file.write(0, writeEwf([volume, { type: 'sectors', next: end, size: end - base + 76 }]));
    sectors.forEach((bytes, index) => file.write(base + far + index * 516, bytes));
    file.write(end, tail);
    const disk = await openImage(file, { name: 'case.E01' });
    expect([await disk.read(0, disk.size), disk.issues]).toEqual([WHOLE, []]);
  });
});

describe('a chunk', () => {
  test.each<[string, string, { bytes: Uint8Array; packed: Uint8Array }]>([
    [
      'that unpacks to too few bytes',
      'IMAGE_DAMAGED',
      { bytes: sector(2), packed: new Uint8Array(deflateSync(new Uint8Array(511))) },
    ],
    ['that is no stream', 'IMAGE_DAMAGED', { bytes: sector(2), packed: new Uint8Array(60).fill(0xff) }],
  ])('%s is damage', async (_, code, chunk) => {
    expect(await failing(wholeEwf([{ bytes: sector(1) }, chunk]).sections)).toMatchObject({ code, data: { chunk: 1 } });
  });

  test('without room for its checksum is read as it is', async () => {
    // One stored chunk, and the sectors section ends where its bytes do.
    const { sections } = wholeEwf([{ bytes: sector(1) }]);
    const { disk, bytes } = await readAll(changed('sectors', { data: sector(1) }, sections));
    expect([bytes, disk.issues]).toEqual([sector(1), []]);
  });

  test('that does not fit its checksum is told once, and read', async () => {
    const { sections } = wholeEwf([{ bytes: sector(1) }]);
    const { disk } = await readAll(changed('sectors', { data: Uint8Array.from([...sector(1), 1, 2, 3, 4]) }, sections));
    expect(await disk.read(0, 512)).toEqual(sector(1));
    expect(issuesOf(disk)).toEqual([['image.chunk-checksum', 'warning']]);
  });
});

describe('a place in an EWF', () => {
  const { sections, base } = wholeEwf(CHUNKS.slice(0, 2).map(({ bytes }) => ({ bytes })));
  const size = writeEwf(sections).length;
  const withTable = (entries: readonly number[]) => {
    const data = ewfTable(entries, base);
    return changed('table', { data }, changed('table2', { data }, sections));
  };

  test('of a chunk that the end of the file cuts off is truncated', async () => {
    const last = size - 100 - base;
    const first = open(withTable([last, last + 516])).then(async (disk) => await disk.read(0, 512));
    expect(await errorOf(first)).toMatchObject({ code: 'IMAGE_TRUNCATED', data: { chunk: 0 } });
  });

  test('of a packed chunk behind those that are there is damage', async () => {
    expect(await failing(withTable([0, EWF_COMPRESSED + 100_000]))).toMatchObject({ code: 'IMAGE_DAMAGED' });
  });

  test('of a header behind the end costs the walk, not what it says', async () => {
    const [volume, ...rest] = sections;
    const issues = new IssueLog();
    const opened = open([volume, { type: 'header', next: 1 << 20 }, ...rest], { issues });
    expect(await errorOf(opened.then(async (disk) => await disk.read(0, 512)))).toMatchObject({
      code: 'IMAGE_TRUNCATED',
    });
    expect(issues.issues.map(({ code }) => code)).toContain('image.header-damaged');
  });
});

describe('the end of an EWF', () => {
  const md5 = createHash('md5').update(WHOLE).digest();
  const sha1 = createHash('sha1').update(WHOLE).digest();
  const hash = { type: 'hash', data: withAdler(Uint8Array.from([...md5, ...new Uint8Array(16)])) };
  const digest = (first: Uint8Array, second: Uint8Array): EwfSectionRecipe => ({
    type: 'digest',
    data: withAdler(Uint8Array.from([...first, ...second, ...new Uint8Array(40)])),
  });
  const verified = async (behind: EwfSectionRecipe[]) => {
    const disk = await open(wholeEwf(CHUNKS, { behind }).sections);
    if (!isEwfDisk(disk)) throw new Error('no EWF');
    const { verdict, hashes } = await disk.verify();
    return { verdict, hashes: hashes.map(({ algorithm, match }) => [algorithm, match]) };
  };

  test('has hashes of the medium, or empty places for them', async () => {
    expect(await verified([])).toEqual({ verdict: 'none-stored', hashes: [] });
    expect(await verified([hash])).toEqual({ verdict: 'match', hashes: [['md5', true]] });
    expect(await verified([digest(new Uint8Array(16), sha1)])).toEqual({ verdict: 'match', hashes: [['sha1', true]] });
    expect(await verified([digest(md5, new Uint8Array(20))])).toEqual({ verdict: 'match', hashes: [['md5', true]] });
    expect(
      await verified([
        hash,
        digest(
          md5,
          sha1.map((value) => value ^ 1),
        ),
      ]),
    ).toEqual({
      verdict: 'mismatch',
      hashes: [
        ['md5', true],
        ['sha1', false],
      ],
    });
  });

  test('names the sectors that could not be read when the image was taken', async () => {
    const list = new Uint8Array(520 + 8);
    const view = new DataView(list.buffer);
    view.setUint32(0, 1, true);
    view.setUint32(520, 2, true);
    view.setUint32(524, 1, true);
    const disk = await open(wholeEwf(CHUNKS, { behind: [{ type: 'error2', data: list }] }).sections);
    expect(disk.details).toMatchObject({ unreadableSectors: [{ sector: 2, count: 1 }] });
    expect(issuesOf(disk)).toEqual([['image.acquired-with-errors', expect.any(String)]]);
    const short = await open(wholeEwf(CHUNKS, { behind: [{ type: 'error2', data: list.slice(0, 100) }] }).sections);
    expect(short.issues).toEqual([]);
  });

  test('that is none of a section is a file that was cut off', async () => {
    const bytes = writeEwf(wholeEwf(CHUNKS).sections);
    const longer = new Uint8Array(bytes.length + 7);
    longer.set(bytes);
    const disk = await openImage(new MemorySource(longer), { name: 'case.E01' });
    expect(issuesOf(disk)).toEqual([['image.truncated', 'error']]);
  });

  test('that promises another segment needs it, whatever the file is called', async () => {
    const sections = [...wholeEwf(CHUNKS).sections.slice(0, -1), { type: 'next' }];
    expect(await failing(sections)).toMatchObject({ code: 'IMAGE_FILE_MISSING', data: { recorded: 'case.E02' } });
    expect(await errorOf(open(sections, { name: 'evidence' }))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
      data: { recorded: 'E02' },
      message: expect.stringContaining('cannot be reached'),
    });
    const files = new MemoryFiles({ 'case.E01': writeEwf(sections) });
    expect(await errorOf(files.image('case.E01'))).toMatchObject({
      message: expect.stringContaining('does not lie beside'),
    });
  });
});

describe('a second segment', () => {
  const { sections } = wholeEwf(CHUNKS);
  const first = writeEwf([...sections.slice(0, -1), { type: 'next' }]);
  const more = wholeEwf([{ bytes: sector(9) }]).sections.slice(1);
  const volume = ewfVolume({ chunks: 4, sectors: 4 });
  const start = writeEwf([...changed('volume', { data: volume }, sections).slice(0, -1), { type: 'next' }]);
  /** What reading the fourth sector ends with. */
  const fourth = async (second: Uint8Array<ArrayBuffer>) => {
    const disk = await new MemoryFiles({ 'case.E01': start, 'case.E02': second }).image('case.E01');
    return await disk.read(3 * 512, 512);
  };
  const behind = (data: Uint8Array): EwfSectionRecipe[] => {
    const offset = 13 + 76 + data.length + 76;
    const table = ewfTable([0], offset);
    return [{ type: 'data', data }, more[0], { type: 'table', data: table }, { type: 'done' }];
  };

  test('goes on where the first ends', async () => {
    expect(await fourth(writeEwf(behind(volume), 2))).toEqual(sector(9));
    // Too short to say anything of the set.
    expect(await fourth(writeEwf(behind(new Uint8Array(40)), 2))).toEqual(sector(9));
  });

  test.each<[string, Uint8Array<ArrayBuffer>]>([
    ['that has another number', writeEwf(behind(volume), 3)],
    ['that is no EWF', new Uint8Array(5000)],
    ['of another medium', writeEwf(behind(ewfVolume({ chunks: 9, sectors: 9 })), 2)],
  ])('%s is refused', async (_, second) => {
    expect(await errorOf(fourth(second))).toMatchObject({ code: 'IMAGE_DAMAGED', at: { layer: 'case.E02' } });
  });

  test('of fewer bytes than a descriptor is truncated', async () => {
    const files = new MemoryFiles({
      'case.E01': first,
      'case.E02': new Uint8Array(20),
      'case.E03': new Uint8Array(20),
    });
    const disk = await files.image('case.E01');
    expect(issuesOf(disk)).toContainEqual(['image.truncated', 'error']);
  });

  test('behind a hole has no place where the volume has no room for all its chunks', async () => {
    const two = writeEwf(wholeEwf([{ bytes: sector(8) }, { bytes: sector(9) }], { volume }).sections, 3);
    const disk = await new MemoryFiles({ 'case.E01': start, 'case.E03': two }).image('case.E01', { incomplete: true });
    expect(await disk.read(0, 3 * 512)).toEqual(WHOLE);
    expect(await errorOf((async () => disk.read(3 * 512, 512))())).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('that is not listed is not looked for behind a hole', async () => {
    const folder = new MemoryFiles({ 'case.E01': first });
    const siblings = { open: folder.open.bind(folder) };
    const disk = await openImage(new MemorySource(first), { name: 'case.E01', siblings, incomplete: true });
    expect(issuesOf(disk)).toEqual([['image.part-missing', 'error']]);
  });
});
