import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { isEwfDisk, openImage } from '@deadbox/image';
import { beforeAll, expect, test } from 'vitest';
import { withDisk } from '../support/containers.js';
import { checkLateReads } from '../support/late-disk.js';
import { checkSourceContract } from '../support/source-contract.js';
import { writeSparseDisk } from '../support/sparse-disk.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** Every format that ewfacquire writes, with the extension of its first segment. */
const FORMATS: readonly (readonly [string, string, string])[] = [
  ['encase1', 'E01', 'E01'],
  ['encase2', 'E01', 'E01'],
  ['encase3', 'E01', 'E01'],
  ['encase4', 'E01', 'E01'],
  ['encase5', 'E01', 'E01'],
  ['encase6', 'E01', 'E01'],
  ['encase7', 'E01', 'E01'],
  ['linen5', 'E01', 'E01'],
  ['linen6', 'E01', 'E01'],
  ['linen7', 'E01', 'E01'],
  ['ftk', 'E01', 'E01'],
  ['ewf', 'e01', 'E01'],
  ['ewfx', 'e01', 'E01'],
  ['smart', 's01', 'S01'],
];

describeWithTools(['ewfacquire'], 'images that ewfacquire writes', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  beforeAll(() => writeSparseDisk(raw, 18 * 2 ** 20 + 512 * 7, 99));

  const acquire = (name: string, format: string, ...options: string[]): void => {
    run('ewfacquire', [
      '-u',
      '-q',
      '-t',
      join(folder, name),
      '-f',
      format,
      '-d',
      'sha1',
      '-e',
      'Dr. Who',
      '-C',
      'case 42',
      ...options,
      raw,
    ]);
  };

  for (const [format, extension, variant] of FORMATS) {
    for (const compression of ['deflate:none', 'deflate:best']) {
      test(`${format}, ${compression}, several segments: content equals the disk, stored hashes fit`, async () => {
        const name = `${format}-${compression.slice(8)}`;
        acquire(name, format, '-c', compression, '-S', '1MiB', '-b', format.endsWith('5') ? '128' : '64');
        const reference = await openFile(raw);
        await withDisk(join(folder, `${name}.${extension}`), async (disk) => {
          expect([disk.format, disk.variant]).toEqual(['ewf', variant]);
          expect(disk.details.segments).toBeGreaterThan(1);
          expect(disk.issues).toEqual([]);
          await checkSourceContract(disk, { reference, longest: 3 << 20, rounds: 12 });
          if (!isEwfDisk(disk)) throw new Error('not an EwfDisk');
          const verified = await disk.verify();
          expect(verified.verdict).toBe('match');
          expect(verified.hashes.length).toBeGreaterThan(0);
        });
        if (compression === 'deflate:best') await checkLateReads(join(folder, `${name}.${extension}`), reference);
        await reference.close?.();
      });
    }
  }

  test('names case, examiner and software from the header', async () => {
    acquire('words', 'encase6');
    await withDisk(join(folder, 'words.E01'), (disk) => {
      expect(disk.details).toMatchObject({
        caseNumber: 'case 42',
        examiner: 'Dr. Who',
        platform: 'Linux',
        chunkSize: 32_768,
        sectorSize: 512,
      });
      return Promise.resolve();
    });
  });

  test('opening and reading one sector takes at most 12 reads, and one for each further segment', async () => {
    acquire('reads', 'encase6', '-S', '4MiB');
    const path = join(folder, 'reads.E01');
    const source = await openFile(path);
    const inner = fileSiblings(path);
    const sources: CountingSource[] = [new CountingSource(source)];
    const siblings = {
      open: async (name: string) => {
        const found = await inner.open(name);
        if (found !== undefined) sources.push(new CountingSource(found));
        return found === undefined ? undefined : sources[sources.length - 1];
      },
    };
    const disk = await openImage(sources[0], { name: path, siblings });
    await disk.read(9 << 20, 512);
    expect(sources.length).toBeGreaterThan(3);
    expect(sources.reduce((sum, { reads }) => sum + reads, 0)).toBeLessThanOrEqual(12 + sources.length - 1);
    await disk.close();
    await source.close?.();
  });

  test('a segment that is missing at the end is named', async () => {
    acquire('gap', 'encase6', '-S', '4MiB');
    const last = readdirSync(folder)
      .filter((name) => /^gap\.E\d\d$/.test(name))
      .sort()
      .pop() as string;
    renameSync(join(folder, last), join(folder, 'gap.away'));
    await expect(withDisk(join(folder, 'gap.E01'), () => Promise.resolve())).rejects.toMatchObject({
      code: 'IMAGE_FILE_MISSING',
      message: expect.stringContaining(last),
    });
  });

  test('a segment with the wrong number is refused', async () => {
    acquire('swap', 'encase6', '-S', '4MiB');
    copyFileSync(join(folder, 'swap.E03'), join(folder, 'swap.E02'));
    await expect(
      withDisk(join(folder, 'swap.E01'), (disk) => Promise.resolve(disk.read(8 << 20, 512))),
    ).rejects.toMatchObject({
      code: 'IMAGE_DAMAGED',
      message: expect.stringContaining('segment 2'),
    });
  });

  test('a changed byte in a stored chunk is found by the stored hashes, in a compressed one by its checksum', async () => {
    acquire('flip', 'encase6', '-c', 'deflate:none');
    const path = join(folder, 'flip.E01');
    const bytes = readFileSync(path);
    bytes[9_000_000] = bytes[9_000_000] ^ 1;
    writeFileSync(path, bytes);
    await withDisk(path, async (disk) => {
      const verified = isEwfDisk(disk) ? await disk.verify() : undefined;
      expect(verified?.verdict).toBe('mismatch');
    });
    acquire('flip2', 'encase6', '-c', 'deflate:best');
    const packed = join(folder, 'flip2.E01');
    const other = readFileSync(packed);
    // Some chunks do not compress and are stored: one flip in every few kilobytes meets the others.
    for (let at = 100_000; at < other.length - 200_000; at += 5000) other[at] = other[at] ^ 1;
    writeFileSync(packed, other);
    await expect(withDisk(packed, async (disk) => isEwfDisk(disk) && disk.verify())).rejects.toMatchObject({
      code: 'IMAGE_DAMAGED',
    });
  });

  test('a damaged chunk table is replaced by its copy, with an issue', async () => {
    acquire('table', 'encase6');
    const path = join(folder, 'table.E01');
    const bytes = readFileSync(path);
    const table = bytes.indexOf('table\0\0\0\0', 0, 'latin1');
    bytes.fill(0xff, table + 76 + 40, table + 76 + 80);
    writeFileSync(path, bytes);
    const reference = await openFile(raw);
    await withDisk(path, async (disk) => {
      await checkSourceContract(disk, { reference, longest: 1 << 20, rounds: 6 });
      expect(disk.issues).toMatchObject([{ code: 'image.backup-structure-used', data: { structure: 'chunk table' } }]);
    });
    await reference.close?.();
  });
});
