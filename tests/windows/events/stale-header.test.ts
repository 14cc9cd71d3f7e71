import { readFileSync } from 'node:fs';
import { readSystemEvents } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { memoryTree } from '../../support/memory-tree.js';

describeWithCase('a System.evtx of a machine that crashed', '08-evtx-stale-header', ['python3', 'ntfs-3g'], (made) => {
  const read = (name: string) =>
    readSystemEvents(
      memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': new Uint8Array(readFileSync(made(name))) }),
      '/Windows',
    );

  test.each([
    ['good-header.evtx', 'whole', []],
    ['stale-header.evtx', 'stale', []],
    ['newest-zero.evtx', 'damaged', [16]],
    ['wrapped-newest-zero.evtx', 'damaged', [5]],
  ] as const)('%s tells of the crash in its newest whole chunk', async (name, state, lost) => {
    const log = await read(name);
    expect(log?.events[0]).toMatchObject({
      kind: 'bugcheck',
      code: 0x50,
      record: '1882',
      time: '2024-07-19T04:15:00.0000000Z',
    });
    expect(log?.lostChunks).toEqual(lost);
    expect(log?.source).toMatchObject({ state, newest: '2024-07-19T04:15:00.0000000Z' });
  });
});
