import { type Bytes, CountingSource, MemorySource, parseFileTime } from '@deadbox/core';
import { readSystemEvents, type SystemEvents } from '@deadbox/windows';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventSpec, writeEventLog } from '../../support/evtx-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const AT = parseFileTime('2024-07-19T04:45:00.0000000Z') as bigint;
const SECOND = 10_000_000n;

const bugcheck = (n: bigint): EventSpec => ({
  provider: 'Microsoft-Windows-WER-SystemErrorReporting',
  eventId: 1001,
  time: AT + n * SECOND,
  data: {
    param1: '0x00000050 (0xffff84860000009c, 0x0000000000000000, 0xfffff803140e14ed, 0x0000000000000000)',
    param2: 'C:\\Windows\\MEMORY.DMP',
    param3: 'report',
  },
});
const restart = (n: bigint, code: number): EventSpec => ({
  provider: 'Microsoft-Windows-Kernel-Power',
  eventId: 41,
  time: AT + n * SECOND,
  data: { BugcheckCode: code, BugcheckParameter1: '0xffff84860000009c', SleepInProgress: 0 },
});
const start = (n: bigint): EventSpec => ({
  provider: 'Microsoft-Windows-Kernel-General',
  eventId: 12,
  time: AT + n * SECOND,
  data: { MajorVersion: 10 },
});
const service = (n: bigint): EventSpec => ({
  provider: 'Service Control Manager',
  eventId: 7036,
  time: AT + n * SECOND,
  data: { param1: 'Spooler', param2: 'running' },
});
const unexpected = (n: bigint): EventSpec => ({
  provider: 'EventLog',
  eventId: 6008,
  time: AT + n * SECOND,
  data: { '0': '1:31:02 PM', '1': '7/19/2024' },
});

async function read(log: Bytes, maxChunks?: number): Promise<SystemEvents | undefined> {
  return readSystemEvents(
    memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': log }),
    '/Windows',
    maxChunks === undefined ? {} : { maxChunks },
  );
}

describe('the System log (synthetic)', () => {
  test('tells crashes, restarts, starts and stops, newest first', async () => {
    const events = await read(
      writeEventLog([
        [
          service(0n),
          start(1n),
          restart(2n, 80),
          bugcheck(3n),
          service(4n),
          bugcheck(5n),
          unexpected(6n),
          restart(7n, 0),
        ],
      ]),
    );
    expect(events?.events.map((event) => [event.kind, event.record, event.code])).toEqual([
      ['unexpected-restart', '8', undefined],
      ['unexpected-shutdown', '7', undefined],
      ['bugcheck', '6', 0x50],
      ['bugcheck', '4', 0x50],
      ['unexpected-restart', '3', 0x50],
      ['start', '2', undefined],
    ]);
    expect(events?.events[2]).toEqual({
      kind: 'bugcheck',
      time: '2024-07-19T04:45:05.0000000Z',
      record: '6',
      code: 0x50,
      codeName: 'PAGE_FAULT_IN_NONPAGED_AREA',
      parameters: ['0xffff84860000009c', '0x0000000000000000', '0xfffff803140e14ed', '0x0000000000000000'],
      dumpFile: 'C:\\Windows\\MEMORY.DMP',
    });
    expect(events?.events[1]?.text).toBe('1:31:02 PM 7/19/2024');
    expect(events).toMatchObject({ chunksRead: 1, damagedRecords: 0, reachesBackTo: '2024-07-19T04:45:00.0000000Z' });
  });

  test('is read from its newest chunk backwards, also where it has wrapped around', async () => {
    const log = writeEventLog([[bugcheck(30n)], [bugcheck(10n)], [bugcheck(20n)]], {
      current: 0,
      firstIds: [30, 10, 20],
    });
    expect((await read(log, 2))?.events.map((event) => event.record)).toEqual(['30', '20']);
  });

  test('is followed past what its header knows when it was not closed', async () => {
    const log = writeEventLog([[service(1n)], [service(2n)], [bugcheck(3n)]], { current: 0, empty: 3 });
    expect((await read(log))?.events.map((event) => event.record)).toEqual(['3']);
  });

  test('costs a fixed number of reads however large it is', async () => {
    const counted = new CountingSource(
      new MemorySource(writeEventLog(Array.from({ length: 40 }, (_, i) => [service(BigInt(i))]))),
    );
    await readSystemEvents(memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': counted }), '/Windows');
    expect(counted.reads).toBeLessThanOrEqual(12);
    expect(counted.bytes).toBeLessThan(9 * 65536);
  });

  test('is absent when the file is none, and damaged records are counted', async () => {
    expect(await read(new Uint8Array(70_000))).toBeUndefined();
    expect(await readSystemEvents(memoryTree({}), '/Windows')).toBeUndefined();
    const log = writeEventLog([[service(0n), bugcheck(1n), bugcheck(2n)]]);
    const text = Buffer.from(log).indexOf(Buffer.from('param2', 'utf16le'));
    log.fill(0xee, text - 20, text - 8);
    const events = await read(log);
    expect((events?.damagedRecords ?? 0) + (events?.events.length ?? 0)).toBeGreaterThan(0);
  });

  test('forged, ends in a typed result', async () => {
    const whole = writeEventLog([[service(0n), bugcheck(1n), restart(2n, 80), unexpected(3n)]]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2048), fc.integer()), { minLength: 1, maxLength: 12 }),
        async (changes) => {
          const log = new Uint8Array(whole);
          for (const [at, value] of changes) new DataView(log.buffer).setInt32(4096 + 512 + at, value, true);
          const events = await read(log);
          return events !== undefined && events.events.length <= 4;
        },
      ),
      { numRuns: 200 },
    );
  });
});
