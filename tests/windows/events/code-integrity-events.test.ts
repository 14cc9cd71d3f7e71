import { readCodeIntegrityEvents } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { writeEventLog } from '../../support/evtx-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const PATH = '/Windows/System32/winevt/Logs/Microsoft-Windows-CodeIntegrity%4Operational.evtx';
const TIME = 133_658_285_758_000_000n;
const PROVIDER = 'Microsoft-Windows-CodeIntegrity';
const driver = '\\Device\\HarddiskVolume2\\Windows\\System32\\drivers\\x.sys';

test('blocked files of the four events are told, the newest first, and nothing else', async () => {
  const log = writeEventLog([
    [
      { provider: PROVIDER, eventId: 3004, time: TIME, data: { FileNameLength: 5, FileNameBuffer: driver } },
      { provider: PROVIDER, eventId: 3085, time: TIME + 1n, data: { FileNameBuffer: driver } },
      { provider: 'Other', eventId: 3004, time: TIME + 2n, data: { FileNameBuffer: driver } },
      { provider: PROVIDER, eventId: 3077, time: TIME + 3n, data: { 'File Name': driver, 'Process Name': 'System' } },
    ],
  ]);
  const events = await readCodeIntegrityEvents(memoryTree({ [PATH]: log }), '/Windows');
  expect(events?.blocked.map(({ eventId, image }) => [eventId, image])).toEqual([
    [3077, driver],
    [3004, driver],
  ]);
  expect(events?.source.path).toBe(PATH);
});

test('a log that is none is damaged, and a missing one tells nothing', async () => {
  const broken = await readCodeIntegrityEvents(memoryTree({ [PATH]: new Uint8Array(70_000) }), '/Windows');
  expect(broken).toMatchObject({ blocked: [], source: { state: 'damaged' } });
  expect(await readCodeIntegrityEvents(memoryTree({ '/x': new Uint8Array(1) }), '/Windows')).toBeUndefined();
});

test('the time of an event is its own, not that of its record, which an export writes anew', async () => {
  const event = { provider: PROVIDER, eventId: 3004, time: TIME, data: { FileNameBuffer: driver } };
  const log = writeEventLog([[event]]);
  const [before] = (await readCodeIntegrityEvents(memoryTree({ [PATH]: log }), '/Windows'))?.blocked ?? [];
  // Behind the heads of file and chunk; a record has its magic, its size, its number and then the time.
  const record = 4096 + 512;
  expect(Buffer.from(log.subarray(record, record + 2)).toString()).toBe('**');
  new DataView(log.buffer).setBigUint64(record + 16, TIME + 36_000_000_000n * 24n, true);
  const [after] = (await readCodeIntegrityEvents(memoryTree({ [PATH]: log }), '/Windows'))?.blocked ?? [];
  expect([before.time, after.time]).toEqual(Array<string>(2).fill('2024-07-19T02:09:35.8000000Z'));
});
