import { type BootCheck, type BootDisk } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { checkDevice } from '../../../packages/windows/src/boot/device-check.js';
import {
  bootDevice,
  diskDevice,
  fileDevice,
  gptDevice,
  integer,
  LOADER,
  locateDevice,
  locatePathDevice,
  mbrDevice,
  RECOVERY,
  RESUME,
  type WindowsBootSpec,
  windowsBootStore,
  writeBootStore,
} from '../../support/bcd-writer.js';
import {
  BIOS_FILES,
  bios,
  ESP,
  gpt,
  mbr,
  NEW,
  OLD,
  run,
  UEFI_FILES,
  uefi,
  WINDOWS,
  withStore,
} from '../../support/windows/boot-disks.js';

const BOOTMGR = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
const PATH = '/EFI/Microsoft/Boot/BCD';
const GONE = '99999999-0000-4000-8000-000000000000';
const [MANAGER_FILE, , RESUME_FILE, WINDOWS_FOLDER] = UEFI_FILES;
const NOTHING = { findings: [], codes: [], remedies: [] };

type Objects = ReturnType<typeof windowsBootStore>;
/** A check of the usual UEFI disk whose store has other objects. */
const changed = (
  change: (objects: Objects) => void,
  spec: WindowsBootSpec = uefi,
  present: readonly string[] = UEFI_FILES,
): Promise<BootCheck> => {
  const objects = windowsBootStore(spec);
  change(objects);
  return run(gpt(OLD), { [PATH]: writeBootStore(objects) }, present);
};
const brief = ({ verdict, codes, remedies }: BootCheck): unknown[] => [verdict, codes, remedies];
const LOST = ['0xC000000E', '0xC0000225'];

describe('a verdict of the boot check has its codes, its remedies and its findings', () => {
  test('where there is no disk, or no Windows', async () => {
    expect(await run(undefined, withStore(uefi), UEFI_FILES)).toEqual({
      verdict: 'not-checked',
      ...NOTHING,
      entries: [],
      flags: {},
    });
    expect(await run(gpt(OLD), {}, [], { hasWindows: false })).toMatchObject({
      verdict: 'not-checked',
      findings: [{ id: 'no-windows', data: {} }],
      remedies: [],
    });
  });

  test('where there is no system partition', async () => {
    const disk = { ...gpt(OLD), partitions: gpt(OLD).partitions.slice(1) };
    const check = await run(disk, {}, []);
    expect(brief(check)).toEqual(['no-system-partition', [], ['mark-system-partition', 'rebuild-boot-store']]);
    expect(check.findings).toEqual([{ id: 'no-system-partition', data: { table: 'gpt' } }]);
    // A partition that cannot be read may be it, and may hold the store.
    expect(await run(disk, {}, [], { unreadable: [3] })).toMatchObject({ verdict: 'not-checked', ...NOTHING });
    expect((await run(disk, {}, [], { unreadable: [] })).verdict).toBe('no-system-partition');
  });

  test('where a system partition has no store', async () => {
    const codes = ['0xC000000F', '0xC0000034', '0xC0000098'];
    for (const [disk, partitions] of [
      [gpt(OLD), [1]],
      [mbr('DF4546AE'), [1]],
    ] as const) {
      const check = await run(disk, {}, []);
      expect(brief(check)).toEqual(['store-missing', codes, ['rebuild-boot-store']]);
      expect(check.findings).toEqual([{ id: 'store-missing', data: { partitions } }]);
      // Another partition that cannot be read is no place for it.
      expect((await run(disk, {}, [], { unreadable: [2, 3] })).verdict).toBe('store-missing');
      expect(await run(disk, {}, [], { unreadable: [1, 3] })).toMatchObject({ verdict: 'not-checked', ...NOTHING });
      const two = { ...disk, partitions: disk.partitions.map((one) => ({ ...one, active: true })) };
      expect((await run(two, {}, [], { unreadable: [1] })).verdict).toBe('not-checked');
    }
  });

  test('where the store is no hive', async () => {
    const check = await run(gpt(OLD), { [PATH]: new Uint8Array(20_000).fill(0x42) }, UEFI_FILES);
    expect(brief(check)).toEqual(['store-damaged', ['0xC0000034', '0xC0000098', '0xC000014C'], ['rebuild-boot-store']]);
    expect(check.store).toEqual({ partition: 1, path: PATH, firmware: 'uefi' });
    expect(check.findings).toMatchObject([{ id: 'store-damaged', data: { path: PATH, partition: 1 } }]);
    expect(check.findings[0]?.data.reasons).toContainEqual(expect.stringMatching(/^hive-/));
    expect(check.identity?.current).toBe(OLD);
  });

  test('where the store lies where the firmware does not look', async () => {
    const disk = mbr('DF4546AE');
    const marked = (active: number): BootDisk => ({
      ...disk,
      partitions: disk.partitions.map((one) => ({ ...one, active: one.number === active })),
    });
    const data = { path: '/Boot/BCD', partition: 1, table: 'mbr' };
    const none = await run(marked(0), withStore(bios), BIOS_FILES);
    expect(brief(none)).toEqual(['no-system-partition', [], ['mark-system-partition']]);
    expect(none.findings).toEqual([{ id: 'no-system-partition', data }]);
    const other = await run(marked(2), withStore(bios), BIOS_FILES);
    const codes = ['0xC000000F', '0xC0000034', '0xC0000098'];
    expect(brief(other)).toEqual(['store-missing', codes, ['rebuild-boot-store']]);
    expect(other.findings).toEqual([{ id: 'store-missing', data }]);
  });

  test('where an entry that the way needs is missing, or is none of a loader', async () => {
    const noManager = await changed((objects) => delete objects[BOOTMGR]);
    expect(brief(noManager)).toEqual(['default-entry-missing', ['0xC0000098'], ['rebuild-boot-store']]);
    expect(noManager.findings).toEqual([{ id: 'boot-manager-entry-missing', data: {} }]);

    const noLoader = await changed((objects) => delete objects[LOADER]);
    const codes = ['0xC0000098', '0xC000000F'];
    expect(brief(noLoader)).toEqual(['default-entry-missing', codes, ['rebuild-boot-store']]);
    expect(noLoader.findings).toEqual([{ id: 'default-entry-missing', data: { id: LOADER } }]);
    expect(noLoader.entries.map(({ role }) => role)).toEqual(['boot-manager']);

    const unnamed = await changed((objects) => {
      delete objects[BOOTMGR].elements['23000003'];
      delete objects[BOOTMGR].elements['24000001'];
    });
    expect(unnamed.verdict).toBe('default-entry-missing');
    expect(unnamed.findings).toEqual([{ id: 'default-entry-missing', data: {} }]);

    const resume = await changed((objects) => {
      objects[BOOTMGR].elements['23000003'] = RESUME;
    });
    expect(brief(resume)).toEqual(['default-entry-missing', codes, ['rebuild-boot-store']]);
    expect(resume.findings).toMatchObject([{ id: 'default-entry-kind', data: { id: RESUME, type: 0x10200004 } }]);
  });

  test('where a device on the way names another disk or partition', async () => {
    const check = await run(gpt(NEW), withStore(uefi), UEFI_FILES);
    expect(brief(check)).toEqual(['identity-changed', LOST, ['restore-disk-identity', 'patch-boot-store']]);
    const of = (role: string, entry: string, element: string, partitionId: string): object => ({
      id: 'device-status',
      data: { entry, role, element, status: 'identity-changed', partitionId, diskId: OLD },
    });
    expect(check.findings).toEqual([
      of('boot-manager', '{bootmgr}', 'device', ESP),
      of('default', LOADER, 'device', WINDOWS),
      of('default', LOADER, 'osdevice', WINDOWS),
      { id: 'resume-stale', data: { entry: RESUME, statuses: ['identity-changed'] } },
    ]);

    const missing = await run(
      { ...gpt(OLD), partitions: gpt(OLD).partitions.slice(0, 1) },
      withStore(uefi),
      UEFI_FILES,
    );
    expect(brief(missing)).toEqual(['partition-missing', LOST, ['restore-partition', 'rebuild-boot-store']]);
    const elsewhere = await run(gpt(OLD), withStore({ ...uefi, windows: gptDevice(GONE, NEW) }), UEFI_FILES);
    expect(brief(elsewhere)).toEqual(['partition-missing', LOST, ['restore-partition', 'rebuild-boot-store']]);

    const converted = await run(gpt(OLD), withStore({ ...uefi, windows: mbrDevice(0x1f500000, 1) }), UEFI_FILES);
    expect(brief(converted)).toEqual(['converted-disk', LOST, ['rebuild-boot-store']]);
    expect(converted.findings[0]).toEqual({
      id: 'device-status',
      data: {
        entry: LOADER,
        role: 'default',
        element: 'device',
        status: 'converted-disk',
        partitionOffset: 0x1f500000,
        diskId: '00000001',
      },
    });
  });

  test('where only side entries name another partition', async () => {
    const recovery = fileDevice(GONE, NEW, '\\Recovery\\WindowsRE\\Winre.wim', WINDOWS);
    const check = await changed(
      (objects) => {
        objects[RESUME].elements['11000001'] = gptDevice(WINDOWS, NEW);
        objects[RESUME].elements['21000001'] = mbrDevice(1, 1);
      },
      { ...uefi, recovery },
    );
    expect(brief(check)).toEqual(['consistent', [], []]);
    expect(check.findings).toEqual([
      { id: 'resume-stale', data: { entry: RESUME, statuses: ['identity-changed', 'converted-disk'] } },
      { id: 'recovery-stale', data: { entry: RECOVERY, statuses: ['other-disk'] } },
    ]);
    expect(check.entries.map(({ role }) => role)).toEqual(['boot-manager', 'default', 'resume', 'recovery']);
    const unknown = await changed((objects) => {
      objects[RESUME].elements['11000001'] = new Uint8Array(88).fill(9);
    });
    expect(unknown).toMatchObject({ verdict: 'consistent', ...NOTHING });
  });
});

describe('the files that the boot check looks for', () => {
  const CODES = ['0xC000000F', '0xC0000034'];

  test('are the boot manager, and what the firmware starts without it', async () => {
    const without = UEFI_FILES.slice(1);
    const data = { path: '\\EFI\\Microsoft\\Boot\\bootmgfw.efi', partition: 1 };
    const gone = await run(gpt(OLD), withStore(uefi), without);
    expect(brief(gone)).toEqual(['loader-missing', CODES, ['rebuild-boot-store']]);
    expect(gone.findings).toEqual([{ id: 'boot-manager-file-missing', data: { ...data, fallback: false } }]);
    for (const name of ['bootx64', 'bootaa64', 'bootia32']) {
      const fallback = await run(gpt(OLD), withStore(uefi), [...without, `1:\\EFI\\Boot\\${name}.efi`]);
      expect(brief(fallback)).toEqual(['consistent', [], []]);
      expect(fallback.findings).toEqual([{ id: 'boot-manager-file-missing', data: { ...data, fallback: true } }]);
    }
    // BIOS knows no other file.
    const old = await run(mbr('DF4546AE'), withStore(bios), [...BIOS_FILES.slice(1), '1:\\EFI\\Boot\\bootx64.efi']);
    expect(old).toMatchObject({
      verdict: 'loader-missing',
      findings: [{ data: { path: '\\bootmgr', fallback: false } }],
    });
  });

  test('are the loader, and the one that the store should have named', async () => {
    const gone = await run(gpt(OLD), withStore(uefi), [MANAGER_FILE, RESUME_FILE, WINDOWS_FOLDER]);
    expect(brief(gone)).toEqual(['loader-missing', CODES, ['restore-loader-file']]);
    const renamed = (path: string, present: readonly string[] = UEFI_FILES): Promise<BootCheck> =>
      changed(
        (objects) => {
          objects[LOADER].elements['12000002'] = path;
        },
        uefi,
        present,
      );
    const path = '\\Windows\\system32\\other.efi';
    const found = '\\Windows\\system32\\winload.efi';
    const other = await renamed(path);
    expect(brief(other)).toEqual(['loader-missing', CODES, ['correct-boot-store', 'rebuild-boot-store']]);
    expect(other.findings).toEqual([{ id: 'loader-file-missing', data: { path, found, partition: 3 } }]);
    const second = await renamed(path, [MANAGER_FILE, WINDOWS_FOLDER, '3:\\WINNT\\system32\\boot\\winload.efi']);
    expect(second.findings[0]?.data).toEqual({ path, found: '\\WINNT\\system32\\boot\\winload.efi', partition: 3 });

    const exe = '\\Windows\\system32\\winload.EXE';
    const wrong = await renamed(exe, [...UEFI_FILES, `3:${exe}`]);
    expect(brief(wrong)).toEqual(['loader-missing', CODES, ['correct-boot-store', 'rebuild-boot-store']]);
    expect(wrong.findings).toEqual([{ id: 'loader-wrong-firmware', data: { path: exe, found, firmware: 'uefi' } }]);
    const both = await renamed(exe, [MANAGER_FILE, WINDOWS_FOLDER]);
    expect(brief(both)).toEqual(['loader-missing', CODES, ['restore-loader-file']]);
    expect(both.findings.map(({ id }) => id)).toEqual(['loader-wrong-firmware', 'loader-file-missing']);
    // The end of the name decides, not a part of it.
    const inside = '\\Windows\\system32\\my.exe.efi';
    expect((await renamed(inside, [...UEFI_FILES, `3:${inside}`])).findings).toEqual([]);
  });

  test('are of BIOS where the store is', async () => {
    const named = async (path: string): Promise<BootCheck> => {
      const objects = windowsBootStore(bios);
      objects[LOADER].elements['12000002'] = path;
      return run(mbr('DF4546AE'), { '/Boot/BCD': writeBootStore(objects) }, [...BIOS_FILES, `2:${path}`]);
    };
    const efi = '\\Windows\\system32\\winload.efi';
    const check = await named(efi);
    expect(check).toMatchObject({ verdict: 'loader-missing', remedies: ['correct-boot-store', 'rebuild-boot-store'] });
    expect(check.findings).toEqual([
      {
        id: 'loader-wrong-firmware',
        data: { path: efi, found: '\\Windows\\system32\\winload.exe', firmware: 'bios' },
      },
    ]);
    expect(await named('\\Windows\\system32\\my.efi.exe')).toMatchObject({ verdict: 'consistent', findings: [] });
  });

  test('are the Windows folder, by another name where the store gives a wrong one', async () => {
    const none = await run(gpt(OLD), withStore(uefi), UEFI_FILES.slice(0, 3));
    expect(brief(none)).toEqual(['loader-missing', CODES, ['rebuild-boot-store']]);
    expect(none.findings).toEqual([{ id: 'system-root-missing', data: { path: '\\Windows', partition: 3 } }]);
    const winnt = await run(gpt(OLD), withStore(uefi), [...UEFI_FILES.slice(0, 3), '3:\\WINNT']);
    expect(brief(winnt)).toEqual(['loader-missing', CODES, ['correct-boot-store', 'rebuild-boot-store']]);
    expect(winnt.findings[0]?.data).toEqual({ path: '\\Windows', found: '\\WINNT', partition: 3 });
    // A store that is mended brings no file back: the worst decides.
    const both = await run(gpt(OLD), withStore(uefi), [MANAGER_FILE, RESUME_FILE]);
    expect(brief(both)).toEqual(['loader-missing', CODES, ['restore-loader-file']]);
    const noRoot = await changed(
      (objects) => delete objects[LOADER].elements['22000002'],
      uefi,
      UEFI_FILES.slice(0, 3),
    );
    expect(noRoot).toMatchObject({ verdict: 'consistent', ...NOTHING });
    const noDevice = await changed(
      (objects) => delete objects[LOADER].elements['21000001'],
      uefi,
      UEFI_FILES.slice(0, 3),
    );
    expect(noDevice).toMatchObject({ verdict: 'consistent', ...NOTHING });
  });

  test('of an entry that names none are none, and an entry without a device is not judged', async () => {
    const noPath = await changed((objects) => delete objects[LOADER].elements['12000002'], uefi, [
      MANAGER_FILE,
      RESUME_FILE,
      WINDOWS_FOLDER,
    ]);
    expect(noPath).toMatchObject({ verdict: 'consistent', ...NOTHING });
    expect(noPath.entries[1]?.fileExists).toBeUndefined();
    const noDevice = await changed((objects) => {
      delete objects[LOADER].elements['11000001'];
      delete objects[LOADER].elements['21000001'];
    });
    expect(noDevice).toMatchObject({ verdict: 'not-checked', ...NOTHING });
    expect(noDevice.entries[1]).toEqual({
      role: 'default',
      id: LOADER,
      description: 'Windows Server',
      path: '\\Windows\\system32\\winload.efi',
      devices: [],
    });
    const unknown = await run(gpt(OLD), withStore({ ...uefi, windows: new Uint8Array(88).fill(9) }), UEFI_FILES);
    expect(brief(unknown)).toEqual(['not-checked', [], []]);
    expect(unknown.findings).toEqual(
      ['device', 'osdevice'].map((element) => ({
        id: 'device-unrecognised',
        data: { entry: LOADER, role: 'default', element, status: 'unrecognised' },
      })),
    );
  });

  test('of a device that means the store or the first partition with a path are looked for there', async () => {
    const spec = { ...uefi, windows: bootDevice() };
    const here = await run(gpt(OLD), withStore(spec), [MANAGER_FILE, '1:\\Windows\\system32\\winload.efi']);
    expect(here.entries.map(({ fileExists }) => fileExists)).toEqual([true, true, false]);
    const asked: string[] = [];
    const located = await run(gpt(OLD), withStore({ ...uefi, windows: locateDevice() }), [], {
      exists: (partition, path) => {
        asked.push(`${partition}:${path}`);
        return Promise.resolve(partition === 3 ? undefined : path.includes('bootmgfw'));
      },
    });
    // On a partition that cannot be read it may be.
    expect(located.entries.map(({ fileExists }) => fileExists)).toEqual([true, undefined, undefined]);
    expect(located.entries[1]).not.toHaveProperty('fileExists');
    expect(located).toMatchObject({ verdict: 'consistent', ...NOTHING });
    expect(asked.slice(1, 3)).toEqual(['1:\\Windows\\system32\\winload.efi', '3:\\Windows\\system32\\winload.efi']);
    const third = await run(gpt(OLD), withStore({ ...uefi, windows: locateDevice() }), UEFI_FILES);
    expect(third.entries.map(({ fileExists }) => fileExists)).toEqual([true, true, true]);
  });
});

describe('a device of an entry', () => {
  test('that is a whole disk, another one, is named by its id and searched for no file', async () => {
    const check = await run(gpt(OLD), withStore({ ...uefi, windows: diskDevice(NEW) }), UEFI_FILES);
    expect(check.verdict).toBe('partition-missing');
    const data = { entry: LOADER, role: 'default', element: 'device', status: 'other-disk', diskId: NEW };
    expect(check.findings[0]).toEqual({ id: 'device-status', data });
    expect(check.entries[1]).not.toHaveProperty('fileExists');
  });

  test('decides where only the boot manager has a stale one', async () => {
    const check = await run(gpt(OLD), withStore({ ...uefi, system: gptDevice(GONE, OLD) }), UEFI_FILES);
    expect(brief(check)).toEqual(['partition-missing', LOST, ['restore-partition', 'rebuild-boot-store']]);
    expect(check.findings).toMatchObject([{ data: { role: 'boot-manager', status: 'partition-missing' } }]);
  });

  test('that is found by its own path does not make the stored path the one that should have been named', async () => {
    const spec = { ...uefi, windows: locatePathDevice('\\Windows') };
    const path = '\\Windows\\system32\\winload.efi';
    const check = await run(gpt(OLD), withStore(spec), [MANAGER_FILE, WINDOWS_FOLDER, `1:${path}`]);
    expect(brief(check)).toEqual(['loader-missing', ['0xC000000F', '0xC0000034'], ['restore-loader-file']]);
    expect(check.findings).toEqual([{ id: 'loader-file-missing', data: { path } }]);
  });

  test('that lies on a volume that cannot be read says nothing of its file', async () => {
    const check = await run(gpt(OLD), withStore(uefi), [], {
      exists: (partition) => Promise.resolve(partition === 3 ? undefined : true),
    });
    expect(check).toMatchObject({ verdict: 'consistent', ...NOTHING });
    expect(check.entries[1]).not.toHaveProperty('fileExists');
  });

  test('is not needed to see that the loader is of the other firmware', async () => {
    const path = '\\Windows\\system32\\winload.exe';
    const check = await changed((objects) => {
      delete objects[LOADER].elements['11000001'];
      delete objects[LOADER].elements['21000001'];
      objects[LOADER].elements['12000002'] = path;
    });
    expect(check.findings).toEqual([{ id: 'loader-wrong-firmware', data: { path, firmware: 'uefi' } }]);
  });
});

test('an entry that names nothing to resume from has no such side entry', async () => {
  const check = await changed((objects) => delete objects[LOADER].elements['23000003']);
  expect(check).toMatchObject({ verdict: 'consistent', ...NOTHING });
  expect(check.entries.map(({ role }) => role)).toEqual(['boot-manager', 'default']);
});

test('BIOS starts bootmgr or nothing, whatever else lies there', async () => {
  const check = await run(mbr('DF4546AE'), withStore(bios), [], {
    exists: (_, path) => Promise.resolve(path !== '\\bootmgr'),
  });
  expect(check).toMatchObject({ verdict: 'loader-missing', findings: [{ data: { fallback: false } }] });
});

test('settings that change how the entry starts are findings, those that are off are none', async () => {
  const on = await run(
    gpt(OLD),
    withStore({
      ...uefi,
      loader: {
        '16000048': Uint8Array.of(1),
        '16000049': Uint8Array.of(1),
        '25000080': integer(0),
        '26000025': Uint8Array.of(1),
        '260000e1': Uint8Array.of(1),
      },
    }),
    UEFI_FILES,
  );
  expect(on).toMatchObject({ verdict: 'consistent', remedies: ['remove-safe-boot'] });
  expect(on.findings).toEqual([
    { id: 'safe-boot', data: { entry: LOADER, mode: 'minimal', alternateShell: false } },
    ...['test-signing', 'integrity-checks-off', 'last-known-good', 'elam-off'].map((id) => ({
      id,
      data: { entry: LOADER },
    })),
  ]);
  const off = ['16000048', '16000049', '26000025', '260000e1', '26000081'].map((id) => [id, Uint8Array.of(0)]);
  const none = await run(gpt(OLD), withStore({ ...uefi, loader: Object.fromEntries(off) }), UEFI_FILES);
  expect(none).toMatchObject({ verdict: 'consistent', ...NOTHING });
});

test('a store that cannot be read is no witness of the disk, one of recovery is', async () => {
  const check = await run(
    gpt(NEW),
    { ...withStore(uefi), '/EFI/Microsoft/Recovery/BCD': new Uint8Array(9) },
    UEFI_FILES,
  );
  expect(new Set(check.identity?.witnesses.map(({ path }) => path))).toEqual(new Set([PATH]));
  expect(new Set(check.identity?.witnesses.map(({ source }) => source))).toEqual(new Set(['boot-store']));
  const store = withStore(uefi)[PATH];
  const both = await run(gpt(NEW), { [PATH]: store, '/EFI/Microsoft/Recovery/BCD': store }, UEFI_FILES);
  expect(new Set(both.identity?.witnesses.map(({ path, source }) => `${source} ${path}`))).toEqual(
    new Set([`boot-store ${PATH}`, 'recovery-store /EFI/Microsoft/Recovery/BCD']),
  );
});

test('a device is held against the disk by its kind, its table and its ids', () => {
  const disk = (diskId: string, style: 'gpt' | 'mbr' = 'gpt') =>
    checkDevice({ kind: 'disk', style, diskId, diskIdOffset: 0 }, gpt(OLD)).status;
  expect([disk(OLD), disk(NEW), disk(OLD, 'mbr')]).toEqual(['matches', 'other-disk', 'converted-disk']);
  const partition = { style: 'gpt', partitionId: WINDOWS, diskId: OLD } as const;
  const of = (diskKind: number) => checkDevice({ kind: 'partition', partition, diskIdOffset: 0, diskKind }, gpt(OLD));
  expect([of(0), of(2)]).toEqual([{ status: 'matches', partition: 3 }, { status: 'unrecognised' }]);
  expect(checkDevice({ kind: 'unrecognised', deviceType: 9, length: 88 }, gpt(OLD))).toEqual({
    status: 'unrecognised',
  });
  expect(checkDevice({ kind: 'boot' }, gpt(OLD))).toEqual({ status: 'always' });
  expect(checkDevice({ kind: 'locate' }, gpt(OLD))).toEqual({ status: 'always' });
});

test('a store that is read although its hive is damaged is not clean', async () => {
  const files = withStore(uefi);
  files[PATH][0x1fc] ^= 1;
  expect((await run(gpt(OLD), files, UEFI_FILES)).findings).toEqual([
    { id: 'store-not-clean', data: { path: PATH, verdict: 'damaged' } },
  ]);
});
