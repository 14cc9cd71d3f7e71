import { openDisk } from '@deadbox/disk';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { gptDevice } from '../../../support/bcd-writer.js';
import { HEALTHY_DISK_ID, type HealthyDraft, healthyDisk } from '../../../support/healthy/healthy-disk.js';
import { writePe } from '../../../support/pe-writer.js';
import { reportOf } from '../../../support/triage/found-causes.js';
import { windowsVolume } from '../../../support/triage/windows-volume.js';

async function scan(change: (draft: HealthyDraft) => void, target?: string): Promise<ImageReport> {
  const disk = await openDisk(await healthyDisk({ change }), { name: 'server.raw' });
  try {
    return await scanDisk(disk, target === undefined ? {} : { target });
  } finally {
    await disk.close();
  }
}

const SET = 'ControlSet001';

/** The path of a file in the draft, whatever its case. */
function pathOf(draft: HealthyDraft, end: string): string {
  const path = Object.keys(draft.files).find((one) => one.toLowerCase().endsWith(end.toLowerCase()));
  if (path === undefined) throw new Error(`no file ${end}`);
  return path;
}

const without = (end: string) => (draft: HealthyDraft) => void delete draft.files[pathOf(draft, end)];
const contentOf = (end: string, change: (bytes: Uint8Array) => Uint8Array) => (draft: HealthyDraft) => {
  const path = pathOf(draft, end);
  draft.files[path] = { content: change((draft.files[path]?.content ?? new Uint8Array(0)).slice()) };
};
const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length - 700);
const flip = (bytes: Uint8Array): Uint8Array => {
  bytes[0x480] ^= 0xff;
  return bytes;
};
const values = (key: string, changed: Record<string, number>) => (draft: HealthyDraft) => {
  draft.system[key] = { ...draft.system[key], ...changed };
};

test.each<[string, string, (draft: HealthyDraft) => void]>([
  ['loader-file-bad', 'a loader that is cut short', contentOf('system32/winload.efi', cut)],
  ['core-file-bad', 'a kernel that is gone', without('system32/ntoskrnl.exe')],
  ['core-file-bad', 'a byte of ci.dll', contentOf('system32/ci.dll', flip)],
  ['boot-driver-not-boot', 'partmgr at start type 3', values(`${SET}\\Services\\partmgr`, { Start: 3 })],
  ['boot-driver-file-bad', 'a missing disk.sys', without('drivers/disk.sys')],
  ['boot-driver-file-bad', 'a byte of disk.sys', contentOf('drivers/disk.sys', flip)],
  ['nls-file-bad', 'a missing table of the code page', without('c_1252.nls')],
  ['select-broken', 'a control set that is not there', values('Select', { Default: 7 })],
])('on a disk with one fault %s is the headline and the only cause: %s', async (id, _, change) => {
  const report = await scan(change);
  const asking = report.causes.filter(({ severity }) => severity !== 'none');
  expect(asking.map((cause) => cause.id)).toEqual([id]);
  expect(report).toMatchObject({ cause: id, starts: 'no', severity: 'act' });
  expect(report.issues).toEqual([]);
});

const DISKS = `${SET}\\Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}`;
const STORE = 'CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/Package_for_RollupFix~31bf3856ad364e35~amd64~~1.0.cat';

test.each<[string, string, string, (draft: HealthyDraft) => void]>([
  [
    'class-filter-dangling',
    'no',
    'a filter without a service',
    (draft) => {
      draft.system[DISKS] = { ...draft.system[DISKS], UpperFilters: ['partmgr', 'snapman'] };
    },
  ],
  [
    'boot-driver-key-missing',
    'no',
    'no key of volmgr',
    (draft) => {
      for (const key of Object.keys(draft.system))
        if (key.toLowerCase().startsWith(`${SET}\\services\\volmgr`.toLowerCase()) && !/volmgrx/i.test(key))
          delete draft.system[key];
    },
  ],
  ['boot-driver-not-boot', 'doubtful', 'mountmgr at start type 3', values(`${SET}\\Services\\mountmgr`, { Start: 3 })],
  [
    'core-file-version',
    'doubtful',
    'a hal of another build',
    (draft) => {
      const path = pathOf(draft, 'system32/hal.dll');
      draft.files[path] = { content: writePe({ fileVersion: '10.0.17763.1', checksum: true }) };
    },
  ],
  ['catalog-store-damaged', 'no', 'a catalog of zeros', contentOf(STORE, (bytes) => bytes.fill(0))],
])('%s makes the start of an otherwise healthy disk "%s": %s', async (id, starts, _, change) => {
  const report = await scan(change);
  const asking = report.causes.filter(({ severity }) => severity !== 'none');
  expect(asking.map((cause) => cause.id)).toEqual([id]);
  expect(report).toMatchObject({ cause: id, starts });
});

test('beside a hive that has none of the drivers of a Windows, files are not judged as those of one', async () => {
  const report = await scan((draft) => {
    for (const key of Object.keys(draft.system)) if (key.startsWith(`${SET}\\Services\\`)) delete draft.system[key];
    const path = pathOf(draft, 'system32/winload.efi');
    draft.files[path] = { content: new TextEncoder().encode('MZ, and no more of an image than that') };
  });
  expect(report.causes.filter(({ phase, severity }) => phase === 'loader' && severity !== 'none')).toEqual([]);
});

test('a healthy server is told where it can start, and why not elsewhere', async () => {
  const report = await scan(() => undefined, 'xen');
  expect(report.cause).toBe('storage-driver-absent');
  expect(report.installations[0]?.platforms?.xen).toMatchObject({ starts: 'no' });
});

describe('beside the Windows that the machine starts, one that is left from before', () => {
  const OLD_ID = '5EED0000-0000-4000-8000-0000000000B9';
  /** A second partition with a Windows whose kernel is gone. */
  const withOld = async (change: (draft: HealthyDraft) => void = () => undefined): Promise<ImageReport> => {
    const old = windowsVolume({ files: { '/Windows/System32/ntoskrnl.exe': null } });
    const at = 128 << 20;
    const options = {
      change(draft: HealthyDraft) {
        const windows = draft.gpt.pop();
        if (windows === undefined) return;
        draft.gpt.push({ ...windows, id: OLD_ID, name: 'old', length: 96 << 20 }, { ...windows, offset: at * 2 });
        change(draft);
      },
      patch: (sink: { write(offset: number, bytes: Uint8Array): void }) => sink.write(at, old),
    };
    return reportOf(await healthyDisk(options));
  };

  test('may lack its kernel: that is worth knowing', async () => {
    const report = await withOld();
    expect(report.installations).toHaveLength(2);
    expect(report).toMatchObject({ starts: 'nothing-found', cause: null, severity: 'none' });
    expect(report.causes).toContainEqual(
      expect.objectContaining({ id: 'core-file-bad', severity: 'none', volume: 3, data: expect.anything() }),
    );
  });

  test('is the cause where the default entry starts it', async () => {
    const report = await withOld(({ store }) => {
      store.windows = gptDevice(OLD_ID, HEALTHY_DISK_ID);
    });
    expect(report).toMatchObject({ starts: 'no', cause: 'core-file-bad', severity: 'act' });
  });
});
