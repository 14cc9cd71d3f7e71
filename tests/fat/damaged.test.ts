import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import { FatVolume } from '@deadbox/fat';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImage, sample, sampleTree, treeByUs, walk } from '../support/fat/fat-image.js';
import { checkExtentShape } from '../support/source-contract.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';

describeWithTools(['mkfs.vfat', 'mcopy', 'mdel', 'mattrib'], 'damaged FAT volumes', () => {
  const folder = temporaryFolder();
  const images: Record<string, Bytes> = {};

  beforeAll(() => {
    const tree = sampleTree();
    for (const [name, mib, options] of [
      ['fat12', 3, ['-F', '12']],
      ['fat16', 16, ['-F', '16']],
      ['fat32', 40, ['-F', '32', '-s', '1']],
    ] as const) {
      const path = join(folder, name);
      makeImage(path, mib, options, tree);
      images[name] = new Uint8Array(readFileSync(path));
    }
  });

  /** Sets one entry in the chosen tables. */
  const setEntry = (
    bytes: Bytes,
    volume: FatVolume,
    cluster: number,
    value: number,
    tables = volume.geometry.tables,
  ): void => {
    const view = new DataView(bytes.buffer);
    for (const table of tables) {
      if (volume.fileSystem === 'fat32') view.setUint32(table + cluster * 4, value, true);
      else if (volume.fileSystem === 'fat16') view.setUint16(table + cluster * 2, value & 0xffff, true);
      else {
        const at = table + Math.floor(cluster * 1.5);
        const old = view.getUint16(at, true);
        view.setUint16(
          at,
          cluster % 2 === 0 ? (old & 0xf000) | (value & 0xfff) : (old & 0xf) | ((value & 0xfff) << 4),
          true,
        );
      }
    }
  };

  describe.each(['fat12', 'fat16', 'fat32'])('%s', (type) => {
    const open = async (change?: (bytes: Bytes, volume: FatVolume, first: number) => void): Promise<FatVolume> => {
      const bytes = images[type].slice();
      const healthy = await FatVolume.open(new MemorySource(bytes));
      const file = await healthy.lookup('/EFI/Microsoft/Boot/bootmgfw.efi');
      change?.(bytes, healthy, file!.firstCluster);
      return FatVolume.open(new MemorySource(bytes));
    };
    const read = async (volume: FatVolume): Promise<Buffer> => {
      const stream = await (await volume.lookup('/EFI/Microsoft/Boot/bootmgfw.efi'))!.stream();
      return Buffer.from(await stream.read(0, stream.size));
    };

    test('end a chain that comes back to itself', async () => {
      const volume = await open((bytes, healthy, first) => setEntry(bytes, healthy, first + 3, first + 1));
      await expect(read(volume)).rejects.toMatchObject({
        code: 'FAT_CHAIN_BROKEN',
        data: { covered: 4 * volume.clusterSize },
      });
      expect(volume.issues.issues).toMatchObject([{ code: 'fat.chain-loop', severity: 'error' }]);
      const stream = await (await volume.lookup('/EFI/Microsoft/Boot/bootmgfw.efi'))!.stream();
      expect(Buffer.compare(await stream.read(0, 1000), sample(2, 1000))).toBe(0);
    });

    test('end a chain that points to itself, to a free, a bad, a reserved or an impossible cluster', async () => {
      const bad = type === 'fat12' ? 0xff7 : type === 'fat16' ? 0xfff7 : 0x0fff_fff7;
      for (const [value, reason] of [
        [0, 'free cluster'],
        [1, 'reserved cluster'],
        [bad, 'bad cluster'],
        [bad - 1, 'cluster outside the volume'],
      ] as const) {
        const volume = await open((bytes, healthy, first) => setEntry(bytes, healthy, first, value));
        await expect(read(volume)).rejects.toMatchObject({ code: 'FAT_CHAIN_BROKEN' });
        expect(volume.issues.issues).toMatchObject([{ code: 'fat.chain-broken', data: { reason } }]);
      }
      const self = await open((bytes, healthy, first) => setEntry(bytes, healthy, first, first));
      await expect(read(self)).rejects.toMatchObject({ code: 'FAT_CHAIN_BROKEN' });
      expect(self.issues.issues).toMatchObject([{ code: 'fat.chain-loop' }]);
    });

    test('say when a chain is shorter than its file', async () => {
      const volume = await open((bytes, healthy, first) => setEntry(bytes, healthy, first + 1, 0x0fff_ffff));
      await expect(read(volume)).rejects.toMatchObject({
        code: 'FAT_CHAIN_BROKEN',
        data: { size: 60_001, covered: 2 * volume.clusterSize },
      });
      expect(volume.issues.issues).toMatchObject([{ code: 'fat.chain-short' }]);
      const source = await (await volume.lookup('/EFI/Microsoft/Boot/bootmgfw.efi'))!.stream();
      const extents = await checkExtentShape(source, 0, source.size);
      expect(extents.at(-1)).toEqual({
        offset: 2 * volume.clusterSize,
        length: 60_001 - 2 * volume.clusterSize,
        kind: 'data',
      });
    });

    test('are read through the second table when the first is damaged', async () => {
      const volume = await open((bytes, healthy) => {
        const { tables, tableLength } = healthy.geometry;
        bytes.fill(0, tables[0], tables[0] + tableLength);
      });
      expect(Buffer.compare(await read(volume), sample(2, 60_001))).toBe(0);
      expect(volume.issues.count('fat.second-table-used')).toBeGreaterThan(0);
    });

    test('come out as far as they go when the image was cut short', async () => {
      const bytes = images[type];
      const healthy = await treeByUs(await FatVolume.open(new MemorySource(bytes)));
      const volume = await FatVolume.open(new MemorySource(bytes.slice(0, Math.floor(bytes.length / 20))));
      expect(volume.issues.issues[0]).toMatchObject({
        code: 'fat.volume-truncated',
        data: { fileSystem: bytes.length },
      });
      let names = 0;
      for await (const file of walk(volume.root)) {
        expect(healthy.some((row) => row.path === file.path)).toBe(true);
        names += 1;
      }
      expect(names).toBeGreaterThan(5);
    });

    test('never make the reader hang, crash or throw something untyped', async () => {
      const original = images[type];
      const healthy = await FatVolume.open(new MemorySource(original));
      // A fixed generator (xorshift32): the same damage in every run.
      let state = 291;
      const random = (below: number): number => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % below;
      };
      const hot = healthy.geometry.dataOffset + 200 * 1024;
      for (let round = 0; round < 60; round += 1) {
        const bytes = original.slice();
        for (let i = 0; i < 40; i += 1) bytes[round % 3 === 0 ? random(512) : random(hot)] = random(256);
        try {
          const volume = await FatVolume.open(new MemorySource(bytes));
          let files = 0;
          for await (const file of walk(volume.root, 12)) {
            files += 1;
            if (files > 2000) break;
            if (file.type !== 'file') continue;
            const stream = await file.stream();
            if (stream.size > 0) await stream.read(0, Math.min(stream.size, 10_000));
          }
        } catch (error) {
          expect(isDeadboxError(error) ? '' : (error as Error).stack).toBe('');
        }
      }
    });
  });

  test('that lost sector 0 are read by the copy in sector 6 on FAT32, and refused with what was found elsewhere', async () => {
    const bytes = images.fat32.slice();
    bytes.fill(0, 0, 512);
    const volume = await FatVolume.open(new MemorySource(bytes));
    expect(volume.issues.issues.map((issue) => issue.code)).toEqual(['fat.backup-boot-sector-used']);
    expect((await volume.lookup('/EFI/Microsoft/Boot/BCD'))?.size).toBe(24_576);
    const small = images.fat12.slice();
    small.fill(0, 0, 512);
    await expect(FatVolume.open(new MemorySource(small))).rejects.toMatchObject({
      code: 'FAT_NOT_FAT',
      message: expect.stringContaining('only zeros'),
    });
  });

  test('are read by the one table that FAT32 says is kept up to date, where there is such a table', async () => {
    // Microsoft FAT specification 1.03, BPB_ExtFlags: bit 7, and the number of the table in bits 0 to 3.
    const bytes = images.fat32.slice();
    const [first, second] = (await FatVolume.open(new MemorySource(bytes))).geometry.tables;
    const tablesOf = async (flags: number): Promise<readonly number[]> => {
      bytes[0x28] = flags;
      return (await FatVolume.open(new MemorySource(bytes))).geometry.tables;
    };
    expect(await tablesOf(0x01)).toEqual([first, second]);
    expect(await tablesOf(0x81)).toEqual([second, first]);
    expect(await tablesOf(0x82)).toEqual([first, second]);
  });

  test('with parts of long names that belong to nothing show the short name', async () => {
    const bytes = images.fat16.slice();
    const healthy = await FatVolume.open(new MemorySource(bytes));
    const { offset, length } = healthy.geometry.root;
    // The checksum of the first long-name part in the root.
    for (let at = offset; at < offset + length; at += 32) {
      if (bytes[at + 0x0b] === 0x0f && bytes[at] !== 0xe5) {
        bytes[at + 0x0d] ^= 0xff;
        break;
      }
    }
    const volume = await FatVolume.open(new MemorySource(bytes));
    const before = (await treeByUs(healthy)).map((row) => row.path);
    const after = (await treeByUs(volume)).map((row) => row.path);
    expect(after).toHaveLength(before.length);
    expect(after.filter((path) => !before.includes(path)).every((path) => /^\/[^/]*~1/.test(path))).toBe(true);
    expect(volume.issues.count('fat.long-name-orphan')).toBe(1);
  });

  test('that are not FAT at all are refused with a typed error', async () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(100),
      new Uint8Array(512),
      new Uint8Array(4096).fill(0xff),
      sample(5, 65536),
    ]) {
      await expect(FatVolume.open(new MemorySource(bytes))).rejects.toMatchObject({ code: 'FAT_NOT_FAT' });
    }
  });
});
