import { closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource, resolveOrigin, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { beforeAll, describe, expect, test } from 'vitest';
import { withDisk } from '../support/containers.js';
import { checkLateReads } from '../support/late-disk.js';
import { checkSourceContract, expectSame } from '../support/source-contract.js';
import { writeSparseDisk } from '../support/sparse-disk.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** What `qemu-img convert` can write of these formats, and what deadbox must call it. */
const SUBFORMATS: readonly { driver: string; options?: string; packed?: boolean; format: string; variant: string }[] = [
  { driver: 'vmdk', options: 'subformat=monolithicSparse', format: 'vmdk', variant: 'monolithicSparse' },
  {
    driver: 'vmdk',
    options: 'subformat=monolithicSparse,zeroed_grain=on',
    format: 'vmdk',
    variant: 'monolithicSparse',
  },
  { driver: 'vmdk', options: 'subformat=monolithicSparse,compat6=on', format: 'vmdk', variant: 'monolithicSparse' },
  { driver: 'vmdk', options: 'subformat=monolithicFlat', format: 'vmdk', variant: 'monolithicFlat' },
  { driver: 'vmdk', options: 'subformat=twoGbMaxExtentSparse', format: 'vmdk', variant: 'twoGbMaxExtentSparse' },
  { driver: 'vmdk', options: 'subformat=twoGbMaxExtentFlat', format: 'vmdk', variant: 'twoGbMaxExtentFlat' },
  { driver: 'vmdk', options: 'subformat=streamOptimized', format: 'vmdk', variant: 'streamOptimized' },
  { driver: 'qcow2', options: 'compat=0.10', format: 'qcow2', variant: 'v2' },
  { driver: 'qcow2', options: 'compat=0.10', packed: true, format: 'qcow2', variant: 'v2' },
  { driver: 'qcow2', options: 'compat=1.1', format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'cluster_size=512', format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'cluster_size=512', packed: true, format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'cluster_size=4k', packed: true, format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'cluster_size=2M', format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'cluster_size=2M', packed: true, format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'preallocation=metadata', format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', packed: true, format: 'qcow2', variant: 'v3' },
  { driver: 'qcow2', options: 'compression_type=zstd', packed: true, format: 'qcow2', variant: 'v3 zstd' },
  {
    driver: 'qcow2',
    options: 'compression_type=zstd,cluster_size=4k',
    packed: true,
    format: 'qcow2',
    variant: 'v3 zstd',
  },
  {
    driver: 'qcow2',
    options: 'compression_type=zstd,cluster_size=2M',
    packed: true,
    format: 'qcow2',
    variant: 'v3 zstd',
  },
  { driver: 'qcow2', options: 'extended_l2=on,cluster_size=128k', format: 'qcow2', variant: 'v3 extended-l2' },
  { driver: 'qcow2', options: 'extended_l2=on,cluster_size=16k', format: 'qcow2', variant: 'v3 extended-l2' },
  {
    driver: 'qcow2',
    options: 'extended_l2=on,cluster_size=64k',
    packed: true,
    format: 'qcow2',
    variant: 'v3 extended-l2',
  },
  { driver: 'qcow2', options: 'data_file=data.bin', format: 'qcow2', variant: 'v3 data-file' },
  { driver: 'qcow2', options: 'data_file=data-raw.bin,data_file_raw=on', format: 'qcow2', variant: 'v3 data-file' },
  { driver: 'qcow', format: 'qcow', variant: 'v1' },
  { driver: 'parallels', format: 'parallels', variant: 'expandable extended' },
];

describeWithTools(['qemu-img', 'qemu-io'], 'VMDK, QCOW and Parallels images that QEMU writes', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  const inFolder = { cwd: folder };
  beforeAll(() => writeSparseDisk(raw, 35 * 2 ** 20 + 1536, 815));

  /** Compares the image with what qemu-img reads from it. */
  async function compare(
    name: string,
    driver: string,
    check: (disk: Parameters<Parameters<typeof withDisk>[1]>[0]) => void,
  ): Promise<void> {
    const back = join(folder, `${name}.raw`);
    run('qemu-img', ['convert', '-f', driver, '-O', 'raw', name, back], inFolder);
    const reference = await openFile(back);
    await withDisk(join(folder, name), async (disk) => {
      check(disk);
      await checkSourceContract(disk, { reference, longest: 5 << 20, rounds: 12 });
    });
    await checkLateReads(join(folder, name), reference);
    await reference.close?.();
    run('rm', [back]);
  }

  for (const [number, { driver, options, packed, format, variant }] of SUBFORMATS.entries()) {
    test(`${driver} ${options ?? ''}${packed === true ? ' compressed' : ''}: every byte equals what qemu-img reads back`, async () => {
      const name = `disk${number}.${driver}`;
      const flags = [...(packed === true ? ['-c'] : []), ...(options === undefined ? [] : ['-o', options])];
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...flags, raw, name], inFolder);
      await compare(name, driver, (disk) => {
        expect([disk.format, disk.variant]).toEqual([format, variant]);
        expect(disk.issues.filter(({ severity }) => severity !== 'note')).toEqual([]);
      });
    });
  }

  /** Writes patterns into an image as a guest would. */
  const write = (name: string, driver: string, ...commands: string[]): void => {
    run('qemu-io', ['-f', driver, ...commands.flatMap((command) => ['-c', command]), name], inFolder);
  };

  for (const subformat of ['twoGbMaxExtentSparse', 'twoGbMaxExtentFlat']) {
    test(`vmdk ${subformat} of three files: reads go over the ends of extents`, async () => {
      const big = join(folder, 'big.raw');
      const boundary = 2 ** 31;
      const handle = openSync(big, 'w');
      const pieces = [0, boundary - 700, 2 * boundary - 300, 2 * boundary + (1 << 20)];
      for (const [i, at] of pieces.entries()) writeSync(handle, new Uint8Array(70_000).fill(i + 1), 0, 70_000, at);
      closeSync(handle);
      run(
        'qemu-img',
        ['convert', '-f', 'raw', '-O', 'vmdk', '-o', `subformat=${subformat}`, 'big.raw', 'big.vmdk'],
        inFolder,
      );
      const reference = await openFile(big);
      await withDisk(join(folder, 'big.vmdk'), async (disk) => {
        // QEMU rounds the size up to whole sectors.
        expect(disk.size - reference.size).toBeLessThan(512);
        expect(disk.details.extents).toBe(3);
        for (const at of pieces) {
          const from = Math.max(at - 100_000, 0);
          const length = Math.min(270_000, reference.size - from);
          expectSame(await disk.read(from, length), await reference.read(from, length), `around ${at}`);
        }
      });
      await reference.close?.();
      for (const name of readdirSync(folder)) if (name.startsWith('big')) rmSync(join(folder, name));
    });
  }

  test('qcow with compressed clusters beside stored ones: every byte equals what qemu-img reads back', async () => {
    // `qemu-img convert -c` fails for this format, qemu-io does not.
    writeFileSync(join(folder, 'words'), Array.from({ length: 900 }, (_, i) => `line ${i * i}`).join('\n'));
    run('qemu-img', ['create', '-f', 'qcow', 'packed.qcow', '12M'], inFolder);
    const packed = Array.from(
      { length: 50 },
      (_, i) => `write -c ${i % 3 === 0 ? `-P ${i}` : '-s words'} ${i * 53 * 4096} 4k`,
    );
    write('packed.qcow', 'qcow', ...packed, 'write -P 0x31 40k 512', 'write -P 0x32 1M 300k');
    await compare('packed.qcow', 'qcow', (disk) => expect([disk.format, disk.variant]).toEqual(['qcow', 'v1']));
  });

  describe('overlays', () => {
    for (const backing of ['raw', 'qcow2', 'qcow', 'vmdk', 'vdi', 'vhdx', 'parallels']) {
      test(`QCOW2 on ${backing}, longer than its backing file`, async () => {
        run('qemu-img', ['convert', '-f', 'raw', '-O', backing, raw, `base.${backing}`], inFolder);
        run(
          'qemu-img',
          ['create', '-f', 'qcow2', '-b', `base.${backing}`, '-F', backing, `top-${backing}.qcow2`, '64M'],
          inFolder,
        );
        write(
          `top-${backing}.qcow2`,
          'qcow2',
          'write -P 0x41 300k 100k',
          'write -z 4M 1M',
          'write -P 0x42 36M 3k',
          'discard 8M 2M',
        );
        await compare(`top-${backing}.qcow2`, 'qcow2', (disk) => {
          expect(disk.parents).toMatchObject([{ format: backing, foundBy: 'sibling' }]);
        });
      });
    }

    test('QCOW2 with extended L2 entries on QCOW2: subclusters of the file, of the parent and of zeros in one cluster', async () => {
      run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, 'ext-base.qcow2'], inFolder);
      const options = ['-o', 'extended_l2=on,cluster_size=128k'];
      run(
        'qemu-img',
        ['create', '-f', 'qcow2', ...options, '-b', 'ext-base.qcow2', '-F', 'qcow2', 'ext-top.qcow2'],
        inFolder,
      );
      const writes = Array.from(
        { length: 60 },
        (_, i) => `write -P ${i + 1} ${i * 137 * 1024} ${(i % 7) * 1024 + 512}`,
      );
      write('ext-top.qcow2', 'qcow2', ...writes, 'write -z 9M 12k', 'write -z 10M 40k', 'write -P 7 10248k 4k');
      await compare('ext-top.qcow2', 'qcow2', (disk) => expect(disk.variant).toBe('v3 extended-l2 overlay'));
    });

    test('QCOW1 on raw', async () => {
      run('qemu-img', ['create', '-f', 'qcow', '-b', 'disk.raw', '-F', 'raw', 'top.qcow'], inFolder);
      write('top.qcow', 'qcow', 'write -P 0x51 1M 70000', 'write -P 0x52 20M 512');
      await compare('top.qcow', 'qcow', (disk) => expect(disk.variant).toBe('v1 overlay'));
    });

    test('a chain of three QCOW2 images, the last one compressed', async () => {
      run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, 'c1.qcow2'], inFolder);
      for (const [child, parent] of [
        ['c2', 'c1'],
        ['c3', 'c2'],
      ]) {
        run('qemu-img', ['create', '-f', 'qcow2', '-b', `${parent}.qcow2`, '-F', 'qcow2', `${child}.qcow2`], inFolder);
        write(`${child}.qcow2`, 'qcow2', `write -P ${child.charCodeAt(1)} ${child === 'c2' ? '5M' : '5500k'} 1M`);
      }
      await compare('c3.qcow2', 'qcow2', (disk) =>
        expect(disk.parents.map(({ name }) => name.split('/').pop())).toEqual(['c2.qcow2', 'c1.qcow2']),
      );
    });

    test('a VMDK snapshot chain by content id', async () => {
      run('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, 'v1.vmdk'], inFolder);
      run(
        'qemu-img',
        ['create', '-f', 'vmdk', '-b', 'v1.vmdk', '-F', 'vmdk', '-o', 'zeroed_grain=on', 'v2.vmdk'],
        inFolder,
      );
      write('v2.vmdk', 'vmdk', 'write -P 0x61 2M 200k', 'write -z 6M 1M');
      run('qemu-img', ['create', '-f', 'vmdk', '-b', 'v2.vmdk', '-F', 'vmdk', 'v3.vmdk'], inFolder);
      write('v3.vmdk', 'vmdk', 'write -P 0x62 2100k 64k');
      await compare('v3.vmdk', 'vmdk', (disk) =>
        expect(disk.parents).toMatchObject([{ format: 'vmdk' }, { format: 'vmdk' }]),
      );
    });

    test('a VMDK whose parent was written after the snapshot is refused', async () => {
      run('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, 'w1.vmdk'], inFolder);
      run('qemu-img', ['create', '-f', 'vmdk', '-b', 'w1.vmdk', '-F', 'vmdk', 'w2.vmdk'], inFolder);
      write('w1.vmdk', 'vmdk', 'write -P 0x63 2M 64k');
      await expect(withDisk(join(folder, 'w2.vmdk'), () => Promise.resolve())).rejects.toMatchObject({
        code: 'IMAGE_PARENT_CHANGED',
      });
    });
  });

  describe('internal snapshots of QCOW2', () => {
    test('show the disk as it was, by name and by id, also with another size', async () => {
      run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, 'snap.qcow2'], inFolder);
      run('qemu-img', ['snapshot', '-c', 'before update', 'snap.qcow2'], inFolder);
      write('snap.qcow2', 'qcow2', 'write -P 0x71 3M 500k', 'discard 0 1M');
      run('qemu-img', ['snapshot', '-c', 'second', 'snap.qcow2'], inFolder);
      run('qemu-img', ['resize', '-f', 'qcow2', 'snap.qcow2', '50M'], inFolder);
      write('snap.qcow2', 'qcow2', 'write -P 0x72 0 4M');
      run(
        'qemu-img',
        ['convert', '-f', 'qcow2', '-O', 'raw', '-l', 'snapshot.name=second', 'snap.qcow2', 'second.raw'],
        inFolder,
      );
      await compare('snap.qcow2', 'qcow2', (disk) => {
        expect(disk.details.snapshots).toMatchObject([
          { id: '1', name: 'before update' },
          { id: '2', name: 'second' },
        ]);
      });
      const path = join(folder, 'snap.qcow2');
      const source = await openFile(path);
      const [first, second] = [await openFile(raw), await openFile(join(folder, 'second.raw'))];
      for (const snapshot of ['before update', '1']) {
        const disk = await openImage(source, { snapshot });
        await checkSourceContract(disk, { reference: first, longest: 5 << 20 });
        await disk.close();
      }
      // qemu-img reads a snapshot with today's size; its own size is the one recorded with it.
      const disk = await openImage(source, { snapshot: 'second' });
      expect(disk.size).toBe(first.size);
      await checkSourceContract(disk, { reference: new WindowSource(second, 0, disk.size), longest: 5 << 20 });
      await expect(openImage(source, { snapshot: 'third' })).rejects.toMatchObject({
        code: 'IMAGE_SNAPSHOT_NOT_FOUND',
        message: expect.stringContaining('before update'),
      });
    });
  });

  describe('encrypted images', () => {
    const secret = ['--object', 'secret,id=s,data=correct-horse'];
    /**
     * QEMU times how fast it stretches keys, and gives up when the system's clock of processor time did not tick
     * meanwhile.
     */
    const create = (args: readonly string[], tries = 50): void => {
      try {
        run('qemu-img', args, inFolder);
      } catch (error) {
        if (tries === 1 || !(error as Error).message.includes('Unable to get accurate CPU usage')) throw error;
        create(args, tries - 1);
      }
    };
    for (const [name, driver, options, product, method] of [
      [
        'luks.qcow2',
        'qcow2',
        'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10',
        'QCOW2 LUKS',
        'aes-xts-plain64',
      ],
      ['aes.qcow2', 'qcow2', 'encrypt.format=aes,encrypt.key-secret=s', 'QCOW2 AES', 'aes-cbc-128'],
      ['aes.qcow', 'qcow', 'encrypt.format=aes,encrypt.key-secret=s', 'QCOW AES', 'aes-cbc-128'],
    ] as const) {
      test(`${product} is recognised and its content refused by name`, async () => {
        create(['create', ...secret, '-f', driver, '-o', options, name, '4M']);
        await withDisk(join(folder, name), async (disk) => {
          expect(disk.size).toBe(4 << 20);
          expect(disk.encryption).toMatchObject({ product, method });
          await expect(Promise.resolve().then(() => disk.read(0, 512))).rejects.toMatchObject({
            code: 'IMAGE_ENCRYPTED',
            message: expect.stringContaining(product),
          });
        });
      });
    }
  });

  describe('OVA archives', () => {
    const ovf = (disks: readonly string[]): string =>
      `<?xml version="1.0"?><Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns="http://schemas.dmtf.org/ovf/envelope/1">
      <References>${disks.map((href, i) => `<File ovf:href="${href}" ovf:id="file${i}"/>`).join('')}</References>
      <DiskSection><Info>disks</Info>${disks.map((_, i) => `<Disk ovf:diskId="d${i}" ovf:fileRef="file${i}" ovf:capacity="1"/>`).join('')}</DiskSection></Envelope>`;

    for (const format of ['ustar', 'gnu', 'pax']) {
      test(`a ${format} archive: its first disk is read in place, the other is named`, async () => {
        run(
          'qemu-img',
          ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, 'vm-disk1.vmdk'],
          inFolder,
        );
        run('qemu-img', ['create', '-f', 'vmdk', '-o', 'subformat=streamOptimized', 'vm-disk2.vmdk', '1M'], inFolder);
        writeFileSync(join(folder, 'vm.ovf'), ovf(['vm-disk1.vmdk', 'vm-disk2.vmdk']));
        run('tar', ['-cf', 'vm.ova', `--format=${format}`, 'vm.ovf', 'vm-disk2.vmdk', 'vm-disk1.vmdk'], inFolder);
        const reference = await openFile(raw);
        const source = await openFile(join(folder, 'vm.ova'));
        const counting = new CountingSource(source);
        const disk = await openImage(counting, { name: 'vm.ova' });
        await disk.read(20 << 20, 512);
        expect(counting.reads).toBeLessThanOrEqual(12);
        expect([disk.format, disk.variant]).toEqual(['vmdk', 'streamOptimized']);
        expect(disk.details.archive).toMatchObject({ type: 'ova', disk: 'vm-disk1.vmdk' });
        expect(disk.issues).toMatchObject([
          { code: 'image.archive-has-more-disks', data: { others: ['vm-disk2.vmdk'] } },
        ]);
        await checkSourceContract(disk, { reference, longest: 5 << 20 });
        await disk.close();
      });
    }

    test('an uncompressed disk inside: extents lead to the bytes of the archive file', async () => {
      run(
        'qemu-img',
        ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=monolithicSparse', raw, 'plain.vmdk'],
        inFolder,
      );
      writeFileSync(join(folder, 'plain.ovf'), ovf(['plain.vmdk']));
      run('tar', ['-cf', 'plain.ova', 'plain.ovf', 'plain.vmdk'], inFolder);
      await withDisk(join(folder, 'plain.ova'), async (disk, source) => {
        const origin = await resolveOrigin(disk, 0, 512);
        expect(origin?.source).toBe(source);
        expectSame(await source.read(origin?.offset ?? 0, 512), await disk.read(0, 512), 'first sector in the archive');
      });
    });
  });
});
