import { createHash } from 'node:crypto';
import { MemorySource } from '@deadbox/core';
import { type OpenImageOptions, openImage, type VirtualDisk, verifyImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/image/memory-files.js';
import { writeQcow1 } from '../../support/image/qcow-writer.js';
import { type TarMemberRecipe, writeTar } from '../../support/image/tar-writer.js';
import { vhdFooter } from '../../support/image/vhd-writer.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
const disk = new Uint8Array(4096).fill(7);
const ovf = (names: readonly string[], attributes = ''): TarMemberRecipe => {
  const files = names.map((name, i) => `<File ovf:href="${name}" ovf:id="f${i}" ${i === 0 ? attributes : ''}/>`);
  const disks = names.map((_, i) => `<Disk ovf:diskId="d${i}" ovf:fileRef="f${i}"/>`);
  const xml = `<Envelope xmlns:ovf="x"><References>${files.join('')}</References><DiskSection>${disks.join('')}</DiskSection></Envelope>`;
  return { name: 'vm.ovf', data: text(xml) };
};
const open = (members: readonly TarMemberRecipe[], options: OpenImageOptions = {}, end = false): Promise<VirtualDisk> =>
  openImage(new MemorySource(writeTar(members, end)), { name: 'vm.ova', ...options });
const archiveOf = ({ details }: VirtualDisk) => details.archive as { disk: string; disks: string[] };
const sha = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

describe('the members of an OVA', () => {
  const long = `${'folder/'.repeat(20)}disk.img`;
  const pax = (record: string): Uint8Array<ArrayBuffer> => {
    // The length of a record counts its own digits.
    const length = record.length + 4;
    return text(`${length} ${record}\n`);
  };

  test.each<[string, string, TarMemberRecipe[]]>([
    ['in ustar form, the folder in front', 'vm/disk.img', [{ name: 'disk.img', prefix: 'vm', data: disk }]],
    ['of an archive older than POSIX', 'disk.img', [{ name: 'disk.img', magic: '', data: disk }]],
    [
      'with a long name of GNU',
      long,
      [
        { name: '././@LongLink', type: 'L', data: text(`${long}\0`) },
        { name: 'x', data: disk },
      ],
    ],
    [
      'with a path of pax',
      long,
      [
        { name: 'x', type: 'x', data: pax(`path=${long}`) },
        { name: 'x', data: disk },
      ],
    ],
    [
      'with a size of pax',
      'disk.img',
      [
        { name: 'x', type: 'x', data: pax('size=4096') },
        { name: 'disk.img', data: disk, size: '00000000000\0' },
      ],
    ],
    [
      'with a size that pax does not say',
      'disk.img',
      [
        { name: 'x', type: 'x', data: pax('size=many') },
        { name: 'disk.img', data: disk },
      ],
    ],
    ['with a size in binary', 'disk.img', [{ name: 'disk.img', data: disk, size: '\x80\0\0\0\0\0\0\0\0\0\x10\0' }]],
    [
      'behind a folder',
      'disk.img',
      [
        { name: 'vm/', type: '5' },
        { name: 'disk.img', data: disk },
      ],
    ],
  ])('%s are found', async (_, name, members) => {
    const image = await open([ovf([]), ...members]);
    expect([archiveOf(image).disk, await image.read(0, disk.length)]).toEqual([name, disk]);
  });

  test('of an archive without an end are found, too, and one without a size is empty', async () => {
    expect(archiveOf(await open([ovf(['a.img']), { name: 'a.img', data: disk }], {}, true)).disk).toBe('a.img');
    const empty = [ovf([]), { name: 'none.img', size: '\0' }, { name: 'a.img', data: disk }];
    expect(archiveOf(await open(empty, { disk: 2 })).disks).toEqual(['none.img', 'a.img']);
  });

  test.each<[string, string, TarMemberRecipe]>([
    ['with a size that is no number', 'IMAGE_DAMAGED', { name: 'disk.img', data: disk, size: '12345x67890\0' }],
    ['that ends behind the file', 'IMAGE_TRUNCATED', { name: 'disk.img', size: '77777777777\0' }],
  ])('%s are damage', async (_, code, member) => {
    expect(await errorOf(open([ovf([]), member]))).toMatchObject({ code, at: { layer: 'vm.ova' } });
  });

  test('with a header that does not fit its checksum are damage', async () => {
    const bytes = writeTar([ovf([]), { name: 'disk.img', data: disk }]);
    bytes[1024] ^= 1;
    expect(await errorOf(openImage(new MemorySource(bytes), { name: 'vm.ova' }))).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { offset: 1024 },
    });
  });

  test('in front of a long name that the end cuts off are found', async () => {
    const cut: TarMemberRecipe = {
      name: '././@LongLink',
      type: 'L',
      data: new Uint8Array(70_000),
      size: '00004000000\0',
    };
    const image = await open([ovf(['disk.img']), { name: 'disk.img', data: disk }, cut], {}, true);
    expect([archiveOf(image).disks, await image.read(0, disk.length)]).toEqual([['disk.img'], disk]);
    expect(await errorOf(open([ovf([]), cut], {}, true))).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  });

  test('are at most 4096', async () => {
    const members = Array.from({ length: 4097 }, (_, i) => ({ name: `${i}.txt`, size: '\0' }));
    expect(await errorOf(open([ovf([]), ...members]))).toMatchObject({ code: 'IMAGE_LIMIT' });
  });
});

describe('the disks of an OVA', () => {
  test('that the descriptor names and the archive does not hold are missing', async () => {
    expect(await errorOf(open([ovf(['gone.img'])]))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
      data: { recorded: 'gone.img', disks: ['gone.img'] },
    });
    // One that is there is taken first.
    const image = await open([ovf(['gone.img', 'a.img']), { name: 'a.img', data: disk }]);
    expect(archiveOf(image)).toMatchObject({ disk: 'a.img', disks: ['gone.img', 'a.img'] });
  });

  test('that lie packed must be unpacked first', async () => {
    const members = [ovf(['a.img'], 'ovf:compression="gzip"'), { name: 'a.img', data: disk }];
    expect((await errorOf(open(members))).message).toContain('compressed as gzip; unpack the archive first');
  });

  test('are told by their endings where no descriptor of a sane length names them, parts left out', async () => {
    const huge: TarMemberRecipe = { name: 'vm.ovf', data: new Uint8Array(5 << 20).fill(0x20) };
    const members = [
      { name: 'notes.txt', data: disk },
      { name: 'a-flat.vmdk', data: disk },
      { name: 'b.img', data: disk },
    ];
    expect(archiveOf(await open([huge, ...members])).disks).toEqual(['b.img']);
    expect(await errorOf(open([ovf([]), { name: 'notes.txt', data: disk }]))).toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: expect.stringContaining('it holds vm.ovf, notes.txt'),
    });
  });

  test('made of several files have them in the archive', async () => {
    const extents = [{ sectors: 8, type: 'FLAT', file: 'a-flat.vmdk', start: 0 }];
    const descriptor = { name: 'a.vmdk', data: vmdkDescriptor({ type: 'monolithicFlat', extents }) };
    const image = await open([ovf(['a.vmdk']), descriptor, { name: 'a-flat.vmdk', data: disk }]);
    expect([image.format, await image.read(0, 4096)]).toEqual(['vmdk', disk]);
    expect(await errorOf(open([ovf(['a.vmdk']), descriptor]))).toMatchObject({ code: 'IMAGE_FILE_MISSING' });
  });

  test('keep what their own container says of them', async () => {
    const fixed = new Uint8Array(4096 + 512);
    fixed.set(vhdFooter(2, 4096, 'AAAAAAAA-1111-2222-3333-444444444444', undefined), 4096);
    const vhd = await open([ovf(['a.vhd']), { name: 'a.vhd', data: fixed }]);
    expect([vhd.format, vhd.sectorSize, vhd.hasChecksums, vhd.encryption]).toEqual(['vhd', 512, true, undefined]);
    const sealed = await open([ovf(['a.qcow']), { name: 'a.qcow', data: writeQcow1({ crypt: 1 }) }]);
    expect(sealed.encryption).toMatchObject({ product: 'QCOW AES' });
  });
});

describe('the manifest of an OVA', () => {
  const manifest = (...lines: string[]): TarMemberRecipe => ({ name: 'vm.mf', data: text(`${lines.join('\n')}\n`) });
  const verified = async (...lines: string[]) => {
    const image = await open([
      ovf(['a.img']),
      { name: 'a.img', data: disk },
      ...(lines.length === 0 ? [] : [manifest(...lines)]),
    ]);
    return image.verify?.();
  };

  test('is compared with its files, by SHA-1 and SHA-256', async () => {
    const right = [`SHA1(a.img)= ${sha('sha1', disk)}`, `SHA256 (a.img) = ${sha('sha256', disk).toUpperCase()}`];
    expect(await verified(...right)).toMatchObject({
      verdict: 'match',
      hashes: [
        { algorithm: 'sha1', file: 'a.img', match: true },
        { algorithm: 'sha256', file: 'a.img', match: true },
      ],
    });
    expect(await verified(...right, `SHA256(gone.img)= ${sha('sha256', disk)}`)).toMatchObject({
      verdict: 'mismatch',
      hashes: [{}, {}, { file: 'gone.img', computed: '', match: false }],
    });
    const { verdict } = await verifyImage(
      await open([ovf(['a.img']), { name: 'a.img', data: disk }, manifest(right[0] ?? '')]),
    );
    expect(verdict).toBe('right');
  });

  test('says nothing where it is missing, or its digests are of other kinds', async () => {
    expect(await verified()).toEqual({ verdict: 'none-stored', hashes: [] });
    const strange = [
      `SHA512(a.img)= ${sha('sha512', disk)}`,
      `SHA1(a.img)= ${sha('sha256', disk)}`,
      `SHA256(a.img)= ${sha('sha1', disk)}`,
    ];
    expect(await verified(...strange)).toEqual({ verdict: 'none-stored', hashes: [] });
  });

  test('of more lines than an archive has files is refused', async () => {
    const line = `SHA1(gone.img)= ${sha('sha1', disk)}`;
    const error = await errorOf(verified(...Array.from({ length: 5000 }, () => line)));
    expect(error).toMatchObject({ code: 'IMAGE_LIMIT' });
  });

  test('that is compared can be given up', async () => {
    const image = await open([
      ovf(['a.img']),
      { name: 'a.img', data: disk },
      manifest(`SHA1(a.img)= ${sha('sha1', disk)}`),
    ]);
    const aborted = image.verify?.({ signal: AbortSignal.abort(new Error('enough')) });
    expect((await errorOf(aborted ?? Promise.resolve())).message).toBe('enough');
  });
});
