import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { beforeAll, expect, test } from 'vitest';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

/** The value of a `$REPARSE_POINT` for a junction or a symbolic link, as MS-FSCC 2.1.2 lays it out. */
function reparseValue(tag: number, target: string, relative: boolean | undefined): string {
  const name = Buffer.from(target, 'utf16le');
  const head = Buffer.alloc(relative === undefined ? 8 : 12);
  head.writeUInt16LE(0, 0);
  head.writeUInt16LE(name.length, 2);
  head.writeUInt16LE(name.length, 4);
  head.writeUInt16LE(name.length, 6);
  if (relative !== undefined) head.writeUInt32LE(relative ? 1 : 0, 8);
  const data = Buffer.concat([head, name, name]);
  const top = Buffer.alloc(8);
  top.writeUInt32LE(tag, 0);
  top.writeUInt16LE(data.length, 4);
  return `0x${Buffer.concat([top, data]).toString('hex')}`;
}

describeWithTools(['mkntfs', 'ntfs-3g', 'setfattr', 'umount'], 'links inside a volume', () => {
  const folder = temporaryFolder();
  let volume: NtfsVolume;

  beforeAll(async () => {
    if (!canMount) return;
    const image = join(folder, 'links.img');
    makeVolume(image, 8 << 20);
    whileMounted(image, 'rw', (root) => {
      mkdirSync(`${root}/Users/me/deep`, { recursive: true });
      writeFileSync(`${root}/Users/me/deep/file.txt`, 'found');
      const link = (name: string, kind: 'junction' | 'relative' | 'absolute', target: string): void => {
        if (kind === 'junction') mkdirSync(`${root}/${name}`);
        else writeFileSync(`${root}/${name}`, '');
        const value =
          kind === 'junction'
            ? reparseValue(0xa000_0003, target, undefined)
            : reparseValue(0xa000_000c, target, kind === 'relative');
        run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', value, `${root}/${name}`]);
      };
      link('Documents and Settings', 'junction', '\\??\\C:\\Users');
      link('Users/me/up', 'relative', '..\\me\\deep');
      link('absolute.txt', 'absolute', '\\??\\C:\\Documents and Settings\\me\\deep\\file.txt');
      link('share', 'absolute', '\\??\\UNC\\server\\share');
      link('volume', 'junction', '\\??\\Volume{00000000-0000-0000-0000-000000000001}\\');
      link('loop-a', 'junction', '\\??\\C:\\loop-b');
      link('loop-b', 'junction', '\\??\\C:\\loop-a');
      // ntfs-3g writes these as Interix does: a marked system file, no reparse point.
      symlinkSync('me/deep', `${root}/Users/unix link`);
      symlinkSync('/absolute', `${root}/unix absolute`);
      link('dangling', 'junction', '\\??\\C:\\nowhere');
    });
    volume = await NtfsVolume.open(new MemorySource(new Uint8Array(readFileSync(image))));
  });

  const follow = (path: string, driveLetter?: string): ReturnType<NtfsVolume['lookup']> =>
    volume.lookup(path, { followLinks: true, ...(driveLetter === undefined ? {} : { driveLetter }) });

  test.skipIf(!canMount)('are shown as such unless they are to be followed', async () => {
    expect(await volume.lookup('/Documents and Settings')).toMatchObject({ type: 'junction', reparseTag: 0xa000_0003 });
    expect(await volume.lookup('/absolute.txt')).toMatchObject({ type: 'symlink' });
    expect(await volume.lookup('/Documents and Settings/me/deep/file.txt')).toBeUndefined();
  });

  test.skipIf(!canMount).each([
    ['a junction on the way', '/Documents and Settings/me/deep/file.txt'],
    ['a relative link with ..', '/Users/me/up/file.txt'],
    ['a link to a path with a junction', '/absolute.txt'],
    ['a symbolic link of ntfs-3g', '/Users/unix link/file.txt'],
    ['any case', '\\DOCUMENTS AND SETTINGS\\ME\\UP\\FILE.TXT'],
  ])('lead on: %s', async (_, path) => {
    expect((await follow(path))?.path).toBe('/Users/me/deep/file.txt');
  });

  test.skipIf(!canMount)('of ntfs-3g are links in listings too', async () => {
    expect(await volume.lookup('/Users/unix link')).toMatchObject({
      type: 'symlink',
      interixTarget: 'me/deep',
      reparseTag: undefined,
    });
    const table = await volume.mft({ times: false });
    const row = [...table.rows()].find((one) => table.path(one) === '/Users/unix link') as number;
    expect(table.type(table.name(row).record)).toBe('symlink');
  });

  test.skipIf(!canMount)('in a circle end in an error', async () => {
    await expect(follow('/loop-a/x')).rejects.toMatchObject({ code: 'NTFS_LINK_LOOP' });
  });

  test.skipIf(!canMount).each(['/share/x', '/volume/x', '/unix absolute'])(
    'out of the volume are an error: %s',
    async (path) => {
      await expect(follow(path)).rejects.toMatchObject({ code: 'NTFS_LINK_OUTSIDE' });
    },
  );

  test.skipIf(!canMount)('to another drive letter lead out when the own letter is known', async () => {
    await expect(follow('/absolute.txt', 'D')).rejects.toMatchObject({ code: 'NTFS_LINK_OUTSIDE' });
    expect((await follow('/absolute.txt', 'c'))?.path).toBe('/Users/me/deep/file.txt');
  });

  test.skipIf(!canMount)('to nothing find nothing', async () => {
    expect(await follow('/dangling/x')).toBeUndefined();
    expect(await follow('/dangling')).toBeUndefined();
  });
});
