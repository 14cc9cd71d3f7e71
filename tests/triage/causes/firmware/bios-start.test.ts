import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { describe, expect, test } from 'vitest';
import { type HealthyDraft, type HealthyPlaces, healthyDisk } from '../../../support/healthy/healthy-disk.js';
import type { SparseMemory } from '../../../support/healthy/sparse-memory.js';
import { asking, causeOf, reportOf, requestsOf } from '../../../support/triage/found-causes.js';

type Patch = (disk: SparseMemory, places: HealthyPlaces) => void;

const bios = (patch?: Patch, change?: (draft: HealthyDraft) => void): Promise<SparseMemory> =>
  healthyDisk({
    firmware: 'bios',
    ...(patch === undefined ? {} : { patch }),
    ...(change === undefined ? {} : { change }),
  });

const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a healthy BIOS disk has nothing that asks for anything, and says which firmware it needs', async () => {
  const report = await reportOf(await bios());
  expect(asking(report)).toEqual([]);
  expect(report.starts).toBe('nothing-found');
  expect(causeOf(report, 'layout-vs-firmware')).toMatchObject({ severity: 'none', data: { firmware: 'bios' } });
});

describe('the master boot record', () => {
  test('without its signature is the cause, though its table leads to Windows', async () => {
    const report = await reportOf(await bios((disk) => disk.write(510, new Uint8Array(2))));
    expect(asking(report)).toEqual(['mbr-no-signature act proves']);
    expect(causeOf(report, 'mbr-no-signature')?.evidence).toMatchObject([{ offset: 510, length: 2, bytes: '0000' }]);
  });

  test('without an active partition names the one that holds the boot manager', async () => {
    const report = await reportOf(await bios((disk) => disk.write(0x1be, new Uint8Array(1))));
    expect(asking(report)).toEqual(['mbr-no-active act proves']);
    expect(causeOf(report, 'mbr-no-active')?.data).toMatchObject({ active: [], wanted: 1, wantedVolume: 1 });
  });

  test('with two active partitions is the cause', async () => {
    const report = await reportOf(await bios((disk) => disk.write(0x1ce, Uint8Array.of(0x80))));
    expect(asking(report)).toEqual(['mbr-two-active act proves']);
    expect(causeOf(report, 'mbr-two-active')?.data).toMatchObject({ active: [1, 2] });
  });

  test('with an indicator that is neither 00 nor 80, even of an unused entry, is the cause', async () => {
    const report = await reportOf(await bios((disk) => disk.write(0x1ee, Uint8Array.of(0x01))));
    expect(asking(report)).toEqual(['mbr-two-active act proves']);
    expect(causeOf(report, 'mbr-two-active')?.data).toMatchObject({ invalid: [{ slot: 4, value: 1 }] });
  });

  test('with zeros for code is proven, with the code of another loader a hint, with old code of Windows nothing', async () => {
    const zero = await reportOf(await bios((disk) => disk.write(0, new Uint8Array(440))));
    expect(asking(zero)).toEqual(['mbr-code act proves']);
    const grub = await reportOf(await bios((disk) => disk.write(0x17f, ascii('GRUB \0Geom\0'))));
    expect(asking(grub)).toEqual(['mbr-code review hint']);
    expect(causeOf(grub, 'mbr-code')?.data).toEqual({ code: 'grub' });
    const old = await reportOf(await bios((disk) => disk.write(0xef, ascii('NT5 '))));
    expect(asking(old)).toEqual([]);
  });

  test('is none of the concern of a UEFI disk', async () => {
    const disk = await healthyDisk({ firmware: 'uefi' });
    expect(asking(await reportOf(disk))).toEqual([]);
  });
});

describe('the boot sector of the active partition', () => {
  test('without code is the cause, and its backup is named as the cure', async () => {
    const disk = await bios((sink, { system }) => sink.write(system + 0x54, new Uint8Array(0x1fe - 0x54)));
    const report = await reportOf(disk);
    expect(asking(report)).toEqual(['vbr-no-code act proves']);
    expect(causeOf(report, 'vbr-no-code')).toMatchObject({ data: { why: 'empty', backup: true } });
  });

  test.each<[string, boolean, Patch]>([
    ['whose copy describes another volume', true, (disk, { system }) => disk.write(system + 0x48, u32(0x5eed))],
    ['whose further code is gone', true, (disk, { system }) => disk.write(system + 512, new Uint8Array(15 * 512))],
    ['whose copy has no code either', false, (disk, { windows }) => disk.write(windows - 512, new Uint8Array(512))],
  ])('%s is not written from it', async (_, backup, more) => {
    const disk = await bios((sink, places) => {
      sink.write(places.system + 0x54, new Uint8Array(0x1fe - 0x54));
      more(sink, places);
    });
    const report = await reportOf(disk);
    expect(causeOf(report, 'vbr-no-code')).toMatchObject({
      data: { backup },
      repair: { class: 'needs-windows', operation: null },
    });
    expect(requestsOf(report, 'vbr-no-code')).toEqual([]);
    const opened = await openDisk(disk, { name: 'server.raw' });
    const plan = await planRepair(opened, [{ operation: 'restore-boot-sector', volume: 1 }], { overlay: true });
    await opened.close();
    // A copy that is no boot sector at all is written from the first, code or no code.
    expect(plan.refusals.map(({ id }) => id)).toEqual(backup ? ['copies-differ'] : []);
  });

  test('that loads NTLDR although the boot manager is there is the cause', async () => {
    const disk = await bios((sink, { system }) => {
      const head = sink.read(system, 16 * 512);
      const text = new TextDecoder('latin1').decode(head);
      for (const name of ['BOOTMGR', 'B\0O\0O\0T\0M\0G\0R'])
        for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
          sink.write(system + at, new Uint8Array(name.length).fill(0x2e));
      sink.write(system + 0x18c, ascii('NTLDR is missing'));
    });
    expect(causeOf(await reportOf(disk), 'vbr-no-code')).toMatchObject({ severity: 'act', data: { why: 'old-code' } });
  });

  test('with a wrong number of sectors before it is the cause', async () => {
    const disk = await bios((sink, { system }) => sink.write(system + 0x1c, u32(63)));
    const report = await reportOf(disk);
    expect(asking(report)).toEqual(['vbr-hidden-sectors act proves']);
    expect(causeOf(report, 'vbr-hidden-sectors')?.data).toEqual({ stated: 63, wanted: 2048 });
  });

  test('of the volume of Windows, which the firmware does not start, is only worth knowing', async () => {
    const report = await reportOf(await bios((sink, { windows }) => sink.write(windows + 0x1c, u32(63))));
    expect(asking(report)).toEqual([]);
    expect(causeOf(report, 'vbr-hidden-sectors')?.severity).toBe('none');
  });

  test('that claims more sectors than its partition has is the cause, one less than the partition is right', async () => {
    const disk = await bios((sink, { windows, windowsLength }) => {
      const sectors = new Uint8Array(new BigUint64Array([BigInt(windowsLength / 512 + 8)]).buffer);
      sink.write(windows + 0x28, sectors);
    });
    expect(asking(await reportOf(disk))).toEqual(['vbr-total-sectors act proves']);
  });
});

describe('the boot manager of a BIOS start', () => {
  test.each([
    ['absent', undefined],
    ['empty', new Uint8Array(0)],
    ['zeros', new Uint8Array(40_000)],
  ])('that is %s is the cause', async (state, content) => {
    const disk = await bios(undefined, ({ systemFiles }) => {
      if (content === undefined) delete systemFiles['/bootmgr'];
      else systemFiles['/bootmgr'] = content;
    });
    const report = await reportOf(disk);
    expect(asking(report)).toEqual(['bootmgr-missing act proves']);
    expect(causeOf(report, 'bootmgr-missing')?.data).toMatchObject({ state, copy: '/Windows/Boot/PCAT/bootmgr' });
  });
});

test('a boot manager that is compressed is the cause', async () => {
  const disk = await bios();
  const opened = await openDisk(disk, { name: 'server.raw' });
  const volume = opened.volumes[0];
  const file = await (await volume?.ntfs())?.lookup('/bootmgr');
  const content = file?.attributes.find(({ typeName }) => typeName === '$DATA');
  await opened.close();
  // Flags of the attribute: bit 0 is "compressed", in units of 16 clusters.
  const at = (volume?.offset ?? 0) + (content?.offset ?? 0);
  disk.write(at + 0x0c, Uint8Array.of(1, 0));
  disk.write(at + 0x22, Uint8Array.of(4));
  const report = await reportOf(disk);
  expect(asking(report)).toEqual(['bootmgr-compressed act proves']);
  expect(causeOf(report, 'bootmgr-compressed')?.data).toEqual({ path: '/bootmgr', by: 'ntfs' });
});

test('boot code of Windows 2000 to 2003 counts heads: wrong ones speak for a start that fails, right ones for nothing', async () => {
  const older = (heads: number): Promise<SparseMemory> =>
    bios(
      (sink, { system }) => {
        const head = sink.read(system, 16 * 512);
        head.fill(0x2e, 0x54, 0x1fe);
        head.set(ascii('NTLDR is missing'), 0x18c);
        head.fill(0x2e, 512, 600);
        head.set([heads, 0], 0x1a);
        sink.write(system, head);
      },
      ({ systemFiles }) => {
        delete systemFiles['/bootmgr'];
        systemFiles['/ntldr'] = new Uint8Array(4096).fill(1);
      },
    );
  // The active partition of this disk has less than 2,114,445,312 bytes.
  const wrong = await reportOf(await older(0xff));
  expect(causeOf(wrong, 'vbr-geometry-xp')).toMatchObject({
    severity: 'review',
    confidence: 'strong',
    data: { heads: 0xff, wanted: 0x40 },
  });
  expect(causeOf(await reportOf(await older(0x40)), 'vbr-geometry-xp')).toBeUndefined();
});

test('a disk that holds only parts of a Windows is not judged by what its firmware would find', async () => {
  const packed = readFileSync(new URL('../../../../test-images/mbr-absent.img.gz', import.meta.url));
  const report = await reportOf(new MemorySource(new Uint8Array(gunzipSync(packed))));
  expect(report.causes.filter(({ phase }) => phase === 'firmware')).toEqual([]);
});

test('a partition that the disk is too short for is the cause', async () => {
  const disk = await bios();
  const cut = { size: disk.size - (64 << 20), read: (offset: number, length: number) => disk.read(offset, length) };
  const report = await reportOf(cut);
  expect(report.cause).toBe('image-truncated');
  expect(causeOf(report, 'image-truncated')).toMatchObject({ phase: 'image', severity: 'act', confidence: 'proves' });
});

describe('the partition of Windows', () => {
  test.each([0x17, 0x27, 0x12])('with the hidden type %i speaks for a start that fails', async (type) => {
    const disk = await bios((sink) => sink.write(0x1ce + 4, Uint8Array.of(type)));
    expect(asking(await reportOf(disk))).toContain('partition-hidden review strong');
  });
});

test('the disk of these tests opens as two NTFS volumes on an MBR', async () => {
  const opened = await openDisk(await bios(), { name: 'server.raw' });
  expect(opened.volumes.map(({ fileSystem }) => fileSystem)).toEqual(['ntfs', 'ntfs']);
  await opened.close();
});
