import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive, type HiveLogState, openHiveFile } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { changedPages, makeDirty, marvin, writeNewLog, writeOldLog } from '../../support/hive-log-writer.js';
import { checksum, keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const state = (a: number): Bytes => writeHive(keysFromPaths({ Key: { a } }), { sequence: 7 });
const [first, second, third] = [state(1), state(2), state(3)];
const dirty = makeDirty(first);
const BINS = first.length - 4096;
const entry = (sequence: number, to: Bytes) => ({ sequence, binsSize: BINS, pages: changedPages(first, to) });

async function replayed(hive: Bytes, ...logs: Bytes[]): Promise<{ hive: Hive; a: number | undefined }> {
  const [log1, log2] = logs.map((log) => new MemorySource(log));
  const opened = await Hive.open(new MemorySource(hive), { log1, log2 });
  return { hive: opened, a: await (await opened.key('Key'))?.number('a') };
}

/** The log of an unusable hive, and what was said of it. */
async function refused(log: Bytes): Promise<{ log: HiveLogState; issues: unknown[] }> {
  const { hive, a } = await replayed(dirty, log);
  expect(a).toBe(1);
  expect(hive.state.recovery).toBe('log-unusable');
  const issues = hive.issues.issues.filter(({ code }) => code.startsWith('hive.log-'));
  return { log: hive.state.logs[0], issues: issues.map(({ code, at, data }) => [code, at?.offset, data?.which]) };
}

/** Changes numbers of the base block of a log. */
function withHead(log: Bytes, changes: Record<number, number>): Bytes {
  const bytes = log.slice();
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(changes)) view.setUint32(Number(at), value, true);
  view.setUint32(508, checksum(bytes), true);
  return bytes;
}

describe('a log of the new format', () => {
  /** Changes a number of the first entry, and its hash of the header with it. */
  function withEntry(at: number, value: number): Bytes {
    const log = writeNewLog(dirty, [entry(8, second)]);
    const view = new DataView(log.buffer);
    view.setUint32(512 + at, value, true);
    view.setBigUint64(512 + 32, marvin(log.subarray(512, 512 + 32)), true);
    return log;
  }

  test.each([
    ['size', 4, 256],
    ['size', 4, 4096 + 4],
    ['size', 4, 0x10_0000],
    ['bins-size', 0x10, 4095],
    ['bins-size', 0x10, 0],
    ['pages', 0x14, 0x1fff_ffff],
  ])('whose entry has a wrong %s ends there (field %i is %i)', async (which, at, value) => {
    const { log, issues } = await refused(withEntry(at, value));
    expect(log).toEqual({ name: 'LOG1', format: 'new', entries: 0, endsWith: which });
    expect(issues).toEqual([['hive.log-entry-damaged', 512, which]]);
  });

  test('ends at a break in the numbers: what follows is of an older use of the file', async () => {
    const { hive, a } = await replayed(dirty, writeNewLog(dirty, [entry(8, second), entry(3, third)]));
    expect(a).toBe(2);
    expect(hive.state.logs[0]).toMatchObject({ entries: 1, endsWith: 'sequence' });
    expect(hive.issues.count('hive.log-entry-damaged')).toBe(0);
  });

  test('whose first number is not that of its base block has no entry', async () => {
    const log = withHead(writeNewLog(dirty, [entry(8, second)]), { 4: 9 });
    expect((await refused(log)).log).toMatchObject({ entries: 0, endsWith: 'sequence' });
  });

  test('is read up to a place that the medium does not give', async () => {
    const whole = writeNewLog(dirty, [entry(8, second), entry(9, third)]);
    const log = new Uint8Array(600 << 10);
    log.set(whole);
    // The entry behind the first block of the cache.
    new DataView(log.buffer).setUint32(512 + 4, (256 << 10) - 512, true);
    log.copyWithin(256 << 10, 512 + (whole.length - 512) / 2, whole.length);
    const view = new DataView(log.buffer);
    view.setBigUint64(512 + 24, marvin(log.subarray(512 + 40, 256 << 10)), true);
    view.setBigUint64(512 + 32, marvin(log.subarray(512, 512 + 32)), true);
    const log1 = withBadPlaces(new MemorySource(log), [{ offset: 256 << 10, length: 512 }]);
    const hive = await Hive.open(new MemorySource(dirty), { log1 });
    expect(await (await hive.key('Key'))?.number('a')).toBe(2);
    expect(hive.state.logs).toMatchObject([{ format: 'new', entries: 1 }]);
    expect(hive.issues.count('hive.log-unreadable')).toBe(1);
  });

  test('is the only one that counts where the base block is bad: that with the latest entry', async () => {
    const broken = dirty.slice();
    broken[0x1fc] ^= 1;
    const [older, newer] = [writeNewLog(first, [entry(8, second)]), writeNewLog(first, [entry(9, third)])];
    const empty = withHead(writeNewLog(first, [entry(8, second)]), { 4: 99 });
    for (const logs of [
      [older, newer],
      [newer, older],
      [empty, newer],
    ]) {
      const { hive, a } = await replayed(broken, ...logs);
      expect(a).toBe(3);
      expect(hive.state).toMatchObject({ recovery: 'replayed', reasons: ['checksum', 'sequence'], entriesApplied: 1 });
    }
  });
});

describe('a log of the old format', () => {
  test.each([
    ['of a type that is no log', withHead(writeOldLog(dirty, second), { 0x1c: 3 }), [['hive.log-base-block', 0x1c]]],
    ['of no possible hive', withHead(writeOldLog(dirty, second), { 0x28: 100 }), [['hive.log-base-block', 0x28]]],
    ['without its pages', writeOldLog(dirty, second).slice(0, 514), [['hive.log-base-block', 0x28]]],
    [
      'without its mark',
      writeOldLog(dirty, second).fill(0, 512, 516),
      [['hive.log-entry-damaged', 512, 'dirty-vector']],
    ],
    [
      'that ends in its pages',
      writeOldLog(dirty, second).slice(0, 1024),
      [['hive.log-entry-damaged', 1024, 'pages-cut-off']],
    ],
  ])('%s is not applied', async (_, log, issues) => {
    const found = await refused(log);
    expect(found.log).toMatchObject({ format: 'invalid' });
    expect(found.issues).toEqual(issues.map(([code, at, which]) => [code, at, which]));
  });

  test('of the second type, which Windows 2000 wrote, is applied', async () => {
    expect((await replayed(dirty, withHead(writeOldLog(dirty, second), { 0x1c: 2 }))).a).toBe(2);
  });

  test('with neighbouring pages is applied as a whole', async () => {
    const longer = writeHive(keysFromPaths({ Key: { a: 2, text: 'x'.repeat(3000) } }), { sequence: 7 });
    const { hive, a } = await replayed(dirty, writeOldLog(dirty, longer));
    expect(a).toBe(2);
    expect(await (await hive.key('Key'))?.text('text')).toHaveLength(3000);
  });

  test('is the first one, unless the second is more recent', async () => {
    const old = (to: Bytes, lastWritten: bigint): Bytes => writeOldLog(dirty, to, { lastWritten });
    const now = 133_658_285_758_000_000n;
    expect((await replayed(dirty, old(second, now), old(third, now))).a).toBe(2);
    expect((await replayed(dirty, old(second, now), old(third, now + 1n))).a).toBe(3);
  });

  test('gives the base block back that the hive lost, matched by the time of the first bin', async () => {
    const broken = dirty.slice().fill(0, 0, 512);
    const { hive, a } = await replayed(broken, writeOldLog(dirty, second));
    expect(a).toBe(2);
    expect(hive.baseBlock).toMatchObject({ primarySequence: 8, secondarySequence: 8, checksumValid: true });
    const older = writeOldLog(dirty, second, { lastWritten: 1n });
    const lost = Hive.open(new MemorySource(broken), { log1: new MemorySource(older) });
    await expect(lost).rejects.toMatchObject({ code: 'HIVE_NOT_REGF' });
  });

  test('makes up for a hive that ends in its base block', async () => {
    const nothing = new Uint8Array(4096);
    const { hive, a } = await replayed(first.slice(0, 512).fill(0), writeOldLog(nothing, second));
    expect(a).toBe(2);
    expect(hive.state).toMatchObject({ reasons: ['signature'], recovery: 'replayed', missingBytes: 0 });
  });
});

describe('the health of a hive', () => {
  const healthOf = async (hive: Bytes, log?: Bytes) =>
    (await openHiveFile(memoryTree({ '/SYSTEM': hive, ...(log && { '/SYSTEM.LOG1': log }) }), '/SYSTEM')).health;
  const ids = async (hive: Bytes, log?: Bytes): Promise<unknown> => {
    const { verdict, findings } = await healthOf(hive, log);
    return [verdict, findings.map(({ id }) => id)];
  };
  const wrong = dirty.slice();
  wrong[0x1fc] ^= 1;

  test('with a wrong checksum is damage, unless a log makes it whole', async () => {
    expect(await ids(wrong)).toEqual(['damaged', ['hive-dirty', 'hive-checksum', 'hive-log-missing']]);
    expect(await ids(wrong, writeNewLog(first, [entry(8, second)]))).toEqual([
      'recoverable',
      ['hive-dirty', 'hive-checksum'],
    ]);
  });

  test('whose log does not apply, or has a gap, is at risk', async () => {
    expect(await ids(dirty, new Uint8Array(4096).fill(0x41))).toEqual(['at-risk', ['hive-dirty', 'hive-log-unusable']]);
    const log2 = writeNewLog(dirty, [entry(10, third)]);
    const tree = memoryTree({
      '/SYSTEM': dirty,
      '/SYSTEM.LOG1': writeNewLog(dirty, [entry(8, second)]),
      '/SYSTEM.LOG2': log2,
    });
    const { health } = await openHiveFile(tree, '/SYSTEM');
    expect(health).toMatchObject({ verdict: 'at-risk', findings: [{ id: 'hive-dirty' }, { id: 'hive-log-gap' }] });
  });

  test('that ends before its bins do is damage, and so are bins that are none', async () => {
    const longer = writeHive(keysFromPaths({ Key: { data: new Uint8Array(20_000) } }));
    expect(await ids(longer.slice(0, -4096))).toEqual(['damaged', ['hive-truncated']]);
    const bins = writeHive(keysFromPaths(Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`key${i}`, { i }]))));
    for (const at of [4096, 8192]) bins[at + 4096] = 0x78;
    const { findings } = await healthOf(bins);
    expect(findings).toEqual([{ id: 'hive-bins-damaged', data: { damaged: 2, first: 8192 } }]);
  });
});
