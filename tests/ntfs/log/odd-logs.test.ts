import { MemorySource } from '@deadbox/core';
import { pendingLogTargets } from '@deadbox/ntfs';
import {
  LogFile,
  logOperationName,
  parseLogCheckpoint,
  parseLogRestartPage,
  parseLogUpdate,
} from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { checkpoint, LogBuilder, table, update } from '../../support/ntfs/log-builder.js';

const PAGE = 4096;
const GEOMETRY = { clusterSize: 4096, recordSize: 1024, mftLcn: 4, totalClusters: 1000 };
/** Redo operations (ntfs-3g logfile.h). */
const [SET_RESIDENT, OPEN_ATTRIBUTE, COMMIT] = [7, 28, 26];

/** A log with a checkpoint and what `build` adds behind it; restart areas are changed by `edit` before they are stamped. */
function logOf(
  build: (log: LogBuilder) => void = () => undefined,
  area: { start?: bigint; oldest?: bigint; checkpoint?: bigint } = {},
): Uint8Array<ArrayBuffer> {
  const log = new LogBuilder(1, 64);
  const first = log.nextLsn;
  const point = log.add({ type: 2, data: checkpoint({ start: area.start ?? first }) });
  build(log);
  return log.finish({ current: point, oldest: area.oldest ?? first, checkpoint: area.checkpoint ?? point });
}

/** Changes the restart area of both pages, fixups left as they are: none of its fields lies at the end of a stride. */
function withArea(bytes: Uint8Array<ArrayBuffer>, edit: (view: DataView, at: number) => void): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer);
  for (const page of [0, PAGE]) edit(view, page);
  return bytes;
}

describe('a log', () => {
  test.each<[string, (view: DataView, at: number) => void]>([
    ['pages that are no sectors', (view, at) => view.setUint32(at + 0x14, 4000, true)],
    ['pages that are too small', (view, at) => view.setUint32(at + 0x14, 512, true)],
    ['pages that are too large', (view, at) => view.setUint32(at + 0x14, 131_072, true)],
    ['system pages of another size', (view, at) => view.setUint32(at + 0x10, 512, true)],
    ['record heads that are too small', (view, at) => view.setUint16(at + 0x30 + 0x24, 8, true)],
    ['record heads that are no eights', (view, at) => view.setUint16(at + 0x30 + 0x24, 0x34, true)],
    ['record heads that are too large', (view, at) => view.setUint16(at + 0x30 + 0x24, 1024, true)],
    ['data that begins in the head of its page', (view, at) => view.setUint16(at + 0x30 + 0x26, 0x20, true)],
    ['data that begins between eights', (view, at) => view.setUint16(at + 0x30 + 0x26, 0x44, true)],
    ['data that begins behind its page', (view, at) => view.setUint16(at + 0x30 + 0x26, 4080, true)],
    ['sequence numbers of too few bits', (view, at) => view.setUint32(at + 0x30 + 0x10, 8, true)],
  ])('with %s is refused', (_, edit) => {
    expect(() => LogFile.parse(withArea(logOf(), edit))).toThrow(expect.objectContaining({ code: 'NTFS_LOG_INVALID' }));
  });

  test('larger than any is refused before it is read', async () => {
    const source = { size: 2 ** 28 + 1, read: () => Promise.reject(new Error('read')) };
    await expect(LogFile.open(source)).rejects.toMatchObject({ code: 'NTFS_LOG_INVALID' });
  });

  test('whose client stands outside its page has no oldest record and no checkpoint', () => {
    const bytes = withArea(logOf(), (view, at) => view.setUint16(at + 0x30 + 0x0c, 0, true));
    const far = withArea(logOf(), (view, at) => view.setUint16(at + 0x30 + 0x0c, 30, true));
    expect(LogFile.parse(bytes).area).toMatchObject({ sequenceBits: 48 });
    expect(LogFile.parse(far).area).toMatchObject({ oldestLsn: 0n, checkpointLsn: 0n });
  });
});

describe('a restart page', () => {
  test('whose area begins in its head, between eights, or at its end is none', () => {
    for (const at of [0x10, 0x34, 4090]) {
      const page = logOf().slice(0, PAGE);
      new DataView(page.buffer).setUint16(0x18, at, true);
      expect(parseLogRestartPage(page)).toBeUndefined();
    }
  });

  test('that claims a page of no sectors is looked at as one of 4096 bytes', () => {
    const page = logOf().slice(0, PAGE);
    new DataView(page.buffer).setUint32(0x10, 1000, true);
    expect(parseLogRestartPage(page)).toMatchObject({ systemPageSize: 1000, signature: 'RSTR' });
  });

  test('of chkdsk counts by its own number where that is higher', () => {
    const bytes = logOf();
    bytes.set(Buffer.from('CHKD'), PAGE);
    const lsn = new DataView(bytes.buffer).getBigUint64(0x30, true);
    new DataView(bytes.buffer).setBigUint64(PAGE + 8, lsn + 1n, true);
    expect(LogFile.parse(bytes).state).toMatchObject({
      log: 'clean',
      page: { signature: 'CHKD', chkdskLsn: lsn + 1n },
    });
    new DataView(bytes.buffer).setBigUint64(PAGE + 8, lsn - 1n, true);
    expect(LogFile.parse(bytes).state).toMatchObject({ log: 'dirty', page: { signature: 'RSTR' } });
  });
});

describe('a record of the log', () => {
  test('that is too short, or names clusters that cannot be, says nothing', () => {
    expect(parseLogUpdate(new Uint8Array(0x1f))).toBeUndefined();
    expect(parseLogCheckpoint(new Uint8Array(0x3f))).toBeUndefined();
    const wide = Uint8Array.from(update({ redo: SET_RESIDENT, lcns: [1, 2] }));
    expect(parseLogUpdate(wide)?.lcns).toEqual([1, 2]);
    wide.fill(0xff, 0x28, 0x30);
    expect(parseLogUpdate(wide)).toBeUndefined();
  });

  test('whose data would stand outside it has none', () => {
    const bytes = Uint8Array.from(update({ redo: SET_RESIDENT, redoData: Uint8Array.of(1, 2, 3) }));
    expect(parseLogUpdate(bytes)?.redoData).toEqual(Uint8Array.of(1, 2, 3));
    new DataView(bytes.buffer).setUint16(6, 200, true);
    expect(parseLogUpdate(bytes)?.redoData).toHaveLength(0);
    new DataView(bytes.buffer).setUint16(4, 0x10, true);
    expect(parseLogUpdate(bytes)?.redoData).toHaveLength(0);
  });

  test('with an operation that no document names is called by its number', () => {
    expect(logOperationName(0x63)).toBe('0x63');
  });

  test('that claims more bytes than the log has is not there', () => {
    let lsn = 0n;
    const bytes = logOf((log) => {
      lsn = log.add({ data: update({ redo: COMMIT }) });
    });
    expect(LogFile.parse(bytes).record(lsn)?.type).toBe('update');
    const view = new DataView(bytes.buffer);
    const at = Number(lsn & 0xffffn) * 8;
    view.setUint32(at + 0x18, 61 * PAGE, true);
    expect(LogFile.parse(bytes).record(lsn)).toBeUndefined();
  });
});

describe('newer pages of a log', () => {
  const lsnOfPage = (bytes: Uint8Array<ArrayBuffer>, page: number): bigint =>
    new DataView(bytes.buffer).getBigUint64(page * PAGE + 8, true);

  test('of version 2 are put home in the order of their numbers, those that have a home', () => {
    const log = new LogBuilder(2, 64);
    const lsn = log.add({ data: update({ redo: COMMIT }) });
    const bytes = log.finish({ current: lsn, oldest: lsn, checkpoint: 0n });
    const view = new DataView(bytes.buffer);
    for (const [page, newer, home] of [
      [2, 2n, 36],
      [3, 3n, 36],
      [4, 1n, 9999],
      [35, 0n, 0],
    ] as const) {
      bytes.copyWithin(page * PAGE, 34 * PAGE, 35 * PAGE);
      view.setBigUint64(page * PAGE + 8, lsn + newer, true);
      if (page !== 35) view.setUint32(page * PAGE + 0x18, home * PAGE, true);
    }
    const file = LogFile.parse(bytes);
    expect(file.record(lsn)?.type).toBe('update');
    expect(file.damagedPages).toBe(0);
    expect(lsnOfPage(bytes, 2)).toBe(lsn + 2n);
  });

  test('of version 1 without a home are left where they are', () => {
    let lsn = 0n;
    const bytes = logOf((log) => {
      lsn = log.add({ data: update({ redo: COMMIT }) });
    });
    bytes.copyWithin(2 * PAGE, 4 * PAGE, 5 * PAGE);
    new DataView(bytes.buffer).setBigUint64(2 * PAGE + 8, 77n, true);
    expect(LogFile.parse(bytes).record(lsn)?.type).toBe('update');
  });

  test('are wanted by a record that goes on in a page which was written before it', () => {
    let lsn = 0n;
    const bytes = logOf((log) => {
      lsn = log.add({ data: update({ redo: SET_RESIDENT, redoData: new Uint8Array(6000) }) });
    });
    expect(LogFile.parse(bytes).record(lsn)?.data.length).toBeGreaterThan(6000);
    const view = new DataView(bytes.buffer);
    for (const at of [8, 0x20]) view.setBigUint64(5 * PAGE + at, 1n, true);
    expect(LogFile.parse(bytes).record(lsn)).toBeUndefined();
    expect(LogFile.parse(bytes).record(8n)).toBeUndefined();
  });
});

describe('what a replay would write', () => {
  const examine = (bytes: Uint8Array<ArrayBuffer>): ReturnType<typeof pendingLogTargets> =>
    pendingLogTargets(new MemorySource(bytes), GEOMETRY);

  test('is not known of a log that names no record at all', async () => {
    const log = new LogBuilder(1, 64);
    log.add({ data: update({ redo: COMMIT }) });
    const found = await examine(log.finish({ current: 0n, oldest: 0n, checkpoint: 0n }));
    expect(found).toMatchObject({ outcome: 'incomplete', redoLsn: 0n, records: 1 });
    expect(found.gaps).toEqual(expect.arrayContaining(['checkpoint-missing', 'start-missing']));
  });

  test('begins at the oldest record even where older ones are found by looking', async () => {
    const log = new LogBuilder(1, 64);
    log.add({ data: update({ redo: COMMIT }) });
    const point = log.add({ type: 2, data: checkpoint({ start: log.nextLsn }) });
    const found = await examine(log.finish({ current: point + 0x4000n, oldest: point, checkpoint: point }));
    expect(found).toMatchObject({ outcome: 'incomplete', gaps: ['end-missing'], records: 1 });
  });

  test('goes by the tables of NT 4 to 2000, whose entries are arranged otherwise', async () => {
    const log = new LogBuilder(1, 64);
    const attribute = new Uint8Array(0x2c);
    const open = new DataView(attribute.buffer);
    open.setUint32(0x08, 30, true);
    open.setUint16(0x0e, 3, true);
    open.setUint32(0x1c, 0xa0, true);
    open.setUint32(0x28, 4096, true);
    const attributes = log.add({ data: update({ redo: 0x1d, redoData: table([attribute]) }) });
    const page = new Uint8Array(0x2c);
    const dirty = new DataView(page.buffer);
    dirty.setUint32(0x04, 0x18, true);
    dirty.setUint32(0x0c, 1, true);
    dirty.setBigUint64(0x14, 7n, true);
    const first = log.nextLsn;
    dirty.setBigUint64(0x1c, first, true);
    dirty.setBigUint64(0x24, 50n, true);
    const change = log.add({ data: update({ redo: 0x0c, undo: 0x0d, attribute: 0x18, vcn: 7, lcns: [50] }) });
    const again = page.slice();
    new DataView(again.buffer).setBigUint64(0x1c, change + 1n, true);
    const pages = log.add({ data: update({ redo: 0x1f, redoData: table([page, again]) }) });
    const point = checkpoint({ start: log.nextLsn, attributes, pages });
    point[0] = 0;
    const lsn = log.add({ type: 2, data: point });
    const found = await examine(log.finish({ current: lsn, oldest: first, checkpoint: lsn }));
    expect(found.targets).toMatchObject([
      {
        attribute: { file: { record: 30, sequence: 3 }, type: 0xa0, bytesPerIndexBlock: 4096, name: '' },
        vcn: 7,
        lcns: [50],
        redone: true,
      },
    ]);
  });

  test('knows nothing of an attribute whose table or record is too short', async () => {
    const log = new LogBuilder(1, 64);
    const small = log.add({ data: update({ redo: 0x1d, redoData: table([new Uint8Array(0x10)]) }) });
    const point = log.add({ type: 2, data: checkpoint({ start: log.nextLsn, attributes: small }) });
    const first = log.add({ data: update({ redo: OPEN_ATTRIBUTE, redoData: new Uint8Array(8) }) });
    log.add({ data: update({ redo: 0x0c, undo: 0x0d, lcns: [50] }) });
    const found = await examine(log.finish({ current: first, oldest: point, checkpoint: point }));
    expect(found.targets).toHaveLength(1);
    expect(found.targets[0]).not.toHaveProperty('attribute');
  });
});
