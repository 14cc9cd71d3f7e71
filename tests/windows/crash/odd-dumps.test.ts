import { type Bytes, MemorySource, parseFileTime } from '@deadbox/core';
import { readCrashDump } from '@deadbox/windows';
import { parseDumpHeader } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { CRASH_DRIVERS, csagentCrash, writeDump64 } from '../../support/dump-writer.js';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';

const AT = parseFileTime('2024-07-19T04:31:02.0000000Z') as bigint;
const read = (bytes: Bytes) => readCrashDump(new MemorySource(bytes));
const crash = (drivers = CRASH_DRIVERS): Bytes =>
  writeDump64({
    code: 0x50,
    parameters: [0n, 0n, CRASH_DRIVERS[2].base + 1n, 0n],
    drivers,
    stack: [CRASH_DRIVERS[2].base],
  });

describe('the header of a dump', () => {
  const header = (change: (view: DataView, bytes: Bytes) => void) => {
    const bytes = writeDump64({ code: 0x50, parameters: [0n, 0n, 0n, 0n], kind: 2 });
    change(new DataView(bytes.buffer), bytes);
    return parseDumpHeader(bytes);
  };

  test.each([
    [0, 'unknown'],
    [1, 'full'],
    [3, 'header'],
    [9, 'unknown'],
  ])('of the kind %i is %s', (stored, kind) => {
    expect(header((view) => view.setUint32(0xf98, stored, true))?.kind).toBe(kind);
  });

  test.each([
    ['a comment\0', 'a comment'],
    ['twelve chars', 'twelve chars'],
    [' \0', undefined],
    ['\u0001x', undefined],
  ])('has a comment up to its end or the filler', (comment, expected) => {
    const text = Uint8Array.from(comment, (char) => char.charCodeAt(0));
    expect(header((_, bytes) => bytes.set(text, 0xfb0))?.comment).toBe(expected);
  });
});

describe('the drivers of a small dump', () => {
  test('that have no name, no place or no size are damage, and the others are named', async () => {
    const names = ['', '\\', 'x'.repeat(2000)].map((name, i) => ({ name, base: BigInt(i + 1) << 40n, size: 1 }));
    const placeless = { name: 'zero.sys', base: 0n, size: 1 };
    const dump = await read(crash([...names, placeless, { ...placeless, base: 1n, size: 0 }, ...CRASH_DRIVERS]));
    expect(dump).toMatchObject({ driverCount: 3, damaged: ['drivers'], driver: { name: 'csagent.sys' } });
  });

  test('may share a place; the address is in one of them', async () => {
    const dump = await read(crash([...CRASH_DRIVERS, { ...CRASH_DRIVERS[2], name: 'twin.sys' }]));
    expect(dump.driver?.name).toMatch(/^(csagent|twin)\.sys$/);
    expect(dump.stackDrivers).toHaveLength(1);
  });

  test('are named without a stack that the medium does not give', async () => {
    const source = withBadPlaces(new MemorySource(csagentCrash(AT)), [{ offset: 0x2100, length: 8 }]);
    expect(await readCrashDump(source)).toMatchObject({
      driver: { name: 'csagent.sys' },
      stackDrivers: [],
      damaged: ['stack'],
    });
  });

  test('are not called damaged where a connection is lost', async () => {
    for (const failing of [0, 1, 2, 3]) {
      const source = withLostConnection(new MemorySource(csagentCrash(AT)), failing);
      await expect(readCrashDump(source), `read ${failing}`).rejects.toMatchObject({ data: { transport: 'network' } });
    }
  });
});
