import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type ByteSource, toHex } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { join, machineCode, noise, prose } from '../../support/ntfs/sample-data.js';
import { wimAlgorithms, wimResource } from '../../support/ntfs/wim-resource.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g', 'setfattr', 'wimlib-imagex'] : ['root with /dev/fuse'],
  'a volume with compressed files, made with ntfs-3g and wimlib',
  () => {
    const folder = temporaryFolder();
    const image = joinPath(folder, 'volume.img');
    const content = join(machineCode(300_000), prose(100_000), new Uint8Array(50_000), noise(70_000), prose(12_345));
    const tail = prose(700);
    const wofPoint = (number: number): string =>
      toHex(new Uint8Array(Uint32Array.from([0x8000_0017, 16, 1, 2, 1, number]).buffer));
    makeVolume(image, 48 << 20, ['-c', '4096']);
    whileMounted(image, 'compression,streams_interface=windows', (root) => {
      mkdirSync(`${root}/lznt1`);
      run('setfattr', ['-h', '-v', '0x00080000', '-n', 'system.ntfs_attrib', `${root}/lznt1`]);
      writeFileSync(`${root}/lznt1/content`, content);
      writeFileSync(`${root}/lznt1/content:stream`, prose(90_000));
      for (const { algorithm, number, compress, chunkSize } of wimAlgorithms) {
        const path = `${root}/${algorithm}`;
        writeFileSync(path, '');
        writeFileSync(`${path}:WofCompressedData`, wimResource(folder, content, compress, chunkSize).bytes);
        // ntfs-3g makes the whole unnamed stream one hole, as the filter driver does.
        const handle = openSync(path, 'r+');
        ftruncateSync(handle, content.length);
        closeSync(handle);
        run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${wofPoint(number)}`, path]);
      }
      const small = `${root}/one-plain-chunk`;
      writeFileSync(small, '');
      writeFileSync(`${small}:WofCompressedData`, tail);
      const handle = openSync(small, 'r+');
      ftruncateSync(handle, tail.length);
      closeSync(handle);
      run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${wofPoint(1)}`, small]);
      writeFileSync(`${root}/wim-boot`, 'x'.repeat(5000));
      const wimBoot = toHex(new Uint8Array(Uint32Array.from([0x8000_0017, 16, 1, 1, 1, 0]).buffer));
      run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${wimBoot}`, `${root}/wim-boot`]);
    });
    const read = async (path: string, stream = ''): Promise<Uint8Array> => {
      const volume = await NtfsVolume.open(await openFile(image));
      const source = (await (await volume.lookup(path))?.stream(stream)) as ByteSource;
      return source.read(0, source.size);
    };

    test('gives LZNT1 content, of named streams too', async () => {
      expect(Buffer.compare(await read('/lznt1/content'), content)).toBe(0);
      expect(Buffer.compare(await read('/lznt1/content', 'stream'), prose(90_000))).toBe(0);
    });

    test.each(wimAlgorithms.map(({ algorithm }) => algorithm))(
      'gives the content of a WOF file, %s',
      async (algorithm) => {
        expect(Buffer.compare(await read(`/${algorithm}`), content)).toBe(0);
      },
    );

    test('gives a WOF file of one plain chunk', async () => {
      expect(await read('/one-plain-chunk')).toEqual(tail);
    });

    test('says that the content of a WIMBoot file is elsewhere', async () => {
      await expect(read('/wim-boot')).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE' });
    });
  },
);
