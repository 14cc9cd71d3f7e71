import { gzipSync } from 'node:zlib';
import { DeadboxError, MemorySource } from '@deadbox/core';
import { type ChildSearch, findChildrenAround, openImage, ToldParents } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { FAMILIES, type Family, qcow2Header } from '../../support/image/newer-links.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

/** The identity of each base is what its own file says; the flat extent of the VMDK has no bytes here. */
async function search(
  files: MemoryFiles,
  base: string,
  bytes: Uint8Array<ArrayBuffer>,
  told?: ToldParents,
): Promise<ChildSearch> {
  const siblings = { open: () => Promise.resolve(new MemorySource(new Uint8Array(1 << 20))) };
  const { identity } = await openImage(new MemorySource(bytes), { name: base, siblings });
  const disk = identity === undefined ? {} : { identity };
  return findChildrenAround(disk, { name: `/vm/${base}`, siblings: files, ...(told === undefined ? {} : { told }) });
}

const namesOf = ({ children }: ChildSearch): string[] => children.map(({ name }) => name);

describe.each(FAMILIES)('a newer link of $format', ({ base, bytes, child }) => {
  test.each([
    ['without an ending', 'newest', base],
    ['with an ending that says nothing', 'q.dat', base],
    ['called like another disk', 'disk2.img', base],
    ['called like a text', 'notes.txt', base],
    ['in a folder below', 'states/monday', `../${base}`],
    ['in a folder of snapshots', 'snapshots/newest', `../${base}`],
    ['in a folder beside the own', '../Snapshots/newest', `../images/${base}`],
    ['whose base was recorded by a path from the root', 'snapshots/newest', `/var/lib/images/${base}`],
  ])('%s is found', async (_, name, recorded) => {
    const files: Files = { [base]: bytes, other: new Uint8Array(3000), [name]: child(recorded) };
    expect(namesOf(await search(new MemoryFiles(files), base, bytes))).toEqual([name]);
  });

  // A descriptor of VMware is a text of some lines, which nobody packs.
  test.skipIf(base.endsWith('.vmdk')).each([
    ['newest.gz', base],
    [`${base.replace(/\..*$/, '')}-snap1.img.gz`, base],
    ['snapshots/monday', `../${base}`],
  ])('packed as gzip is found: %s', async (name, recorded) => {
    const files: Files = { [base]: bytes, [name]: Uint8Array.from(gzipSync(child(recorded))) };
    expect(namesOf(await search(new MemoryFiles(files), base, bytes))).toEqual([name]);
  });

  // Both copies of a VDI have one identifier, and its child records no name: it may be either's.
  test.skipIf(base.endsWith('.vdi'))('of a copy of the base in another folder is none of this one', async () => {
    const files: Files = { [base]: bytes, [`copy/${base}`]: bytes, 'copy/newest': child(base) };
    expect(namesOf(await search(new MemoryFiles(files), base, bytes))).toEqual([]);
  });
});

describe('the files around an image', () => {
  const base = qcow2Header('');

  test('lead from link to link, through files of any name', async () => {
    const files = {
      base,
      a: qcow2Header('base'),
      'snapshots/b': qcow2Header('../a'),
      'c.qcow2': qcow2Header('snapshots/b'),
    };
    expect((await search(new MemoryFiles(files), 'base', base)).children).toEqual([
      { name: 'a', parent: 'base', foundBy: 'name' },
      { name: 'snapshots/b', parent: 'a', foundBy: 'name' },
      { name: 'c.qcow2', parent: 'snapshots/b', foundBy: 'name' },
    ]);
  });

  test('that are no images give 512 bytes each, and are closed', async () => {
    const pages = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`page-${index}`, new Uint8Array(4096)]),
    );
    const files = new MemoryFiles({ base, ...pages, newest: qcow2Header('base') });
    expect(await search(files, 'base', base)).toMatchObject({
      looked: 302,
      passedOver: 0,
      children: [{ name: 'newest' }],
    });
    expect(files.probed.length).toBe(302);
    expect(files.openCount).toBe(0);
    // What begins like a link is opened; nothing else is.
    expect(new Set(files.asked)).toEqual(new Set(['base', 'newest']));
  });

  test('are asked up to a bound, and the rest is told', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${index}.img`, new Uint8Array(16)]));
    const files = new MemoryFiles(many);
    expect(await search(files, '0.img', many['0.img'])).toEqual({
      children: [],
      looked: 2048,
      passedOver: 7952,
      packed: [],
      unread: [],
    });
    expect(files.probed.length).toBe(2048);
  });

  test('are asked once for all images of the folder', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}`, new Uint8Array(600)]));
    const files = new MemoryFiles({ ...many, newest: qcow2Header('7') });
    const told = new ToldParents();
    for (let image = 0; image < 300; image += 1)
      expect(namesOf(await search(files, `${image}`, many[image], told))).toEqual(image === 7 ? ['newest'] : []);
    expect([files.listings, files.probed.length, files.asked.length]).toEqual([1, 301, 1]);
  });

  test('that fail on the way cost nothing but the word that all were asked', async () => {
    const files = new MemoryFiles({ base, gone: new Uint8Array(600), newest: qcow2Header('base') });
    const around = await files.around();
    const head: typeof around.head = (path, length) =>
      path === 'gone'
        ? (new MemorySource(new Uint8Array(1), { name: path }).read(0, 2) as never)
        : around.head(path, length);
    const siblings = {
      open: files.open.bind(files),
      list: files.list.bind(files),
      around: () => Promise.resolve({ ...around, head: async (path: string, length: number) => head(path, length) }),
    };
    const found = await findChildrenAround({}, { name: 'base', siblings });
    expect(found).toMatchObject({ passedOver: 1, children: [{ name: 'newest' }] });
  });

  test('are not there where nobody can list them', async () => {
    const siblings = { open: () => Promise.resolve(undefined) };
    expect(await findChildrenAround({}, { name: 'base', siblings })).toEqual({
      children: [],
      looked: 0,
      passedOver: 0,
    });
  });
});

describe('packed files around an image', () => {
  const base = qcow2Header('');

  test('that hold a base, a text, damage or next to nothing say nothing', async () => {
    const damaged = Uint8Array.from(gzipSync(qcow2Header('server.qcow2'))).fill(0xff, 12);
    const files = {
      'server.qcow2': base,
      'server.qcow2.gz': Uint8Array.from(gzipSync(base)),
      'server-log.gz': Uint8Array.from(gzipSync(Buffer.from('words '.repeat(1000)))),
      'server-damaged.qcow2.gz': damaged,
      'server-cut.qcow2.gz': Uint8Array.from(gzipSync(qcow2Header('server.qcow2'))).slice(0, 12),
    };
    const found = await search(new MemoryFiles(files), 'server.qcow2', base);
    expect(found).toMatchObject({ children: [], packed: [] });
  });

  test('that are not unpacked are named where they have the name of the machine', async () => {
    const bytes = new Uint8Array(600);
    const files = {
      'server.qcow2': base,
      'server-snap.QCOW2.zst': bytes,
      'old/server.vhdx.7z': bytes,
      'other.qcow2.xz': bytes,
      'server.log.xz': bytes,
    };
    const found = await search(new MemoryFiles(files), 'server.qcow2', base);
    expect(found.packed).toEqual(['server-snap.QCOW2.zst', 'old/server.vhdx.7z']);
  });
});

describe('a newer link that cannot be opened', () => {
  const changed = (
    bytes: Uint8Array<ArrayBuffer>,
    ...changes: readonly (readonly [number, number])[]
  ): Uint8Array<ArrayBuffer> => {
    const copy = bytes.slice();
    for (const [offset, value] of changes) copy[offset] = value;
    return copy;
  };
  const family = (format: string): Family => FAMILIES.find((one) => one.format === format) as Family;
  const ofQcow2 = qcow2Header('server');
  const qed = new Uint8Array(512);
  qed.set(Buffer.from('QED\0', 'latin1'));
  qed.set([1], 16);
  qed.set([64], 56);
  qed.set([6], 60);
  qed.set(Buffer.from('server', 'latin1'), 64);

  test.each<readonly [string, string, Uint8Array<ArrayBuffer>]>([
    ['encrypted by LUKS', 'raw under qcow2', changed(ofQcow2, [35, 2])],
    ['of a later version', 'raw under qcow2', changed(ofQcow2, [7, 9])],
    ['with a feature that nobody knows', 'raw under qcow2', changed(ofQcow2, [7, 3], [103, 104], [79, 0xff])],
    ['of an impossible size', 'raw under qcow2', changed(ofQcow2, [24, 0x7f])],
    ['cut behind its header', 'raw under qcow2', ofQcow2.slice(0, 512)],
    ['of QED', 'raw under qcow2', qed],
    ['of a VDI of another version', 'vdi', changed(family('vdi').child(''), [0x46, 9])],
    ['of a VHD with a wrong checksum', 'vhd', changed(family('vhd').child('base.vhd'), [512 + 36, 1])],
    [
      'of a VHDX with both headers damaged',
      'vhdx',
      changed(family('vhdx').child('base.vhdx'), [0x10000, 0], [0x20000, 0]),
    ],
    [
      'of a VMDK of an unknown kind',
      'vmdk',
      Buffer.from(Buffer.from(family('vmdk').child('base.vmdk')).toString().replace('RW', '??')),
    ],
  ])('%s is found by what it says of its base', async (_, format, link) => {
    const { base, bytes } = family(format);
    const files = new MemoryFiles({ [base]: bytes, 'newest.img': link });
    expect(namesOf(await search(files, base, bytes))).toEqual(['newest.img']);
    expect(files.openCount).toBe(0);
  });

  test('and says nothing is told where it has the name of the machine, and counted where it has another', async () => {
    const torn = qcow2Header('').slice(0, 40);
    const base = new Uint8Array(600);
    const found = await search(
      new MemoryFiles({ 'srv.img': base, 'srv.new': torn, 'other.qcow2': torn }),
      'srv.img',
      base,
    );
    expect(found).toMatchObject({ children: [], passedOver: 1, unread: [{ name: 'srv.new' }] });
  });

  test('is a doubt where it is a link that leads out of the folder', async () => {
    const files = new MemoryFiles({ 'srv.img': new Uint8Array(600), 'x.qcow2': new Uint8Array(1) });
    const open = (): never => {
      throw new DeadboxError('SIBLING_REFUSED', 'refused', { data: { link: true } });
    };
    const siblings = { open: async () => open(), list: files.list.bind(files), around: files.around.bind(files) };
    const found = await findChildrenAround({}, { name: 'srv.img', siblings });
    expect(found.unread).toEqual([{ name: 'x.qcow2', unread: 'SIBLING_REFUSED', isLink: true }]);
  });
});

test('what was made on an image is newer than the file that holds its bytes', async () => {
  const extents = [{ sectors: 2048, type: 'FLAT', file: 'bytes', start: 0 }];
  const bytes = new Uint8Array(1 << 20);
  const files = new MemoryFiles({
    bytes,
    'srv.vmdk': vmdkDescriptor({ type: 'monolithicFlat', cid: '1234abcd', extents }),
    newest: vmdkDescriptor({ type: 'vmfsSparse', parentCid: '1234abcd', hint: 'srv.vmdk', extents }),
  });
  expect(namesOf(await search(files, 'bytes', bytes))).toEqual(['newest']);
});
