import { DeadboxError } from '@deadbox/core';
import { type ChildSearch, findChildrenAround } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { childrenAround, FAMILIES, type Family, namesOf, qcow2Header } from '../../support/image/newer-links.js';
import { writeQcow1 } from '../../support/image/qcow-writer.js';
import { VHDX_LAYOUT } from '../../support/image/vhdx-writer.js';
import { vmdkDescriptor, writeHostedSparse } from '../../support/image/vmdk-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;

const KIB64 = 1 << 16;

/** The bytes with numbers or text put at offsets. */
function changed(bytes: Bytes, ...changes: readonly (readonly [offset: number, value: number | string])[]): Bytes {
  const copy = bytes.slice();
  for (const [offset, value] of changes)
    copy.set(typeof value === 'number' ? [value] : Buffer.from(value, 'latin1'), offset);
  return copy;
}
const family = (format: string): Family => FAMILIES.find((one) => one.format === format) as Family;
/** A link that was recorded on a base of another name: only its identifiers tell. */
const child = (format: string): Bytes => family(format).child('gone');

/** QEMU docs/interop/qed_spec: features at byte 16, place and length of the backing file's name at 56 and 60. */
const qed = changed(new Uint8Array(512), [0, 'QED'], [16, 1], [56, 64], [60, 6], [64, 'server']);
const ofQcow2 = qcow2Header('server');
const ofQcow1 = writeQcow1({ backing: 'server' });
/** An extent of no sectors, which nobody can place. */
const vmdk = (more: { hint?: string; parentCid?: string }): Bytes =>
  vmdkDescriptor({ type: 'vmfsSparse', extents: [{ sectors: 0, type: 'VMFSSPARSE', file: 'x' }], ...more });
const inExtent = (descriptor: Bytes): Bytes =>
  changed(writeHostedSparse({ capacity: 2048, grains: new Map(), descriptor }), [4, 9]);

describe('a newer link that cannot be opened', () => {
  test.each<readonly [string, string, Bytes]>([
    ['encrypted by LUKS', 'raw under qcow2', changed(ofQcow2, [35, 2])],
    ['of a later version', 'raw under qcow2', changed(ofQcow2, [7, 9])],
    ['with a feature that nobody knows', 'raw under qcow2', changed(ofQcow2, [7, 3], [103, 104], [79, 0xff])],
    ['of an impossible size', 'raw under qcow2', changed(ofQcow2, [24, 0x7f])],
    ['cut behind its header', 'raw under qcow2', ofQcow2.slice(0, 512)],
    ['of QCOW 1, encrypted by AES', 'raw under qcow2', changed(ofQcow1, [39, 1])],
    ['of QED', 'raw under qcow2', qed],
    ['of a VDI of another version', 'vdi', changed(child('vdi'), [0x46, 9])],
    ['of a VHD without the cookie of its header', 'vhd', changed(child('vhd'), [512, 0])],
    ['of a VHD that records no name, without that cookie', 'vhd', changed(family('vhd').child(''), [512, 0])],
    ['of a VHDX with both headers damaged', 'vhdx', changed(child('vhdx'), [KIB64, 0], [2 * KIB64, 0])],
    [
      'of a VHDX with one region table left of all that',
      'vhdx',
      changed(child('vhdx'), [KIB64, 0], [2 * KIB64, 0], [3 * KIB64 + 48, 0]),
    ],
    ['of a VMDK with an impossible extent', 'vmdk', vmdk({ parentCid: '1234ABCD', hint: 'gone.vmdk' })],
    ['of a VMDK that records no name', 'vmdk', vmdk({ parentCid: '1234abcd' })],
    ['of a sparse VMDK of another version', 'vmdk', inExtent(vmdk({ parentCid: '1234abcd' }))],
  ])('%s is found by what it says of its base', async (_, format, link) => {
    const { base, bytes } = family(format);
    const files = new MemoryFiles({ [base]: bytes, 'newest.img': link });
    expect(namesOf(await childrenAround(files, base, bytes))).toEqual(['newest.img']);
    expect(files.openCount).toBe(0);
  });

  test('is found by the name that it records, in whichever encoding that is', async () => {
    const { bytes } = family('vmdk');
    const link = Buffer.from(vmdk({ parentCid: '99999999', hint: 's\xe9rv.vmdk' }));
    const western = Uint8Array.from(link.toString(), (character) => character.charCodeAt(0));
    for (const written of [Uint8Array.from(link), western]) {
      const found = await childrenAround(new MemoryFiles({ 's\xe9rv.vmdk': bytes, written }), 's\xe9rv.vmdk', bytes);
      expect(found.children).toEqual([{ name: 'written', parent: 's\xe9rv.vmdk', foundBy: 'name' }]);
    }
  });
});

describe('an image that cannot be opened', () => {
  const around = async (format: string, link: Bytes): Promise<ChildSearch> => {
    const { base, bytes } = family(format);
    return childrenAround(new MemoryFiles({ [base]: bytes, [`${base.split('.')[0]}-new`]: link }), base, bytes);
  };
  const baseless = (format: string): Bytes => family(format).bytes;

  test.each<readonly [string, string, string, Bytes]>([
    ['a QCOW2 of a later version', 'IMAGE_UNSUPPORTED', 'qcow2', changed(baseless('qcow2'), [7, 9])],
    ['a QCOW2 with too long a name', 'IMAGE_DAMAGED', 'qcow2', changed(ofQcow2, [18, 4])],
    ['an encrypted QCOW2 with a name behind its end', 'IMAGE_ENCRYPTED', 'qcow2', changed(ofQcow2, [12, 1], [35, 2])],
    ['a VDI of another version', 'IMAGE_UNSUPPORTED', 'vdi', changed(baseless('vdi'), [0x46, 9])],
    ['a VHD without the cookie of its header', 'IMAGE_DAMAGED', 'vhd', changed(baseless('vhd'), [512, 0])],
    [
      'a VHDX with both headers damaged',
      'IMAGE_DAMAGED',
      'vhdx',
      changed(baseless('vhdx'), [KIB64, 0], [2 * KIB64, 0]),
    ],
    [
      'a VHDX of which neither region table names metadata',
      'IMAGE_DAMAGED',
      'vhdx',
      changed(child('vhdx'), [KIB64, 0], [2 * KIB64, 0], [3 * KIB64 + 48, 0], [4 * KIB64 + 48, 0]),
    ],
    ['a VHDX cut in front of its metadata', 'IMAGE_TRUNCATED', 'vhdx', child('vhdx').slice(0, VHDX_LAYOUT.metadata)],
    ['a VMDK with an impossible extent', 'IMAGE_DAMAGED', 'vmdk', vmdk({})],
  ])('that names no parent leaves a doubt: %s', async (_, unread, format, link) => {
    const { children, unread: doubts } = await around(format, link);
    expect(children).toEqual([]);
    expect(doubts).toMatchObject([{ unread, isLink: false }]);
  });

  test.each<readonly [string, Bytes]>([
    ['a QCOW2 of LUKS', changed(qcow2Header(''), [35, 2])],
    ['a QED', changed(qed, [16, 0])],
  ])('leaves none where its header says that it has no parent: %s', async (_, link) => {
    expect(await around('qcow2', link)).toMatchObject({ children: [], unread: [] });
  });

  test('and says nothing is told where it has the name of the machine, and counted where it has another', async () => {
    const torn = qcow2Header('').slice(0, 40);
    const base = new Uint8Array(600);
    const files = new MemoryFiles({ 'srv.img': base, 'srv.new': torn, 'other.qcow2': torn });
    const found = await childrenAround(files, 'srv.img', base);
    expect(found).toMatchObject({ children: [], passedOver: 1, unread: [{ name: 'srv.new' }] });
  });
});

describe('a file that may not be opened', () => {
  /** What the files say of which each opening ends in an error. */
  const refused = async (code: string, data: { link?: boolean } = {}): Promise<ChildSearch> => {
    const files = new MemoryFiles({ 'srv.img': new Uint8Array(600), 'srv-1.qcow2': new Uint8Array(1) });
    const siblings = {
      open: () => Promise.reject(new DeadboxError(code, 'refused', { data })),
      list: files.list.bind(files),
      around: files.around.bind(files),
    };
    return findChildrenAround({}, { name: 'srv.img', siblings });
  };

  test('is a doubt where it is a link that leads out of the folder, or belongs to somebody else', async () => {
    expect((await refused('SIBLING_REFUSED', { link: true })).unread).toEqual([
      { name: 'srv-1.qcow2', unread: 'SIBLING_REFUSED', isLink: true },
    ]);
    expect((await refused('SOURCE_DENIED')).unread).toEqual([
      { name: 'srv-1.qcow2', unread: 'SOURCE_DENIED', isLink: false },
    ]);
  });

  test.each(['SIBLING_REFUSED', 'SOURCE_NOT_READABLE', 'SOURCE_NOT_FOUND', 'READ_OUT_OF_RANGE'])(
    'is none where it is a folder or a pipe, is gone, or is no file at all: %s',
    async (code) => {
      expect((await refused(code)).unread).toEqual([]);
    },
  );
});
