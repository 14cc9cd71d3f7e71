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

/**
 * A chunk whose first record has a template of 400 elements, and that is filled up with records of 48 bytes that use it
 * again.
 */
function sharedTemplateLog(): Bytes {
  const data = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`d${i}`, i]));
  const log = writeEventLog([[{ provider: 'P', eventId: 1, time: AT, data }]]);
  const view = new DataView(log.buffer);
  const chunk = 4096;
  const template = view.getUint32(chunk + 512 + 24 + 4 + 6, true);
  let record = 2;
  for (let at = chunk + view.getUint32(chunk + 48, true); at + 48 <= chunk + 65536; at += 48) {
    view.setUint32(at, 0x2a2a, true);
    view.setUint32(at + 4, 48, true);
    view.setBigUint64(at + 8, BigInt(record++), true);
    log.set([0x0c, 1], at + 24);
    view.setUint32(at + 30, template, true);
  }
  view.setUint32(chunk + 48, 65536, true);
  return log;
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

  test('has the numbers of the events, not those of the records, which an export counts anew', async () => {
    const numbered = [bugcheck(0n), restart(1n, 80)].map((event, i) => ({ ...event, number: [90_001, 90_000][i] }));
    const events = await read(writeEventLog([[...numbered, bugcheck(2n)]]));
    expect(events?.events.map(({ kind, record }) => [kind, record])).toEqual([
      ['bugcheck', '90001'],
      ['unexpected-restart', '90000'],
      ['bugcheck', '3'],
    ]);
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

  test('is read past a chunk that was lost, which is told', async () => {
    const log = writeEventLog([[service(1n)], [bugcheck(2n)], [service(3n)]], { notClosed: true });
    log.fill(0, 4096 + 65536 * 2, 4096 + 65536 * 3);
    const found = await read(log);
    expect(found?.events.map((event) => event.record)).toEqual(['2']);
    expect(found).toMatchObject({
      lostChunks: [2],
      source: { state: 'damaged', newest: '2024-07-19T04:45:02.0000000Z' },
    });
  });

  test('is stale when its header is older than its chunks, and whole when they agree', async () => {
    const chunks = [[service(1n)], [bugcheck(2n)]];
    expect((await read(writeEventLog(chunks, { empty: 2 })))?.source.state).toBe('whole');
    expect((await read(writeEventLog(chunks, { current: 0, empty: 2, notClosed: true })))?.source.state).toBe('stale');
  });

  test('costs a fixed number of reads however large it is', async () => {
    const counted = new CountingSource(
      new MemorySource(writeEventLog(Array.from({ length: 40 }, (_, i) => [service(BigInt(i))]))),
    );
    await readSystemEvents(memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': counted }), '/Windows');
    expect(counted.reads).toBeLessThanOrEqual(12);
    expect(counted.bytes).toBeLessThan(9 * 65536);
  });

  test('is absent without a file, damaged when the file is no log, and damaged records are counted', async () => {
    expect(await read(new Uint8Array(70_000))).toMatchObject({
      events: [],
      source: { state: 'damaged', newest: null },
    });
    expect(await readSystemEvents(memoryTree({}), '/Windows')).toBeUndefined();
    const log = writeEventLog([[service(0n), bugcheck(1n), bugcheck(2n)]]);
    const text = Buffer.from(log).indexOf(Buffer.from('param2', 'utf16le'));
    log.fill(0xee, text - 20, text - 8);
    const events = await read(log);
    expect((events?.damagedRecords ?? 0) + (events?.events.length ?? 0)).toBeGreaterThan(0);
  });

  test('does not do more work than its bytes allow when many records share one large template', async () => {
    const events = await read(sharedTemplateLog());
    // Each of the records that were read cost 400 elements; the rest is counted, not read.
    expect(events?.damagedRecords).toBeGreaterThan(300);
    expect(events?.source.state).toBe('damaged');
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
