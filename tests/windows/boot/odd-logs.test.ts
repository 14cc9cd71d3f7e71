import { utf16Bytes } from '@deadbox/core';
import { parseBootLog, readBootStatusFile } from '@deadbox/windows';
import { refusedPolicies } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { type BootRecord, bootLog, recordedStart } from '../../support/boot-log-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const START = recordedStart('2024-07-19T04:31:02');
const log = (...records: BootRecord[]) => parseBootLog(bootLog(records));

describe("the boot manager's log", () => {
  test('has a header of at least 24 bytes', () => {
    expect(parseBootLog(bootLog([]).slice(0, 23))).toBeUndefined();
    expect(parseBootLog(bootLog([]).slice(0, 24))).toMatchObject({ entries: [], damaged: false });
  });

  test.each([0, 20, 0x10004])('whose header says that the oldest data is at byte %i is damaged', (first) => {
    const bytes = bootLog([START]);
    new DataView(bytes.buffer).setUint32(16, first, true);
    expect(parseBootLog(bytes)).toMatchObject({
      firstOffset: 24,
      damaged: true,
      starts: [{ at: '2024-07-19T04:31:02' }],
    });
  });

  test('has no time of the running system that is none, and no failure without a status', () => {
    const found = log(
      START,
      { type: 0x53, data: Array(8).fill(0) },
      { type: 0x53, data: [1] },
      { type: 0x13, data: [1, 0] },
    );
    expect(found?.starts).toEqual([{ at: '2024-07-19T04:31:02', launched: [], failures: [], outcome: 'unknown' }]);
    const time = [0, 0x80, 0x3e, 0xd5, 0xde, 0xb1, 0x9d, 0x01];
    expect(log(START, { type: 0x53, data: time })?.starts[0]?.running).toBe('1970-01-01T00:00:00.0000000Z');
  });

  test('tells the policies that its newest start could not use, each once', () => {
    const refused = (path: string): BootRecord => ({
      type: 0x32,
      data: [...Array(8).fill(0), 2, 0, 0xe9, 0xc0, ...utf16Bytes(`${path}\0`)],
    });
    const found = log(START, refused('\\old.p7b'), START, refused('\\A.p7b'), refused('\\a.p7b'), refused(''), {
      type: 0x32,
      data: [1],
    });
    expect(found && refusedPolicies(found)).toEqual([{ status: '0xC0E90002', path: '\\a.p7b' }]);
  });
});

test("Windows' boot status is damaged where the log behind it is", async () => {
  const bytes = new Uint8Array(0x800 + 0x10000);
  bytes.set([0x38], 0);
  bytes.set(bootLog([START, START]), 0x800);
  const read = async () => (await readBootStatusFile(memoryTree({ '/b': bytes }), '/b'))?.source.state;
  expect(await read()).toBe('whole');
  new DataView(bytes.buffer).setUint32(0x800 + 24 + 24, 7, true);
  expect(await read()).toBe('damaged');
});
