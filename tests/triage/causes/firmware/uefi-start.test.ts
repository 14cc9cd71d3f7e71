import { describe, expect, test } from 'vitest';
import { guidBytes } from '../../../support/bcd-writer.js';
import {
  HEALTHY_ESP_ID,
  type HealthyDraft,
  type HealthyPlaces,
  healthyDisk,
} from '../../../support/healthy/healthy-disk.js';
import type { SparseMemory } from '../../../support/healthy/sparse-memory.js';
import { bootOption, filePath, variable, writeMeasuredLog } from '../../../support/measured-boot-writer.js';
import { NtfsVolumeWriter } from '../../../support/ntfs-writer/ntfs-volume.js';
import { partOf } from '../../../support/ntfs-writer/sink.js';
import { asking, causeOf, reportOf } from '../../../support/triage/found-causes.js';

type Patch = (disk: SparseMemory, places: HealthyPlaces) => void;

const uefi = (change?: (draft: HealthyDraft) => void, patch?: Patch): Promise<SparseMemory> =>
  healthyDisk({
    firmware: 'uefi',
    ...(patch === undefined ? {} : { patch }),
    ...(change === undefined ? {} : { change }),
  });

const MANAGER = '/EFI/Microsoft/Boot/bootmgfw.efi';
const FALLBACK = '/EFI/Boot/bootx64.efi';

test('a healthy UEFI disk has nothing that asks for anything, and says which firmware it needs', async () => {
  const report = await reportOf(await uefi());
  expect(asking(report)).toEqual([]);
  expect(report.starts).toBe('nothing-found');
  expect(causeOf(report, 'layout-vs-firmware')).toMatchObject({ severity: 'none', data: { firmware: 'uefi' } });
});

describe('the machine that is meant', () => {
  test('has firmware that cannot start the disk: that is the cause', async () => {
    const report = await reportOf(await uefi(), { target: 'hyper-v-gen1' });
    expect(causeOf(report, 'layout-vs-firmware')).toMatchObject({ severity: 'act', confidence: 'proves' });
  });

  test('has the firmware that the disk needs: nothing', async () => {
    const report = await reportOf(await uefi(), { target: 'hyper-v-gen2' });
    expect(causeOf(report, 'layout-vs-firmware')?.severity).toBe('none');
  });
});

describe('the EFI system partition', () => {
  test('that is not there is the cause', async () => {
    const disk = await uefi(
      ({ gpt }) => void gpt.splice(0, 1),
      (sink, { system }) => sink.write(system, new Uint8Array(4096)),
    );
    expect(asking(await reportOf(disk))).toEqual(['esp-missing act proves']);
  });

  test('with another type speaks for a start that fails', async () => {
    const disk = await uefi(({ gpt }) => {
      if (gpt[0] !== undefined) gpt[0].type = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
    });
    expect(asking(await reportOf(disk))).toEqual(['esp-type-wrong review strong']);
  });

  test('without a FAT file system is the cause', async () => {
    const disk = await uefi(undefined, (sink, { system }) => {
      for (const sector of [0, 6]) sink.write(system + sector * 512, new Uint8Array(512));
    });
    expect(asking(await reportOf(disk))).toEqual(['esp-unreadable act proves']);
  });

  test('with NTFS in place of FAT is the cause: firmware reads no other file system', async () => {
    const size = 64 << 20;
    const disk = await uefi(undefined, (sink, { system }) => {
      const writer = new NtfsVolumeWriter(partOf(sink, system), { size, hiddenSectors: system / 512 });
      writer.tree.addFile(writer.tree.folder('/EFI/Microsoft/Boot'), 'bootmgfw.efi', { content: new Uint8Array(64) });
      writer.finish();
    });
    const [first] = asking(await reportOf(disk));
    expect(first).toBe('esp-unreadable act proves');
  });

  test('may lie on an MBR disk, which has no active partition then', async () => {
    const report = await reportOf(await healthyDisk({ table: 'mbr' }));
    expect(asking(report)).toEqual([]);
    expect(report.starts).toBe('nothing-found');
    expect(causeOf(report, 'layout-vs-firmware')).toMatchObject({ severity: 'none', data: { firmware: 'uefi' } });
  });

  test('on which the chain of the boot manager is broken is the cause', async () => {
    const disk = await uefi(
      ({ systemFiles }) => {
        const old = systemFiles[MANAGER];
        const long = new Uint8Array(200_000);
        long.set(old ?? []);
        systemFiles[MANAGER] = long;
      },
      (sink, { system }) => cutChain(sink, system),
    );
    expect(asking(await reportOf(disk))).toEqual(['esp-unreadable act proves']);
  });
});

/** Frees the third cluster of the longest chain in both tables of the FAT32 volume at `system`. */
function cutChain(sink: SparseMemory, system: number): void {
  const boot = new DataView(sink.read(system, 512).buffer);
  const [reserved, tableSectors] = [boot.getUint16(0x0e, true), boot.getUint32(0x24, true)];
  const table = new DataView(sink.read(system + reserved * 512, 16_384).buffer);
  let run = 0;
  let best = { length: 0, end: 0 };
  for (let cluster = 2; cluster < 4096; cluster += 1) {
    run = table.getUint32(cluster * 4, true) === cluster + 1 ? run + 1 : 0;
    if (run > best.length) best = { length: run, end: cluster };
  }
  const middle = best.end - Math.floor(best.length / 2);
  for (const copy of [0, 1])
    sink.write(system + (reserved + copy * tableSectors) * 512 + middle * 4, new Uint8Array(4));
}

describe("Windows' boot manager on it", () => {
  test.each<[string, (old: Uint8Array) => Uint8Array | undefined]>([
    ['absent', () => undefined],
    ['empty', () => new Uint8Array(0)],
    ['zeros', (old) => new Uint8Array(old.length)],
    ['truncated', (old) => old.slice(0, old.length - 600)],
    ['not-pe', (old) => old.map((value, at) => (at < 2 ? 0x20 : value))],
  ])('that is %s is the cause, and the copy that Windows has is named', async (state, change) => {
    const disk = await uefi(({ systemFiles }) => {
      const content = change(systemFiles[MANAGER] ?? new Uint8Array(0));
      if (content === undefined) delete systemFiles[MANAGER];
      else systemFiles[MANAGER] = content;
    });
    const report = await reportOf(disk);
    expect(asking(report)).toEqual(['bootmgfw-missing act proves']);
    expect(causeOf(report, 'bootmgfw-missing')?.data).toMatchObject({
      state,
      copy: '/Windows/Boot/EFI/bootmgfw.efi',
      fallback: FALLBACK,
    });
  });

  test('whose checksum does not fit its content speaks for damage', async () => {
    const disk = await uefi(({ systemFiles }) => {
      const content = Uint8Array.from(systemFiles[MANAGER] ?? []);
      content[0x410] = (content[0x410] ?? 0) ^ 0x40;
      systemFiles[MANAGER] = content;
    });
    expect(asking(await reportOf(disk))).toEqual(['boot-manager-damaged review strong']);
  });

  test('that is another build than the one in the Windows folder is only worth knowing', async () => {
    const disk = await uefi(({ files }) => {
      const staged = files['/Windows/Boot/EFI/bootmgfw.efi'];
      const content = Uint8Array.from(staged?.content ?? []);
      new DataView(content.buffer).setUint32(0x88, 0x65000000, true);
      if (staged !== undefined) staged.content = content;
    });
    const report = await reportOf(disk);
    expect(asking(report)).toEqual([]);
    expect(causeOf(report, 'bootmgfw-differs')).toMatchObject({ severity: 'none' });
  });
});

describe('the fallback file', () => {
  test('that is missing speaks for a start that fails on new firmware', async () => {
    const disk = await uefi(({ systemFiles }) => void delete systemFiles[FALLBACK]);
    const report = await reportOf(disk);
    expect(asking(report)).toEqual(['efi-fallback-missing review strong']);
    expect(causeOf(report, 'efi-fallback-missing')?.data).toMatchObject({ path: FALLBACK, copy: MANAGER });
  });

  test('of another boot loader is a hint', async () => {
    const disk = await uefi(({ systemFiles }) => {
      const content = systemFiles[MANAGER] ?? new Uint8Array(0);
      const grown = new Uint8Array(content.length + 512);
      grown.set(content);
      grown.set(new TextEncoder().encode('GRUB version 2.06'), content.length + 16);
      systemFiles[FALLBACK] = grown;
    });
    expect(asking(await reportOf(disk))).toEqual(['efi-fallback-foreign review hint']);
  });
});

describe("the firmware's boot entry of the last measured start", () => {
  const log = (id: string, number: number): Uint8Array =>
    writeMeasuredLog([
      variable(0x80000001, 'SecureBoot', [1]),
      variable(
        0x80000002,
        'Boot0000',
        bootOption(
          'Windows Boot Manager',
          filePath({ number, startLba: 2048, sizeLba: 204_800, id }, MANAGER.replaceAll('/', '\\')),
        ),
      ),
    ]);
  const withLog = (id: string, number: number): Promise<SparseMemory> =>
    uefi(({ files }) => {
      files['/Windows/Logs/MeasuredBoot/0000000004-0000000000.log'] = { content: log(id, number) };
    });

  test('that names the partition as it is is nothing', async () => {
    expect(asking(await reportOf(await withLog(HEALTHY_ESP_ID, 1)))).toEqual([]);
  });

  test.each([
    ['another identity', 'A1B2C3D4-0102-0304-0506-0708090A0B0C', 1],
    ['another place in the table', HEALTHY_ESP_ID, 2],
  ])('that names %s speaks for a start that fails', async (_what, id, number) => {
    const report = await reportOf(await withLog(id, number));
    expect(asking(report)).toEqual(['efi-entry-mismatch review strong']);
    expect(causeOf(report, 'efi-entry-mismatch')?.data).toMatchObject({
      entryPartition: id,
      entrySlot: number,
      slot: 1,
    });
  });
});

describe('the partition table', () => {
  test('with a blank entry before that of Windows is a hint', async () => {
    const disk = await uefi(({ gpt }) => {
      const blank = '00000000-0000-0000-0000-000000000000';
      gpt.splice(1, 0, { type: blank, id: blank, name: '', offset: 0, length: 512 });
    });
    expect(asking(await reportOf(disk))).toEqual(['gpt-blank-entry review hint']);
  });

  test('without its protective entry, and with others beside it, is a hint', async () => {
    const gone = await reportOf(await uefi(undefined, (sink) => sink.write(0x1be, new Uint8Array(16))));
    expect(asking(gone)).toEqual(['gpt-protective review hint']);
    const hybrid = await reportOf(
      await uefi(undefined, (sink) => sink.write(0x1ce, Uint8Array.of(0, 0, 0, 0, 7, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0))),
    );
    expect(causeOf(hybrid, 'gpt-protective')).toMatchObject({ severity: 'review', data: { why: 'hybrid' } });
  });

  test('whose first copy is damaged speaks for a start that fails, and asks for its backup', async () => {
    const report = await reportOf(await uefi(undefined, (sink) => sink.write(512 + 56, new Uint8Array(16))));
    expect(asking(report)).toEqual(['damaged-table-or-boot-sector review strong']);
    expect(causeOf(report, 'damaged-table-or-boot-sector')).toMatchObject({
      phase: 'disk',
      data: { table: 'gpt', header: 'backup' },
      requests: [{ operation: 'restore-gpt' }],
    });
    // No start reads a backup while the first copy is whole.
    const behind = await reportOf(
      await uefi(undefined, (sink) => sink.write(sink.size - 512 + 56, new Uint8Array(16))),
    );
    expect(asking(behind)).toEqual([]);
    expect(causeOf(behind, 'damaged-table-or-boot-sector')).toMatchObject({ severity: 'none' });
    // Behind an enlarged disk the backup is not in the last sector: that is no damage.
    const small = await uefi();
    const size = small.size + (64 << 20);
    const larger = {
      size,
      read: (offset: number, length: number) =>
        offset >= small.size ? new Uint8Array(length) : small.read(offset, length),
    };
    expect(causeOf(await reportOf(larger), 'damaged-table-or-boot-sector')).toBeUndefined();
  });

  test('that hides the partition of Windows speaks for a start that fails; hidden recovery partitions are normal', async () => {
    const flags = await uefi(({ gpt }) => {
      const windows = gpt.find(({ type }) => type.startsWith('EBD0A0A2'));
      if (windows !== undefined) windows.attributes = 1n << 62n;
    });
    expect(asking(await reportOf(flags))).toEqual(['partition-hidden review strong']);
    const type = await uefi(({ gpt }) => {
      const windows = gpt.find((one) => one.type.startsWith('EBD0A0A2'));
      if (windows !== undefined) windows.type = 'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC';
    });
    expect(asking(await reportOf(type))).toEqual(['partition-hidden review strong']);
  });
});

test('Secure Boot servicing that is under way is only worth knowing, ordinary values not even that', async () => {
  const key = 'ControlSet001\\Control\\SecureBoot';
  const pending = await reportOf(await uefi(({ system }) => void (system[key] = { AvailableUpdates: 0x5944 })));
  expect(asking(pending)).toEqual([]);
  expect(causeOf(pending, 'secure-boot-state')?.data).toMatchObject({ steps: ['ca-2023', 'boot-manager-2023'] });
  const ordinary = await reportOf(await uefi(({ system }) => void (system[key] = { AvailableUpdates: 0x8003 })));
  expect(causeOf(ordinary, 'secure-boot-state')).toBeUndefined();
});

test('a letter that now belongs to another partition of the disk speaks for a logon that fails; one of another disk says nothing', async () => {
  const record = (id: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from([...new TextEncoder().encode('DMIO:ID:'), ...guidBytes(id)]);
  const moved = await reportOf(
    await uefi(({ system }) => void (system.MountedDevices = { '\\DosDevices\\C:': record(HEALTHY_ESP_ID) })),
  );
  expect(asking(moved)).toEqual(['drive-letter-moved review strong']);
  expect(causeOf(moved, 'drive-letter-moved')?.data).toMatchObject({ letter: 'C', partition: HEALTHY_ESP_ID });
  const other = 'A1B2C3D4-0102-0304-0506-0708090A0B0C';
  const foreign = await reportOf(
    await uefi(({ system }) => void (system.MountedDevices = { '\\DosDevices\\C:': record(other) })),
  );
  expect(causeOf(foreign, 'drive-letter-moved')).toBeUndefined();
});
