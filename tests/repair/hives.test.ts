import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairPlan, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { gptDevice, integer, LOADER, windowsBootStore, writeBootStore } from '../support/bcd-writer.js';
import {
  buildCrashedDisk,
  type CrashedDiskOptions,
  DISK_ID,
  partitionId,
} from '../support/disk-writer/crashed-disk.js';
import { changedPages, makeDirty, writeNewLog } from '../support/hive-log-writer.js';
import { differingBytes, withDiskFile } from '../support/repair/repaired-disk.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';
import { type HivexRow, hivexRows } from '../support/windows/hivexml.js';
import { systemHive } from '../support/windows-hives.js';

const folder = temporaryFolder();
const WINDOWS = 3;
const SYSTEM = '/Windows/System32/config/SYSTEM';
const STORE = '/EFI/Microsoft/Boot/BCD';
let count = 0;

function crashed(options: Partial<CrashedDiskOptions>): string {
  const path = join(folder, `${(count += 1)}.raw`);
  buildCrashedDisk(path, { files: 20, crowdStrikeEntries: 2, ...options });
  return path;
}

const withSystem = (hive: Uint8Array, log?: Uint8Array): string =>
  crashed({
    windowsFiles: {
      [SYSTEM]: { content: hive },
      ...(log === undefined ? {} : { [`${SYSTEM}.LOG1`]: { content: log } }),
    },
  });

const disable = (name: string, force = false): RepairRequest => ({
  operation: 'disable-driver',
  volume: WINDOWS,
  root: '/Windows',
  name,
  force,
});

const planOn = (path: string, request: RepairRequest): Promise<RepairPlan> =>
  withDiskFile(path, (disk) => planRepair(disk, [request]));

/** The file of a volume, as it is on the disk now. */
async function fileBytes(path: string, volume: number, file: string): Promise<Uint8Array> {
  return withDiskFile(path, async (disk) => {
    const tree = await disk.volumes[volume - 1].fileTree();
    const stream = await (await tree.lookup(file))?.stream();
    return new Uint8Array((await stream?.read(0, stream.size)) ?? []);
  });
}

/** The sequence number that a log entry must have to be applied to a hive. */
function sequenceOf(hive: Uint8Array): number {
  return new DataView(hive.buffer).getUint32(8, true);
}

/** What hivex, which is another reader, says of a file of the disk. */
async function hivexOf(path: string, volume: number, file: string): Promise<HivexRow[]> {
  const copy = join(folder, 'copy.hive');
  writeFileSync(copy, await fileBytes(path, volume, file));
  return hivexRows(copy);
}

/** Repairs, and gives the bytes of the disk that changed. */
async function repaired(path: string, request: RepairRequest, work: () => Promise<void>): Promise<number[]> {
  const original = `${path}.original`;
  const undo = `${path}.${(count += 1)}.undo.json`;
  run('cp', ['--sparse=always', path, original]);
  await withDiskFile(path, async (disk) => {
    const plan = await planRepair(disk, [request]);
    expect(plan.refusals).toEqual([]);
    await applyRepair(disk, plan, undo);
  });
  const changed = differingBytes(original, path);
  await work();
  undoRepair(readJournal(undo));
  expect(differingBytes(original, path)).toEqual([]);
  return changed;
}

describeWithTools(['hivexml', 'cp'], 'a hive is changed in place, as hivex reads it', () => {
  test('Start of a driver becomes 4 in the control set in use, and nothing else changes', async () => {
    const path = withSystem(systemHive({ services: 40 }));
    const before = await hivexOf(path, WINDOWS, SYSTEM);
    const changed = await repaired(path, disable('CSAgent'), async () => {
      const after = await hivexOf(path, WINDOWS, SYSTEM);
      const wanted = before.map((row) =>
        row.key === '\\ControlSet001\\Services\\CSAgent' && row.name === 'Start' ? { ...row, value: '4' } : row,
      );
      expect(after).toEqual(wanted);
    });
    expect(changed.length).toBe(1);
  });

  test('a dirty hive whose log holds other pages is changed too', async () => {
    const hive = systemHive({ services: 400 });
    const other = systemHive({ services: 400, computerName: 'SRV-FILE-08' });
    const binsSize = hive.length - 4096;
    const page = changedPages(hive, other)[0];
    const log = writeNewLog(makeDirty(hive), [{ sequence: sequenceOf(hive), binsSize, pages: [page] }]);
    const plan = await planOn(withSystem(makeDirty(hive), log), disable('filler0399'));
    expect(plan.refusals).toEqual([]);
  });

  test('safe mode is taken out of a boot store, and nothing else goes', async () => {
    const windows = gptDevice(partitionId(3), DISK_ID);
    const objects = windowsBootStore({
      firmware: 'uefi',
      system: gptDevice(partitionId(1), DISK_ID),
      windows,
      loader: { '25000080': integer(1), '26000081': Uint8Array.of(1) },
    });
    const path = crashed({ efiFiles: { [STORE]: writeBootStore(objects) } });
    const before = await hivexOf(path, 1, STORE);
    for (const element of ['25000080', '26000081']) {
      const request: RepairRequest = {
        operation: 'remove-boot-element',
        volume: 1,
        path: STORE,
        object: LOADER,
        element,
      };
      const changed = await repaired(path, request, async () => {
        const gone = new RegExp(`\\\\Objects\\\\${LOADER.replaceAll(/[{}]/g, '\\$&')}\\\\Elements\\\\${element}$`, 'i');
        expect(before.some((row) => gone.test(row.key))).toBe(true);
        expect(await hivexOf(path, 1, STORE)).toEqual(before.filter((row) => !gone.test(row.key)));
      });
      expect(changed.length).toBeLessThan(100);
    }
  });
});

describe('a change of a hive is refused', () => {
  const path = withSystem(systemHive());

  test.each(['disk', 'storahci'])('of a driver that the disk needs: %s', async (name) => {
    expect((await planOn(path, disable(name))).refusals.map(({ id }) => id)).toEqual(['driver-needed']);
    expect((await planOn(path, disable(name, true))).operations.length).toBe(1);
  });

  test('of a service that is not there, or disabled already', async () => {
    expect((await planOn(path, disable('nothing'))).refusals.map(({ id }) => id)).toEqual(['service-missing']);
    const off = withSystem(systemHive({ sensorStart: 4 }));
    expect((await planOn(off, disable('CSAgent'))).refusals.map(({ id }) => id)).toEqual(['nothing-to-repair']);
  });

  test('where the log would write the same page again when Windows loads the hive', async () => {
    const hive = systemHive();
    const other = systemHive({ sensorStart: 0 });
    const log = writeNewLog(makeDirty(hive), [
      { sequence: sequenceOf(hive), binsSize: hive.length - 4096, pages: changedPages(hive, other) },
    ]);
    const dirty = withSystem(makeDirty(hive), log);
    expect((await planOn(dirty, disable('CSAgent'))).refusals.map(({ id }) => id)).toEqual(['hive-log-pending']);
  });

  test('of a damaged hive, and of a dirty one without its log', async () => {
    const hive = systemHive();
    for (const content of [makeDirty(hive), hive.slice(0, 8192), new Uint8Array(hive.length)]) {
      const { refusals } = await planOn(withSystem(content), disable('CSAgent'));
      expect(refusals.map(({ id }) => id)).toEqual(['hive-damaged']);
    }
  });

  test('of an element that a start needs', async () => {
    const store = writeBootStore(
      windowsBootStore({
        firmware: 'uefi',
        system: gptDevice(partitionId(1), DISK_ID),
        windows: gptDevice(partitionId(3), DISK_ID),
      }),
    );
    const disk = crashed({ efiFiles: { [STORE]: store } });
    const ask = (element: string): Promise<RepairPlan> =>
      planOn(disk, { operation: 'remove-boot-element', volume: 1, path: STORE, object: LOADER, element });
    expect((await ask('21000001')).refusals.map(({ id }) => id)).toEqual(['element-not-removable']);
    expect((await ask('25000080')).refusals.map(({ id }) => id)).toEqual(['element-missing']);
  });
});
