import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair } from '@deadbox/repair';
import {
  applyRepair,
  type BlockWriter,
  finishRepair,
  journalState,
  readJournal,
  undoRepair,
} from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { openWriter } from '../../packages/repair/src/storage/block-writer.node.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const image = 'gpt-faulty';
const golden = testImage(image);
const FORMER = '5EED0000-0000-4000-8000-0000000000FF';

/** A writer that works `calls` times and then fails: with nothing done, half a sector written, or the whole of it. */
function failing(calls: number, torn: 'nothing' | 'half' | 'whole'): (path: string) => BlockWriter {
  let left = calls;
  return (path) => {
    const writer = openWriter(path);
    return {
      ...writer,
      write(offset, bytes) {
        left -= 1;
        if (left >= 0) return writer.write(offset, bytes);
        if (torn === 'half') writer.write(offset, bytes.slice(0, bytes.length / 2));
        if (torn === 'whole') writer.write(offset, bytes);
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      flush() {
        left -= 1;
        if (left < 0) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
        writer.flush();
      },
    };
  };
}

async function repair(path: string, undo: string, open: (path: string) => BlockWriter = openWriter) {
  const faulty = golden.files.find((file) => file.class === 'faulty-window');
  return withDiskFile(path, async (disk) => {
    const plan = await planRepair(disk, [
      { operation: 'neutralise-file', volume: golden.windowsVolume, path: faulty?.path ?? '' },
      { operation: 'restore-disk-identity', identity: FORMER, witnesses: 2 },
    ]);
    expect(plan.refusals).toEqual([]);
    return applyRepair(disk, plan, undo, { open });
  });
}

describe('a repair that is cut off', () => {
  const path = join(folder, 'disk.img');
  const undo = join(folder, 'undo.json');

  test('after any write or flush is undone exactly, or finished to the same disk', async () => {
    copyFileSync(testImagePath(image), path);
    const { sectors } = await repair(path, undo);
    const repaired = fileSha256(path);
    // A write and a flush a sector.
    expect(sectors).toBeGreaterThan(3);
    for (const torn of ['nothing', 'half', 'whole'] as const) {
      for (let calls = 0; calls < 2 * sectors; calls += 1) {
        rmSync(undo, { force: true });
        copyFileSync(testImagePath(image), path);
        await expect(repair(path, undo, failing(calls, torn))).rejects.toMatchObject({ code: 'REPAIR_WRITE_FAILED' });
        const journal = readJournal(undo);
        expect(journalState(journal).sectors).not.toContain('foreign');
        undoRepair(journal);
        expect(fileSha256(path)).toBe(golden.sha256);
        rmSync(undo);
        await expect(repair(path, undo, failing(calls, torn))).rejects.toThrow(
          new RegExp(`stopped after .*; deadbox undo ${undo} puts back`),
        );
        finishRepair(readJournal(undo));
        expect(fileSha256(path)).toBe(repaired);
      }
    }
  });

  test('and whose undoing is cut off is still undone exactly', async () => {
    for (let calls = 0; calls < 8; calls += 1) {
      rmSync(undo, { force: true });
      copyFileSync(testImagePath(image), path);
      await repair(path, undo);
      const journal = readJournal(undo);
      expect(() => undoRepair(journal, { open: failing(calls, 'half') })).toThrow(/stopped after/);
      undoRepair(journal);
      expect(fileSha256(path)).toBe(golden.sha256);
    }
  });

  test('before the journal is whole changes nothing, and an undo file is never overwritten', async () => {
    copyFileSync(testImagePath(image), path);
    expect(existsSync(undo)).toBe(true);
    await expect(repair(path, undo)).rejects.toMatchObject({ code: 'REPAIR_JOURNAL_EXISTS' });
    expect(fileSha256(path)).toBe(golden.sha256);
    await expect(repair(path, join(folder, 'no-such-folder', 'undo.json'))).rejects.toMatchObject({
      code: 'REPAIR_WRITE_FAILED',
      data: { written: 0 },
    });
    expect(fileSha256(path)).toBe(golden.sha256);
  });

  test('on a disk that somebody changed since is not undone, and nothing is written', async () => {
    rmSync(undo, { force: true });
    copyFileSync(testImagePath(image), path);
    await repair(path, undo);
    const journal = readJournal(undo);
    const writer = openWriter(path);
    const { offset, after } = journal.writes[1];
    writer.write(
      offset,
      after.map((value) => value ^ 0x55),
    );
    writer.close();
    const changed = fileSha256(path);
    expect(() => undoRepair(journal)).toThrow(/neither the old nor the new/);
    expect(fileSha256(path)).toBe(changed);
  });
});
