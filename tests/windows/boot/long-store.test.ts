import { MemorySource } from '@deadbox/core';
import { Hive, readBootStore } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { boolean, LOADER, windowsBootStore, writeBootStore } from '../../support/bcd-writer.js';
import { gpt, NEW, OLD, run, UEFI_FILES, uefi } from '../../support/windows/boot-disks.js';

const PLACE = '/EFI/Microsoft/Boot/BCD';
const MANAGER = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
/** Elements that stand before all others, as the keys of a hive are sorted. */
const padding = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i).padStart(8, '0'), boolean(true)]));
/** Objects that stand before all others. */
const others = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `{00000000-0000-0000-0000-${String(i).padStart(12, '0')}}`,
      { type: 0x20100000, elements: {} },
    ]),
  );

const store = async (bytes: Uint8Array<ArrayBuffer>) => readBootStore(await Hive.open(new MemorySource(bytes)));

test.each([
  [4096, true],
  [4097, false],
])('of %i objects it is told whether all are read', async (count, complete) => {
  const read = await store(writeBootStore(others(count)));
  expect(read.objects).toHaveLength(4096);
  expect(read.complete).toBe(complete);
});

test.each([
  [1024, true],
  [1025, false],
])('of %i elements of an object it is told whether all are read', async (count, complete) => {
  const read = await store(writeBootStore({ [LOADER]: { type: 0x10200003, elements: padding(count) } }));
  expect(read.objects[0]?.elements).toHaveLength(1024);
  expect(read.complete).toBe(complete);
});

test('a store that claims fewer objects than its list holds is not read to its end either', async () => {
  const bytes = writeBootStore(others(4097));
  const hive = await Hive.open(new MemorySource(bytes));
  const objects = await hive.key('Objects');
  new DataView(bytes.buffer).setUint32((objects?.fileOffset ?? 0) + 4 + 0x14, 3, true);
  const forged = await Hive.open(new MemorySource(bytes));
  expect((await forged.key('Objects'))?.subkeyCount).toBe(3);
  expect((await readBootStore(forged)).complete).toBe(false);
});

test('a store whose reading was stopped is not read to its end', async () => {
  const hive = await Hive.open(new MemorySource(writeBootStore(others(1))));
  hive.issues.add({ code: 'hive.work-exhausted', severity: 'warning', data: {} });
  expect((await readBootStore(hive)).complete).toBe(false);
});

test.each([
  ['the settings of the boot manager', { ...uefi, manager: padding(1025) }, {}],
  ['the settings of the default entry', { ...uefi, loader: padding(1025) }, {}],
  ['the objects', uefi, others(4097)],
])('where %s go on behind what is read, the check concludes nothing and mends nothing', async (_, spec, more) => {
  const bytes = writeBootStore({ ...more, ...windowsBootStore(spec) });
  const data = { path: PLACE, partition: 1 };
  // The disk has another identity than the store names: what was read of it must not be believed alone.
  for (const disk of [gpt(OLD), gpt(NEW)])
    expect(await run(disk, { [PLACE]: bytes }, UEFI_FILES)).toMatchObject({
      verdict: 'not-checked',
      findings: [{ id: 'store-too-long', data }],
      codes: [],
      remedies: [],
      entries: [],
    });
});

test('a store that goes on names no former identity', async () => {
  const objects = windowsBootStore(uefi);
  const recovery = {
    '/EFI/Microsoft/Recovery/BCD': writeBootStore({ [MANAGER]: { type: 0x10100002, elements: padding(1025) } }),
  };
  const whole = await run(gpt(NEW), { [PLACE]: writeBootStore(objects) }, UEFI_FILES);
  expect(whole.identity?.former).toBe(OLD);
  const cut = await run(gpt(NEW), { [PLACE]: writeBootStore(objects), ...recovery }, UEFI_FILES);
  expect(cut).toMatchObject({ verdict: 'identity-changed', remedies: ['patch-boot-store'] });
  expect(cut.identity?.former).toBeUndefined();
});
