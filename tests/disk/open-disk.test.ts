import { readFileSync } from 'node:fs';
import { type ByteSource, DeadboxError, isDeadboxError, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { describeTable, describeVolume, type OpenDiskOptions, openDisk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';

const NAMES = ['gpt-faulty', 'mbr-faulty'] as const;

/** The type of a partition as deadbox writes it: fdisk gives an MBR type as bare hexadecimal digits. */
const tableType = (type: string): string => (type.length < 3 ? `0X${type.padStart(2, '0')}` : type).toUpperCase();

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return isDeadboxError(error) ? error.code : String(error);
  }
  return 'nothing was thrown';
}

/** The disk at `path`, whose sectors in `[from, to)` the medium refuses, as the system says it of a file. */
async function withBadSectors(path: string, from: number, to: number): Promise<ByteSource> {
  const inner = await openFile(path);
  return {
    size: inner.size,
    read(offset, length) {
      if (offset < to && offset + length > from)
        throw new DeadboxError('READ_FAILED', 'i/o error, read', {
          at: { layer: path, offset },
          data: { system: 'EIO' },
        });
      return inner.read(offset, length);
    },
    close: () => inner.close?.(),
  };
}

describe.each(NAMES)('openDisk on %s', (name) => {
  const answer = testImage(name);
  const path = testImagePath(name);

  test('finds the table and the volumes that other tools find', async () => {
    await using disk = await openDisk(await openFile(path));
    expect(describeTable(disk)).toMatchObject({
      partitionTable: answer.partitionTable,
      diskId: answer.diskId.replace(/^0x/, '').toUpperCase(),
      issues: [],
    });
    const volumes = disk.volumes.map(({ number, offset, length, partition }) => ({
      number,
      offset,
      length,
      type: partition?.type.toUpperCase(),
    }));
    expect(volumes).toEqual(
      answer.partitions.map(({ number, offset, length, partitionType }) => ({
        number,
        offset,
        length,
        type: tableType(partitionType),
      })),
    );
    const windows = disk.volumes.find(({ number }) => number === answer.windowsVolume);
    expect([windows?.fileSystem, windows?.locked]).toEqual(['ntfs', false]);
  });

  test('survives bad sectors at the start of one volume: its backup boot sector opens it, the others are as before', async () => {
    const { offset } = answer.partitions.find(({ number }) => number === answer.windowsVolume) as { offset: number };
    const source = await withBadSectors(path, offset, offset + 512);
    await using disk = await openDisk(source);
    const windows = disk.volumes.find(({ number }) => number === answer.windowsVolume);
    expect(windows?.issues.issues[0]).toMatchObject({
      code: 'volume.sector-unreadable',
      severity: 'error',
      at: { layer: 'disk', offset },
    });
    expect(windows?.issues.count('volume.sector-unreadable')).toBe(1);
    const tree = await windows?.ntfs();
    expect(tree?.bootSectorFrom).toBe('backup');
    const [file] = answer.files;
    const found = await tree?.lookup(file?.path ?? '');
    expect(found).toMatchObject({ record: file?.record, size: file?.size });
    await using whole = await openDisk(await openFile(path));
    for (const volume of whole.volumes.filter(({ number }) => number !== answer.windowsVolume))
      expect(await describeVolume(disk.volumes[volume.number - 1])).toEqual(await describeVolume(volume));
  });

  test('says whose fault it is when an option is not what it must be', async () => {
    const source = new MemorySource(new Uint8Array(4096));
    const wrong: [OpenDiskOptions, RegExp][] = [
      [{ siblings: path as never }, /`siblings` to be an object with open\(name\)/],
      [{ parents: [path as never] }, /`parents` to be an array of \{ name, source \}/],
      [{ keys: ['123456-…'] as never }, /`keys` to be an object with keysFor/],
      [{ formats: 'vhd' as never }, /`formats` to be an array/],
      [{ signal: new AbortController() as never }, /`signal` to be an AbortSignal/],
      [{ name: 7 as never }, /`name` to be a text/],
    ];
    for (const [options, message] of wrong)
      await expect(openDisk(source, options)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      });
    // A variable that was never set is the commonest wrong argument.
    for (const nothing of [undefined, null])
      await expect(openDisk(nothing as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(openDisk(path as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('openFile()'),
    });
  });
});

describe('a volume', () => {
  test('is opened anew after an abort, and after the server failed', async () => {
    const answer = testImage('gpt-faulty');
    const inner = await openFile(testImagePath('gpt-faulty'));
    let failing = false;
    const source: ByteSource = {
      size: inner.size,
      read: async (offset, length, options) => {
        options?.signal?.throwIfAborted();
        if (failing) throw new TypeError('fetch failed');
        return inner.read(offset, length);
      },
    };
    await using disk = await openDisk(source);
    const windows = disk.volumes[answer.windowsVolume - 1];
    expect(await codeOf(() => windows.fileTree({ signal: AbortSignal.abort(new Error('enough')) }))).toBe(
      'Error: enough',
    );
    failing = true;
    expect(await codeOf(() => windows.fileTree())).toBe('READ_FAILED');
    failing = false;
    expect((await windows.fileTree()).fileSystem).toBe('ntfs');
    await inner.close?.();
  });

  test('that holds nothing says so, in the same words as long as it stays open', async () => {
    await using disk = await openDisk(new MemorySource(new Uint8Array(8 << 20)));
    const [volume] = disk.volumes;
    const first = await volume.fileTree().catch((error: unknown) => error);
    expect(first).toMatchObject({ code: 'VOLUME_UNRECOGNISED', at: { layer: 'disk', offset: 0 } });
    expect(await volume.fileTree().catch((error: unknown) => error)).toBe(first);
  });

  test('counts its evidence on the virtual disk and in the image', async () => {
    const path = testImagePath('gpt-faulty');
    await using disk = await openDisk(await openFile(path));
    const { offset } = disk.volumes[testImage('gpt-faulty').windowsVolume - 1];
    const evidence = await disk.volumes[testImage('gpt-faulty').windowsVolume - 1].evidence('boot sector', 0, 512);
    expect(evidence).toMatchObject({ offset, length: 512, file: { path, offset } });
    expect(evidence.bytes).toBe(
      readFileSync(path)
        .subarray(offset, offset + 64)
        .toString('hex'),
    );
  });
});
