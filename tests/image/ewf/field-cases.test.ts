import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { survive } from '@deadbox/core';
import { isEwfDisk, type VirtualDisk } from '@deadbox/image';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { deadbox } from '../../support/cli.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf } from '../../support/image/memory-files.js';
import { testImage } from '../../support/test-image.js';

/** RFC 1950, section 8.2. */
function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

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

    /** Which 32-KiB blocks of an incomplete set can be read; those that can must be right. */
    async function readable(path: string, missing: string): Promise<boolean[]> {
      const reference = readFileSync(made('new.raw'));
      const check = async (disk: VirtualDisk): Promise<boolean[]> => {
        expect(disk.issues).toMatchObject([
          { code: 'image.part-missing', severity: 'error', data: { recorded: missing } },
        ]);
        const blocks: boolean[] = [];
        for (let at = 0; at < disk.size; at += 32_768) {
          const bytes = await survive(
            async () => disk.read(at, 32_768),
            ({ code }) => {
              expect(code).toBe('IMAGE_TRUNCATED');
              return undefined;
            },
          );
          if (bytes !== undefined) expect(reference.subarray(at, at + 32_768).equals(bytes), `byte ${at}`).toBe(true);
          blocks.push(bytes !== undefined);
        }
        return blocks;
      };
      return withImage(path, check, { incomplete: true });
    }

    test('a set without a segment in its middle opens on request; what lies before and behind it is right', async () => {
      const blocks = await readable(made('e/case.E01'), 'case.E03');
      const [first, last] = [blocks.indexOf(false), blocks.lastIndexOf(false)];
      expect(blocks.slice(first, last + 1)).not.toContain(true);
      expect([first > 0, last < blocks.length - 1]).toEqual([true, true]);
    });

    test('a set without its end opens on request; behind what it holds nothing can be read', async () => {
      mkdirSync(made('f'));
      for (const name of ['case.E01', 'case.E02', 'case.E03']) copyFileSync(made(`a/${name}`), made(`f/${name}`));
      const blocks = await readable(made('f/case.E01'), 'case.E04');
      expect(blocks.lastIndexOf(true)).toBe(blocks.indexOf(false) - 1);
    });

    test('of a set with two holes only what has a known place is read', async () => {
      mkdirSync(made('g'));
      for (const name of ['case.E01', 'case.E03']) copyFileSync(made(`a/${name}`), made(`g/${name}`));
      const check = async (disk: VirtualDisk): Promise<unknown> =>
        errorOf((async () => disk.read(disk.size - 512, 512))());
      expect(await withImage(made('g/case.E01'), check, { incomplete: true })).toMatchObject({
        code: 'IMAGE_TRUNCATED',
      });
      expect(
        await withImage(made('g/case.E01'), async (disk) => (await disk.read(0, 512)).length, { incomplete: true }),
      ).toBe(512);
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

    test('a segment of another acquisition of a disk of the same size is known by the identifier of its set', async () => {
      const folder = made('same-size');
      mkdirSync(folder);
      for (const name of readdirSync(made('a'))) copyFileSync(made(`a/${name}`), join(folder, name));
      // A section begins with 76 bytes that name it; of the volume's data the identifier stands at 64, the sum at 1048.
      const identify = (name: string, section: string, identifier: number): void => {
        const segment = readFileSync(join(folder, name));
        const data = segment.indexOf(`${section}\0\0\0\0`) + 76;
        segment.fill(identifier, data + 64, data + 80);
        segment.writeUInt32LE(adler32(segment.subarray(data, data + 1048)), data + 1048);
        writeFileSync(join(folder, name), segment);
      };
      identify('case.E01', 'volume', 0x11);
      for (const name of ['case.E02', 'case.E03', 'case.E04']) identify(name, 'data', 0x11);
      await withImage(join(folder, 'case.E01'), diskHash);
      identify('case.E03', 'data', 0x5e);
      const error = await errorOf(withImage(join(folder, 'case.E01'), diskHash));
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
