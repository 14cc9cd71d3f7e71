import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CountingSource, MemorySource, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { findChildrenAround } from '@deadbox/image';
import { scanPage, textWriter } from '@deadbox/report';
import { type ImageReport, type ScanOptions, scanDisk, scanReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { qcow2Header } from '../../support/image/newer-links.js';
import { testImage, testImagePath } from '../../support/test-image.js';
import { canMount, run, temporaryFolder } from '../../support/tools.js';

const QUICK: ScanOptions = { mode: 'quick' };

async function scan(
  image: string,
  siblings: Siblings,
  options = QUICK,
): Promise<{ report: ImageReport; reads: number; bytes: number }> {
  const counting = new CountingSource(new MemorySource(new Uint8Array(readFileSync(testImagePath(image)))));
  const disk = await openDisk(counting, { name: '/vm/base.img', siblings });
  const report = await scanDisk(disk, options);
  return { report, reads: counting.reads, bytes: counting.bytes };
}

const besides = ({ obstacles }: ImageReport): unknown[] =>
  obstacles.flatMap(({ id, data }) => (id === 'snapshot-beside' ? [data] : []));

describe('a newer link whose name says nothing', () => {
  const around = (): MemoryFiles =>
    new MemoryFiles({ 'base.img': new Uint8Array(600), 'snapshots/newest': qcow2Header('../base.img') });

  test.each(['gpt-absent', 'mbr-absent'])('keeps %s from being called well', async (image) => {
    const { report } = await scan(image, around());
    expect([report.severity, besides(report)]).toEqual(['review', [{ files: ['snapshots/newest'] }]]);
  });

  test('keeps a disk without Windows from being passed over', async () => {
    const { offset, length } = testImage('gpt-absent').partitions[0];
    const bytes = new Uint8Array(readFileSync(testImagePath('gpt-absent')).subarray(offset, offset + length));
    const data = await openDisk(new MemorySource(bytes), { name: 'base.img', siblings: around() });
    const report = await scanDisk(data, QUICK);
    expect([report.verdict, besides(report).length]).toEqual(['no-windows', 1]);
  });

  test('costs a quick scan of a faulty disk not one byte, and no file is asked', async () => {
    const files = around();
    const alone = await scan('gpt-faulty', new MemoryFiles({ 'base.img': new Uint8Array(600) }));
    const beside = await scan('gpt-faulty', files);
    expect([beside.reads, beside.bytes]).toEqual([alone.reads, alone.bytes]);
    expect([files.listings, files.probed, files.asked]).toEqual([0, [], []]);
    expect(beside.report.severity).toBe('act');
  });

  test('is looked for on a faulty disk before it is changed', async () => {
    const { report } = await scan('gpt-faulty', around(), { ...QUICK, around: 'always' });
    expect([report.verdict, besides(report)]).toEqual(['faulty', [{ files: ['snapshots/newest'] }]]);
  });
});

describe('files around that nobody asked', () => {
  test('are a note, and no doubt', async () => {
    const files = new MemoryFiles(
      Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`${n}.img`, new Uint8Array(8)])),
    );
    files.leftOut = 5;
    const { report } = await scan('gpt-absent', files);
    expect(report.severity).toBe('none');
    expect(report.issues).toEqual([
      { code: 'image.files-not-asked', severity: 'note', data: { asked: 2048, atLeast: 957 } },
    ]);
    const whole = scanReport({
      tool: 'deadbox',
      version: '0',
      rules: [],
      options: {},
      startedAt: '',
      finishedAt: '',
      images: [report],
    });
    expect(textWriter({ width: 200 })(scanPage(whole))).toContain('Not all files around the image were asked');
  });
});

describe('a packed image of the same name', () => {
  test('that was made on this one keeps it from being called well', async () => {
    const link = Uint8Array.from(gzipSync(qcow2Header('base.img')));
    const { report } = await scan('gpt-absent', new MemoryFiles({ 'base.img': new Uint8Array(9), 'base.1.gz': link }));
    expect([report.severity, besides(report)]).toEqual(['review', [{ files: ['base.1.gz'] }]]);
  });

  test('that was not unpacked is a note with its name', async () => {
    const files = new MemoryFiles({ 'base.img': new Uint8Array(9), 'base-snap.qcow2.zst': new Uint8Array(600) });
    const { report } = await scan('gpt-absent', files);
    expect(report.severity).toBe('none');
    const data = { atLeast: 1, packed: ['base-snap.qcow2.zst'] };
    expect(report.issues).toMatchObject([{ code: 'image.files-not-asked', severity: 'note', data }]);
  });
});

describe('the files around an image on this system', () => {
  const folder = temporaryFolder();
  const vm = join(folder, 'vm');
  const link = qcow2Header('base.img');
  mkdirSync(join(vm, 'deep', 'deeper'), { recursive: true });
  mkdirSync(join(vm, 'snapshots', 'a'), { recursive: true });
  mkdirSync(join(folder, 'Snapshots'));
  mkdirSync(join(folder, 'shelf'));
  writeFileSync(join(vm, 'base.img'), 'x');
  for (const name of ['newest', 'deep/one', 'deep/deeper/two', 'snapshots/a/three', 'report.json'])
    writeFileSync(join(vm, name), link);
  writeFileSync(join(folder, 'Snapshots', 'four'), link);
  writeFileSync(join(folder, 'shelf', 'elsewhere'), link);
  symlinkSync('newest', join(vm, 'inside'));
  symlinkSync('inside', join(vm, 'twice'));
  symlinkSync('../shelf/elsewhere', join(vm, 'outside'));
  symlinkSync('nowhere', join(vm, 'dangling'));
  symlinkSync('/dev/zero', join(vm, 'device'));
  symlinkSync('circle', join(vm, 'circle'));
  symlinkSync('../shelf', join(vm, 'folder'));
  symlinkSync(join('..', 'vm', 'base.img'), join(folder, 'shelf', 'called.img'));
  if (process.platform !== 'win32') run('mkfifo', [join(vm, 'pipe')]);
  const around = (path: string, outputs: readonly string[] = []) => fileSiblings(path, { outputs }).around!();

  test('are plain files: one level down, two in folders of snapshots, and no link that leads out', async () => {
    const { self, list } = await around(join(vm, 'base.img'), [join(vm, 'report.json')]);
    expect(self).toEqual(['base.img']);
    const { paths, leftOut } = await list();
    expect(paths).toEqual(
      ['base.img', 'dangling', 'inside', 'newest', 'twice', '../Snapshots/four', 'deep/one', 'snapshots/a/three'].sort(
        (a, b) => paths.indexOf(a) - paths.indexOf(b),
      ),
    );
    // The links that lead out, to a device and in a circle.
    expect(leftOut).toBe(4);
  });

  test('give their first bytes, or nothing', async () => {
    const { head, open } = await around(join(vm, 'base.img'));
    expect(await head('newest', 3)).toEqual(link.slice(0, 3));
    expect(await head('base.img', 9)).toEqual(new Uint8Array([120]));
    expect(await head('dangling', 9)).toBeUndefined();
    expect(await open('gone')).toBeUndefined();
    for (const refused of ['outside', 'pipe'])
      await expect(head(refused, 9)).rejects.toMatchObject({ code: 'SIBLING_REFUSED' });
  });

  test('of an image that was reached by a link are those of the place that it leads to, too', async () => {
    const { self, list } = await around(join(folder, 'shelf', 'called.img'));
    expect(self).toEqual(['called.img', '../vm/base.img']);
    expect((await list()).paths).toEqual(expect.arrayContaining(['elsewhere', '../vm/newest']));
  });

  test('are asked of a whole disk, wherever it was reached from', async () => {
    copyFileSync(testImagePath('gpt-absent'), join(vm, 'base.img'));
    for (const path of [join(vm, 'base.img'), join(folder, 'shelf', 'called.img')]) {
      const source = await openFile(path);
      const disk = await openDisk(source, { name: path, siblings: fileSiblings(path) });
      const report = await scanDisk(disk, QUICK);
      await disk.close();
      await source.close?.();
      expect([report.severity, JSON.stringify(besides(report))]).toEqual(['review', expect.stringContaining('newest')]);
    }
  });

  test('are those of the same command, too, and not what names another file of their own folder', async () => {
    const other = join(folder, 'other');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'base.img'), 'y');
    writeFileSync(join(other, 'above'), link);
    const also = [
      join(folder, 'shelf', 'elsewhere'),
      join(other, 'above'),
      join(vm, 'newest'),
      '/dev/zero',
      'https://example.org/x',
    ];
    const siblings = fileSiblings(join(vm, 'base.img'), { also });
    const { paths, present } = await (await siblings.around!()).list();
    expect(paths.slice(-2)).toEqual(['../shelf/elsewhere', '../other/above']);
    expect(present).toContain('../other/base.img');
    const { children } = await findChildrenAround({}, { name: join(vm, 'base.img'), siblings });
    const names = children.map(({ name }) => name);
    expect(names).toContain('../shelf/elsewhere');
    expect(names).not.toContain('../other/above');
    const many = fileSiblings(join(vm, 'base.img'), { also: Array.from({ length: 65 }, () => join(other, 'above')) });
    expect((await (await many.around!()).list()).paths).not.toContain('../other/above');
  });

  test.skipIf(!canMount)('are none of a file system that is mounted there', async () => {
    const mounted = join(vm, 'with a blank');
    mkdirSync(mounted);
    run('mount', ['-t', 'tmpfs', 'none', mounted]);
    try {
      writeFileSync(join(mounted, 'newer'), link);
      symlinkSync('with a blank/newer', join(vm, 'into'));
      const { paths } = await (await around(join(vm, 'base.img'))).list();
      expect(paths.filter((path) => path.includes('newer') || path === 'into')).toEqual([]);
    } finally {
      run('umount', [mounted]);
    }
  });
});
