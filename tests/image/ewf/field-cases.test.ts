import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isEwfDisk } from '@deadbox/image';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { deadbox } from '../../support/cli.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf } from '../../support/image/memory-files.js';
import { testImage } from '../../support/test-image.js';

describeWithCase(
  'segments of two acquisitions in one folder',
  '01-ewf-stale-segment',
  ['ewfacquire', 'python3'],
  (made) => {
    const NEW = 'fb601029c07cb3b68c349ac5997c7769feb567b403f6c3a578cb1f178c477199';

    test.each(['a', 'b', 'c'])('in %s only the set counts that the first segment begins', async (folder) => {
      await withImage(made(`${folder}/case.E01`), async (disk) => {
        expect(await diskHash(disk)).toBe(NEW);
        expect(disk.details).toMatchObject({ segments: 4, storedMd5: '685971d39364461bfe9e14d3bef6bffe' });
        const ignored = disk.issues.filter(({ code }) => code === 'image.foreign-files-ignored');
        expect(ignored.map(({ data }) => data.file)).toEqual(folder === 'a' ? [] : ['case.E05']);
        if (!isEwfDisk(disk)) throw new Error('no EWF');
        expect((await disk.verify()).verdict).toBe('match');
      });
    });

    test('a missing segment is named', async () => {
      expect(await errorOf(withImage(made('e/case.E01'), diskHash))).toMatchObject({
        code: 'IMAGE_FILE_MISSING',
        data: { recorded: 'case.E03' },
      });
    });

    test('an incomplete set opens on request, and what is missing cannot be read', async () => {
      const read = async (at: number): Promise<string> =>
        withImage(
          made('e/case.E01'),
          async (disk) => {
            expect(disk.issues).toMatchObject([
              { code: 'image.part-missing', severity: 'error', data: { recorded: 'case.E03' } },
            ]);
            return createHash('sha256')
              .update(await disk.read(at, 65_536))
              .digest('hex');
          },
          { incomplete: true },
        );
      const reference = readFileSync(made('new.raw'));
      expect(await read(0)).toBe(createHash('sha256').update(reference.subarray(0, 65_536)).digest('hex'));
      expect(await errorOf(read(reference.length - 65_536))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
    });

    test('a segment of another acquisition in the middle of the set is refused', async () => {
      const folder = made('mixed');
      mkdirSync(folder);
      for (const name of readdirSync(made('a'))) copyFileSync(made(`a/${name}`), join(folder, name));
      copyFileSync(made('old/case.E03'), join(folder, 'case.E03'));
      const error = await errorOf(withImage(join(folder, 'case.E01'), diskHash));
      expect(error.code).toBe('IMAGE_DAMAGED');
      expect(error.message).toContain('case.E03 is a segment of another acquisition');
    });
  },
);

describeWithCase('an image with one damaged chunk', '23-ewf-damaged-chunk', ['ewfacquire', 'python3'], (made) => {
  const WHOLE = testImage('gpt-faulty').sha256;
  const LOST = 32_768;

  test.each(['best-data', 'best-sum'])('%s cannot be read there, and export counts it, every time', (name) => {
    for (let round = 0; round < 3; round += 1) {
      const { code, stderr } = deadbox(['export', made(`${name}.E01`), '-o', made(`${name}.raw`)]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/32,?768/);
      // One sentence for the range, and one that counts.
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(4);
      expect(readFileSync(made(`${name}.raw`)).length).toBe(testImage('gpt-faulty').size);
    }
  });

  test.each(['none-data', 'none-sum'])('%s is read, and told not to fit its checksum', async (name) => {
    await withImage(made(`${name}.E01`), async (disk) => {
      const hash = await diskHash(disk);
      expect(hash === WHOLE).toBe(name === 'none-sum');
      // Once, however often the chunk is read.
      await diskHash(disk);
      expect(disk.issues.filter(({ code }) => code === 'image.chunk-checksum')).toMatchObject([
        { data: { length: LOST } },
      ]);
    });
  });

  test('a whole stored image has no such issue, and tells where its bytes lie', async () => {
    await withImage(made('none.E01'), async (disk) => {
      expect(await diskHash(disk)).toBe(WHOLE);
      expect(disk.issues).toEqual([]);
      for await (const [extent] of disk.extents(0, 4096)) {
        const origin = extent?.origin;
        if (origin === undefined) throw new Error('no origin');
        expect(basename(origin.source.name ?? '')).toBe('none.E01');
        expect(await origin.source.read(origin.offset, 512)).toEqual(await disk.read(0, 512));
        break;
      }
    });
  });
});
