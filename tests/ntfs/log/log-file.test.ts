import { closeSync, copyFileSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { asciiText, type ByteSource, type Bytes, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume, pendingInRange, pendingLogTargets } from '@deadbox/ntfs';
import { examineReplay, LogFile, parseLogCheckpoint, parseLogUpdate } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { checkpoint, LogBuilder, table, update } from '../../support/ntfs/log-builder.js';
import { describeWithTools, hasTool, run, temporaryFolder } from '../../support/tools.js';

const geometry = { clusterSize: 4096, recordSize: 1024 };

describeWithCorpus('$LogFile of Windows', () => {
  const volumes: Record<string, number> = {
    'win-ntfs-ads-same-ids': 0,
    'win-ntfs-index-slack': 128 * 512,
    'win-ntfs-tiny-logfile': 0,
    'win10-ntfs-lastaccess': 128 * 512,
    'win10-ntfs-ptrn': 128 * 512,
  };
  const image = (id: string): string => corpusFile(corpusManifest().find((entry) => entry.id === id) as never);
  const logOf = async (
    path: string,
    start: number,
  ): Promise<{ volume: NtfsVolume; log: ByteSource; disk: ByteSource; size: number }> => {
    const disk = await openFile(path);
    const window: ByteSource = { size: disk.size - start, read: (offset, length) => disk.read(start + offset, length) };
    const volume = await NtfsVolume.open(window);
    const file = await volume.lookup('/$LogFile');
    const log = await (file as NonNullable<typeof file>).stream();
    return { volume, log, disk: window, size: volume.geometry.clusterSize };
  };
  const golden = gunzipSync(readFileSync(new URL('./log-records.tsv.gz', import.meta.url)))
    .toString('utf8')
    .split('\n');

  for (const [id, start] of Object.entries(volumes)) {
    test(`has the records that dfir_ntfs finds in ${id}`, async () => {
      const { log } = await logOf(image(id), start);
      const file = LogFile.parse(new Uint8Array(await log.read(0, log.size)));
      const expected = golden.filter((line) => line.startsWith(`${id}\t`)).map((line) => line.slice(id.length + 1));
      const found = new Set(
        [...file.scan()].map((record) => {
          if (record.type === 'checkpoint') {
            const tables = parseLogCheckpoint(record.data);
            return [
              record.lsn,
              'restart',
              tables?.majorVersion,
              tables?.startLsn,
              tables?.openAttributesLsn,
              tables?.attributeNamesLsn,
              tables?.dirtyPagesLsn,
              tables?.transactionsLsn,
            ].join('\t');
          }
          const change = parseLogUpdate(record.data);
          if (change === undefined) return `${record.lsn} damaged`;
          const { redo, undo, redoLength, undoLength, targetAttribute, vcn, blockOffset, blockSize, lcns } = change;
          return [
            record.lsn,
            redo,
            undo,
            redoLength,
            undoLength,
            targetAttribute,
            vcn,
            blockOffset / 512,
            blockSize / 512,
            lcns.join(','),
          ].join('\t');
        }),
      );
      expect(expected.length).toBeGreaterThan(400);
      expect(expected.filter((line) => !found.has(line))).toEqual([]);
    });

    test(`names blocks of ${id} that are file records and index blocks of the volume`, async () => {
      const { log, disk, volume } = await logOf(image(id), start);
      const bytes = new Uint8Array(await log.read(0, log.size));
      const file = LogFile.parse(bytes);
      // The same log as if the volume had been cut off: everything that is still in it would be replayed.
      const dirty = { ...file.state, log: 'dirty' as const };
      const first = [...file.scan()][0]?.lsn ?? 0n;
      Object.assign(file, { state: dirty, area: { ...file.area, oldestLsn: first, checkpointLsn: 0n } });
      const pending = examineReplay(file, volume.geometry);
      let records = 0;
      let blocks = 0;
      for (const target of pending.targets) {
        const range = target.ranges[0];
        if (range === undefined) continue;
        if (target.record !== undefined) {
          const record = await disk.read(range.offset, 1024);
          // Records that were freed and given away since are still file records.
          expect(asciiText(record, 0, 4)).toBe('FILE');
          expect(new DataView(record.buffer, record.byteOffset).getUint32(0x2c, true)).toBe(target.record);
          records += 1;
        } else if (/Allocation/.test(target.redoName) && range.length === 4096) {
          expect(asciiText(await disk.read(range.offset, 4096), 0, 4)).toBe('INDX');
          blocks += 1;
        }
      }
      expect(records).toBeGreaterThan(50);
      expect(blocks).toBeGreaterThan(5);
    });
  }

  test('of a dirty volume without pending changes gives no targets', async () => {
    const { log, volume } = await logOf(image('win-ntfs-tiny-logfile'), 0);
    const pending = await pendingLogTargets(log, volume.geometry);
    expect(pending).toMatchObject({
      outcome: 'complete',
      version: '1.1',
      redoLsn: 0x105f56n,
      lastLsn: 0x105fb1n,
      records: 4,
      targets: [],
    });
  });

  test('of a clean volume needs no replay', async () => {
    const { log, volume } = await logOf(image('win10-ntfs-ptrn'), 128 * 512);
    expect(await pendingLogTargets(log, volume.geometry)).toMatchObject({ outcome: 'none', targets: [] });
  });

  test.runIf(hasTool('ntfsrecover'))('gives the changes that ntfsrecover would redo', async () => {
    const source = image('win-ntfs-tiny-logfile');
    const path = joinPath(temporaryFolder(), 'dirty.raw');
    const { volume } = await logOf(source, 0);
    const place = (await (await volume.lookup('/$LogFile'))?.stream()) as ByteSource;
    let home = -1;
    for await (const batch of place.extents?.(0, 8192) ?? []) home = home < 0 ? (batch[0]?.origin?.offset ?? -1) : home;
    /** The volume as it was at an earlier checkpoint of the same log. */
    const rewind = (oldest: bigint, current: bigint): void => {
      copyFileSync(source, path);
      const handle = openSync(path, 'r+');
      const page = Buffer.alloc(8192);
      readSync(handle, page, 0, 8192, home);
      for (const at of [0, 4096]) {
        page.writeBigUInt64LE(current, at + 0x30);
        page.writeBigUInt64LE(oldest, at + 0x70);
        page.writeBigUInt64LE(current, at + 0x78);
      }
      writeSync(handle, page, 0, 8192, home);
      closeSync(handle);
    };
    for (const current of [1_067_745n, 1_062_875n, 1_070_989n]) {
      rewind(current, current);
      // NTFS itself had told the log the oldest record that its dirty pages need: the tables of the checkpoint still
      // say it.
      const { redoLsn } = await pendingLogTargets((await logOf(path, 0)).log, volume.geometry);
      expect(redoLsn).toBeLessThan(current);
      rewind(redoLsn as bigint, current);
      const lines = run('ntfsrecover', ['-n', '-v', path]).split('\n');
      const redone = lines.flatMap((line) => {
        const match = /^Redo action \d+ (\w+) \((\w+)\) 0x([0-9a-f]+)$/.exec(line);
        if (
          match === null ||
          /Dump|Forget|Open|Commit/.test(match[1]) ||
          /^Noop$/i.test(match[1]) ||
          match[1].startsWith('Compensation')
        )
          return [];
        return [`${Number.parseInt(match[3], 16)} ${(match[1]).toLowerCase()}`];
      });
      const { log } = await logOf(path, 0);
      const pending = await pendingLogTargets(log, volume.geometry);
      expect(pending).toMatchObject({ outcome: 'complete', gaps: [], redoLsn });
      expect(redone.length).toBeGreaterThan(10);
      const mine = pending.targets
        .filter((target) => target.redoName !== 'Noop')
        .map((target) => `${target.lsn} ${target.redoName.toLowerCase()}`);
      expect(mine.sort()).toEqual(redone.sort());
    }
  });
});

describe('$LogFile', () => {
  const record = (number: number, redo: number, undo = 0): Uint8Array =>
    update({
      redo,
      undo,
      attribute: 0x18,
      blockSize: 1024,
      blockOffset: (number % 4) * 1024,
      vcn: number >> 2,
      lcns: [100 + (number >> 2)],
      recordOffset: 56,
      redoData: new Uint8Array(24),
    });

  /**
   * A log with a committed change of record 40, an open one of record 41, and one of an index block, behind a
   * checkpoint.
   */
  const build = (major: 1 | 2): { builder: LogBuilder; first: bigint; last: bigint; mark: bigint; lsns: bigint[] } => {
    const builder = new LogBuilder(major, 64);
    const first = builder.add({ data: record(39, 0x07, 0x07), transaction: 0x40 });
    builder.add({ data: update({ redo: 0x1b }), transaction: 0x40 });
    const entry = new Uint8Array(0x28);
    new DataView(entry.buffer).setUint32(8, 0xa0, true);
    new DataView(entry.buffer).setBigUint64(0x10, 0x0002_0000_0000_0027n, true);
    const attributes = builder.add({ data: update({ redo: 0x1d, redoData: table([entry]) }) });
    const names = builder.add({
      data: update({
        redo: 0x1e,
        redoData: Uint8Array.from([0x18, 0, 8, 0, 0x24, 0, 0x49, 0, 0x33, 0, 0x30, 0, 0, 0, 0, 0, 0, 0]),
      }),
    });
    const page = new Uint8Array(0x28);
    const view = new DataView(page.buffer);
    view.setUint32(4, 0x18, true);
    view.setUint32(0x0c, 1, true);
    view.setBigUint64(0x10, 77n, true);
    view.setBigUint64(0x18, first, true);
    view.setBigUint64(0x20, 177n, true);
    const pages = builder.add({ data: update({ redo: 0x1f, redoData: table([page]) }) });
    const mark = builder.add({ type: 2, data: checkpoint({ start: attributes, attributes, names, pages }) });
    const lsns = [
      builder.add({ data: record(40, 0x07, 0x07), transaction: 0x40 }),
      builder.add({ data: record(41, 0x05, 0x06), transaction: 0x68 }),
      builder.add({ data: update({ redo: 0x1a }), transaction: 0x40 }),
      builder.add({
        data: update({
          redo: 0x0e,
          undo: 0x0f,
          attribute: 0x18,
          blockSize: 4096,
          vcn: 3,
          lcns: [500],
          attributeOffset: 0x60,
          redoData: new Uint8Array(9000).subarray(0, 600),
        }),
        transaction: 0x68,
      }),
    ];
    let last = lsns[3];
    // A change of 3000 bytes of other data, and a bitmap: more than one page of records.
    last = builder.add({
      data: update({ redo: 0x08, undo: 0x08, vcn: 5, lcns: [900], recordOffset: 512, redoData: new Uint8Array(3000) }),
      transaction: 0x90,
    });
    lsns.push(last);
    last = builder.add({
      data: update({ redo: 0x15, undo: 0x16, vcn: 1, lcns: [20, 22], redoData: new Uint8Array(8) }),
      transaction: 0x90,
    });
    lsns.push(last);
    last = builder.add({ data: update({ redo: 0x1b }), transaction: 0x90 });
    return { builder, first, last, mark, lsns };
  };

  test.each([1, 2] as const)('of version %i.x tells what is redone and what is undone', (major) => {
    const { builder, first, mark, last, lsns } = build(major);
    const file = LogFile.parse(builder.finish({ current: mark, oldest: first, checkpoint: mark }));
    const pending = examineReplay(file, geometry);
    expect(pending).toMatchObject({ outcome: 'complete', redoLsn: first, lastLsn: last, records: 13 });
    expect(pending.targets.map(({ lsn, record: number, redone, undone }) => [lsn, number, redone, undone])).toEqual([
      // Before the checkpoint, and its page is not in the dirty page table: on the volume already.
      [first, 39, false, false],
      [lsns[0], 40, true, false],
      [lsns[1], 41, true, true],
      [lsns[3], undefined, true, true],
      [lsns[4], undefined, true, false],
      [lsns[5], undefined, true, false],
    ]);
    expect(pending.targets.map((target) => target.ranges)).toEqual([
      [{ offset: 109 * 4096 + 3072, length: 1024 }],
      [{ offset: 110 * 4096, length: 1024 }],
      [{ offset: 110 * 4096 + 1024, length: 1024 }],
      [{ offset: 500 * 4096, length: 4096 }],
      [{ offset: 900 * 4096 + 512, length: 3000 }],
      [
        { offset: 20 * 4096, length: 4096 },
        { offset: 22 * 4096, length: 4096 },
      ],
    ]);
    expect(pending.targets[3]?.attribute).toEqual({
      file: { record: 0x27, sequence: 2 },
      type: 0xa0,
      bytesPerIndexBlock: 0,
      name: '$I30',
    });
    const inRecord41 = pendingInRange(pending, 110 * 4096 + 1024, 1024, lsns[1]);
    expect(inRecord41.map((target) => target.lsn)).toEqual([lsns[1]]);
    expect(pendingInRange(pending, 110 * 4096, 1024, lsns[0])).toEqual([]);
    expect(pendingInRange(pending, 110 * 4096, 1024)).toHaveLength(1);
  });

  test('takes a dirty page of the checkpoint as a change that may be missing', () => {
    const builder = new LogBuilder(1, 64);
    const first = builder.add({
      data: update({ redo: 0x0e, undo: 0x0f, attribute: 0x18, blockSize: 4096, vcn: 77, lcns: [177] }),
    });
    builder.add({ data: update({ redo: 0x1b }) });
    const page = new Uint8Array(0x28);
    const view = new DataView(page.buffer);
    view.setUint32(4, 0x18, true);
    view.setUint32(0x0c, 1, true);
    view.setBigUint64(0x10, 77n, true);
    view.setBigUint64(0x18, first, true);
    view.setBigUint64(0x20, 177n, true);
    const pages = builder.add({ data: update({ redo: 0x1f, redoData: table([page]) }) });
    const mark = builder.add({ type: 2, data: checkpoint({ start: pages, pages }) });
    const pending = examineReplay(
      LogFile.parse(builder.finish({ current: mark, oldest: first, checkpoint: mark })),
      geometry,
    );
    expect(pending).toMatchObject({ outcome: 'complete', targets: [{ lsn: first, redone: true, undone: false }] });
  });

  test('goes on at the first page of the circular area after the last, with the next round of sequence numbers', () => {
    const builder = new LogBuilder(1, 12);
    const all: bigint[] = [];
    for (let i = 0; i < 16; i += 1) all.push(builder.add({ data: record(i, 0x07, 0x07) }));
    for (let i = 0; i < 60; i += 1)
      all.push(builder.add({ data: update({ redo: 0x08, undo: 0x08, lcns: [5], redoData: new Uint8Array(500) }) }));
    const current = all.at(-1) as bigint;
    const file = LogFile.parse(builder.finish({ current, oldest: all[40], checkpoint: 0n }));
    expect([...file.records(all[40])].map((entry) => entry.lsn)).toEqual(all.slice(40));
    expect(examineReplay(file, geometry)).toMatchObject({ outcome: 'incomplete', gaps: ['checkpoint-missing'] });
  });

  test('takes a fast page for its home page when it is newer, and not when it is older', () => {
    const { builder, first, mark } = build(2);
    const bytes = builder.finish({ current: mark, oldest: first, checkpoint: mark });
    const intact = examineReplay(LogFile.parse(bytes.slice()), geometry);
    const moved = bytes.slice();
    const view = new DataView(moved.buffer);
    let page = 34;
    while (view.getUint32((page + 1) * 4096, true) !== 0xffff_ffff) page += 1;
    moved.copyWithin(5 * 4096, page * 4096, (page + 1) * 4096);
    view.setUint32(5 * 4096 + 0x3c, page * 4096, true);
    moved.fill(0xff, page * 4096, (page + 1) * 4096);
    expect(examineReplay(LogFile.parse(moved), geometry)).toEqual(intact);
    const old = bytes.slice();
    old.copyWithin(5 * 4096, 34 * 4096, 35 * 4096);
    new DataView(old.buffer).setUint32(5 * 4096 + 0x3c, page * 4096, true);
    expect(examineReplay(LogFile.parse(old), geometry)).toEqual(intact);
  });

  test('takes the tail copy of version 1.1 for a torn last page', () => {
    const { builder, first, mark } = build(1);
    const bytes = builder.finish({ current: mark, oldest: first, checkpoint: mark });
    const intact = examineReplay(LogFile.parse(bytes.slice()), geometry);
    const torn = bytes.slice();
    const view = new DataView(torn.buffer);
    let page = 4;
    while (view.getUint32((page + 1) * 4096, true) !== 0xffff_ffff) page += 1;
    torn.copyWithin(2 * 4096, page * 4096, (page + 1) * 4096);
    view.setBigUint64(2 * 4096 + 8, BigInt(page * 4096), true);
    torn[page * 4096 + 1022] = 0x77;
    expect(examineReplay(LogFile.parse(torn), geometry)).toEqual(intact);
  });

  test('says that there can be more when a page in the middle is torn', () => {
    const { builder, first, mark } = build(1);
    for (let i = 0; i < 40; i += 1) builder.add({ data: record(50 + i, 0x07, 0x07) });
    const bytes = builder.finish({ current: mark, oldest: first, checkpoint: mark });
    bytes[5 * 4096 + 1022] = bytes[5 * 4096 + 1022] ^ 1;
    const pending = examineReplay(LogFile.parse(bytes), geometry);
    expect(pending.outcome).toBe('incomplete');
    expect(pending.gaps).toEqual(['end-missing', 'damaged-pages']);
    expect(pending.targets.some((target) => target.record === 89)).toBe(true);
  });

  test('says that nothing is known when the restart pages are gone or of an unknown version', async () => {
    const { builder, first, mark } = build(1);
    const bytes = builder.finish({ current: mark, oldest: first, checkpoint: mark });
    const gone = bytes.slice();
    gone.fill(0, 0, 8192);
    expect(await pendingLogTargets(new MemorySource(gone), geometry)).toMatchObject({
      outcome: 'not-examined',
      gaps: ['unreadable'],
    });
    const future = bytes.slice();
    for (const at of [0, 4096]) future[at + 0x1c] = 4;
    const pending = await pendingLogTargets(new MemorySource(future), geometry);
    expect(pending).toMatchObject({ outcome: 'not-examined', reason: expect.stringContaining('4.1') });
    const unused = new Uint8Array(64 * 4096).fill(0xff);
    expect(await pendingLogTargets(new MemorySource(unused), geometry)).toMatchObject({ outcome: 'none' });
  });

  test('ends with an answer whatever bytes of it are changed', () => {
    const { builder, first, mark } = build(1);
    const bytes = builder.finish({ current: mark, oldest: first, checkpoint: mark });
    let state = 1;
    const random = (limit: number): number => {
      state = (state * 48_271) % 0x7fff_ffff;
      return state % limit;
    };
    for (let i = 0; i < 300; i += 1) {
      const broken: Bytes = bytes.slice();
      for (let change = random(6) + 1; change > 0; change -= 1) broken[random(7 * 4096)] = random(256);
      try {
        const { outcome, targets } = examineReplay(LogFile.parse(broken), geometry);
        expect(['none', 'complete', 'incomplete']).toContain(outcome);
        expect(targets.length).toBeLessThan(20);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/NTFS_LOG_INVALID|CURSOR_OUT_OF_RANGE/) });
      }
    }
  });
});

describeWithTools(['mkntfs'], '$LogFile of mkntfs', () => {
  test('has nothing to replay', async () => {
    const path = joinPath(temporaryFolder(), 'new.img');
    run('truncate', ['-s', '16M', path]);
    run('mkntfs', ['-F', '-f', '-q', path]);
    const volume = await NtfsVolume.open(await openFile(path));
    const log = await (await volume.lookup('/$LogFile'))?.stream();
    expect(await pendingLogTargets(log as ByteSource, volume.geometry)).toMatchObject({ outcome: 'none', targets: [] });
  });
});
