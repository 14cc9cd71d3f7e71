import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from '../tools.js';

/** A volume of a raw disk. */
export interface VolumePlace {
  readonly offset: number;
  readonly length: number;
}

/** A file that was renamed: its folder, its names before and after, and its content. */
export interface RenamedFile {
  readonly folder: string;
  readonly names: readonly { readonly from: string; readonly to: string }[];
  readonly sha256: string;
}

/** An orphan, but for the free records 16 to 23 that every new volume has. */
const ORPHAN = /OrphanFiles\/(?!OrphanFile-(?:1[6-9]|2[0-3])$)/m;

/** Tools of {@link expectRenamed}. */
export const JUDGES: readonly string[] = ['ntfs-3g', 'umount', 'losetup', 'cp', 'fls'];

/**
 * What ntfs-3g and the Sleuth Kit, which have code of their own, say of a repaired disk: mounted for writing, the
 * folder lists the new name and not the old one, every new name opens the same content and no old one opens anything,
 * another file can be made and removed in the folder; no orphan.
 */
export function expectRenamed(
  disk: string,
  { offset, length }: VolumePlace,
  { folder, names, sha256 }: RenamedFile,
  sectorSize = 512,
): void {
  const work = mkdtempSync(join(tmpdir(), 'deadbox-judge-'));
  const copy = join(work, 'disk.raw');
  const mount = join(work, 'mount');
  run('mkdir', [mount]);
  run('cp', ['--sparse=always', '--reflink=auto', disk, copy]);
  const place = ['--offset', String(offset), '--sizelimit', String(length)];
  const loop = run('losetup', ['--find', '--show', ...place, copy]).trim();
  try {
    // `norecover`: a journal that would have to be replayed first makes the mount fail.
    run('ntfs-3g', ['-o', 'rw,norecover', loop, mount]);
    try {
      const path = join(mount, folder);
      const listed = readdirSync(path);
      // A listing shows the long name, wherever it stands among the names of the record.
      expect(listed.filter((name) => names.some(({ to }) => to === name))).toHaveLength(1);
      for (const { from, to } of names) {
        expect(listed).not.toContain(from);
        expect(statSync(join(path, to)).isFile()).toBe(true);
        expect(
          createHash('sha256')
            .update(readFileSync(join(path, to)))
            .digest('hex'),
        ).toBe(sha256);
        expect(() => statSync(join(path, from))).toThrow(/ENOENT/);
      }
      writeFileSync(join(path, 'C-00000291-zz.txt'), 'another name beside it');
      expect(readdirSync(path).length).toBe(listed.length + 1);
      unlinkSync(join(path, 'C-00000291-zz.txt'));
    } finally {
      run('umount', [mount]);
    }
  } finally {
    run('losetup', ['--detach', loop]);
    rmSync(work, { recursive: true, force: true });
  }
  expect(run('fls', ['-r', '-p', '-b', String(sectorSize), '-o', String(offset / sectorSize), disk])).not.toMatch(
    ORPHAN,
  );
}
