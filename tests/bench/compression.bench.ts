// npm run bench -- compression: a 64 MiB file stored with LZNT1, XPRESS and LZX against ntfs-3g and wimlib, with equal output.
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@deadbox/core';
import { makeVolume, whileMounted } from '../ntfs/ntfs3g-volume.js';
import { machineCode } from '../ntfs/sample-data.js';
import { wimAlgorithms, wimResource } from '../ntfs/wim-resource.js';
import { canMount, hasTool, run } from '../support/tools.js';
import { hold, machine, type Contest } from './contest.js';

const SIZE = 64 << 20;

if (!canMount || !['ntfs-3g', 'mkntfs', 'wimlib-imagex', 'setfattr', 'cat'].every(hasTool)) {
  process.stdout.write('needs root with /dev/fuse, ntfs-3g, wimtools and attr: not measured\n');
  process.exit(1);
}
const scratch = mkdtempSync(join(tmpdir(), 'deadbox-bench-'));
const image = join(scratch, 'volume.img');
const mounted = `${image}.mnt`;
const extracted = join(scratch, 'extracted');
const written = join(scratch, 'written');
const unmount = (): void => void spawnSync('umount', [mounted]);

try {
  process.stdout.write(`${machine()}\n`);
  const content = machineCode(SIZE);
  const wims = wimAlgorithms.map((entry) => ({ ...entry, resource: wimResource(scratch, content, entry.compress, entry.chunkSize) }));
  makeVolume(image, 400 << 20, ['-c', '4096']);
  whileMounted(image, 'compression,streams_interface=windows', (root) => {
    mkdirSync(`${root}/lznt1`);
    run('setfattr', ['-h', '-v', '0x00080000', '-n', 'system.ntfs_attrib', `${root}/lznt1`]);
    writeFileSync(`${root}/lznt1/content`, content);
    for (const { algorithm, number, resource } of wims) {
      const path = `${root}/${algorithm}`;
      writeFileSync(path, '');
      writeFileSync(`${path}:WofCompressedData`, resource.bytes);
      const handle = openSync(path, 'r+');
      ftruncateSync(handle, SIZE);
      closeSync(handle);
      const point = toHex(new Uint8Array(Uint32Array.of(0x8000_0017, 16, 1, 2, 1, number).buffer));
      run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${point}`, path]);
    }
  });
  const equal = (path: string): void => {
    if (Buffer.compare(readFileSync(path), content) !== 0) throw new Error(`${path} is not the content`);
  };
  const read = (path: string): string[] => ['cat', image, path, '--volume', '1', '-o', written];
  const contests: Contest[] = [
    {
      name: 'read a 64 MiB file stored with LZNT1',
      ours: read('/lznt1/content'),
      theirs: ['cat', `${mounted}/lznt1/content`],
      atMost: 2,
      // Mounted anew for every run: the second reading would come from the page cache.
      prepare: () => {
        unmount();
        rmSync(written, { force: true });
        run('ntfs-3g', ['-o', 'ro', image, mounted]);
      },
      compare: (_, theirs) => {
        equal(written);
        equal(theirs);
      },
    },
    ...wims.map(
      ({ algorithm, resource }): Contest => ({
        name: `read a 64 MiB file stored with WOF, ${algorithm}`,
        ours: read(`/${algorithm}`),
        theirs: ['wimlib-imagex', 'extract', resource.path, '1', `--dest-dir=${extracted}`, '--no-acls'],
        atMost: 2,
        prepare: () => {
          unmount();
          rmSync(extracted, { recursive: true, force: true });
          rmSync(written, { force: true });
        },
        compare: () => {
          equal(written);
          equal(join(extracted, 'content'));
        },
      }),
    ),
  ];
  const met = contests.map((contest) => hold(contest, scratch));
  process.exitCode = met.every(Boolean) ? 0 : 1;
} finally {
  unmount();
  rmSync(scratch, { recursive: true, force: true });
}
