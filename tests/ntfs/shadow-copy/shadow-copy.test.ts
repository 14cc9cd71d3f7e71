import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import {
  type ByteSource,
  type Bytes,
  formatFileTime,
  hashSource,
  IssueLog,
  MemorySource,
  parseGuid,
} from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume, ShadowCopies } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { canMount, hasTool, run, temporaryFolder } from '../../support/tools.js';

const BLOCK = 0x4000;
const GUID = parseGuid('3808876B-C176-4E48-B7AE-04046E6CC752');

describeWithCorpus('shadow copies of Windows', () => {
  const folder = temporaryFolder();
  /** The disk of a corpus entry as raw bytes, holes kept. */
  const raw = (id: string): string => {
    const path = joinPath(folder, `${id}.raw`);
    const source = corpusFile(corpusManifest().find((entry) => entry.id === id) as never);
    if (!existsSync(path)) run('qemu-img', ['convert', '-O', 'raw', source, path]);
    return path;
  };
  const volumeOf = async (id: string, start: number, length?: number): Promise<ByteSource> => {
    const disk = await openFile(raw(id));
    const size = length ?? disk.size - start;
    return {
      size,
      read: (offset, count) => disk.read(start + offset, count),
      ...(disk.readInto === undefined
        ? {}
        : { readInto: (offset: number, target: Bytes) => disk.readInto?.(start + offset, target) }),
    };
  };

  test.runIf(hasTool('qemu-img') && hasTool('vshadowinfo'))('are listed as vshadowinfo lists them', async () => {
    const copies = (await ShadowCopies.open(await volumeOf('plaso-vsstest', 0))) as ShadowCopies;
    const printed = run('vshadowinfo', [raw('plaso-vsstest')]);
    const all = (name: string): string[] =>
      [...printed.matchAll(new RegExp(`${name}\\s*: (.*)`, 'g'))].map((match) => match[1]);
    expect(copies.copies.map((copy) => copy.storeId.toLowerCase())).toEqual(all('Identifier'));
    const times = all('Creation time').map((text) => {
      const [, month, day, year, clock] = /(\w+) (\d+), (\d+) ([\d:.]+) UTC/.exec(text) as unknown as [
        string,
        string,
        string,
        string,
        string,
      ];
      const number = String('JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(month) / 3 + 1).padStart(2, '0');
      return `${year}-${number}-${day}T${clock.slice(0, 16)}Z`;
    });
    expect(copies.copies.map((copy) => formatFileTime(copy.created))).toEqual(times);
    expect(copies.copies.map((copy) => `1.0 GiB (${copy.volumeSize} bytes)`)).toEqual(all('Volume size'));
    const information = await Promise.all(copies.copies.map((copy) => copies.information(copy.number)));
    expect(information.map((found) => found?.copyId.toLowerCase())).toEqual(all('Shadow copy ID'));
    expect(information.map((found) => found?.copySetId.toLowerCase())).toEqual(all('Shadow copy set ID'));
    expect(information.map((found) => `0x${(found?.attributes ?? 0).toString(16).padStart(8, '0')}`)).toEqual(
      all('Attribute flags'),
    );
  });

  test.runIf(hasTool('qemu-img') && hasTool('vshadowmount') && canMount)(
    'are the volumes that vshadowmount shows',
    async () => {
      const volume = await volumeOf('plaso-vsstest', 0);
      const copies = (await ShadowCopies.open(volume)) as ShadowCopies;
      const root = joinPath(folder, 'vss');
      mkdirSync(root);
      const server = spawn('vshadowmount', ['-v', raw('plaso-vsstest'), root], { stdio: 'ignore' });
      try {
        for (let i = 0; i < 200 && !existsSync(joinPath(root, 'vss2')); i += 1) spawnSync('sleep', ['0.05']);
        for (const { number } of copies.copies) {
          const source = await copies.source(number);
          const handle = openSync(joinPath(root, `vss${number}`), 'r');
          const mine = new Uint8Array(1 << 20);
          const theirs = Buffer.alloc(1 << 20);
          let changed = 0;
          try {
            // Every block that is not simply the volume's, the first 16 MiB, and samples of the rest.
            for (let at = 0; at < source.size; at += mine.length) {
              const extents = [];
              for await (const batch of source.extents?.(at, at + mine.length) ?? []) extents.push(...batch);
              const moved = extents.some((extent) => extent.kind === 'zero' || extent.origin?.offset !== extent.offset);
              if (!moved && at >= 16 << 20 && (at >> 20) % 29 !== 0) continue;
              if (moved) changed += 1;
              await source.readInto?.(at, mine);
              readSync(handle, theirs, 0, theirs.length, at);
              if (theirs.compare(mine) !== 0) {
                let first = 0;
                while (theirs[first] === mine[first]) first += 1;
                throw new Error(`snapshot ${number} differs at ${at + first}`);
              }
            }
          } finally {
            closeSync(handle);
          }
          expect(changed).toBeGreaterThan(3);
        }
      } finally {
        spawnSync('fusermount', ['-u', root]);
        server.kill();
      }
    },
  );

  test.runIf(hasTool('qemu-img') && hasTool('vshadowmount') && hasTool('icat') && canMount)(
    'give a file as it was, as The Sleuth Kit reads it through vshadowmount',
    async () => {
      const volume = await volumeOf('plaso-vsstest', 0);
      const copies = (await ShadowCopies.open(volume)) as ShadowCopies;
      const root = joinPath(folder, 'files');
      mkdirSync(root);
      const server = spawn('vshadowmount', ['-v', raw('plaso-vsstest'), root], { stdio: 'ignore' });
      try {
        for (let i = 0; i < 200 && !existsSync(joinPath(root, 'vss2')); i += 1) spawnSync('sleep', ['0.05']);
        for (const { number } of copies.copies) {
          const path = joinPath(root, `vss${number}`);
          const listed = run('fls', ['-F', '-p', '-r', path])
            .split('\n')
            .flatMap((line) => /^r\/r (\d+)-128-\d+:\t([^:]*)$/.exec(line)?.slice(1, 3).join(' ') ?? []);
          expect(listed.length).toBeGreaterThan(3);
          const then = await NtfsVolume.open(await copies.source(number));
          let compared = 0;
          for (const entry of listed) {
            const [record, name] = [entry.slice(0, entry.indexOf(' ')), entry.slice(entry.indexOf(' ') + 1)];
            if (name.startsWith('$') || name.startsWith('System Volume')) continue;
            const expected = spawnSync('sh', ['-c', `icat '${path}' ${record} | sha256sum`])
              .stdout.toString('utf8')
              .slice(0, 64);
            const file = await then.lookup(`/${name}`);
            expect(await hashSource((await file?.stream()) as ByteSource)).toBe(expected);
            compared += 1;
          }
          expect(compared).toBeGreaterThan(0);
        }
      } finally {
        spawnSync('fusermount', ['-u', root]);
        server.kill();
      }
    },
  );

  test.runIf(hasTool('qemu-img'))(
    'whose data is on another volume are listed, and refused with the reason',
    async () => {
      const volume = await volumeOf('win10-gpt-vss-1', 67_584 * 512, 10_416_128 * 512);
      const copies = (await ShadowCopies.open(volume)) as ShadowCopies;
      // As vshadowinfo 20190323 prints them.
      expect(
        copies.copies.map((copy) => [copy.storeId, formatFileTime(copy.created), copy.volumeSize, copy.places]),
      ).toEqual([
        ['BBAA765B-8204-11EB-90F4-080027768DF7', '2021-03-10T22:44:18.9998374Z', 5_333_057_536, undefined],
        ['BBAA7663-8204-11EB-90F4-080027768DF7', '2021-03-10T22:45:23.6866155Z', 5_333_057_536, undefined],
      ]);
      expect(await copies.information(1)).toBeUndefined();
      await expect(copies.source(1)).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE' });
    },
  );
});

describe('a shadow copy', () => {
  const SIZE = 96 * BLOCK;
  interface Descriptor {
    original: number;
    relative?: number;
    at?: number;
    flags?: number;
    bitmap?: number;
  }

  /** A volume whose block i is filled with i, with a catalog in block 1 and stores whose lists lie from block 40 on. */
  const build = (stores: Descriptor[][], options: { bitmap?: number[] } = {}): Bytes => {
    const bytes = new Uint8Array(SIZE);
    const view = new DataView(bytes.buffer);
    for (let block = 0; block < 96; block += 1) bytes.fill(block, block * BLOCK, (block + 1) * BLOCK);
    const head = (offset: number, type: number, next = 0): void => {
      bytes.fill(0, offset, offset + (type === 1 ? 512 : BLOCK));
      bytes.set(GUID, offset);
      view.setUint32(offset + 0x10, 1, true);
      view.setUint32(offset + 0x14, type, true);
      view.setBigUint64(offset + 0x28, BigInt(next), true);
    };
    head(0x1e00, 1);
    view.setBigUint64(0x1e00 + 0x28, 0n, true);
    view.setBigUint64(0x1e00 + 0x30, BigInt(BLOCK), true);
    head(BLOCK, 2);
    stores.forEach((list, i) => {
      const entry = BLOCK + 128 + i * 256;
      const id = parseGuid(`0000000${i}-0000-0000-0000-000000000000`);
      view.setBigUint64(entry, 2n, true);
      view.setBigUint64(entry + 8, BigInt(SIZE), true);
      bytes.set(id, entry + 16);
      view.setBigUint64(entry + 48, 130_000_000_000_000_000n + BigInt(i), true);
      const at = (40 + i * 3) * BLOCK;
      view.setBigUint64(entry + 128, 3n, true);
      view.setBigUint64(entry + 136, BigInt(at), true);
      bytes.set(id, entry + 144);
      head(at, 3);
      list.forEach((descriptor, j) => {
        const place = at + 128 + j * 32;
        view.setBigUint64(place, BigInt(descriptor.original * BLOCK), true);
        view.setBigUint64(place + 8, BigInt((descriptor.relative ?? 0) * BLOCK), true);
        view.setBigUint64(place + 16, BigInt((descriptor.at ?? 0) * BLOCK), true);
        view.setUint32(place + 24, descriptor.flags ?? 0, true);
        view.setUint32(place + 28, descriptor.bitmap ?? 0, true);
      });
      if (options.bitmap !== undefined && i === stores.length - 1) {
        view.setBigUint64(entry + 128 + 0x30, BigInt(at + BLOCK), true);
        head(at + BLOCK, 6);
        for (const block of options.bitmap)
          bytes[at + BLOCK + 128 + (block >> 3)] = bytes[at + BLOCK + 128 + (block >> 3)] | (1 << (block & 7));
      }
    });
    return bytes;
  };
  const blocksOf = async (bytes: Bytes, number: number, wanted: readonly number[]): Promise<number[]> => {
    const copies = (await ShadowCopies.open(new MemorySource(bytes))) as ShadowCopies;
    const source = await copies.source(number);
    return Promise.all(wanted.map(async (block) => (await source.read(block * BLOCK + 700, 1))[0]));
  };

  test('takes changed blocks from its store, then from newer ones, then from the volume', async () => {
    const bytes = build([
      [{ original: 5, at: 60 }],
      [
        { original: 5, at: 61 },
        { original: 6, at: 62 },
      ],
    ]);
    expect(await blocksOf(bytes, 1, [4, 5, 6, 7])).toEqual([4, 60, 62, 7]);
    expect(await blocksOf(bytes, 2, [4, 5, 6, 7])).toEqual([4, 61, 62, 7]);
  });

  test('follows a forwarder into the next copy at its new place', async () => {
    const bytes = build([[{ original: 5, relative: 9, flags: 1 }], [{ original: 9, at: 63 }]]);
    expect(await blocksOf(bytes, 1, [5, 9])).toEqual([63, 63]);
    const newest = build([[{ original: 5, relative: 9, flags: 1 }]]);
    expect(await blocksOf(newest, 1, [5])).toEqual([9]);
  });

  test('takes a later entry for the block that a forwarder leads to as one for the forwarder itself', async () => {
    const bytes = build([
      [
        { original: 5, relative: 9, flags: 1 },
        { original: 9, at: 64 },
      ],
    ]);
    expect(await blocksOf(bytes, 1, [5, 9])).toEqual([64, 9]);
  });

  test('lays overlays over its own blocks by sector, but not over those of older copies', async () => {
    const bytes = build([
      [{ original: 20, at: 60 }],
      [
        { original: 5, at: 66, flags: 2, bitmap: 0b0010 },
        { original: 5, at: 66, relative: 1, flags: 2, bitmap: 0b1000 },
        { original: 5, at: 61 },
      ],
    ]);
    const copies = (await ShadowCopies.open(new MemorySource(bytes))) as ShadowCopies;
    const sectors = async (number: number): Promise<number[]> => {
      const block = await (await copies.source(number)).read(5 * BLOCK, BLOCK);
      return [0, 512, 700, 1024, 1536, 2048].map((at) => block[at]);
    };
    expect(await sectors(2)).toEqual([61, 66, 66, 61, 66, 61]);
    expect(await sectors(1)).toEqual([61, 61, 61, 61, 61, 61]);
  });

  test('does not use entries that are marked unused', async () => {
    expect(await blocksOf(build([[{ original: 5, at: 60, flags: 4 }]]), 1, [5])).toEqual([5]);
  });

  test('reads blocks as zeros that the newest copy knows were not in use', async () => {
    const bytes = build([[{ original: 5, at: 60 }], [{ original: 6, at: 61 }]], { bitmap: [6, 7] });
    expect(await blocksOf(bytes, 2, [5, 6, 7, 8])).toEqual([5, 61, 0, 8]);
    expect(await blocksOf(bytes, 1, [5, 6, 7, 8])).toEqual([60, 61, 7, 8]);
  });

  test('shows where its bytes lie', async () => {
    const copies = (await ShadowCopies.open(
      new MemorySource(build([[{ original: 5, at: 60 }]], { bitmap: [7, 8] })),
    )) as ShadowCopies;
    const source = await copies.source(1);
    const found = [];
    for await (const batch of source.extents?.(3 * BLOCK, 10 * BLOCK) ?? [])
      found.push(
        ...batch.map((extent) => [
          extent.offset / BLOCK,
          extent.length / BLOCK,
          extent.kind,
          (extent.origin?.offset ?? 0) / BLOCK,
        ]),
      );
    expect(found).toEqual([
      [3, 2, 'data', 3],
      [5, 1, 'data', 60],
      [6, 1, 'data', 6],
      [7, 2, 'zero', 0],
      [9, 1, 'data', 9],
    ]);
  });

  test('is not there when the volume has no header, and none when the catalog is gone', async () => {
    expect(await ShadowCopies.open(new MemorySource(new Uint8Array(SIZE)))).toBeUndefined();
    const bytes = build([]);
    new DataView(bytes.buffer).setBigUint64(0x1e30, 0n, true);
    expect((await ShadowCopies.open(new MemorySource(bytes)))?.copies).toEqual([]);
  });

  test('is listed as far as a catalog goes that leads in a circle or out of the volume', async () => {
    for (const next of [BLOCK, SIZE * 1000]) {
      const bytes = build([[{ original: 5, at: 60 }]]);
      new DataView(bytes.buffer).setBigUint64(BLOCK + 0x28, BigInt(next), true);
      const issues = new IssueLog();
      expect((await ShadowCopies.open(new MemorySource(bytes), { issues }))?.copies).toHaveLength(1);
      expect(issues.issues).toMatchObject([{ code: 'ntfs.shadow-copy' }]);
    }
  });

  test.each([
    ['leads in a circle', (view: DataView) => view.setBigUint64(40 * BLOCK + 0x28, BigInt(40 * BLOCK), true)],
    ['is of another type', (view: DataView) => view.setUint32(40 * BLOCK + 0x14, 6, true)],
    ['has no identifier', (view: DataView) => view.setUint32(40 * BLOCK, 1, true)],
    ['names an unaligned block', (view: DataView) => view.setBigUint64(40 * BLOCK + 128, 77n, true)],
  ])('is refused when its block list %s', async (_, damage) => {
    const bytes = build([[{ original: 5, at: 60 }]]);
    damage(new DataView(bytes.buffer));
    const copies = (await ShadowCopies.open(new MemorySource(bytes))) as ShadowCopies;
    await expect(copies.source(1)).rejects.toMatchObject({ code: 'NTFS_SHADOW_COPY_INVALID' });
  });

  test('of a number that is not in the catalog is refused', async () => {
    const copies = (await ShadowCopies.open(new MemorySource(build([[]])))) as ShadowCopies;
    await expect(copies.source(2)).rejects.toMatchObject({ code: 'NTFS_SHADOW_COPY_INVALID' });
  });
});
