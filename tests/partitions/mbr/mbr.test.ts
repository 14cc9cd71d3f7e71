import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, CountingSource, IssueLog, MemorySource } from '@deadbox/core';
import { classifyRole, mbrPartitionId, partitionTypeName, readPartitionTable } from '@deadbox/partitions';
import { parseBootRecord } from '@deadbox/partitions/internals';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const MIB = 1 << 20;

/** Writes one 16-byte entry: indicator, type, first sector, sectors. */
function entry(
  disk: Bytes,
  sectorOffset: number,
  slot: number,
  indicator: number,
  type: number,
  first: number,
  sectors: number,
): void {
  const at = sectorOffset + 0x1be + slot * 16;
  disk[at] = indicator;
  disk[at + 4] = type;
  new DataView(disk.buffer).setUint32(at + 8, first, true);
  new DataView(disk.buffer).setUint32(at + 12, sectors, true);
  disk[sectorOffset + 510] = 0x55;
  disk[sectorOffset + 511] = 0xaa;
}

describeWithTools(['sfdisk', 'mmls'], 'MBR disks made by sfdisk', () => {
  const folder = temporaryFolder();
  const make = (name: string, script: string, size = 64 * MIB): string => {
    const path = join(folder, name);
    writeFileSync(path, '');
    truncateSync(path, size);
    run('sfdisk', ['-q', path], { input: script });
    return path;
  };

  test('reads primary and logical partitions as sfdisk and mmls do', async () => {
    const path = make(
      'logical.raw',
      'label: dos\nlabel-id: 0xb3eba8f1\n2048,8M,7,*\n,4M,27\n,40M,f\n5 : size=4M,type=7\n6 : size=4M,type=83\n7 : size=8M,type=c\n',
    );
    const oracle = JSON.parse(run('sfdisk', ['--json', path])).partitiontable.partitions as {
      node: string;
      start: number;
      size: number;
      type: string;
    }[];
    const table = await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(path))));
    expect(table).toMatchObject({ kind: 'mbr', sectorSize: 512, diskId: 'B3EBA8F1', issues: [] });
    expect(table.partitions.map((p) => [p.slot, p.offset / 512, p.length / 512, Number(p.type)])).toEqual(
      oracle
        .filter((p) => p.type !== 'f')
        .map((p) => [Number(p.node.slice(path.length)), p.start, p.size, Number.parseInt(p.type, 16)]),
    );
    const mmls = run('mmls', [path])
      .split('\n')
      .flatMap((line) => /^\d+:\s+\d{3}:\d{3}\s+(\d+)/.exec(line)?.[1] ?? []);
    expect(table.partitions.map((p) => p.offset / 512)).toEqual(mmls.map(Number));
    expect(table.partitions.map((p) => [p.bootable, p.logical])).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [false, true],
      [false, true],
    ]);
    expect(table.partitions[0].id).toBe('B3EBA8F1-00100000');
    expect(table.partitions.map((p) => classifyRole(p))).toEqual(['data', 'recovery', 'data', 'unknown', 'data']);
  });

  test('finds fifty logical partitions', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => `${i + 5} : size=64K,type=7`).join('\n');
    const path = make('fifty.raw', `label: dos\n2048,200M,f\n${lines}\n`, 256 * MIB);
    const oracle = JSON.parse(run('sfdisk', ['--json', path])).partitiontable.partitions as {
      start: number;
      type: string;
    }[];
    const table = await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(path))));
    expect(table.partitions.map((p) => p.offset / 512)).toEqual(
      oracle.filter((p) => p.type === '7').map((p) => p.start),
    );
    expect(table.partitions).toHaveLength(50);
  });
});

describeWithTools(['mkntfs', 'mkfs.vfat'], 'sector 0 of formatted volumes', () => {
  const folder = temporaryFolder();
  test('is no partition table', async () => {
    for (const [name, tool, args] of [
      ['ntfs', 'mkntfs', ['-F', '-f', '-q']],
      ['fat32', 'mkfs.vfat', ['-F', '32']],
      ['fat16', 'mkfs.vfat', ['-F', '16']],
      ['fat12', 'mkfs.vfat', ['-F', '12']],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, '');
      truncateSync(path, name === 'fat32' ? 64 * MIB : name === 'fat16' ? 32 * MIB : 8 * MIB);
      run(tool, [...args, path]);
      expect([name, (await readPartitionTable(new MemorySource(new Uint8Array(readFileSync(path))))).kind]).toEqual([
        name,
        'none',
      ]);
    }
  });
});

describe('MBR', () => {
  const size = 4 * MIB;

  test('of 4096-byte sectors is told by the boot sector of its first partition', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0x80, 0x07, 256, 512);
    disk.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')], 256 * 4096);
    expect(await readPartitionTable(new MemorySource(disk))).toMatchObject({
      sectorSize: 4096,
      partitions: [{ offset: MIB, length: 2 * MIB }],
    });
    disk.fill(0, MIB);
    disk.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')], 256 * 512);
    expect(await readPartitionTable(new MemorySource(disk))).toMatchObject({
      sectorSize: 512,
      partitions: [{ offset: 256 * 512 }],
    });
  });

  test('chain that loops ends, and says so', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x0f, 64, 4096);
    entry(disk, 64 * 512, 0, 0, 0x07, 8, 8);
    entry(disk, 64 * 512, 1, 0, 0x05, 100, 8);
    entry(disk, 164 * 512, 0, 0, 0x07, 8, 8);
    entry(disk, 164 * 512, 1, 0, 0x05, 0, 8);
    const table = await readPartitionTable(new MemorySource(disk));
    expect(table.partitions.map((p) => [p.slot, p.offset / 512])).toEqual([
      [5, 72],
      [6, 172],
    ]);
    expect(table.issues).toMatchObject([
      { code: 'mbr.extended-loop', at: { layer: 'disk', offset: 64 * 512 }, data: { sector: 64 } },
    ]);
  });

  test('chain of thousands of records is cut', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x0f, 1, 8000);
    for (let i = 0; i < 2000; i += 1) {
      entry(disk, (1 + i * 2) * 512, 0, 0, 0x07, 1, 1);
      entry(disk, (1 + i * 2) * 512, 1, 0, 0x05, (i + 1) * 2, 2);
    }
    const counting = new CountingSource(new MemorySource(disk));
    const table = await readPartitionTable(counting);
    expect(table.partitions).toHaveLength(256);
    expect(counting.reads).toBeLessThan(260);
  });

  test('short chain of records with many partitions each is cut at their number, and says so', async () => {
    const partitions = async (count: number) => {
      const disk = new Uint8Array(size);
      entry(disk, 0, 0, 0, 0x0f, 1, 8000);
      for (let i = 0; i * 3 < count; i += 1) {
        for (let slot = 0; slot < Math.min(3, count - i * 3); slot += 1)
          entry(disk, (1 + i * 8) * 512, slot, 0, 0x07, 1 + slot, 1);
        if ((i + 1) * 3 < count) entry(disk, (1 + i * 8) * 512, 3, 0, 0x05, (i + 1) * 8, 8);
      }
      const table = await readPartitionTable(new MemorySource(disk));
      return [table.partitions.length, table.issues.map(({ code, data }) => [code, data])];
    };
    expect(await partitions(256)).toEqual([256, []]);
    expect(await partitions(257)).toEqual([256, [['mbr.extended-capped', { limit: 256 }]]]);
  });

  test('chain of hundreds of records without a partition is cut, and says so', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x0f, 1, 8000);
    for (let i = 0; i < 300; i += 1) entry(disk, (1 + i * 2) * 512, 0, 0, 0x05, (i + 1) * 2, 2);
    const table = await readPartitionTable(new MemorySource(disk));
    expect(table.partitions).toEqual([]);
    expect(table.issues).toMatchObject([
      { code: 'mbr.extended-capped', at: { layer: 'disk', offset: 513 * 512 }, data: { limit: 256 } },
    ]);
  });

  test('of 4096-byte sectors is told by its second partition where the start of the first cannot be read', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0x80, 0x07, 256, 256);
    entry(disk, 0, 1, 0, 0x07, 512, 256);
    disk.set([0xeb, 0x52, 0x90, ...new TextEncoder().encode('NTFS    ')], 512 * 4096);
    const bad = [256 * 4096, 256 * 512].map((offset) => ({ offset, length: 512 }));
    const table = await readPartitionTable(withBadPlaces(new MemorySource(disk), bad));
    expect([table.sectorSize, table.partitions.map(({ offset }) => offset)]).toEqual([4096, [MIB, 2 * MIB]]);
  });

  test('chain that leaves the disk or loses its signature is cut with an issue', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x05, 0xffff_fff0, 100);
    entry(disk, 0, 1, 0, 0x05, 64, 100);
    const table = await readPartitionTable(new MemorySource(disk));
    expect(table.issues.map((issue) => [issue.code, issue.data.reason])).toEqual([
      ['mbr.extended-broken', 'not on the disk'],
      ['mbr.extended-broken', 'no 55 AA signature'],
    ]);
  });

  test('chain that leads to what is no boot record is cut, and says by what it is known', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x05, 64, 100);
    entry(disk, 64 * 512, 0, 0x33, 0x07, 8, 8);
    const table = await readPartitionTable(new MemorySource(disk));
    expect(table.issues.map((issue) => [issue.code, issue.data.reason])).toEqual([
      ['mbr.extended-broken', 'boot indicator'],
    ]);
  });

  test('logical partition outside its extended partition is listed and noted', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x05, 64, 100);
    entry(disk, 64 * 512, 0, 0, 0x07, 8, 1000);
    const table = await readPartitionTable(new MemorySource(disk));
    expect(table.partitions).toMatchObject([{ offset: 72 * 512, length: 1000 * 512, logical: true }]);
    expect(table.issues.map((issue) => issue.code)).toEqual(['mbr.logical-outside-extended']);
  });

  test('with other bytes than 00 and 80 as boot indicator is none', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0x80, 0x07, 64, 100);
    entry(disk, 0, 1, 0x6d, 0x73, 64, 100);
    const table = await readPartitionTable(new MemorySource(disk));
    expect([table.kind, table.issues.map((issue) => issue.code)]).toEqual(['none', ['mbr.boot-indicator']]);
  });

  test('of a dynamic disk names LDM, by the private header where it is', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x42, 63, 4000);
    expect((await readPartitionTable(new MemorySource(disk))).volumeManager).toEqual({
      kind: 'ldm',
      offset: 0x1be,
      length: 16,
    });
    disk.set(new TextEncoder().encode('PRIVHEAD'), 6 * 512);
    expect((await readPartitionTable(new MemorySource(disk))).volumeManager).toEqual({
      kind: 'ldm',
      offset: 3072,
      length: 8,
    });
  });

  test('without signature gives neither disk nor partition an id', async () => {
    const disk = new Uint8Array(size);
    entry(disk, 0, 0, 0, 0x07, 64, 100);
    expect(await readPartitionTable(new MemorySource(disk))).toMatchObject({
      diskId: undefined,
      partitions: [{ id: undefined }],
    });
  });

  test('hands its issues to the log of the caller too', async () => {
    const disk = new Uint8Array(MIB);
    entry(disk, 0, 0, 0, 0x07, 64, 100_000);
    const issues = new IssueLog();
    await readPartitionTable(new MemorySource(disk), { issues });
    expect(issues.issues.map((issue) => issue.code)).toEqual(['partition.outside-disk']);
  });

  test('of tiny and empty sources is none', async () => {
    for (const length of [0, 1, 100, 511, 512, 513, 4095]) {
      expect((await readPartitionTable(new MemorySource(new Uint8Array(length)))).kind).toBe('none');
      expect((await readPartitionTable(new MemorySource(new Uint8Array(length).fill(0xff)))).kind).toBe('none');
    }
    expect(parseBootRecord(new Uint8Array(100))).toBeUndefined();
  });

  test('ends with the signal of the caller', async () => {
    const source = {
      size: 4096,
      read: (_o: number, l: number, options?: { signal?: AbortSignal }) => (
        options?.signal?.throwIfAborted(), new Uint8Array(l)
      ),
    };
    await expect(readPartitionTable(source, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});

describe('identifiers', () => {
  test('join signature and offset as MountedDevices holds them', () => {
    // AE4645DF 0000501F00000000 of a real SYSTEM hive: signature 0xDF4546AE, offset 0x1F500000.
    expect(mbrPartitionId('df4546ae', 0x1f50_0000)).toBe('DF4546AE-1F500000');
  });

  test('have names', () => {
    expect(partitionTypeName('ebd0a0a2-b9e5-4433-87c0-68b6b72699c7')).toBe('Microsoft Basic Data');
    expect(partitionTypeName('0x0C')).toBe('FAT32 (LBA)');
    expect(partitionTypeName('0xDB')).toBeUndefined();
  });
});

describe('roles', () => {
  const basic = { type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', bootable: false };
  const mbr = { type: '0x07', bootable: true };
  test('follow what the volume holds before its type', () => {
    expect(classifyRole(basic, { fileSystem: 'ntfs', holdsWindows: true })).toBe('windows');
    expect(classifyRole(mbr, { fileSystem: 'ntfs', holdsBootManager: true })).toBe('system-reserved');
    expect(classifyRole(mbr, { fileSystem: 'ntfs', holdsBootManager: true, holdsWindows: true })).toBe('windows');
    expect(classifyRole({ type: '0x27', bootable: true }, { holdsBootManager: true })).toBe('system-reserved');
    expect(classifyRole({ type: '0x27', bootable: false }, { holdsRecovery: true })).toBe('recovery');
    expect(classifyRole(basic, { fileSystem: 'ntfs', holdsRecovery: true })).toBe('recovery');
    expect(classifyRole(basic, { fileSystem: 'fat32', holdsEfiBoot: true })).toBe('efi-system');
    expect(classifyRole({ type: '0xEF', bootable: false })).toBe('efi-system');
    expect(classifyRole(undefined, { fileSystem: 'ntfs' })).toBe('data');
    expect(classifyRole(undefined, { fileSystem: 'ext4' })).toBe('unknown');
    expect(classifyRole(undefined)).toBe('unknown');
    expect(classifyRole({ type: '0x27', bootable: true }, { holdsBootManager: true, holdsRecovery: true })).toBe(
      'recovery',
    );
    expect(classifyRole({ type: '0x83', bootable: false })).toBe('unknown');
  });
});
