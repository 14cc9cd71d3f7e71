import { parseGuid } from '@deadbox/core';
import {
  type BootDisk,
  type BootStore,
  checkBoot,
  findBootStores,
  type MountedDevice,
  sharedIdentities,
  systemRoots,
} from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import {
  bootDevice,
  fileDevice,
  gptDevice,
  integer,
  LOADER,
  locateDevice,
  mbrDevice,
  windowsBootStore,
  writeBootStore,
} from '../../support/bcd-writer.js';
import { makeDirty } from '../../support/hive-log-writer.js';
import { memoryTree } from '../../support/memory-tree.js';
import {
  BIOS_FILES,
  bios,
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

describe('the boot check of a UEFI disk', () => {
  test('says consistent and finds nothing when store, disk and files agree', async () => {
    const check = await run(gpt(OLD), withStore(uefi), UEFI_FILES);
    expect(check).toMatchObject({
      verdict: 'consistent',
      findings: [],
      codes: [],
      remedies: [],
      store: { partition: 1, firmware: 'uefi' },
    });
    expect(check.entries.map((entry) => [entry.role, entry.fileExists])).toEqual([
      ['boot-manager', true],
      ['default', true],
      ['resume', true],
    ]);
    expect(check.identity).toMatchObject({ current: OLD });
    expect(check.identity?.former).toBeUndefined();
  });

  test('says identity-changed with the former id when the disk got another one', async () => {
    const check = await run(gpt(NEW), withStore(uefi), UEFI_FILES);
    expect(check.verdict).toBe('identity-changed');
    expect(check.codes).toEqual(['0xC000000E', '0xC0000225']);
    expect(check.remedies[0]).toBe('restore-disk-identity');
    expect(check.identity).toMatchObject({ current: NEW, former: OLD });
    expect(check.identity?.witnesses.length).toBeGreaterThanOrEqual(5);
  });

  test('tells where in the store the stale id stands', async () => {
    const files = withStore(uefi);
    const check = await run(gpt(NEW), files, UEFI_FILES);
    const bytes = files['/EFI/Microsoft/Boot/BCD'];
    for (const witness of check.identity?.witnesses ?? []) {
      const at = witness.fileOffset as number;
      expect([...bytes.subarray(at, at + 16)]).toEqual([...parseGuid(OLD)]);
    }
  });

  test('does not call one lonely witness a former identity', async () => {
    const spec = { ...uefi, system: bootDevice(), windows: locateDevice() };
    const objects = windowsBootStore(spec);
    (objects[LOADER] as { elements: Record<string, unknown> }).elements['21000001'] = gptDevice(WINDOWS, OLD);
    const check = await run(gpt(NEW), { '/EFI/Microsoft/Boot/BCD': writeBootStore(objects) }, UEFI_FILES);
    expect(check.verdict).toBe('identity-changed');
    expect(check.identity?.former).toBeUndefined();
    expect(check.remedies).toEqual(['patch-boot-store']);
  });

  test('says partition-missing when the disk has the id but not the partition', async () => {
    const disk = gpt(OLD);
    const check = await run({ ...disk, partitions: disk.partitions.slice(0, 1) }, withStore(uefi), UEFI_FILES);
    expect(check.verdict).toBe('partition-missing');
    expect(check.findings.map((finding) => [finding.data.role, finding.data.status])).toContainEqual([
      'default',
      'partition-missing',
    ]);
  });

  test('says partition-missing when the entry means another disk altogether', async () => {
    const elsewhere = gptDevice('99999999-0000-4000-8000-000000000000', NEW);
    const check = await run(gpt(OLD), withStore({ ...uefi, windows: elsewhere }), UEFI_FILES);
    expect(check.verdict).toBe('partition-missing');
    expect(check.findings[0]?.data).toMatchObject({ status: 'other-disk', diskId: NEW });
  });

  test('says loader-missing and names the file', async () => {
    const check = await run(gpt(OLD), withStore(uefi), [UEFI_FILES[0], UEFI_FILES[3]]);
    expect(check.verdict).toBe('loader-missing');
    expect(check.findings.find((finding) => finding.id === 'loader-file-missing')?.data).toEqual({
      path: '\\Windows\\system32\\winload.efi',
      partition: 3,
    });
    expect(check.codes).toContain('0xC000000F');
  });

  test('says nothing of a loader on a volume that cannot be read', async () => {
    const check = await run(gpt(OLD), withStore(uefi), [], {
      unreadable: [3],
      exists: (partition, path) => Promise.resolve(partition === 3 ? undefined : path.includes('bootmgfw')),
    });
    expect(check.verdict).toBe('consistent');
  });

  test('says loader-missing when the entry is of the other firmware', async () => {
    const objects = windowsBootStore(uefi);
    (objects[LOADER] as { elements: Record<string, unknown> }).elements['12000002'] =
      '\\Windows\\system32\\winload.exe';
    const check = await run(gpt(OLD), { '/EFI/Microsoft/Boot/BCD': writeBootStore(objects) }, [
      ...UEFI_FILES,
      '3:\\Windows\\system32\\winload.exe',
    ]);
    expect(check.verdict).toBe('loader-missing');
    expect(check.findings.map((finding) => finding.id)).toContain('loader-wrong-firmware');
  });

  test('says default-entry-missing when the boot manager names an entry that is not there', async () => {
    const objects = windowsBootStore(uefi);
    delete objects[LOADER];
    const check = await run(gpt(OLD), { '/EFI/Microsoft/Boot/BCD': writeBootStore(objects) }, UEFI_FILES);
    expect(check.verdict).toBe('default-entry-missing');
  });

  test('takes the first entry of the menu when no default is named', async () => {
    const objects = windowsBootStore(uefi);
    delete (Object.values(objects)[0] as { elements: Record<string, unknown> }).elements['23000003'];
    expect((await run(gpt(OLD), { '/EFI/Microsoft/Boot/BCD': writeBootStore(objects) }, UEFI_FILES)).verdict).toBe(
      'consistent',
    );
  });

  test('says store-damaged for a store that is no hive, and store-missing for none', async () => {
    const damaged = await run(gpt(OLD), { '/EFI/Microsoft/Boot/BCD': new Uint8Array(20_000).fill(0x42) }, UEFI_FILES);
    expect(damaged).toMatchObject({ verdict: 'store-damaged', remedies: ['rebuild-boot-store'] });
    expect((await run(gpt(OLD), { '/EFI/x': new Uint8Array(1) }, UEFI_FILES)).verdict).toBe('store-missing');
    const another = await run(
      gpt(OLD),
      { '/EFI/Microsoft/Boot/BCD': (await import('../../support/hive-writer.js')).writeHive({}) },
      UEFI_FILES,
    );
    expect(another.verdict).toBe('store-damaged');
  });

  test('says no-system-partition when there is none, but only for a disk with Windows', async () => {
    const disk: BootDisk = { ...gpt(OLD), partitions: gpt(OLD).partitions.slice(1) };
    expect((await run(disk, {}, [])).verdict).toBe('no-system-partition');
    expect((await run(disk, {}, [], { hasWindows: false })).verdict).toBe('not-checked');
    expect((await run(undefined, {}, [])).verdict).toBe('not-checked');
    expect((await run(gpt(OLD), {}, [], { unreadable: [1] })).verdict).toBe('not-checked');
  });

  test('lets boot and locate devices pass, and looks for the file of a locate device on every partition', async () => {
    const check = await run(
      gpt(NEW),
      withStore({ ...uefi, system: bootDevice(), windows: locateDevice() }),
      UEFI_FILES,
    );
    expect(check.verdict).toBe('consistent');
    const gone = await run(
      gpt(NEW),
      withStore({ ...uefi, system: bootDevice(), windows: locateDevice() }),
      UEFI_FILES.slice(0, 1),
    );
    expect(gone.verdict).toBe('loader-missing');
  });

  test('reports a stale recovery entry without changing the verdict', async () => {
    const recovery = fileDevice(
      '99999999-0000-4000-8000-000000000000',
      OLD,
      '\\Recovery\\WindowsRE\\Winre.wim',
      WINDOWS,
    );
    const check = await run(gpt(OLD), withStore({ ...uefi, recovery }), UEFI_FILES);
    expect(check.verdict).toBe('consistent');
    expect(check.findings).toEqual([
      {
        id: 'recovery-stale',
        data: { entry: '{733b62e6-f608-11eb-825c-c112f60133ab}', statuses: ['partition-missing'] },
      },
    ]);
  });

  test('reports a safe-boot flag that was left behind', async () => {
    const check = await run(
      gpt(OLD),
      withStore({ ...uefi, loader: { '25000080': integer(1), '26000081': Uint8Array.of(1) } }),
      UEFI_FILES,
    );
    expect(check.verdict).toBe('consistent');
    expect(check.flags).toMatchObject({ safeBoot: 'network', safeBootAlternateShell: true });
    expect(check.findings[0]).toMatchObject({ id: 'safe-boot', data: { mode: 'network' } });
    expect(check.remedies).toEqual(['remove-safe-boot']);
  });

  test('does not judge a device of an unknown form', async () => {
    const check = await run(gpt(OLD), withStore({ ...uefi, windows: new Uint8Array(88).fill(9) }), UEFI_FILES);
    expect(check.verdict).toBe('not-checked');
    expect(check.findings.some((finding) => finding.id === 'device-unrecognised')).toBe(true);
  });

  test('reads a dirty store as it is and says that it is not clean', async () => {
    const files = { '/EFI/Microsoft/Boot/BCD': makeDirty(writeBootStore(windowsBootStore(uefi))) };
    const check = await run(gpt(OLD), files, UEFI_FILES);
    expect(check.verdict).toBe('consistent');
    expect(check.findings).toEqual([
      { id: 'store-not-clean', data: { path: '/EFI/Microsoft/Boot/BCD', verdict: 'at-risk' } },
    ]);
  });
});

describe('the boot check of a BIOS disk', () => {
  test('says consistent when signature, offset and files agree', async () => {
    expect(await run(mbr('0xdf4546ae'), withStore(bios), BIOS_FILES)).toMatchObject({
      verdict: 'consistent',
      findings: [],
      store: { firmware: 'bios' },
    });
  });

  test('says identity-changed and hears MountedDevices as a witness', async () => {
    const devices: MountedDevice[] = [
      {
        name: '\\DosDevices\\C:',
        drive: 'C',
        target: { kind: 'mbr', diskSignature: 'DF4546AE', partitionOffset: 0x1f500000 },
        fileOffset: 1,
      },
      {
        name: '\\DosDevices\\E:',
        drive: 'E',
        target: { kind: 'mbr', diskSignature: '11111111', partitionOffset: 0x7777 },
        fileOffset: 2,
      },
    ];
    const check = await run(mbr('01020304'), withStore(bios), BIOS_FILES, {
      mountedDevices: [{ partition: 2, path: '/Windows/System32/config/SYSTEM', devices }],
    });
    expect(check).toMatchObject({ verdict: 'identity-changed', identity: { current: '01020304', former: 'DF4546AE' } });
    const mounted = check.identity?.witnesses.filter((witness) => witness.source === 'mounted-devices');
    expect(mounted).toHaveLength(1);
    expect(mounted?.[0]).toMatchObject({ where: '\\DosDevices\\C:', diskId: 'DF4546AE' });
  });

  test('says converted-disk when the store still speaks of the other kind of table', async () => {
    const check = await run(gpt(OLD), withStore({ ...uefi, windows: mbrDevice(0x1f500000, 0xdf4546ae) }), UEFI_FILES);
    expect(check.verdict).toBe('converted-disk');
  });

  test('says loader-missing when bootmgr itself is gone', async () => {
    const check = await run(mbr('DF4546AE'), withStore(bios), BIOS_FILES.slice(1));
    expect(check.verdict).toBe('loader-missing');
    expect(check.findings.map((finding) => finding.id)).toEqual(['boot-manager-file-missing']);
  });

  test('says where the firmware looks in vain: no active partition, or an active one without a store', async () => {
    const disk = mbr('DF4546AE');
    const marked = (...active: number[]): BootDisk => ({
      ...disk,
      partitions: disk.partitions.map((one) => ({ ...one, active: active.includes(one.number) })),
    });
    expect((await run(marked(1), withStore(bios), BIOS_FILES)).verdict).toBe('consistent');
    expect(await run(marked(), withStore(bios), BIOS_FILES)).toMatchObject({
      verdict: 'no-system-partition',
      remedies: ['mark-system-partition'],
    });
    expect((await run(marked(2), withStore(bios), BIOS_FILES)).verdict).toBe('store-missing');
    expect((await run(marked(2), withStore(bios), BIOS_FILES, { unreadable: [2] })).verdict).toBe('consistent');
  });

  test('takes the store on the active partition', async () => {
    const here = await findBootStores(memoryTree(withStore(bios)), 1);
    const copy = await findBootStores(memoryTree(withStore({ ...bios, windows: mbrDevice(0x999000, 1) })), 2);
    const exists = new Set(BIOS_FILES);
    const check = await checkBoot({
      disk: mbr('DF4546AE'),
      stores: [...copy, ...here],
      hasWindows: true,
      exists: (p, path) => Promise.resolve(exists.has(`${p}:${path}`)),
    });
    expect(check).toMatchObject({ verdict: 'consistent', store: { partition: 1 } });
  });
});

test('the folders that entries start from are told with their partition, recovery left out', async () => {
  const recovery = fileDevice(WINDOWS, OLD, '\\Recovery\\WindowsRE\\Winre.wim', WINDOWS);
  const [file] = await findBootStores(memoryTree(withStore({ ...uefi, recovery })), 1);
  expect(systemRoots(file?.store as BootStore, gpt(NEW))).toEqual([{ partition: 3, path: '\\Windows' }]);
});

test('disks with one identity are found among many, blank ones left out', () => {
  const shared = sharedIdentities([
    { name: 'a', diskId: OLD },
    { name: 'b', diskId: NEW },
    { name: 'c', diskId: `{${OLD.toLowerCase()}}` },
    { name: 'd', diskId: '00000000' },
    { name: 'e', diskId: '00000000' },
  ]);
  expect(shared).toEqual([{ diskId: OLD, names: ['a', 'c'] }]);
});
