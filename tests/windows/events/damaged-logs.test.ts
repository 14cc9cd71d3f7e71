import { type ByteSource, type Bytes, MemorySource } from '@deadbox/core';
import { readCodeIntegrityEvents, readSystemEvents } from '@deadbox/windows';
import { parseEventChunk } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { type EventSpec, writeEventLog } from '../../support/evtx-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const TIME = 133_658_285_758_000_000n;
const CHUNK = 65_536;
const place = (chunk: number, within = 0): number => 4096 + chunk * CHUNK + within;
const driver = '\\Device\\HarddiskVolume2\\x.sys';
const event = (n: number): EventSpec => ({
  provider: 'Microsoft-Windows-Kernel-General',
  eventId: 12,
  time: TIME + BigInt(n),
  data: { MajorVersion: 10 },
});
const blocked = (n: number, data: Record<string, string>): EventSpec => ({
  provider: 'Microsoft-Windows-CodeIntegrity',
  eventId: 3033,
  time: TIME + BigInt(n),
  data,
});

const FOLDER = '/Windows/System32/winevt/Logs';
const system = (log: Bytes | ByteSource, options = {}) =>
  readSystemEvents(memoryTree({ [`${FOLDER}/System.evtx`]: log }), '/Windows', options);
const integrity = (log: Bytes | ByteSource, options = {}) =>
  readCodeIntegrityEvents(
    memoryTree({ [`${FOLDER}/Microsoft-Windows-CodeIntegrity%4Operational.evtx`]: log }),
    '/Windows',
    options,
  );
const bad = (log: Bytes, offset: number): ByteSource => withBadPlaces(new MemorySource(log), [{ offset, length: 512 }]);
const numbered = writeEventLog([[event(1)], [event(2)], [event(3)]], { notClosed: true });

describe('a place of an event log that the medium does not give', () => {
  test('costs the events of its chunk, and no others', async () => {
    for (const within of [0, 1024]) {
      const log = await system(bad(numbered, place(2, within)));
      expect(log?.events.map(({ record }) => record)).toEqual(['2', '1']);
      expect(log).toMatchObject({ chunksRead: 2, lostChunks: [2], source: { state: 'damaged' } });
    }
    const images = writeEventLog([[blocked(1, { FileNameBuffer: driver })], [blocked(2, { FileNameBuffer: driver })]]);
    expect(await integrity(bad(images, place(1, 1024)))).toMatchObject({
      blocked: [{ image: driver }],
      source: { state: 'damaged' },
    });
  });

  test('in the header costs the log, which is told as damaged', async () => {
    expect(await system(bad(numbered, 0))).toMatchObject({ events: [], source: { state: 'damaged', newest: null } });
    expect(await integrity(bad(numbered, 0))).toMatchObject({ blocked: [], source: { state: 'damaged' } });
  });
});

test('a connection that is lost at any read is an error, never a damaged log', async () => {
  for (let failing = 0; failing < 5; failing += 1) {
    const log = withLostConnection(new MemorySource(numbered), failing);
    await expect(system(log), `read ${failing}`).rejects.toMatchObject({ data: { transport: 'network' } });
    const other = withLostConnection(new MemorySource(numbered), failing);
    await expect(integrity(other), `read ${failing}`).rejects.toMatchObject({ data: { transport: 'network' } });
  }
});

describe('an event log', () => {
  test('that ends with or in its header has no events and is damaged', async () => {
    for (const size of [100, 4095, 4096, 5000]) {
      const log = numbered.slice(0, size);
      expect((await system(log))?.source, `${size}`).toMatchObject({ state: 'damaged', newest: null });
      expect((await integrity(log))?.source, `${size}`).toMatchObject({ state: 'damaged', newest: null });
    }
  });

  test('whose header names a chunk that is not there is read by its chunks', async () => {
    const log = writeEventLog([[event(1)], [event(2)]], { current: 9 });
    expect(await system(log)).toMatchObject({ chunksRead: 2, lostChunks: [], source: { state: 'stale' } });
    expect(await integrity(log)).toMatchObject({ blocked: [], source: { state: 'stale' } });
  });

  test('that was closed is believed only where its newest chunk ends where the header says', async () => {
    const [other, gone] = [writeEventLog([[event(1)], [event(2)]]), writeEventLog([[event(1)], [event(2)]])];
    new DataView(other.buffer).setBigUint64(0x18, 9n, true);
    expect(await system(other)).toMatchObject({ chunksRead: 2, source: { state: 'whole' } });
    gone.fill(0, place(1), place(1, 128));
    expect(await system(gone)).toMatchObject({ chunksRead: 1, lostChunks: [1], source: { state: 'damaged' } });
  });

  test('whose chunks have the same numbers is read in the order of their places', async () => {
    const log = writeEventLog([[event(1)], [event(2)], [event(3)]], { notClosed: true, firstIds: [7, 7, 7] });
    expect((await system(log, { maxChunks: 1 }))?.source.newest).toBe('2024-07-19T02:09:35.8000003Z');
    new DataView(log.buffer).setBigUint64(place(1, 8), 8n, true);
    expect((await system(log, { maxChunks: 1 }))?.source.newest).toBe('2024-07-19T02:09:35.8000002Z');
    const times = (await system(log))?.events.map(({ time }) => time.slice(-2));
    expect(times).toEqual(['2Z', '3Z', '1Z']);
  });

  test('of chunks without events has no newest one', async () => {
    const log = writeEventLog([[]], { firstIds: [1] });
    expect((await integrity(log))?.source).toMatchObject({ newest: null });
    expect((await system(log))?.source).toMatchObject({ newest: null });
  });

  test('has no chunk where there is none', () => {
    expect(parseEventChunk(new Uint8Array(CHUNK))).toEqual({ events: [], damaged: 1 });
  });
});

test('a blocked file is named by whichever value has its name', async () => {
  const log = writeEventLog([
    [blocked(1, { FileName: driver }), blocked(2, { FileNameBuffer: '' }), blocked(3, { 'Process Name': 'System' })],
  ]);
  expect(await integrity(log)).toMatchObject({
    blocked: [{ eventId: 3033, image: driver }],
    source: { state: 'whole' },
  });
});
