import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, CachedSource, CountingSource, crc32, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { classifyRole, readPartitionTable } from '@deadbox/partitions';
import { beforeAll, describe, expect, test } from 'vitest';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const MIB = 1 << 20;

/** The crashed server's layout, with unordered entries and a name outside ASCII. */
const LAYOUT = [
  '-U', '5EED0000-0000-4000-8000-000000000001',
  '-n', '1:2048:+16M', '-t', '1:EF00', '-c', '1:EFI system partition', '-u', '1:5EED0000-0000-4000-8000-000000000011',
  '-n', '2:0:+4M', '-t', '2:0C01', '-u', '2:5EED0000-0000-4000-8000-000000000012',
  '-n', '4:0:+24M', '-t', '4:0700', '-c', '4:Größe 報告', '-u', '4:5EED0000-0000-4000-8000-000000000014',
  '-n', '3:0:+8M', '-t', '3:2700', '-u', '3:5EED0000-0000-4000-8000-000000000013', '-A', '3:set:0', '-A', '3:set:63',
]; // biome-ignore format: one partition a line

function memory(bytes: Bytes, sectorSize?: 512 | 4096): MemorySource {
  return new MemorySource(bytes, sectorSize === undefined ? {} : { sectorSize });
}

async function codes(source: MemorySource): Promise<[string, string[], number]> {
  const table = await readPartitionTable(source);
  return [`${table.kind} ${table.header}`, table.issues.map((issue) => issue.code), table.partitions.length];
}

describeWithTools(['sgdisk', 'sfdisk', 'mmls'], 'GPT disks made by sgdisk', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'gpt.raw');
  let disk: Bytes;

  beforeAll(() => {
    writeFileSync(path, '');
    truncateSync(path, 64 * MIB);
    run('sgdisk', [...LAYOUT, path]);
    disk = new Uint8Array(readFileSync(path));
  });

  const damaged = (change: (copy: Bytes) => void): MemorySource => {
    const copy = disk.slice();
    change(copy);
    return memory(copy);
  };
  test('reads what sfdisk reads, without an issue', async () => {
    const oracle = JSON.parse(run('sfdisk', ['--json', path])).partitiontable;
    const table = await readPartitionTable(memory(disk));
    expect(table).toMatchObject({ kind: 'gpt', sectorSize: 512, header: 'primary', diskId: oracle.id, issues: [] });
    const bySlot = [...table.partitions].sort((a, b) => a.slot - b.slot);
    expect(bySlot.map((p) => [p.slot, p.offset / 512, p.length / 512, p.type, p.id, p.name])).toEqual(
      oracle.partitions.map(
        (p: { node: string; start: number; size: number; type: string; uuid: string; name?: string }) => [
          Number(p.node.slice(path.length)),
          p.start,
          p.size,
          p.type,
          p.uuid,
          p.name ?? '',
        ],
      ),
    );
  });

  test('numbers partitions by their place on the disk, whatever their entry', async () => {
    const table = await readPartitionTable(memory(disk));
    expect(table.partitions.map((p) => [p.number, p.slot])).toEqual([
      [1, 1],
      [2, 2],
      [3, 4],
      [4, 3],
    ]);
  });

  test('names types, roles and attribute bits', async () => {
    const { partitions } = await readPartitionTable(memory(disk));
    expect(partitions.map((p) => p.typeName)).toEqual([
      'EFI System',
      'Microsoft Reserved',
      'Microsoft Basic Data',
      'Windows Recovery',
    ]);
    expect(partitions.map((p) => classifyRole(p))).toEqual(['efi-system', 'microsoft-reserved', 'data', 'recovery']);
    expect(partitions[3]).toMatchObject({ attributes: '8000000000000001', flags: ['required', 'no-drive-letter'] });
  });

  test('points at the bytes of each entry', async () => {
    const { partitions } = await readPartitionTable(memory(disk));
    const { offset, length } = partitions[2].entry;
    expect([offset, length]).toEqual([1024 + 3 * 128, 128]);
    expect(Buffer.from(disk.subarray(offset + 0x38, offset + 0x38 + 20)).toString('utf16le')).toBe('Größe 報告\0\0');
  });

  test('costs one read at the start and one at the end behind a 16 KiB cache', async () => {
    const counting = new CountingSource(memory(disk));
    await readPartitionTable(new CachedSource(counting, { blockSize: 16384 }));
    expect([counting.reads, counting.bytes]).toEqual([2, 3 * 16384]);
  });

  test('uses the backup when the primary header is gone, and says so', async () => {
    expect(await codes(damaged((copy) => copy.fill(0, 512, 1024)))).toEqual([
      'gpt backup',
      ['gpt.header-damaged', 'gpt.backup-used'],
      4,
    ]);
    const healthy = await readPartitionTable(memory(disk));
    const rescued = await readPartitionTable(damaged((copy) => copy.fill(0, 512, 1024)));
    expect(rescued.partitions.map((p) => [p.id, p.offset, p.length])).toEqual(
      healthy.partitions.map((p) => [p.id, p.offset, p.length]),
    );
    expect(rescued.partitions[0].entry.offset).toBe(64 * MIB - 33 * 512);
  });

  test('uses the backup when one bit of the primary header or of its entries is wrong', async () => {
    expect(await codes(damaged((copy) => (copy[512 + 0x38] ^= 1)))).toEqual([
      'gpt backup',
      ['gpt.header-damaged', 'gpt.backup-used'],
      4,
    ]);
    expect(await codes(damaged((copy) => (copy[1024 + 0x20] ^= 1)))).toEqual([
      'gpt backup',
      ['gpt.entries-damaged', 'gpt.backup-used'],
      4,
    ]);
  });

  test('finds the backup without MBR and primary header', async () => {
    expect(await codes(damaged((copy) => copy.fill(0, 0, 17408)))).toEqual([
      'gpt backup',
      ['gpt.header-damaged', 'gpt.backup-used', 'gpt.protective-mbr-missing'],
      4,
    ]);
  });

  test('still lists partitions when every checksum is wrong', async () => {
    const source = damaged((copy) => {
      copy[512 + 0x10] ^= 1;
      copy[copy.length - 512 + 0x10] ^= 1;
    });
    expect(await codes(source)).toEqual(['gpt primary', ['gpt.header-damaged', 'gpt.header-damaged'], 4]);
  });

  test('says that a GPT disk without headers has lost them', async () => {
    const source = damaged((copy) => {
      copy.fill(0, 512, 1024);
      copy.fill(0, copy.length - 512);
    });
    const table = await readPartitionTable(source);
    expect(table).toMatchObject({ kind: 'gpt', partitions: [] });
    expect(table.issues).toMatchObject([
      {
        code: 'gpt.header-damaged',
        severity: 'error',
        at: { layer: 'disk', offset: 512 },
        data: { copy: 'primary', reason: 'signature' },
      },
      { code: 'gpt.header-damaged', at: { offset: 64 * MIB - 512 }, data: { copy: 'backup' } },
    ]);
  });

  test('notes a lost backup and a missing protective MBR on a disk that still works', async () => {
    expect(await codes(damaged((copy) => copy.fill(0, copy.length - 512)))).toEqual([
      'gpt primary',
      ['gpt.header-damaged'],
      4,
    ]);
    expect(await codes(damaged((copy) => copy.fill(0, 0, 512)))).toEqual([
      'gpt primary',
      ['gpt.protective-mbr-missing'],
      4,
    ]);
  });

  test('notes a backup that an enlarged disk left behind, and finds it there when the primary is gone', async () => {
    const enlarged = new Uint8Array(80 * MIB);
    enlarged.set(disk);
    expect(await codes(memory(enlarged))).toEqual(['gpt primary', ['gpt.backup-not-at-end'], 4]);
    enlarged.fill(0, 512, 1024);
    expect(await codes(memory(enlarged))).toEqual([
      'gpt backup',
      ['gpt.header-damaged', 'gpt.backup-not-at-end', 'gpt.backup-used'],
      4,
    ]);
  });

  test('keeps the partitions of an image that was cut short, with what is left of them', async () => {
    const table = await readPartitionTable(memory(disk.slice(0, 30 * MIB)));
    expect(table.partitions.map((p) => [p.length / MIB, p.present / MIB])).toEqual([
      [16, 16],
      [4, 4],
      [24, 9],
      [8, 0],
    ]);
    expect(table.issues.map((issue) => issue.code)).toEqual([
      'gpt.header-damaged',
      'partition.outside-disk',
      'partition.outside-disk',
    ]);
  });

  test('notes copies that disagree', async () => {
    const source = damaged((copy) => {
      const header = copy.length - 512;
      copy[header + 0x38] ^= 1;
      const view = new DataView(copy.buffer);
      view.setUint32(header + 0x10, 0, true);
      view.setUint32(header + 0x10, crc32(copy.subarray(header, header + 92)), true);
    });
    const table = await readPartitionTable(source);
    expect(table.issues).toMatchObject([{ code: 'gpt.copies-differ', data: { fields: ['diskId'] } }]);
  });

  test('reports partitions that overlap, leave the disk or end before they begin', async () => {
    const source = damaged((copy) => {
      const view = new DataView(copy.buffer);
      view.setBigUint64(1024 + 0x28, 40000n, true);
      view.setBigUint64(1024 + 3 * 128 + 0x28, 0x1_0000_0000n, true);
      view.setBigUint64(1024 + 2 * 128 + 0x28, 5n, true);
      view.setUint32(512 + 0x58, crc32(copy.subarray(1024, 1024 + 16384)), true);
      view.setUint32(512 + 0x10, 0, true);
      view.setUint32(512 + 0x10, crc32(copy.subarray(512, 604)), true);
    });
    const table = await readPartitionTable(source);
    expect(table.issues.map((issue) => [issue.code, issue.data.slot])).toEqual([
      ['gpt.copies-differ', undefined],
      ['partition.inverted', 3],
      ['partition.overlap', 2],
      ['partition.outside-disk', 4],
    ]);
    expect(table.partitions).toHaveLength(3);
  });

  test('survives hostile counts, sizes and sectors in both headers', async () => {
    const forged: [number, number, bigint][] = [
      [0x50, 4, 0xffff_ffffn],
      [0x54, 4, 0n],
      [0x54, 4, 0xffff_ff80n],
      [0x48, 8, 0xffff_ffff_ffff_ffffn],
      [0x48, 8, 0n],
      [0x0c, 4, 0xffff_ffffn],
    ];
    for (const [field, width, value] of forged) {
      const source = damaged((copy) => {
        const view = new DataView(copy.buffer);
        for (const header of [512, copy.length - 512]) {
          if (width === 4) view.setUint32(header + field, Number(value), true);
          else view.setBigUint64(header + field, value, true);
          view.setUint32(header + 0x10, 0, true);
          view.setUint32(header + 0x10, crc32(copy.subarray(header, header + 92)), true);
        }
      });
      const table = await readPartitionTable(source);
      expect(table.kind).toBe('gpt');
      expect(table.issues.length).toBeGreaterThan(0);
    }
  });

  test('treats an MBR with partitions as the truth over GPT headers left from earlier', async () => {
    const source = damaged((copy) => {
      copy[0x1be + 4] = 0x07;
      new DataView(copy.buffer).setUint32(0x1be + 8, 2048, true);
      new DataView(copy.buffer).setUint32(0x1be + 12, 4096, true);
    });
    const table = await readPartitionTable(source);
    expect(table).toMatchObject({ kind: 'mbr', partitions: [{ offset: MIB, length: 2 * MIB }] });
    expect(table.issues.map((issue) => issue.code)).toEqual(['gpt.unused-headers']);
  });

  test('reads the GPT of a hybrid disk', async () => {
    const hybrid = join(folder, 'hybrid.raw');
    writeFileSync(hybrid, disk);
    run('sgdisk', ['-h', '1', hybrid]);
    const bytes = new Uint8Array(readFileSync(hybrid));
    const table = await readPartitionTable(memory(bytes));
    expect([table.kind, table.partitions.length, table.issues.map((issue) => issue.code)]).toEqual([
      'gpt',
      4,
      ['gpt.hybrid-mbr'],
    ]);
    bytes.fill(0, 512, 1024);
    bytes.fill(0, bytes.length - 512);
    const fallback = await readPartitionTable(memory(bytes));
    expect([fallback.kind, fallback.partitions.map((p) => p.offset)]).toEqual(['mbr', [MIB]]);
    rmSync(hybrid);
  });

  test('reads tables with more entries than usual', async () => {
    const many = join(folder, 'many.raw');
    writeFileSync(many, '');
    truncateSync(many, 16 * MIB);
    const entries = Array.from({ length: 200 }, (_, i) => [
      '-n',
      `${i + 1}:${2048 + i * 8}:${2048 + i * 8 + 7}`,
    ]).flat();
    run('sgdisk', ['-a', '1', '--resize-table=256', ...entries, many]);
    const table = await readPartitionTable(memory(new Uint8Array(readFileSync(many))));
    expect([table.partitions.length, table.issues]).toEqual([200, []]);
    expect(table.partitions[199]).toMatchObject({
      number: 200,
      slot: 200,
      offset: (2048 + 199 * 8) * 512,
      length: 8 * 512,
    });
  });

  test('tells LDM and Storage Spaces disks', async () => {
    for (const [type, kind] of [
      ['5808C8AA-7E8F-42E0-85D2-E1E90434CFB3', 'ldm'],
      ['E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D', 'storage-spaces'],
    ] as const) {
      const member = join(folder, `${kind}.raw`);
      writeFileSync(member, '');
      truncateSync(member, 4 * MIB);
      run('sgdisk', ['-n', '1:2048:0', '-t', `1:${type}`, member]);
      const table = await readPartitionTable(memory(new Uint8Array(readFileSync(member))));
      expect(table.volumeManager).toEqual({ kind, offset: 1024, length: 128 });
    }
  });

  describe.skipIf(!canMount)('with 4096-byte sectors', () => {
    test('finds the sector size of an image and of its loop device', async () => {
      const native = join(folder, '4kn.raw');
      writeFileSync(native, '');
      truncateSync(native, 64 * MIB);
      const device = run('losetup', ['--show', '-f', '-b', '4096', native]).trim();
      try {
        run('sgdisk', ['-n', '1:256:+16M', '-t', '1:EF00', '-n', '2:0:0', '-t', '2:0700', device]);
        const table = await readPartitionTable(memory(new Uint8Array(readFileSync(native))));
        expect(table).toMatchObject({ kind: 'gpt', sectorSize: 4096, header: 'primary', issues: [] });
        const oracle = JSON.parse(run('sfdisk', ['--json', device])).partitiontable;
        expect(oracle.sectorsize).toBe(4096);
        expect(table.partitions.map((p) => [p.offset, p.length, p.id])).toEqual(
          oracle.partitions.map((p: { start: number; size: number; uuid: string }) => [
            p.start * 4096,
            p.size * 4096,
            p.uuid,
          ]),
        );
        const source = await openFile(device);
        expect(await readPartitionTable(source)).toEqual(table);
        await source.close?.();
        const cut = new Uint8Array(readFileSync(native));
        cut.fill(0, 4096, 8192);
        const rescued = await readPartitionTable(memory(cut));
        expect(rescued).toMatchObject({ kind: 'gpt', sectorSize: 4096, header: 'backup' });
        // The same bytes behind a device that says 512, as an image of a 4Kn disk attached without -b.
        expect((await readPartitionTable(memory(cut, 512))).partitions).toEqual(rescued.partitions);
      } finally {
        run('losetup', ['-d', device]);
      }
    });
  });
});
