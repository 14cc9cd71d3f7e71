import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type ImageHazard, planRepair, type RefusalId, type RepairRequest } from '@deadbox/repair';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { buildCrashedDisk, type CrashedDiskOptions } from '../support/disk-writer/crashed-disk.js';
import { withBadPlaces } from '../support/encryption/failing-source.js';
import type { VolumeOptions } from '../support/ntfs-writer/ntfs-volume.js';
import type { FileOptions } from '../support/ntfs-writer/tree.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { SMALL_DISK, writeSmallDisk } from '../support/repair/small-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const golden = testImage('gpt-faulty');
const { offset, length } = golden.partitions[golden.windowsVolume - 1];
const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const FAULTY = golden.files.find((file) => file.class === 'faulty-window')?.path ?? '';
let count = 0;

const neutralise = (path: string = FAULTY, volume: number = golden.windowsVolume): RepairRequest => ({
  operation: 'neutralise-file',
  volume,
  path,
});

/** Plans on the disk at `path`, which must stay as it is: bytes, size and times. */
async function refusalsOf(
  path: string,
  request: RepairRequest,
  hazards: readonly ImageHazard[] = [],
): Promise<RefusalId[]> {
  const before = { sha256: fileSha256(path), ...times(path) };
  const plan = await withDiskFile(path, (disk) => planRepair(disk, [request], { hazards }));
  expect(plan.operations).toEqual([]);
  expect({ sha256: fileSha256(path), ...times(path) }).toEqual(before);
  return plan.refusals.map(({ id }) => id);
}

function times(path: string): { size: number; mtimeMs: number } {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs };
}

/** A copy of the bundled disk that `damage` changed; the volume's bytes are a view of it. */
function damaged(damage: (volume: Buffer, disk: Buffer) => void): string {
  const bytes = readFileSync(testImagePath('gpt-faulty'));
  damage(bytes.subarray(offset, offset + length), bytes);
  const path = join(folder, `${(count += 1)}.img`);
  writeFileSync(path, bytes);
  return path;
}

function crashed(options: Partial<CrashedDiskOptions>): string {
  const path = join(folder, `${(count += 1)}.raw`);
  buildCrashedDisk(path, { files: 20, crowdStrikeEntries: 2, ...options });
  return path;
}

/** A small volume with a driver; the disk is gone through whole, twice a refusal. */
function small(files: Readonly<Record<string, FileOptions>>, volume: Partial<VolumeOptions> = {}): string {
  const path = join(folder, `${(count += 1)}.raw`);
  writeSmallDisk(path, 'gpt', { '/drivers/bad.sys': { size: 9000 }, ...files }, volume);
  return path;
}

const text = (words: string): Uint8Array => Uint8Array.from(words, (unit) => unit.charCodeAt(0));

/** `$LogFile` restart pages that say "in use", and nothing else that could be read. */
function unreadableLog(): Uint8Array {
  const log = new Uint8Array(65_536).fill(0x77);
  log.set(text('RSTR'));
  return log;
}

const page = (signature: string): Uint8Array => {
  const bytes = new Uint8Array(8192);
  bytes.set(text(signature));
  return bytes;
};

describe('a repair is refused, and nothing changed,', () => {
  test.each(['HIBR', 'hibr', 'RSTR', 'wake', 'what'])('on a volume whose hiberfil.sys begins with %s', async (mark) => {
    const path = small({ '/hiberfil.sys': { content: page(mark) } });
    expect(await refusalsOf(path, neutralise('/drivers/bad.sys', 1))).toEqual(['hibernated']);
  });

  test('on every volume of a disk on which Windows is hibernated, but for what puts back what it remembers', async () => {
    const path = small({ '/hiberfil.sys': { content: page('HIBR') } });
    const [first, second] = SMALL_DISK.offsets;
    const bytes = readFileSync(path);
    // Windows is on the second volume then, and the faulty driver on the first one.
    const asleep = bytes.subarray(first, first + SMALL_DISK.length);
    const awake = readFileSync(small({})).subarray(first, first + SMALL_DISK.length);
    bytes.set(asleep, second);
    bytes.set(awake, first);
    writeFileSync(path, bytes);
    expect(await refusalsOf(path, neutralise('/drivers/bad.sys', 1))).toEqual(['hibernated']);
    const end = first + SMALL_DISK.length - 512;
    bytes.fill(0, end, end + 512);
    writeFileSync(path, bytes);
    const plan = await withDiskFile(path, (disk) =>
      planRepair(disk, [{ operation: 'restore-boot-sector', volume: 1 }]),
    );
    expect(plan.refusals).toEqual([]);
  });

  test('where the log cannot be examined', async () => {
    const path = small({}, { log: unreadableLog(), flags: 1 });
    expect(await refusalsOf(path, neutralise('/drivers/bad.sys', 1))).toEqual(['log-pending']);
  });

  test('for a file that is not there, a folder, and a record of the file system itself', async () => {
    const path = testImagePath('gpt-faulty');
    expect(await refusalsOf(path, neutralise(`${FOLDER}/C-00000291-none.sys`))).toEqual(['file-missing']);
    expect(await refusalsOf(path, neutralise(FOLDER))).toEqual(['not-a-plain-file']);
    expect(await refusalsOf(path, neutralise('/$MFT'))).toEqual(['mirrored-record']);
  });

  test('on a volume that is not NTFS, or not there', async () => {
    const path = testImagePath('gpt-faulty');
    expect(await refusalsOf(path, neutralise('/EFI', 1))).toEqual(['not-ntfs']);
    expect(await refusalsOf(path, neutralise('/', 9))).toEqual(['not-ntfs']);
  });

  test('while a newer link or a saved state lies beside the image, or it is in use', async () => {
    const path = testImagePath('gpt-faulty');
    for (const hazard of ['snapshot-beside', 'saved-vm-state', 'in-use'] as const)
      expect(await refusalsOf(path, neutralise(), [hazard])).toEqual([hazard]);
  });

  test('for a file with a second name in another folder', async () => {
    const path = crashed({ files: 400 });
    const linked = await withDiskFile(path, async (disk) => {
      const tree = await disk.volumes[2].ntfs();
      const system = await tree?.lookup('/Windows/System32/drivers');
      for await (const batch of system?.entries() ?? []) {
        for (const { name } of batch) {
          const file = await tree?.lookup(`/Windows/System32/drivers/${name}`);
          const parents = new Set(file?.names.map(({ parent }) => parent.record));
          if (file?.type === 'file' && parents.size > 1) return file.path;
        }
      }
      return undefined;
    });
    expect(linked).toBeDefined();
    expect(await refusalsOf(path, neutralise(linked, 3))).toEqual(['hard-links']);
  });

  test('where the index and the record disagree on the name', async () => {
    const path = damaged((volume) => {
      // The name in the index block, once: upper case there, as before in the record.
      const name = Buffer.from('C-00000291-00000000-00000032.sys', 'utf16le');
      const at = volume.indexOf(name);
      const other = volume.indexOf(name, at + 1);
      expect(other).toBeGreaterThan(at);
      volume[other] = 'c'.charCodeAt(0);
    });
    expect(await refusalsOf(path, neutralise())).toEqual([expect.stringMatching(/^(names-disagree|index-damaged)$/)]);
  });

  test('where the folder is not in order, or its index is damaged', async () => {
    const name = Buffer.from('C-00000291-backup.txt', 'utf16le');
    const unsorted = damaged((volume) => {
      for (let at = volume.indexOf(name); at >= 0; at = volume.indexOf(name, at + 1)) volume[at] = 'X'.charCodeAt(0);
    });
    expect(await refusalsOf(unsorted, neutralise())).toEqual([expect.stringMatching(/^index-(unsorted|damaged)$/)]);
  });

  test('on a locked volume', async () => {
    const path = damaged((volume) => {
      const made = makeBitLockerVolume(new Uint8Array(volume), { password: 'Faulty-291!' });
      volume.set(made.bytes);
    });
    expect(await refusalsOf(path, neutralise())).toEqual(['locked']);
  });
});

describeWithTools(['qemu-img'], 'an image is not written in place', () => {
  const raw = testImagePath('gpt-faulty');

  test('whose clusters are compressed', async () => {
    const path = join(folder, 'compressed.qcow2');
    run('qemu-img', ['convert', '-c', '-O', 'qcow2', raw, path]);
    expect(await refusalsOf(path, neutralise())).toEqual(['not-stored']);
  });

  test('whose clusters a snapshot shares', async () => {
    const path = join(folder, 'snapshot.qcow2');
    run('qemu-img', ['convert', '-O', 'qcow2', raw, path]);
    run('qemu-img', ['snapshot', '-c', 'before', path]);
    expect(await refusalsOf(path, neutralise())).toEqual(['not-stored']);
  });

  test('that only stores what differs from its parent', async () => {
    const base = join(folder, 'base.qcow2');
    const path = join(folder, 'top.qcow2');
    run('qemu-img', ['convert', '-O', 'qcow2', raw, base]);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', path]);
    const before = fileSha256(base);
    expect(await refusalsOf(path, neutralise())).toEqual(['not-stored']);
    expect(fileSha256(base)).toBe(before);
  });

  test('that is stream-optimised', async () => {
    const path = join(folder, 'stream.vmdk');
    run('qemu-img', ['convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, path]);
    expect(await refusalsOf(path, neutralise())).toEqual(['not-stored']);
  });
});

test('what cannot be read refuses the change that needs it, and no other', async () => {
  const source = new MemorySource(new Uint8Array(readFileSync(testImagePath('gpt-faulty'))));
  const other = `${FOLDER}/C-00000292-00000000-00000032.sys`;
  await using whole = await openDisk(source);
  const record = (await (await whole.volumes[golden.windowsVolume - 1]?.ntfs())?.lookup(other))?.record ?? 0;
  // Clusters of 4096 bytes, $MFT in the fourth.
  const bad = withBadPlaces(source, [{ offset: offset + 4 * 4096 + record * 1024, length: 512 }]);
  await using disk = await openDisk(bad);
  const plan = await planRepair(disk, [neutralise(other), neutralise()], { overlay: true });
  expect(plan.operations).toHaveLength(1);
  expect(plan.refusals).toMatchObject([{ id: 'unreadable', data: { path: other, code: 'READ_FAILED' } }]);
});
