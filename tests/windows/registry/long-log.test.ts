import { IssueLog, MemorySource } from '@deadbox/core';
import { marvin32 } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { readHiveLog } from '../../../packages/windows/src/registry/log/hive-log.js';
import { replayLogs } from '../../../packages/windows/src/registry/log/log-replay.js';
import { changedPages, makeDirty, writeNewLog } from '../../support/hive-log-writer.js';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';

const before = writeHive(keysFromPaths({ Key: { a: 1 } }), { sequence: 7 });
const after = writeHive(keysFromPaths({ Key: { a: 2 } }), { sequence: 7 });

/** A log of `count` entries, the first of which changes the hive; the others change nothing. */
function longLog(count: number): Uint8Array<ArrayBuffer> {
  const binsSize = before.length - 4096;
  const first = writeNewLog(before, [{ sequence: 8, binsSize, pages: changedPages(before, after) }]);
  const log = new Uint8Array(first.length + (count - 1) * 512);
  log.set(first);
  const empty = new Uint8Array(512);
  const view = new DataView(empty.buffer);
  empty.set([0x48, 0x76, 0x4c, 0x45]);
  view.setUint32(4, 512, true);
  view.setUint32(16, binsSize, true);
  const hash = (at: number, bytes: Uint8Array<ArrayBuffer>): void => {
    const { low, high } = marvin32(bytes);
    view.setUint32(at, low, true);
    view.setUint32(at + 4, high, true);
  };
  hash(24, empty.subarray(40));
  for (let i = 1; i < count; i += 1) {
    view.setUint32(12, 8 + i, true);
    hash(32, empty.subarray(0, 32));
    log.set(empty, first.length + (i - 1) * 512);
  }
  return log;
}

test.each([
  [3, 3, true],
  [65_537, 65_536, false],
])(
  'of a log of %i entries %i are laid over the hive, and it is told whether the newest state is among them',
  async (count, read, whole) => {
    const issues = new IssueLog();
    const log = await readHiveLog(new MemorySource(longLog(count)), 'LOG1', issues);
    expect(log.entries).toHaveLength(read);
    const hive = makeDirty(before);
    const replayed = await replayLogs(new MemorySource(hive), undefined, undefined, [log], issues);
    expect(replayed).toMatchObject({ applied: read, contiguous: whole });
    expect(issues.count('hive.log-entry-damaged')).toBe(whole ? 0 : 1);
  },
);
