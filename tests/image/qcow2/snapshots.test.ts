import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
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
