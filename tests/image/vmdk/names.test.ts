import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';
import { testImage } from '../../support/test-image.js';

const SECTORS = 8;

/** A descriptor whose extent has this name, in these bytes; `declared` names the encoding in it. */
function descriptor(name: readonly number[], declared?: string): Uint8Array<ArrayBuffer> {
  const mark = 'NAME';
  const more = declared === undefined ? [] : [`encoding="${declared}"`];
  const text = vmdkDescriptor({ type: 'vmfs', extents: [{ sectors: SECTORS, type: 'VMFS', file: mark }], more });
  const at = new TextDecoder().decode(text).indexOf(mark);
  return new Uint8Array([...text.subarray(0, at), ...name, ...text.subarray(at + mark.length)]);
}

const flat = new Uint8Array(SECTORS * 512).fill(5);
const firstByte = async (bytes: Uint8Array<ArrayBuffer>, file: string): Promise<number> => {
  const disk = await new MemoryFiles({ 'srv.vmdk': bytes, [file]: flat }).image('srv.vmdk');
  return (await disk.read(0, 1))[0];
};

// The bytes are those of the code pages as Windows has them (Unicode Consortium, Mappings/VENDORS/MICSFT/WINDOWS).
describe('the name of an extent', () => {
  test.each([
    ['windows-1252', [0x80, 0x8a, 0x9f, 0xe9], '\u20ac\u0160\u0178\u00e9'],
    ['windows-1252', [0x93, 0x41, 0x94, 0x96], '\u201cA\u201d\u2013'],
    ['Shift_JIS', [0x83, 0x54, 0x81, 0x5b, 0x95, 0x5c], '\u30b5\u30fc\u8868'],
    ['windows-932', [0x83, 0x54, 0x81, 0x5b], '\u30b5\u30fc'],
    ['GBK', [0xb7, 0xfe, 0xce, 0xf1], '\u670d\u52a1'],
    ['windows-949', [0xbc, 0xad, 0xb9, 0xf6], '\uc11c\ubc84'],
  ])('is read in %s, declared or not', async (encoding, bytes, name) => {
    expect(await firstByte(descriptor(bytes, encoding), name)).toBe(5);
    expect(await firstByte(descriptor(bytes), name)).toBe(5);
  });

  test('in an encoding that the descriptor does not declare is told', async () => {
    const bytes = descriptor([0x83, 0x54, 0x81, 0x5b], 'UTF-8');
    const disk = await new MemoryFiles({ 'srv.vmdk': bytes, '\u30b5\u30fc': flat }).image('srv.vmdk');
    expect(disk.issues).toMatchObject([
      { code: 'image.other-encoding', data: { declared: 'UTF-8', used: 'shift_jis' } },
    ]);
  });

  test('fits however accented letters are composed', async () => {
    const composed = [...new TextEncoder().encode('\u00fc.vmdk')];
    expect(await firstByte(descriptor(composed), 'u\u0308.vmdk')).toBe(5);
  });

  test('that nobody can read is missing under its name', async () => {
    const error = await errorOf(firstByte(descriptor([0xff, 0x41]), 'other'));
    expect(error.code).toBe('IMAGE_FILE_MISSING');
  });
});

test('a descriptor that says neither what the disk is nor where it lies is none', async () => {
  const bytes = new TextEncoder().encode('# Disk DescriptorFile\nversion=1\nCID=aaaaaaaa\n');
  expect(await errorOf(new MemoryFiles({ 'srv.vmdk': bytes }).image('srv.vmdk'))).toMatchObject({
    code: 'IMAGE_DAMAGED',
    message: 'The descriptor in srv.vmdk has neither createType nor extents',
  });
});

describe('an extent line', () => {
  test.each(['RW 8 FLAT "a"b" 0', 'RW 8', 'RW 99999999999999999999 FLAT "a.vmdk" 0', 'RDONLY x FLAT "a.vmdk"'])(
    'that is not understood is refused, not passed over: %s',
    async (line) => {
      const text = new TextDecoder().decode(vmdkDescriptor({ type: 'vmfs', extents: [{ sectors: 8, type: 'ZERO' }] }));
      const bytes = new TextEncoder().encode(text.replace('RW 8 ZERO', `RW 8 ZERO\n${line}`));
      expect(
        await errorOf(new MemoryFiles({ 'srv.vmdk': bytes, a: flat, 'a.vmdk': flat }).image('srv.vmdk')),
      ).toMatchObject({
        code: line.startsWith('RW 8 FLAT') ? expect.stringMatching(/IMAGE_DAMAGED|IMAGE_TRUNCATED/) : 'IMAGE_DAMAGED',
      });
    },
  );
});

describeWithCase(
  'VMDKs that were renamed, and snapshots of ESXi',
  '13-vmdk-names-and-chains',
  ['qemu-img', 'python3'],
  (made) => {
    const FAULTY = testImage('gpt-faulty').sha256;

    test.each(['renamed/test image (1).vmdk', 'renamed/renamedVM.vmdk', 'chain/srv_1-000001.vmdk'])(
      '%s opens',
      async (name) => {
        expect(await withImage(made(name), diskHash)).toBe(FAULTY);
      },
    );

    test('a delta that is missing is named', async () => {
      const error = await errorOf(withImage(made('nodelta/srv_1-000001.vmdk'), diskHash));
      expect(error).toMatchObject({ code: 'IMAGE_FILE_MISSING', data: { lookedFor: 'srv_1-000001-delta.vmdk' } });
    });

    test('a parent of another content id is refused, unless the chain is forced', async () => {
      const path = made('cid/srv_1-000001.vmdk');
      const error = await errorOf(withImage(path, diskHash));
      expect(error).toMatchObject({ code: 'IMAGE_PARENT_CHANGED', data: { candidate: 'srv_1.vmdk' } });
      await withImage(
        path,
        async (disk) => {
          expect(disk.parents).toHaveLength(1);
          expect(disk.issues).toMatchObject([{ code: 'image.parent-not-verified', severity: 'error' }]);
        },
        { forceChain: true },
      );
    });
  },
);
