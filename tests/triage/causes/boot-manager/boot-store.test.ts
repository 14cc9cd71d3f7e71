import { proposeRepairs } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { boolean, bootDevice, fileDevice, integer, RECOVERY } from '../../../support/bcd-writer.js';
import {
  HEALTHY_DISK_ID,
  HEALTHY_WINDOWS_ID,
  type HealthyDraft,
  healthyDisk,
} from '../../../support/healthy/healthy-disk.js';
import type { ValueData } from '../../../support/hive-writer.js';
import { asking, causeOf, reportOf } from '../../../support/triage/found-causes.js';

type Report = Awaited<ReturnType<typeof reportOf>>;

const withStore = async (change: (draft: HealthyDraft) => void): Promise<Report> =>
  reportOf(await healthyDisk({ firmware: 'uefi', change }));
const withLoader = (loader: Record<string, ValueData>): Promise<Report> =>
  withStore(({ store }) => {
    store.loader = loader;
  });
const withManager = (manager: Record<string, ValueData>): Promise<Report> =>
  withStore(({ store }) => {
    store.manager = manager;
  });

describe('the default entry', () => {
  test.each<[string, Record<string, ValueData>]>([
    ['windows-pe', { '26000022': boolean(true) }],
    ['setup-path', { '12000002': '\\$WINDOWS.~BT\\Sources\\winload.efi' }],
    [
      'ramdisk',
      {
        '21000001': fileDevice(
          HEALTHY_WINDOWS_ID,
          HEALTHY_DISK_ID,
          '\\sources\\boot.wim',
          '{7619dcc8-fafe-11d9-b411-000476eba25f}',
        ),
      },
    ],
  ])('that starts Setup or a recovery system (%s) speaks for itself', async (why, loader) => {
    const report = await withLoader(loader);
    expect(report.cause).toBe('bcd-default-setup');
    expect(asking(report)).toEqual(['bcd-default-setup review strong']);
    expect(causeOf(report, 'bcd-default-setup')?.data.why).toBe(why);
  });

  test('with imcdevice or imchivename is proven to stop the kernel', async () => {
    const report = await withLoader({ '22000137': '\\imc.hiv' });
    expect(asking(report)).toEqual(['bcd-imc act proves']);
    expect(causeOf(report, 'bcd-imc')).toMatchObject({ codes: ['0x00000067'], phase: 'boot-manager' });
    expect(causeOf(report, 'bcd-imc')?.evidence).toHaveLength(1);
  });

  test('with a kernel that is not there is the cause; with one that is there, nothing', async () => {
    const missing = await withLoader({ '22000011': 'kernel.exe' });
    expect(asking(missing)).toEqual(['bcd-custom-kernel act proves']);
    expect(causeOf(missing, 'bcd-custom-kernel')?.data).toMatchObject({ path: '/Windows/System32/kernel.exe' });
    expect(asking(await withLoader({ '22000011': 'ntoskrnl.exe', '22000012': 'hal.dll' }))).toEqual([]);
  });

  test('with debugging on is a hint; with it off, nothing', async () => {
    expect(asking(await withLoader({ '260000a0': boolean(true) }))).toEqual(['bcd-debug-wait review hint']);
    expect(asking(await withLoader({ '260000a0': boolean(false), '16000010': boolean(false) }))).toEqual([]);
  });

  test('with less memory or fewer processors than the machine has is a hint', async () => {
    const limited = await withLoader({ '15000007': integer(256 << 20), '25000061': integer(1) });
    expect(asking(limited)).toEqual(['bcd-memory-limit review hint']);
    expect(causeOf(limited, 'bcd-memory-limit')?.data).toMatchObject({ truncatememory: 256 << 20, numproc: 1 });
    expect(asking(await withLoader({ '15000007': integer(8 * 2 ** 30) }))).toEqual([]);
  });

  test('with safe mode is told, and does not mean that Windows does not start', async () => {
    const report = await withLoader({ '25000080': integer(2) });
    expect(report.cause).toBe('safe-boot-left');
    expect(causeOf(report, 'safe-boot-left')).toMatchObject({
      severity: 'act',
      confidence: 'proves',
      data: { mode: 'directory-services-repair' },
    });
    expect(report.starts).toBe('doubtful');
  });

  test('with safe mode and its alternate shell loses the one element that the other means nothing without', async () => {
    const report = await withLoader({ '25000080': integer(1), '26000081': boolean(true) });
    expect(proposeRepairs(report, [])).toMatchObject([{ operation: 'remove-boot-element', element: '25000080' }]);
  });
});

describe("the boot manager's own object", () => {
  test('that names an entry for one start is worth knowing; a hint where the entry does not exist', async () => {
    const once = await withManager({ '24000002': ['{733b62e5-f608-11eb-825c-c112f60133ab}'] });
    expect(asking(once)).toEqual([]);
    expect(causeOf(once, 'bcd-bootsequence')).toMatchObject({ severity: 'none', data: { stale: [] } });
    const stale = await withManager({ '24000002': ['{00000000-1111-2222-3333-444444444444}'] });
    expect(asking(stale)).toEqual(['bcd-bootsequence review hint']);
  });

  test('that asks to resume where nothing hibernates speaks for a start that fails; with a hibernated Windows it is right', async () => {
    expect(asking(await withManager({ '26000005': boolean(true) }))).toEqual(['bcd-resume-stale review strong']);
    expect(asking(await withManager({ '26000005': boolean(false) }))).toEqual([]);
    const hibernated = new Uint8Array(8192);
    hibernated.set(new TextEncoder().encode('hibr'));
    const report = await withStore(({ store, files }) => {
      store.manager = { '26000005': boolean(true) };
      files['/hiberfil.sys'] = { content: hibernated };
    });
    expect(causeOf(report, 'bcd-resume-stale')).toBeUndefined();
  });
});

describe('the recovery environment', () => {
  const device = fileDevice(
    HEALTHY_WINDOWS_ID,
    HEALTHY_DISK_ID,
    '\\Recovery\\WindowsRE\\Winre.wim',
    '{733b62e7-f608-11eb-825c-c112f60133ab}',
  );

  test('whose image is not there is worth knowing; whose image is there, nothing', async () => {
    const missing = await withStore(({ store }) => {
      store.recovery = device;
    });
    expect(asking(missing)).toEqual([]);
    expect(causeOf(missing, 'winre-broken')?.data).toMatchObject({
      entry: RECOVERY,
      missing: ['\\Recovery\\WindowsRE\\Winre.wim'],
    });
    const there = await withStore(({ store, files }) => {
      store.recovery = device;
      files['/Recovery/WindowsRE/Winre.wim'] = { content: new Uint8Array(64).fill(1) };
    });
    expect(causeOf(there, 'winre-broken')).toBeUndefined();
  });

  test('that starts from the boot device itself is not looked for', async () => {
    const report = await withStore(({ store }) => {
      store.recovery = bootDevice();
    });
    expect(causeOf(report, 'winre-broken')).toBeUndefined();
  });
});
