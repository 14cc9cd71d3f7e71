import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { marvin32 } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { changedPages, makeDirty, writeNewLog, writeOldLog } from '../../support/hive-log-writer.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';

const state = (values: Record<string, ValueData>): Bytes => writeHive(keysFromPaths({ Key: values }), { sequence: 7 });
const open = (hive: Bytes, log1?: Bytes, log2?: Bytes): Promise<Hive> =>
  Hive.open(new MemorySource(hive), {
    log1: log1 === undefined ? undefined : new MemorySource(log1),
    log2: log2 === undefined ? undefined : new MemorySource(log2),
  });
const values = async (hive: Hive): Promise<Record<string, unknown>> => {
  const result: Record<string, unknown> = {};
  for (const value of (await (await hive.key('Key'))?.values()) ?? []) result[value.name] = await value.data();
  return result;
};

const first = state({ a: 1 });
const second = state({ a: 2 });
const third = state({ a: 3, big: new Uint8Array(20_000).fill(5) });
const dirty = makeDirty(first);
const entry = (sequence: number, from: Bytes, to: Bytes) => ({
  sequence,
  binsSize: to.length - 4096,
  pages: changedPages(from, to),
});

describe('Marvin32 with the registry seed', () => {
  test('gives the recorded hashes of 32 zero bytes and of the bytes 0 to 31', () => {
    expect(marvin32(new Uint8Array(32))).toEqual({ low: 0xc5359223, high: 0xda91a06a });
    expect(marvin32(Uint8Array.from({ length: 32 }, (_, i) => i))).toEqual({ low: 0x25c2e24c, high: 0xc64feee4 });
  });
});

describe('log replay', () => {
  test('leaves a clean hive alone even when its log holds newer entries', async () => {
    const hive = await open(first, writeNewLog(first, [entry(8, first, second)]));
    expect(await values(hive)).toEqual({ a: 1 });
    expect(hive.state).toMatchObject({ dirty: false, recovery: 'clean', entriesApplied: 0 });
  });

  test('never asks for the logs of a clean hive', async () => {
    let asked = 0;
    await Hive.open(new MemorySource(first), {
      openLogs: () => Promise.resolve({ log1: new MemorySource(new Uint8Array((asked += 1))) }),
    });
    expect(asked).toBe(0);
  });

  test('applies entries of both logs in the order of their numbers, and grows the hive', async () => {
    const log1 = writeNewLog(dirty, [entry(9, second, third)]);
    const log2 = writeNewLog(dirty, [entry(8, first, second)]);
    const hive = await open(dirty, log1, log2);
    expect(await values(hive)).toMatchObject({ a: 3 });
    expect((await (await hive.key('Key'))?.bytes('big'))?.length).toBe(20_000);
    expect(hive.state).toMatchObject({
      dirty: true,
      reasons: ['sequence'],
      recovery: 'replayed',
      entriesApplied: 2,
      contiguous: true,
    });
    expect(hive.baseBlock).toMatchObject({
      primarySequence: 9,
      secondarySequence: 9,
      checksumValid: true,
      binsSize: third.length - 4096,
    });
  });

  test('stops at the first entry whose hash is wrong, and says so', async () => {
    for (const damage of ['header-hash', 'data-hash'] as const) {
      const hive = await open(
        dirty,
        writeNewLog(dirty, [entry(8, first, second), { ...entry(9, second, third), damage }]),
      );
      expect(await values(hive)).toEqual({ a: 2 });
      expect(hive.state.logs[0]).toMatchObject({ entries: 1, endsWith: damage });
      expect(hive.issues.issues.find((issue) => issue.code === 'hive.log-entry-hash')?.data).toMatchObject({
        which: damage,
      });
    }
  });

  test('stops at a gap between the logs, and says so', async () => {
    const hive = await open(
      dirty,
      writeNewLog(dirty, [entry(8, first, second)]),
      writeNewLog(dirty, [entry(10, second, third)]),
    );
    expect(await values(hive)).toEqual({ a: 2 });
    expect(hive.state.contiguous).toBe(false);
    expect(hive.issues.count('hive.log-gap')).toBe(1);
  });

  test('leaves out entries that the hive already holds', async () => {
    const hive = await open(dirty, writeNewLog(dirty, [entry(5, first, third)]));
    expect(await values(hive)).toEqual({ a: 1 });
    expect(hive.state).toMatchObject({ recovery: 'log-unusable', entriesApplied: 0 });
  });

  test('takes the base block from the log when the hive lost its own', async () => {
    const broken = new Uint8Array(dirty);
    broken.fill(0, 0, 512);
    const hive = await open(broken, writeNewLog(first, [entry(8, first, second)]));
    expect(await values(hive)).toEqual({ a: 2 });
    expect(hive.state.reasons).toEqual(['signature']);
  });

  test('refuses a page that lies outside the hive bins', async () => {
    const outside = { sequence: 8, binsSize: 4096, pages: [{ offset: 4096, bytes: new Uint8Array(512) }] };
    const hive = await open(dirty, writeNewLog(dirty, [outside]));
    expect(hive.state).toMatchObject({ recovery: 'log-unusable' });
    expect(hive.issues.count('hive.log-entry-damaged')).toBe(1);
  });

  test('applies an old-format log by its dirty vector', async () => {
    const hive = await open(dirty, writeOldLog(dirty, second));
    expect(await values(hive)).toEqual({ a: 2 });
    expect(hive.state.logs[0]).toMatchObject({ format: 'old' });
  });

  test('refuses an old-format log that is older than the hive', async () => {
    const hive = await open(dirty, writeOldLog(dirty, second, { lastWritten: 1n }));
    expect(await values(hive)).toEqual({ a: 1 });
    expect(hive.issues.count('hive.log-not-applicable')).toBe(1);
  });

  test('says when a dirty hive has no log, or only an empty one', async () => {
    expect((await open(dirty)).state.recovery).toBe('no-log');
    expect((await open(dirty, new Uint8Array(0), new Uint8Array(65_536))).state.recovery).toBe('no-log');
    expect((await open(dirty, new Uint8Array(65_536).fill(0x41))).state.recovery).toBe('log-unusable');
  });
});
