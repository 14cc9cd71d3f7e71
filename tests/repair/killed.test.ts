import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RepairRequest } from '@deadbox/repair';
import { applyRepair, finishRepair, journalState, readJournal, undoRepair } from '@deadbox/repair/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { cliPath } from '../support/cli.js';
import { sampled } from '../support/long.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

/*
 * What remains when a process is killed in the middle of a repair: real processes, ended by SIGKILL before and after
 * every write and flush; the short form takes some of these points.
 */

const folder = temporaryFolder();
const script = join(root, 'tests/support/repair/killed-repair.mjs');
const SIZE = 16 << 20;
const REQUESTS: readonly RepairRequest[] = [
  { operation: 'neutralise-file', volume: 1, path: '/drivers/a long name of a driver.sys' },
  { operation: 'restore-boot-sector', volume: 1 },
];

/** A volume with a file that has two names, and a damaged backup of its boot sector. */
function writeVolume(path: string): void {
  const sink = new FileSink(path, SIZE);
  const writer = new NtfsVolumeWriter(sink, { size: SIZE });
  writer.tree.addFile(writer.tree.folder('drivers'), 'a long name of a driver.sys', { size: 30_000 });
  writer.finish();
  sink.write(SIZE - 512, new Uint8Array(512).fill(0x5a));
  sink.close();
}

function killed(verb: 'apply' | 'undo', image: string, undo: string, when: string, call: number): void {
  const { signal, stderr } = spawnSync(
    process.execPath,
    [script, verb, image, undo, when, String(call), JSON.stringify(REQUESTS)],
    { encoding: 'utf8' },
  );
  expect(signal, stderr).toBe('SIGKILL');
}

/** The disk, its copy that is repaired, the undo file, and what the whole repair comes to. */
interface Victim {
  readonly original: string;
  readonly path: string;
  readonly undo: string;
  readonly sha256: string;
  repaired: string;
  /** Writes and flushes of a whole repair. */
  calls: number;
}

async function victim(original: string): Promise<Victim> {
  const path = `${original}.copy${original.slice(original.lastIndexOf('.'))}`;
  const made: Victim = {
    original,
    path,
    undo: `${path}.undo.json`,
    sha256: fileSha256(original),
    repaired: '',
    calls: 0,
  };
  copyFileSync(original, path);
  await withDiskFile(path, async (disk) => {
    const { sectors } = await applyRepair(disk, await planRepair(disk, REQUESTS), made.undo);
    made.calls = 2 * sectors;
  });
  made.repaired = fileSha256(path);
  return made;
}

/** Before and after each write and flush of a repair. */
function pointsOf({ calls }: Victim): (readonly [call: number, when: 'before' | 'after'])[] {
  return Array.from({ length: 2 * calls }, (_, i) => [i >> 1, i % 2 === 0 ? 'before' : 'after']);
}

/** Kills a repair at one point; what is left must lead to both ends. */
function killAndRecover(
  { original, path, undo, sha256, repaired }: Victim,
  when: string,
  call: number,
  isOwn: boolean,
): void {
  rmSync(undo);
  copyFileSync(original, path);
  killed('apply', path, undo, when, call);
  const left = `${path}.left`;
  copyFileSync(path, left);
  const journal = readJournal(undo);
  expect(journalState(journal).sectors).not.toContain('foreign');
  undoRepair(journal);
  expect(fileSha256(path)).toBe(sha256);
  copyFileSync(left, path);
  finishRepair(journal);
  // The identifiers of a VHDX are random, so that only a repair of one process comes to the same bytes again.
  if (isOwn) expect(fileSha256(path)).toBe(repaired);
  expect(new Set(journalState(journal).sectors)).toEqual(new Set(['after']));
  undoRepair(journal);
  expect(fileSha256(path)).toBe(sha256);
}

describe('a process that is killed', () => {
  let raw: Victim;
  beforeAll(async () => {
    const original = join(folder, 'volume.raw');
    writeVolume(original);
    raw = await victim(original);
  });

  test('before or after any write or flush leaves a disk that can be undone exactly, and finished', () => {
    expect(raw.calls).toBeGreaterThanOrEqual(6);
    for (const [call, when] of sampled(pointsOf(raw), 7)) killAndRecover(raw, when, call, true);
  });

  test('while it undoes leaves a disk that can still be undone exactly', () => {
    const { original, path, undo, calls, sha256 } = raw;
    for (const call of sampled([...new Array(calls).keys()], 4)) {
      copyFileSync(original, path);
      finishRepair(readJournal(undo));
      killed('undo', path, undo, call % 2 === 0 ? 'before' : 'after', call);
      undoRepair(readJournal(undo));
      expect(fileSha256(path)).toBe(sha256);
    }
  });
});

describeWithTools(['qemu-img'], 'a process that is killed, in a container with headers of its own,', () => {
  test.each([
    ['vhdx', 'vhdx'],
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
  ])(
    '%s: can be undone exactly, and finished',
    async (driver, extension) => {
      const raw = join(folder, `${extension}.raw`);
      writeVolume(raw);
      const original = join(folder, `volume.${extension}`);
      run('qemu-img', ['convert', '-f', 'raw', '-O', driver, raw, original]);
      const made = await victim(original);
      for (const [call, when] of sampled(pointsOf(made), 3)) killAndRecover(made, when, call, false);
    },
    180_000,
  );
});

describeWithTools(['strace'], 'before the undo file is safe', () => {
  test('a process that is killed has not touched the image', () => {
    const image = join(folder, 'killed.img');
    const undo = join(folder, 'killed.undo.json');
    copyFileSync(testImagePath('gpt-faulty'), image);
    const { mtimeMs } = statSync(image);
    // The undo file's own flush, and that of its folder.
    for (const flush of [1, 2]) {
      rmSync(undo, { force: true });
      const inject = [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        'trace=fsync',
        '-e',
        `inject=fsync:signal=KILL:when=${flush}`,
      ];
      const { signal, status } = spawnSync(
        'strace',
        [...inject, process.execPath, cliPath, 'fix', image, '--write', '--undo', undo],
        { encoding: 'utf8' },
      );
      expect([signal, status]).toContainEqual(expect.stringMatching(/SIGKILL/));
      expect(fileSha256(image)).toBe(testImage('gpt-faulty').sha256);
      expect(statSync(image).mtimeMs).toBe(mtimeMs);
    }
  });
});

if (canMount) {
  test('a disk that is full has no room for the undo file: the image stays as it is, and nothing of the file is left', () => {
    const image = join(folder, 'full.img');
    const small = join(folder, 'small');
    copyFileSync(testImagePath('gpt-faulty'), image);
    run('mkdir', [small]);
    run('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', small]);
    try {
      const { status, stderr } = spawnSync(
        process.execPath,
        [cliPath, 'fix', image, '--write', '--undo', join(small, 'undo.json')],
        { encoding: 'utf8' },
      );
      expect(status, stderr).toBe(2);
      expect(stderr).toMatch(/no space left/i);
      expect(run('ls', ['-A', small])).toBe('');
      expect(fileSha256(image)).toBe(testImage('gpt-faulty').sha256);
    } finally {
      run('umount', [small]);
    }
  });
}
