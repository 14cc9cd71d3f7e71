import { join } from 'node:path';
import { fileSiblings } from '@deadbox/core/node';
import { type ChildImage, findChildren, ToldParents } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { testImage } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const childrenOf = (path: string): Promise<readonly ChildImage[]> =>
  withImage(path, async (disk) => (await findChildren(disk, { name: path, siblings: fileSiblings(path) })).children);
const hashOf = (path: string): Promise<string> => withImage(path, diskHash);
const FAULTY = testImage('gpt-faulty').sha256;
const REVERTED = testImage('gpt-reverted').sha256;

describeWithCase(
  'a newer link beside the base',
  '16-snapshot-beside-other-formats',
  ['qemu-img', 'qemu-io'],
  (made) => {
    test('of a QCOW2 is found under the name that libvirt gives it', async () => {
      expect(await childrenOf(made('qcow2/srv.qcow2'))).toEqual([
        { name: 'srv.snap1', parent: 'srv.qcow2', foundBy: 'name' },
      ]);
      expect(await hashOf(made('qcow2/srv.snap1'))).toBe(FAULTY);
    });

    test('of a VDI is found by the identifiers', async () => {
      const child = '{2b1d2b1d-0000-4000-8000-000000000002}.vdi';
      expect(await childrenOf(made('vdi/srv.vdi'))).toEqual([
        { name: child, parent: 'srv.vdi', foundBy: 'identifier' },
      ]);
      expect(await hashOf(made(`vdi/${child}`))).toBe(FAULTY);
    });

    test('is no child of the newest link itself', async () => {
      expect(await childrenOf(made('qcow2/srv.snap1'))).toEqual([]);
    });
  },
);

describeWithCase('a VDI child with blocks of zeros', '05-vdi-snapshot-zero-blocks', ['python3'], (made) => {
  test('reads as the base under it, and is named as its newer link', async () => {
    const child = '{00000000-0000-0000-0000-000000000002}.vdi';
    expect(await hashOf(made(child))).toBe(await hashOf(made('want.raw')));
    expect(await childrenOf(made('base.vdi'))).toEqual([{ name: child, parent: 'base.vdi', foundBy: 'identifier' }]);
  });
});

describeWithCase('a Parallels bundle with a snapshot', '06-parallels-snapshot-bundle', ['qemu-img'], (made) => {
  const BASE = 'vm.hdd.0.{5fbaabe3-6958-40ff-92a7-860e329aab41}.hds';
  const DELTA = 'vm.hdd.0.{3b9a2c11-0d7e-4a51-9c35-7a51c0de0001}.hds';

  test.each([
    ['now-faulty.hdd', FAULTY, REVERTED],
    ['now-fixed.hdd', REVERTED, FAULTY],
  ])('%s opens in the state that the machine sees', async (bundle, now, before) => {
    expect(await hashOf(made(`${bundle}/DiskDescriptor.xml`))).toBe(now);
    expect(await hashOf(made(`${bundle}/${DELTA}`))).toBe(now);
    expect(await hashOf(made(`${bundle}/${BASE}`))).toBe(before);
  });

  test.each(['now-faulty.hdd', 'loose'])('names the newer link beside the base in %s', async (folder) => {
    expect(await childrenOf(made(`${folder}/${BASE}`))).toEqual([{ name: DELTA, parent: BASE, foundBy: 'name' }]);
  });

  test('without its descriptor does not take a delta for a disk', async () => {
    const error = await errorOf(hashOf(made(`loose/${DELTA}`)));
    expect(error).toMatchObject({ code: 'IMAGE_PARENT_MISSING', data: { parent: BASE } });
    expect(error.message).toContain('since a snapshot');
  });

  test('reads a delta on the only base there is when that is forced, and says so', async () => {
    const path = made(`loose/${DELTA}`);
    await withImage(
      path,
      async (disk) => {
        expect(await diskHash(disk)).toBe(FAULTY);
        expect(disk.issues).toMatchObject([
          { code: 'image.parent-not-verified', severity: 'error', data: { parent: BASE } },
        ]);
      },
      { forceChain: true },
    );
  });
});

describeWithTools(['qemu-img'], 'the links that qemu-img made', () => {
  const folder = temporaryFolder();
  const create = (format: string, name: string, base: string, baseFormat: string): void => {
    run('qemu-img', ['create', '-q', '-f', format, '-b', base, '-F', baseFormat, join(folder, name)]);
  };
  run('qemu-img', ['create', '-q', '-f', 'raw', join(folder, 'disk'), '4M']);
  create('qcow2', 'disk.monday', 'disk', 'raw');
  create('qcow2', 'disk.tuesday', 'disk.monday', 'qcow2');
  create('qcow2', 'other.qcow2', 'disk.tuesday', 'qcow2');
  run('qemu-img', ['create', '-q', '-f', 'vmdk', join(folder, 'srv.vmdk'), '4M']);
  create('vmdk', 'renamed.vmdk', 'srv.vmdk', 'vmdk');
  run('cp', [join(folder, 'srv.vmdk'), join(folder, 'copy.vmdk')]);

  test('are found on a raw base, each with the link under it, nearest first', async () => {
    expect(await childrenOf(join(folder, 'disk'))).toEqual([
      { name: 'disk.monday', parent: 'disk', foundBy: 'name' },
      { name: 'disk.tuesday', parent: 'disk.monday', foundBy: 'name' },
      { name: 'other.qcow2', parent: 'disk.tuesday', foundBy: 'name' },
    ]);
  });

  test('are those of the base that the child names, not of its copy with the same content id', async () => {
    expect(await childrenOf(join(folder, 'srv.vmdk'))).toEqual([
      { name: 'renamed.vmdk', parent: 'srv.vmdk', foundBy: 'identifier' },
    ]);
    expect(await childrenOf(join(folder, 'copy.vmdk'))).toEqual([]);
  });
});

describe('the links of other formats', () => {
  const A = 'AAAAAAAA-1111-4222-8333-444444444444';
  const B = 'BBBBBBBB-1111-4222-8333-444444444444';
  const find = async (files: MemoryFiles, name: string): Promise<readonly ChildImage[]> =>
    (await findChildren(await files.image(name), { name, siblings: files })).children;

  test('a VHD child whose base was renamed is found by the identifier', async () => {
    const size = 1 << 20;
    const files = new MemoryFiles({
      'renamed.vhd': writeVhd({ type: 'dynamic', size, blockSize: size, uuid: A, blocks: new Map() }),
      'server_1.avhd': writeVhd({
        type: 'differencing',
        size,
        blockSize: size,
        uuid: B,
        blocks: new Map(),
        parent: { uuid: A, name: 'server.vhd', locators: [{ platform: 'W2ru', path: '.\\server.vhd' }] },
      }),
    });
    expect(await find(files, 'renamed.vhd')).toEqual([
      { name: 'server_1.avhd', parent: 'renamed.vhd', foundBy: 'identifier' },
    ]);
  });

  test('a damaged neighbour says nothing, and is no reason to give up', async () => {
    const files = new MemoryFiles({
      'base.vdi': writeVdi({ type: 1, size: 1 << 20, blocks: ['free'], uuid: A, modifyUuid: A }),
      'torn.vdi': writeVdi({
        type: 4,
        size: 1 << 20,
        blocks: ['free'],
        uuid: B,
        modifyUuid: B,
        parentUuid: A,
      }).subarray(0, 0x180),
      'child.vdi': writeVdi({ type: 4, size: 1 << 20, blocks: ['free'], uuid: B, modifyUuid: B, parentUuid: A }),
    });
    expect((await find(files, 'base.vdi')).map(({ name }) => name)).toEqual(['child.vdi']);
    expect(files.openCount).toBe(0);
  });

  test('are asked once in a run: for a folder of images each file says once what it was made on', async () => {
    const child = (uuid: string): Uint8Array<ArrayBuffer> =>
      writeVdi({ type: 4, size: 1 << 20, blocks: ['free'], uuid, modifyUuid: uuid, parentUuid: A });
    const ids = Array.from({ length: 20 }, (_, index) => `CCCCCCCC-1111-4222-8333-4444444444${index + 10}`);
    const files = new MemoryFiles({
      'base.vdi': writeVdi({ type: 1, size: 1 << 20, blocks: ['free'], uuid: A, modifyUuid: A }),
      ...Object.fromEntries(ids.map((id) => [`${id}.vdi`, child(id)])),
    });
    const told = new ToldParents();
    const base = await files.image('base.vdi');
    for (let round = 0; round < 20; round += 1) {
      const { children } = await findChildren(base, { name: 'base.vdi', siblings: files, told });
      expect(children.map(({ name }) => name)).toEqual(ids.map((id) => `${id}.vdi`));
    }
    expect(files.asked.length).toBe(ids.length);
  });
});
