import { readFileSync } from 'node:fs';
import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { keyList } from '@deadbox/encryption';
import { type Walk, type WalkTarget, walkTo } from '@deadbox/triage/walk';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { bootLog, launched, recordedFailure, recordedStart } from '../../support/boot-log-writer.js';
import { plainVolume } from '../../support/encryption/volumes.js';
import { healthyDisk } from '../../support/healthy/healthy-disk.js';
import { hiveOf } from '../../support/healthy/hives.js';
import { writeNewLog } from '../../support/hive-log-writer.js';
import { testImagePath } from '../../support/test-image.js';
import { windowsVolume } from '../../support/triage/windows-volume.js';

const FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';

async function walkIn(
  bytes: Uint8Array<ArrayBuffer>,
  target: WalkTarget,
  keys?: Parameters<typeof keyList>[0],
): Promise<Walk> {
  const disk = await openDisk(
    new MemorySource(bytes, { name: 'disk.img' }),
    keys === undefined ? {} : { keys: keyList(keys) },
  );
  try {
    return await walkTo(disk, target);
  } finally {
    await disk.close();
  }
}

const image = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(testImagePath(name)));
const ids = (walk: Walk): string[] => walk.steps.map(({ id }) => id);
const step = (walk: Walk, id: string): Walk['steps'][number] => {
  const found = walk.steps.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no step ${id} among ${ids(walk).join(', ')}`);
  return found;
};

/** Every pointer is the sum of its terms, and the next step begins where it says. */
function expectConnected({ steps }: Walk): void {
  for (const [index, { next }] of steps.entries()) {
    const following = steps[index + 1];
    if (next === null || following === undefined) continue;
    expect(next.terms.reduce((sum, { value, times }) => sum + value * times, 0)).toBe(next.to);
    if (next.space === 'disk') expect(following.offset, `step ${index + 1} leads to the next`).toBe(next.to);
    if (next.space === 'file') expect(following.data.at, `step ${index + 1} leads to the next`).toBe(next.to);
  }
}

/** The stored bytes of every step are those of the disk. */
function expectStored(walk: Walk, disk: Uint8Array): void {
  for (const { pieces, stored, bytes, number } of walk.steps) {
    const shown = stored ?? bytes;
    for (const { at, length, disk: offset } of pieces) {
      if (offset === null) continue;
      const there = Buffer.from(disk.subarray(offset, offset + length)).toString('hex');
      expect(shown.slice(at * 2, (at + length) * 2), `step ${number}`).toBe(there);
    }
  }
}

describe('the walk to a file', () => {
  test('goes through the partition table, $MFT and every folder to the first byte of the content', async () => {
    const disk = image('gpt-faulty');
    const walk = await walkIn(disk, { kind: 'file', path: FILE });
    expect(walk).toMatchObject({ reached: true, end: null });
    expect(ids(walk).slice(0, 7)).toEqual([
      'mbr',
      'gpt-header',
      'partition-entry',
      'boot-sector',
      'mft',
      'data-attribute',
      'folder-record',
    ]);
    expect(ids(walk).slice(-4)).toEqual(['index-entry', 'file-record', 'data-attribute', 'content']);
    // As the architecture page works them out by hand.
    expect(step(walk, 'file-record').offset).toBe(37_874_688);
    expect(step(walk, 'content').offset).toBe(48_435_200);
    expectConnected(walk);
    expectStored(walk, disk);
  });

  test('shows a record as it reads and as it is stored', async () => {
    const walk = await walkIn(image('gpt-faulty'), { kind: 'file', path: FILE });
    const { bytes, stored, reading, fields } = step(walk, 'file-record');
    expect(reading).toBe('fixup');
    // The check number stands at the end of both strides, and first in the array at byte 48.
    const check = stored?.slice(96, 100);
    expect([stored?.slice(1020, 1024), stored?.slice(2044, 2048)]).toEqual([check, check]);
    expect(bytes.slice(1020, 1024)).toBe(stored?.slice(100, 104));
    expect(fields.find(({ name }) => name === 'number')).toMatchObject({ at: 44, value: 107 });
  });

  test('begins with an MBR entry where there is no GPT', async () => {
    const disk = image('mbr-faulty');
    const walk = await walkIn(disk, { kind: 'file', path: FILE });
    expect(ids(walk).slice(0, 3)).toEqual(['mbr', 'partition-entry', 'boot-sector']);
    expect(walk.steps[0].next).toMatchObject({ to: 446 });
    expectConnected(walk);
    expectStored(walk, disk);
  });

  test('of more steps than are kept does not say that it arrived', async () => {
    const folders = Array.from({ length: 420 }, (_, i) => `f${i}`);
    const path = `/${folders.join('/')}/end.txt`;
    const disk = windowsVolume({ files: { [path]: { content: new Uint8Array(4) } } });
    const walk = await walkIn(disk, { kind: 'file', path });
    expect(walk.steps).toHaveLength(400);
    expect(walk).toMatchObject({ reached: false, end: { code: 'WALK_TOO_LONG' } });
    const shorter = await walkIn(disk, { kind: 'file', path: `/${folders.slice(0, 100).join('/')}` });
    expect(shorter).toMatchObject({ reached: true, end: null });
  });

  test('ends where a name is missing, and shows the folder that lacks it', async () => {
    const walk = await walkIn(image('gpt-faulty'), { kind: 'file', path: '/Windows/nowhere/a.txt' });
    expect(walk).toMatchObject({ reached: false, end: { code: 'NOT_FOUND', message: 'nowhere' } });
    expect(walk.steps.findLast(({ id }) => id === 'folder-record')?.data).toMatchObject({
      folder: '/Windows',
      found: false,
    });
  });

  test('decrypts what BitLocker encrypted, and keeps the cipher text beside it', async () => {
    const plain = plainVolume();
    const {
      bytes: disk,
      headerOffset,
      startupKeyFile,
    } = makeBitLockerVolume(plain, {
      startupKey: new Uint8Array(32).fill(7),
    });
    const locked = await walkIn(disk, { kind: 'file', path: FILE });
    expect(locked).toMatchObject({ reached: false, end: { code: 'VOLUME_LOCKED' } });
    expect(ids(locked)).toEqual(['bitlocker-header', 'bitlocker-metadata']);
    const walk = await walkIn(disk, { kind: 'file', path: FILE }, [
      { kind: 'startup-key', label: 'key.bek', bytes: startupKeyFile as Uint8Array<ArrayBuffer> },
    ]);
    expect(walk.reached).toBe(true);
    const start = step(walk, 'boot-sector');
    expect(start).toMatchObject({ reading: 'decrypted', offset: headerOffset });
    expect(start.bytes).toBe(Buffer.from(plain.subarray(0, 512)).toString('hex'));
    expect(step(walk, 'content').stored).not.toBeNull();
    expectConnected(walk);
    expectStored(walk, disk);
  });

  test('says where damage ends the way, and never throws', async () => {
    const disk = image('gpt-faulty');
    const ends = new Set<string>();
    // The places that the way leads through: the first bytes of every fourth destroyed in turn.
    const whole = await walkIn(disk, { kind: 'file', path: FILE });
    const places = whole.steps.filter(({ id }, index) => id !== 'content' && index % 4 === 0);
    for (const { offset } of places) {
      const at = offset ?? 0;
      const kept = disk.slice(at, at + 24);
      disk.fill(0xa5, at, at + 24);
      const walk = await walkIn(disk, { kind: 'file', path: FILE });
      disk.set(kept, at);
      ends.add(walk.end?.code ?? 'reached');
      expect(walk.steps.length).toBeLessThan(60);
    }
    expect(ends.size).toBeGreaterThan(1);
  });
});

describe('the walk inside hives and logs', () => {
  test('reaches a registry value through bins, cells and lists', async () => {
    const disk = image('mbr-faulty');
    const hive = '/Windows/System32/config/SYSTEM';
    const walk = await walkIn(disk, { kind: 'registry', hive, key: 'Select', value: 'Current' });
    expect(ids(walk).slice(-6)).toEqual([
      'hive-base-block',
      'key-node',
      'subkey-list',
      'key-node',
      'value-list',
      'key-value',
    ]);
    expect(step(walk, 'key-value').data).toMatchObject({ type: 'REG_DWORD', text: '1', inline: true });
    expectConnected(walk);
    expectStored(walk, disk);
  });

  test('reaches an element of the boot store on a FAT volume', async () => {
    const disk = image('gpt-faulty');
    const hive = '/EFI/Microsoft/Boot/BCD';
    const key = 'Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\11000001';
    const walk = await walkIn(disk, { kind: 'registry', hive, key, value: 'Element' });
    expect(walk.reached).toBe(true);
    expect(ids(walk)).toContain('fat-entry');
    const { fields } = step(walk, 'value-data');
    expect(fields.find(({ structure, name }) => structure === 'bcd-device' && name === 'type')).toBeDefined();
    expectConnected(walk);
    expectStored(walk, disk);
  });

  test("shows what a hive's log puts in place of the file's bytes", async () => {
    const disk = await healthyDisk({
      change: (draft) => {
        const hive = hiveOf(draft.system);
        const view = new DataView(hive.buffer);
        // The log carries a page as it is; the file has one name in it spelled otherwise.
        const at = Buffer.from(hive).indexOf('Select', 4096);
        const offset = at - (at % 4096);
        const page = hive.slice(offset, offset + 4096);
        hive.set([0x58], at);
        view.setUint32(4, view.getUint32(8, true) + 1, true);
        view.setUint32(508, 0, true);
        let sum = 0;
        for (let i = 0; i < 508; i += 4) sum ^= view.getUint32(i, true);
        view.setUint32(508, sum, true);
        draft.hives.SYSTEM = hive;
        const log = writeNewLog(hive, [
          {
            sequence: view.getUint32(8, true),
            binsSize: view.getUint32(40, true),
            pages: [{ offset: offset - 4096, bytes: page }],
          },
        ]);
        draft.files['/Windows/System32/config/SYSTEM.LOG1'] = { content: log };
      },
    });
    const opened = await openDisk(disk);
    const hive = '/Windows/System32/config/SYSTEM';
    const walk = await walkTo(opened, { kind: 'registry', hive, key: 'Select', value: 'Current' });
    await opened.close();
    expect(walk.reached).toBe(true);
    expect(step(walk, 'hive-log').data).toMatchObject({ name: 'LOG1', entries: 1 });
    const node = walk.steps.find(({ id, data }) => id === 'key-node' && data.name === 'Select');
    expect(node?.reading).toBe('log');
    expect(Buffer.from(node?.stored ?? '', 'hex').includes('Xelect')).toBe(true);
    expectConnected(walk);
  });

  test("reaches the last failure in the boot manager's log", async () => {
    const disk = await healthyDisk({
      change: (draft) => {
        draft.systemFiles['/EFI/Microsoft/Boot/BOOTSTAT.DAT'] = bootLog([
          recordedStart('2024-07-19T04:31:02'),
          recordedFailure(0x13, 0xc000000f, '\\Windows\\system32\\winload.efi'),
          recordedStart('2024-07-19T04:33:02'),
          launched('\\Windows\\system32\\winload.efi'),
        ]);
      },
    });
    const opened = await openDisk(disk);
    const walk = await walkTo(opened, { kind: 'boot-log' });
    await opened.close();
    expect(walk.reached).toBe(true);
    expect(step(walk, 'boot-log-entry').data).toMatchObject({
      number: 2,
      status: '0xC000000F',
      file: '\\Windows\\system32\\winload.efi',
    });
    expectConnected(walk);
  });
});
