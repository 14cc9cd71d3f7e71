import { MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { parseQcowBacking, type QcowBacking } from '../../../packages/image/src/qemu/backing.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';

/** A QCOW2 header of version 3 (QEMU docs/interop/qcow2) with an empty L1 table, and whatever `change` makes of it. */
function qcow2(
  change: (view: DataView, bytes: Uint8Array) => void = () => undefined,
  size = 4 << 20,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 << 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x514649fb);
  view.setUint32(4, 3);
  view.setUint32(20, 16);
  view.setBigUint64(24, BigInt(size));
  view.setUint32(36, 1);
  view.setBigUint64(40, 3n << 16n);
  view.setUint32(96, 4);
  view.setUint32(100, 104);
  change(view, bytes);
  return bytes;
}

const open = (bytes: Uint8Array<ArrayBuffer>): Promise<Error & { code?: string }> =>
  errorOf(openImage(new MemorySource(bytes), { name: 'x.qcow2' }));

describe('the header of a QCOW2', () => {
  test('that is whole opens as a disk of zeros', async () => {
    const disk = await openImage(new MemorySource(qcow2()), { name: 'x.qcow2' });
    expect([disk.format, disk.variant, disk.size]).toEqual(['qcow2', 'v3', 4 << 20]);
    expect((await disk.read(1 << 20, 4096)).every((byte) => byte === 0)).toBe(true);
  });

  for (const [what, code, change] of [
    ['of version 4', 'IMAGE_UNSUPPORTED', (view) => view.setUint32(4, 4)],
    ['with clusters of 256 bytes', 'IMAGE_DAMAGED', (view) => view.setUint32(20, 8)],
    ['with clusters of 2^40 bytes', 'IMAGE_LIMIT', (view) => view.setUint32(20, 40)],
    ['that claims 2^63 bytes', 'IMAGE_LIMIT', (view) => view.setBigUint64(24, 1n << 63n)],
    ['whose L1 table is too short', 'IMAGE_DAMAGED', (view) => view.setUint32(36, 0)],
    ['whose L1 table lies behind the end', 'IMAGE_TRUNCATED', (view) => view.setBigUint64(40, 1n << 40n)],
    ['whose L1 table lies at 2^63', 'IMAGE_TRUNCATED', (view) => view.setBigUint64(40, 1n << 63n)],
    ['whose L1 table is not aligned', 'IMAGE_DAMAGED', (view) => view.setBigUint64(40, (3n << 16n) + 512n)],
    ['with an unknown encryption', 'IMAGE_UNSUPPORTED', (view) => view.setUint32(32, 3)],
    [
      'with an unknown compression',
      'IMAGE_UNSUPPORTED',
      (view) => {
        view.setBigUint64(72, 8n);
        view.setUint32(100, 112);
        view.setUint8(104, 7);
      },
    ],
    ['with a header of 8 bytes', 'IMAGE_DAMAGED', (view) => view.setUint32(100, 8)],
    [
      'that names a data file which is not there',
      'IMAGE_FILE_MISSING',
      (view, bytes) => {
        view.setBigUint64(72, 4n);
        view.setUint32(104, 0x44415441);
        view.setUint32(108, 8);
        bytes.set(new TextEncoder().encode('disk.bin'), 112);
      },
    ],
    ['that keeps its data elsewhere without saying where', 'IMAGE_FILE_MISSING', (view) => view.setBigUint64(72, 4n)],
  ] as [string, string, (view: DataView, bytes: Uint8Array) => void][]) {
    test(`${what} is ${code}`, async () => expect((await open(qcow2(change))).code).toBe(code));
  }

  test('with an unknown feature names it by the table in the file', async () => {
    const error = await open(
      qcow2((view, bytes) => {
        view.setBigUint64(72, 1n << 9n);
        view.setUint32(104, 0x6803f857);
        view.setUint32(108, 48);
        view.setUint8(113, 9);
        bytes.set(new TextEncoder().encode('time travel'), 114);
      }),
    );
    expect(error).toMatchObject({ code: 'IMAGE_UNSUPPORTED', message: expect.stringContaining('time travel') });
  });

  test('dirty and corrupt bits are issues', async () => {
    const disk = await openImage(new MemorySource(qcow2((view) => view.setBigUint64(72, 3n))), { name: 'x.qcow2' });
    expect(disk.issues).toMatchObject([
      { code: 'image.marked-dirty', severity: 'note' },
      { code: 'image.marked-corrupt', severity: 'error' },
    ]);
  });

  test('tables that point at themselves, at the header or out of the file end in bytes or in a typed error', async () => {
    for (const entry of [3n << 16n, 1n << 16n, 0x7fff_ffff_ffffn, 0xffff_ffff_ffff_0000n, 1n]) {
      const bytes = qcow2((view) => view.setBigUint64(3 << 16, entry));
      const disk = await openImage(new MemorySource(bytes), { name: 'x.qcow2' });
      const outcome = await Promise.resolve()
        .then(() => disk.read(0, 1 << 20))
        .then(
          (read) => read.length,
          (error: unknown) => (error as { code: string }).code,
        );
      expect([1 << 20, 'IMAGE_DAMAGED', 'IMAGE_TRUNCATED']).toContain(outcome);
    }
  });
});

describe('the backing file of a QCOW image', () => {
  test('is a path, a URL, or a description as JSON', () => {
    const read = (recorded: string, driver?: string): QcowBacking => parseQcowBacking(recorded, driver, 'x.qcow2');
    expect(read('/vm/base.img', 'raw')).toEqual({ name: '/vm/base.img', driver: 'raw' });
    expect(read('base.qcow2')).toEqual({ name: 'base.qcow2' });
    const described = 'json:{"driver":"qcow2","file":{"driver":"file","filename":"/vm/base.qcow2"}}';
    expect(read(described)).toEqual({ name: '/vm/base.qcow2', driver: 'qcow2' });
    expect(read('json:{"driver":"qcow2","file.filename":"b.qcow2"}')).toEqual({ name: 'b.qcow2', driver: 'qcow2' });
    expect(read('json:{"driver":"file","filename":"b.img"}')).toEqual({ name: 'b.img', driver: 'file' });
    const inTar =
      'json:{"driver":"raw","offset":100,"size":50,"file":{"driver":"raw","offset":"512","file":{"driver":"file","filename":"vm.ova"}}}';
    expect(read(inTar)).toEqual({ name: 'vm.ova', driver: 'raw', window: { offset: 612, size: 50 } });
  });

  test.each([
    ['no JSON', 'json:{"driver":'],
    ['an option that may change the bytes', 'json:{"driver":"raw","skip":512,"file":{"filename":"a.img"}}'],
    [
      'another backing file than the image itself names',
      'json:{"driver":"qcow2","backing":null,"file.filename":"b.qcow2"}',
    ],
    [
      'a part of a part that is shorter',
      'json:{"driver":"raw","size":50,"file":{"driver":"raw","size":40,"file.filename":"a"}}',
    ],
    [
      'a part of an image in a format',
      'json:{"driver":"raw","offset":512,"file":{"driver":"qcow2","file.filename":"b.qcow2"}}',
    ],
    ['a disk that LUKS encrypts', 'json:{"driver":"luks","file":{"driver":"file","filename":"a.luks"}}'],
    ['a disk that LUKS encrypts, below a filter', 'json:{"driver":"raw","file":{"driver":"luks","file.filename":"a"}}'],
    ['a size that is no number', 'json:{"driver":"raw","size":-1,"file.filename":"a"}'],
  ])('is refused when it describes %s', (_, recorded) => {
    expect(() => parseQcowBacking(recorded, undefined, 'x.qcow2')).toThrowError(
      expect.objectContaining({ code: 'IMAGE_UNSUPPORTED' }),
    );
  });

  test('is refused where the image says that it is in a format which is not read', () => {
    for (const recorded of ['base.luks', 'json:{"driver":"file","filename":"base.luks"}'])
      expect(() => parseQcowBacking(recorded, 'luks', 'x.qcow2')).toThrowError(/format "luks"/);
  });

  test('that is a part of a file is read from there', async () => {
    const archive = new Uint8Array((4 << 20) + 1024).fill(1).fill(9, 512, 512 + (4 << 20));
    const described = `json:{"driver":"raw","file":{"driver":"raw","offset":512,"size":${4 << 20},"file":{"driver":"file","filename":"vm.ova"}}}`;
    const disk = await new MemoryFiles({ 'top.qcow2': child(described), 'vm.ova': archive }).image('top.qcow2');
    expect((await disk.read(0, 4 << 20)).every((byte) => byte === 9)).toBe(true);
    const cut = new MemoryFiles({ 'top.qcow2': child(described), 'vm.ova': archive.subarray(0, 4 << 20) });
    expect((await errorOf(cut.image('top.qcow2'))).code).toBe('IMAGE_TRUNCATED');
  });

  const child = (name: string): Uint8Array<ArrayBuffer> =>
    qcow2((view, bytes) => {
      const text = new TextEncoder().encode(name);
      view.setBigUint64(8, 512n);
      view.setUint32(16, text.length);
      bytes.set(text, 512);
    });

  test('that is missing is named, with where it was looked for', async () => {
    const error = await errorOf(new MemoryFiles({ 'top.qcow2': child('/srv/images/base.img') }).image('top.qcow2'));
    expect(error).toMatchObject({
      code: 'IMAGE_PARENT_MISSING',
      data: { parent: '/srv/images/base.img', lookedFor: ['base.img'] },
    });
  });

  test('is supplied by option', async () => {
    const base = new Uint8Array(4 << 20).fill(9);
    const files = new MemoryFiles({ 'top.qcow2': child('../../etc/passwd') });
    const disk = await files.image('top.qcow2', {
      parents: [{ source: new MemorySource(base), name: '/elsewhere/base.img' }],
    });
    expect((await disk.read(123, 1))[0]).toBe(9);
    expect(disk.parents).toMatchObject([{ foundBy: 'option', format: 'raw' }]);
  });

  test('that is the image itself is refused', async () => {
    expect((await errorOf(new MemoryFiles({ 'top.qcow2': child('top.qcow2') }).image('top.qcow2'))).code).toBe(
      'IMAGE_CHAIN_CYCLE',
    );
  });
});
