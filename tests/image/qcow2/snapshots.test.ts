import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource, MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { describe, expect, test, vi } from 'vitest';
import { qcowSnapshots } from '../../support/attack/container-attacks.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

describeWithTools(['qemu-img'], 'a QCOW2 image with more snapshots than are listed', () => {
  const folder = temporaryFolder();

  /** An image whose snapshot table has so many entries, each a copy of one that qemu-img wrote, with its own id. */
  function withSnapshots(count: number): Uint8Array<ArrayBuffer> {
    const path = join(folder, 'disk.qcow2');
    run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '1M']);
    run('qemu-img', ['snapshot', '-c', 'before the update', path]);
    const image = readFileSync(path);
    const from = Number(image.readBigUInt64BE(64));
    const [idBytes, nameBytes] = [image.readUInt16BE(from + 12), image.readUInt16BE(from + 14)];
    const idAt = 40 + image.readUInt32BE(from + 36);
    const entries = Array.from({ length: count }, (_, i) => {
      const id = Buffer.from(String(i + 1));
      const head = Buffer.from(image.subarray(from, from + idAt));
      head.writeUInt16BE(id.length, 12);
      const name = image.subarray(from + idAt + idBytes, from + idAt + idBytes + nameBytes);
      const entry = Buffer.concat([head, id, name]);
      return Buffer.concat([entry, Buffer.alloc((8 - (entry.length % 8)) % 8)]);
    });
    const head = Buffer.from(image);
    head.writeUInt32BE(count, 60);
    head.writeBigUInt64BE(BigInt(image.length), 64);
    return new Uint8Array(Buffer.concat([head, ...entries]));
  }

  test('lists the newest ones, which stand last in its table', async () => {
    await using disk = await openImage(new MemorySource(withSnapshots(150)), { name: 'disk.qcow2' });
    const listed = (disk.details.snapshots as { id: string }[]).map(({ id }) => Number(id));
    expect(listed).toHaveLength(100);
    expect([listed[0], listed.at(-1)]).toEqual([51, 150]);
  });

  test('does not mind what lies behind its table', async () => {
    const behind = new Uint8Array(4096).fill(0xff);
    for (const count of [1, 150]) {
      const source = new MemorySource(new Uint8Array([...withSnapshots(count), ...behind]));
      await using disk = await openImage(source, { name: 'disk.qcow2', snapshot: '1' });
      expect(disk.details.snapshot).toEqual({ id: '1', name: 'before the update' });
    }
  });

  test('opens the oldest one, too, and names the newest where one is not there', async () => {
    const source = new MemorySource(withSnapshots(150));
    await using disk = await openImage(source, { name: 'disk.qcow2', snapshot: '1' });
    expect(disk.details.snapshot).toEqual({ id: '1', name: 'before the update' });
    await expect(openImage(source, { name: 'disk.qcow2', snapshot: '151' })).rejects.toMatchObject({
      code: 'IMAGE_SNAPSHOT_NOT_FOUND',
      data: { known: expect.arrayContaining(['150 "before the update"']) },
    });
  });
});

describe('a QCOW2 image with as many snapshots as QEMU allows', () => {
  const bytes = qcowSnapshots();
  const textAt = (from: number, length: number): Buffer => Buffer.from(bytes.buffer, from, length);
  const [first, entryBytes] = [3 << 16, 144];

  test.each([
    { what: 'its present state', snapshot: undefined },
    { what: 'the newest', snapshot: '00065535' },
    { what: 'one by its name', snapshot: `00000007${'n'.repeat(64)}` },
    { what: 'one by a name that is no UTF-8, as it is listed', snapshot: `\ufffd${'m'.repeat(71)}` },
  ])('is opened at $what without the decoding of more than it lists', async ({ snapshot }) => {
    // The eighth alone has a name of its own.
    textAt(first + 7 * entryBytes + 72, 72).write(`00000007${'n'.repeat(64)}`, 'latin1');
    textAt(first + 65_530 * entryBytes + 72, 72)
      .fill('m')
      .fill(0xff, 0, 1);
    const source = new CountingSource(new MemorySource(bytes));
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    try {
      await using disk = await openImage(source, {
        name: 'disk.qcow2',
        ...(snapshot === undefined ? {} : { snapshot }),
      });
      expect(disk.details.snapshots).toHaveLength(100);
      expect(decode.mock.calls.length).toBeLessThan(2 * 100 + 20);
      expect(source.bytes).toBeLessThan(bytes.length + (1 << 20));
    } finally {
      decode.mockRestore();
    }
  });
});
