import type { ByteSource, Extent } from '@deadbox/core';
import { LogFile } from '@deadbox/ntfs/internals';
import { expect, test } from 'vitest';
import { LogBuilder, update } from '../../support/ntfs/log-builder.js';

const PAGES = 64;
const MOST = 256 << 20;

function logBytes(records = 200): Uint8Array<ArrayBuffer> {
  const log = new LogBuilder(1, PAGES);
  const first = log.nextLsn;
  let last = first;
  for (let i = 0; i < records; i += 1) last = log.add({ data: update({ redo: 0x07, lcns: [100 + i] }) });
  return log.finish({ current: last, oldest: first, checkpoint: 0n });
}

/** A log of `size` bytes that begins with `bytes` and says that it lies in `extents`; counts what is read. */
function logSource(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  extents: readonly Extent[],
): { source: ByteSource; bytesRead: () => number } {
  let total = 0;
  const source: ByteSource = {
    size,
    read(offset, length) {
      total += length;
      const target = new Uint8Array(length);
      target.set(bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)));
      return target;
    },
    async *extents() {
      yield extents;
    },
  };
  return { source, bytesRead: () => total };
}

test('a log of the largest size that is a hole is read as far as it is stored', async () => {
  const bytes = logBytes();
  const log = logSource(bytes, MOST, [
    { offset: 0, length: bytes.length, kind: 'data' },
    { offset: bytes.length, length: MOST - bytes.length, kind: 'zero' },
  ]);
  await LogFile.open(log.source);
  expect(log.bytesRead()).toBe(bytes.length);
});

test('a log that shows the same clusters again and again is refused before it is read', async () => {
  const volume: ByteSource = { size: MOST, read: () => new Uint8Array(0) };
  const pieces = Array.from(
    { length: MOST / 4096 },
    (_, i): Extent => ({ offset: i * 4096, length: 4096, kind: 'data', origin: { source: volume, offset: 0 } }),
  );
  const log = logSource(logBytes(), MOST, pieces);
  await expect(LogFile.open(log.source)).rejects.toMatchObject({ code: 'NTFS_LOG_INVALID' });
  expect(log.bytesRead()).toBe(0);
});

test('records that claim much of the log as their data, each of them, are taken a few times its size in all', () => {
  const bytes = logBytes(1400);
  const view = new DataView(bytes.buffer);
  let claiming = 0;
  for (let offset = 4 * 4096; offset + 0x30 < bytes.length; offset += 8) {
    if (view.getUint32(offset + 0x20, true) !== 1 || view.getUint32(offset + 0x18, true) !== 0x28) continue;
    view.setUint32(offset + 0x18, 3000, true);
    claiming += 1;
  }
  expect(claiming * 3000).toBeGreaterThan(10 * bytes.length);
  const log = LogFile.parse(bytes);
  const claimed = [...log.scan()].reduce((sum, record) => sum + record.data.length, 0);
  expect(claimed).toBeGreaterThan(bytes.length);
  expect(claimed).toBeLessThanOrEqual(8 * bytes.length);
});
