import { gzipSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { findChildrenAround, ToldParents } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { descendantsOf } from '../../../packages/image/src/opening/descendants.js';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { childrenAround, FAMILIES, namesOf, qcow2Header } from '../../support/image/newer-links.js';
import { type ExtentLine, vmdkDescriptor } from '../../support/image/vmdk-writer.js';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

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
    expect(namesOf(await childrenAround(new MemoryFiles(files), base, bytes))).toEqual([name]);
  });

  test.each([
    ['newest.gz', base],
    [`${base.replace(/\..*$/, '')}-snap1.img.gz`, base],
    ['snapshots/monday', `../${base}`],
  ])('packed as gzip is found: %s', async (name, recorded) => {
    const files: Files = { [base]: bytes, [name]: Uint8Array.from(gzipSync(child(recorded))) };
    expect(namesOf(await childrenAround(new MemoryFiles(files), base, bytes))).toEqual([name]);
  });

  // Both copies of a VDI have one identifier, and its child records no name: it may be either's.
  test.skipIf(base.endsWith('.vdi'))('of a copy of the base in another folder is none of this one', async () => {
    const files: Files = { [base]: bytes, [`copy/${base}`]: bytes, 'copy/newest': child(base) };
    expect(namesOf(await childrenAround(new MemoryFiles(files), base, bytes))).toEqual([]);
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
    expect((await childrenAround(new MemoryFiles(files), 'base', base)).children).toEqual([
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
    expect(await childrenAround(files, 'base', base)).toMatchObject({
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
    expect(await childrenAround(files, '0.img', many['0.img'])).toEqual({
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
      expect(namesOf(await childrenAround(files, `${image}`, many[image], told))).toEqual(
        image === 7 ? ['newest'] : [],
      );
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

  test('that fail for a fault of deadbox are counted, and cost nobody the verdict', async () => {
    const files = new MemoryFiles({ base, odd: new Uint8Array(600), newest: qcow2Header('base') });
    const around = await files.around();
    const head: typeof around.head = (path, length) => {
      if (path === 'odd') throw new TypeError('odd is not a function');
      return around.head(path, length);
    };
    const siblings = { open: files.open.bind(files), around: () => Promise.resolve({ ...around, head }) };
    expect(await findChildrenAround({}, { name: 'base', siblings })).toMatchObject({
      passedOver: 1,
      children: [{ name: 'newest' }],
    });
  });

  test('that are no files any more, or parts of an image, say nothing', async () => {
    const files = new MemoryFiles({ base, gone: new Uint8Array(600), 'old/srv-flat.vmdk': qcow2Header('../base') });
    const around = await files.around();
    const head: typeof around.head = (path, length) =>
      path === 'gone' ? Promise.resolve(undefined) : around.head(path, length);
    const siblings = { open: files.open.bind(files), around: () => Promise.resolve({ ...around, head }) };
    expect(await findChildrenAround({}, { name: 'base', siblings })).toMatchObject({
      children: [],
      looked: 2,
      passedOver: 0,
      unread: [],
    });
    expect(files.probed).toEqual(['base']);
  });

  test('are those of an image without a name, too', async () => {
    const { bytes, child } = FAMILIES.find(({ format }) => format === 'vdi') as (typeof FAMILIES)[number];
    const files = new MemoryFiles({ 'a.vdi': bytes, newest: child('') });
    const { identity } = await files.image('a.vdi');
    const found = await findChildrenAround(identity === undefined ? {} : { identity }, { name: '', siblings: files });
    expect(found.children).toEqual([{ name: 'newest', parent: '', foundBy: 'identifier' }]);
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
      // Of what unpacks to more than any header needs, no more is unpacked.
      'server-zeros.gz': Uint8Array.from(gzipSync(new Uint8Array(8 << 20))),
      'server-damaged.qcow2.gz': damaged,
      'server-cut.qcow2.gz': Uint8Array.from(gzipSync(qcow2Header('server.qcow2'))).slice(0, 12),
    };
    const found = await childrenAround(new MemoryFiles(files), 'server.qcow2', base);
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
    const found = await childrenAround(new MemoryFiles(files), 'server.qcow2', base);
    expect(found.packed).toEqual(['server-snap.QCOW2.zst', 'old/server.vhdx.7z']);
  });
});

test('the bytes of an image may have a name with letters composed otherwise, and images of other files are none', async () => {
  const extents = (file: string): readonly ExtentLine[] => [{ sectors: 2048, type: 'FLAT', file, start: 0 }];
  const bytes = new Uint8Array(1 << 20);
  const [composed, apart] = ['s\u00e9rv', 'se\u0301rv'];
  const files = new MemoryFiles({
    [`vm/${apart}`]: bytes,
    'vm/other': bytes,
    outside: bytes,
    'vm/whole': vmdkDescriptor({ type: 'monolithicFlat', cid: '1234abcd', extents: extents(composed) }),
    'vm/alien': vmdkDescriptor({ type: 'monolithicFlat', cid: '99999999', extents: extents('other') }),
    'vm/newest': vmdkDescriptor({ type: 'vmfsSparse', parentCid: '1234abcd', hint: 'whole', extents: extents('x') }),
    'vm/newer': vmdkDescriptor({ type: 'vmfsSparse', parentCid: '99999999', hint: 'alien', extents: extents('x') }),
  });
  const around = async () => ({ ...(await files.around()), self: [`vm/${apart}`] });
  const found = await findChildrenAround({}, { name: apart, siblings: { open: files.open.bind(files), around } });
  expect(found.children).toEqual([{ name: 'vm/newest', parent: 'vm/whole', foundBy: 'identifier' }]);
});

test.each(['../base.vhd', './..//base.vhd', 'file:../b%61se.vhd', 'file:..//base.vhd'])(
  'the path %s from a folder below leads to the base, and not to its copy elsewhere',
  (recorded) => {
    const claim = { name: 'states/newest', reference: { names: [recorded] }, self: undefined };
    const present = new Set(['base.vhd', 'copy/base.vhd', 'states/base.vhd', 'states/newest']);
    const of = (name: string) =>
      descendantsOf([{ name, self: undefined }], [claim], present).map((child) => child.name);
    expect([of('base.vhd'), of('copy/base.vhd')]).toEqual([['states/newest'], []]);
  },
);

test('what was made on an image is newer than the file that holds its bytes', async () => {
  const extents = [{ sectors: 2048, type: 'FLAT', file: 'bytes', start: 0 }];
  const bytes = new Uint8Array(1 << 20);
  const files = new MemoryFiles({
    bytes,
    'srv.vmdk': vmdkDescriptor({ type: 'monolithicFlat', cid: '1234abcd', extents }),
    newest: vmdkDescriptor({ type: 'vmfsSparse', parentCid: '1234abcd', hint: 'srv.vmdk', extents }),
  });
  expect(namesOf(await childrenAround(files, 'bytes', bytes))).toEqual(['newest']);
});
