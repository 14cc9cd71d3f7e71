import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError, type Json } from '@deadbox/core';
import type { RepairPlan } from '@deadbox/repair';
import {
  applyRepair,
  type BlockWriter,
  finishRepair,
  readJournal,
  undoRepair,
  writeOverlay,
} from '@deadbox/repair/node';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeJournal } from '../../packages/repair/src/journal/journal-file.node.js';
import { openWriter } from '../../packages/repair/src/storage/block-writer.node.js';
import { storedWrites } from '../../packages/repair/src/storage/stored-write.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { temporaryFolder } from '../support/tools.js';

/*
 * Undo files and images that somebody made to mislead the writer: each ends in a typed error before the first byte.
 */

const folder = temporaryFolder();
const onUnix = process.platform !== 'win32';
let image = '';
let path = '';
let made = 0;

beforeEach(() => {
  made += 1;
  image = join(folder, `${made}.img`);
  path = join(folder, `${made}.json`);
  writeFileSync(image, new Uint8Array(4096).fill(2));
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A write as an undo file has it: `length` times a byte of each value. */
function write(file: string, offset: number, before: number, after = 2, length = 512): Record<string, Json> {
  const [old, now] = [Buffer.alloc(length, before), Buffer.alloc(length, after)];
  const hashes = { beforeSha256: sha256(old), afterSha256: sha256(now) };
  return { file, offset, before: old.toString('base64'), after: now.toString('base64'), ...hashes };
}

interface Changes {
  readonly writes: readonly Json[];
  readonly files?: Record<string, number>;
}

function save({ writes, files = {} }: Changes): void {
  const head = { schema: 'deadbox.undo/1', tool: 'deadbox', version: '1.0.0', createdAt: '2024-07-19T05:00:00Z' };
  const sizes = Object.entries({ [image]: 4096, ...files }).map(([name, size]) => ({ path: name, size }));
  const about = { image: { path: image, format: 'raw', virtualSize: 4096 }, files: sizes, operations: [] };
  writeFileSync(path, JSON.stringify({ ...head, ...about, writes }));
}

/** What the undo file in `path` ends in. */
function undone(): string {
  try {
    return `${undoRepair(readJournal(path)).sectors} written`;
  } catch (error) {
    if (isDeadboxError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('an undo file is refused and nothing is written', () => {
  const rows: readonly [what: string, answer: RegExp, make: () => Changes][] = [
    ['that ends in two states', /INVALID.*byte 512/, () => ({ writes: [write(image, 512, 1), write(image, 512, 3)] })],
    [
      'whose writes overlap in a part',
      /INVALID.*byte 512/,
      () => ({ writes: [write(image, 0, 1, 2, 1024), write(image, 512, 3, 2, 1024)] }),
    ],
    [
      'whose writes overlap under two names',
      /INVALID.*byte 512/,
      () => {
        const other = join(folder, `${made}.link`);
        symlinkSync(image, other);
        return { writes: [write(image, 512, 1), write(other, 512, 3)], files: { [other]: 4096 } };
      },
    ],
    ['that writes behind the end of its file', /INVALID/, () => ({ writes: [write(image, 3800, 1)] })],
    ['that writes as far as numbers go', /INVALID/, () => ({ writes: [write(image, Number.MAX_SAFE_INTEGER, 1)] })],
    ['that writes more at once than any sector', /INVALID/, () => ({ writes: [write(image, 0, 1, 2, 1 << 20)] })],
    [
      'with more writes than any repair',
      /INVALID.*more writes/,
      () => ({ writes: Array.from({ length: 131_073 }, () => 'a write is longer than this string') }),
    ],
    [
      'of a folder',
      /SOURCE_NOT_READABLE.*neither a file nor a disk/,
      () => ({ writes: [write(image, 512, 1), write(folder, 0, 1)], files: { [folder]: 4096 } }),
    ],
    [
      'whose image is shorter now, though it still has the sector',
      /REPAIR_UNEXPECTED_BYTES/,
      () => {
        truncateSync(image, 2048);
        return { writes: [write(image, 512, 1)] };
      },
    ],
  ];
  test.each(rows)('%s', (_, answer, make) => {
    save(make());
    const before = fileSha256(image);
    expect(undone()).toMatch(answer);
    expect(fileSha256(image)).toBe(before);
  });

  test('that would be written over itself', () => {
    const [old, now] = [Buffer.from('{"schema":"deadbox.undo/2"'), Buffer.from('{"schema":"deadbox.undo/1"')];
    const hashes = { beforeSha256: sha256(old), afterSha256: sha256(now) };
    const self = { file: path, offset: 0, before: old.toString('base64'), after: now.toString('base64'), ...hashes };
    save({ writes: [self], files: { [path]: 100 } });
    const before = fileSha256(path);
    expect(undone()).toMatch(/INVALID.*over itself/);
    expect(fileSha256(path)).toBe(before);
  });

  test.runIf(onUnix)('of a pipe, which would be waited for without end', () => {
    const pipe = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    save({ writes: [write(image, 512, 1), write(pipe, 0, 1)], files: { [pipe]: 0 } });
    expect(undone()).toMatch(/neither a file nor a disk/);
  });

  test.runIf(process.platform === 'linux')('of a device that is no disk, and is not read from one without end', () => {
    save({ writes: [write('/dev/zero', 0, 1, 0)], files: { '/dev/zero': 0 } });
    expect(undone()).toMatch(/neither a file nor a disk/);
  });

  test('where one of its files cannot be written', () => {
    const other = join(folder, 'other.img');
    writeFileSync(other, new Uint8Array(4096).fill(2));
    save({ writes: [write(image, 512, 1), write(other, 512, 1)], files: { [other]: 4096 } });
    const before = [image, other].map(fileSha256);
    const opened = new Set<string>();
    // Each is opened twice: to be compared, and to be written.
    const open = (name: string): BlockWriter => {
      if (name === image && opened.has(name)) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
      opened.add(name);
      return openWriter(name);
    };
    // Undoing begins with the other file, which is the last one.
    expect(() => undoRepair(readJournal(path), { open })).toThrow(/stopped after 0 of 2/);
    expect([image, other].map(fileSha256)).toEqual(before);
  });
});

test('an undo file with the same write twice, of an image that has grown, or with keys of its own, is used', () => {
  save({ writes: [write(image, 512, 1), { ...write(image, 512, 1), more: [1] }] });
  writeFileSync(path, readFileSync(path, 'utf8').replace('{', '{"__proto__":{"writes":[],"polluted":1},'));
  truncateSync(image, 8192);
  expect(undone()).toBe('2 written');
  expect(undone()).toBe('0 written');
  expect(readFileSync(image).subarray(512, 1024)).toEqual(Buffer.alloc(512, 1));
  expect({}).not.toHaveProperty('polluted');
  finishRepair(readJournal(path));
  expect(readFileSync(image).subarray(0, 4096)).toEqual(Buffer.alloc(4096, 2));
});

const CLUSTER = 1 << 16;

/** A QCOW2 of version 2 (QEMU docs/interop/qcow2) that stores the clusters of its disk in those of the list. */
function qcow2(...stored: readonly number[]): Buffer {
  const file = Buffer.alloc(8 * CLUSTER);
  file.write('QFI\xfb', 'latin1');
  file.writeUInt32BE(2, 4);
  file.writeUInt32BE(16, 20);
  file.writeBigUInt64BE(BigInt(stored.length * CLUSTER), 24);
  file.writeUInt32BE(1, 36);
  file.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  file.writeBigUInt64BE(BigInt(CLUSTER), 48);
  file.writeUInt32BE(1, 56);
  file.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let i = 0; i < 8; i += 1) file.writeUInt16BE(1, 2 * CLUSTER + 2 * i);
  const copied = 1n << 63n;
  file.writeBigUInt64BE(copied | BigInt(4 * CLUSTER), 3 * CLUSTER);
  for (const [i, cluster] of stored.entries())
    file.writeBigUInt64BE(copied | BigInt(cluster * CLUSTER), 4 * CLUSTER + 8 * i);
  return file;
}

/** A plan that turns a byte of the disk at each offset from 0 into a value of its own. */
function planOf(...offsets: readonly number[]): RepairPlan {
  const edits = offsets.map((offset, i) => {
    const after = (1 + (i % 255)).toString(16).padStart(2, '0');
    return { volume: null, offset, before: '00', after, what: 'boot-sector' as const };
  });
  return { operations: [{ id: 'set-hidden-sectors', volume: null, edits, data: {} }], refusals: [] };
}

describe('a repair is refused before its undo file is made', () => {
  test.each([
    ['where the image stores two places of the disk in one', [5, 5], [0, CLUSTER], /different bytes/],
    ['where the image passes off its tables as the disk', [4], [600], /one of its own tables/],
    ['where the image passes off the count of references as the disk', [1], [600], /one of its own tables/],
  ])('%s', async (_, stored, offsets, why) => {
    writeFileSync(image, qcow2(...stored));
    const before = fileSha256(image);
    await withDiskFile(image, async (disk) => {
      const plan = planOf(...offsets);
      // The first is what a plan asks while it is made.
      for (const refused of [() => storedWrites(disk, plan), () => applyRepair(disk, plan, path)])
        await expect(refused()).rejects.toMatchObject({
          code: 'REPAIR_NOT_STORED',
          message: expect.stringMatching(why),
        });
    });
    expect([existsSync(path), fileSha256(image)]).toEqual([false, before]);
  });

  test('where a volume and the disk would have different bytes in one place, and no overlay is made either', async () => {
    const bytes = Buffer.alloc(8192);
    // An entry of type 07 from sector 2 on, 8 sectors long.
    bytes.set([0, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 8], 0x1be);
    bytes.writeUInt16LE(0xaa55, 0x1fe);
    writeFileSync(image, bytes);
    const [ofDisk, ofVolume] = [planOf(1024), planOf(7, 9)].map(({ operations }) => operations[0]);
    const edits = ofVolume.edits.map((edit) => ({ ...edit, volume: 1 }));
    const plan: RepairPlan = { operations: [ofDisk, { ...ofVolume, volume: 1, edits }], refusals: [] };
    await withDiskFile(image, async (disk) => {
      await expect(applyRepair(disk, plan, path)).rejects.toMatchObject({ code: 'REPAIR_NOT_STORED' });
      await expect(writeOverlay(disk, plan, path)).rejects.toMatchObject({ code: 'REPAIR_NOT_STORED' });
    });
    expect([existsSync(path), fileSha256(image)]).toEqual([false, sha256(bytes)]);
  });

  test('where that one would be longer than is read back', () => {
    const sector = new Uint8Array(4096);
    const writes = Array.from({ length: 32_768 }, (_, i) => ({
      file: image,
      offset: 4096 * i,
      before: sector,
      after: sector,
    }));
    const about = { image: { path: image, format: 'raw', virtualSize: 0 }, files: [], operations: [] };
    const head = { schema: 'deadbox.undo/1', tool: 'deadbox', version: '1', createdAt: '2024-07-19T05:00:00Z' };
    expect(() => writeJournal(path, { ...head, ...about, writes })).toThrow(/longer than/);
    expect(existsSync(path)).toBe(false);
  });
});

describe('an overlay', () => {
  test('whose folder is missing is refused with a typed error', async () => {
    writeFileSync(image, new Uint8Array(4096));
    await withDiskFile(image, async (disk) => {
      const written = writeOverlay(disk, planOf(512), join(folder, 'no-such-folder', 'over.qcow2'));
      await expect(written).rejects.toMatchObject({ code: 'REPAIR_WRITE_FAILED' });
    });
  });

  test('is not put together from more than fits into memory', async () => {
    truncateSync(image, 4098 * CLUSTER);
    const far = Array.from({ length: 4097 }, (_, i) => (i + 1) * CLUSTER);
    await withDiskFile(image, async (disk) => {
      await expect(writeOverlay(disk, planOf(...far), path)).rejects.toMatchObject({ code: 'REPAIR_REFUSED' });
    });
    expect(existsSync(path)).toBe(false);
  });

  test.runIf(onUnix)('does not send QEMU to the address that an image is called by', async () => {
    const inside = join(folder, 'names');
    mkdirSync(inside);
    const named = join(inside, 'nbd:localhost:10809');
    writeFileSync(named, new Uint8Array(CLUSTER));
    const overlay = join(inside, 'over.qcow2');
    await withDiskFile(named, (disk) => writeOverlay(disk, planOf(512), overlay));
    const bytes = readFileSync(overlay);
    const at = Number(bytes.readBigUInt64BE(8));
    expect(bytes.toString('utf8', at, at + bytes.readUInt32BE(16))).toBe('./nbd:localhost:10809');
    await withDiskFile(overlay, async ({ image: disk }) => expect((await disk.read(512, 1))[0]).toBe(1));
  });
});
