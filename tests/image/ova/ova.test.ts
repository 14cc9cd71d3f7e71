import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { type OpenImageOptions, openImage, type VirtualDisk } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { errorOf } from '../../support/image/memory-files.js';
import { testImage } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

describeWithCase('archives from the field', '03-ova-shapes', ['qemu-img', 'python3'], (made) => {
  const FAULTY = testImage('gpt-faulty').sha256;

  test('a name with a blank is percent-encoded in the descriptor', async () => {
    expect(await withImage(made('percent.ova'), diskHash)).toBe(FAULTY);
  });

  test.each(['data-first.ova', 'data-first-by-disk-order.ova'])(
    'every disk of %s is named and can be opened',
    async (name) => {
      const listed = await withImage(made(name), async ({ details, issues }) => {
        expect(issues.map(({ code }) => code)).toContain('image.archive-has-more-disks');
        return (details.archive as { disks: string[] }).disks;
      });
      expect(listed).toContain('sys.vmdk');
      const hashes = [];
      for (const index of listed.keys()) hashes.push(await withImage(made(name), diskHash, { disk: index + 1 }));
      expect(hashes[listed.indexOf('sys.vmdk')]).toBe(FAULTY);
    },
  );
});

describeWithTools(['tar'], 'an archive', () => {
  const folder = temporaryFolder();
  const DISK = new Uint8Array(1 << 20).fill(7);

  /** An archive with these members behind a descriptor of these files. */
  function ova(files: readonly string[], members: readonly string[], attributes = ''): Uint8Array<ArrayBuffer> {
    const references = files.map(
      (href, index) => `<File ovf:href="${href}" ovf:id="f${index}" ${index === 0 ? attributes : ''}/>`,
    );
    const disks = files.map((_, index) => `<Disk ovf:diskId="d${index}" ovf:fileRef="f${index}"/>`);
    const xml = `<?xml version="1.0"?><Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References>${references.join('')}</References><DiskSection>${disks.join('')}</DiskSection></Envelope>`;
    writeFileSync(join(folder, 'vm.ovf'), xml);
    members.forEach((name, index) => {
      writeFileSync(
        join(folder, name),
        DISK.map((value) => value + index),
      );
    });
    run('tar', ['--format=gnu', '-C', folder, '-cf', join(folder, 'vm.ova'), 'vm.ovf', ...members]);
    return new Uint8Array(readFileSync(join(folder, 'vm.ova')));
  }
  const open = (bytes: Uint8Array<ArrayBuffer>, options: OpenImageOptions = {}): Promise<VirtualDisk> =>
    openImage(new MemorySource(bytes), { name: 'vm.ova', ...options });
  const firstByte = async (disk: VirtualDisk): Promise<number> => (await disk.read(0, 1))[0];

  test('with a name in UTF-8 opens whether the descriptor encodes it or not, and however letters are composed', async () => {
    for (const href of ['Bücher.img', 'B%C3%BCcher.img', 'Bu\u0308cher.img'])
      expect(await firstByte(await open(ova([href], ['Bücher.img'])))).toBe(7);
  });

  test('with a compressed disk beside opens the other one, and names the compressed one', async () => {
    const disk = await open(ova(['a.img.gz', 'b.img'], ['a.img.gz', 'b.img'], 'ovf:compression="gzip"'));
    expect(await firstByte(disk)).toBe(8);
    expect(disk.issues).toMatchObject([
      { code: 'image.archive-has-more-disks', data: { opened: 'b.img', others: ['a.img.gz'] } },
    ]);
    const wished = await errorOf(open(ova(['a.img.gz'], ['a.img.gz'], 'ovf:compression="gzip"'), { disk: 1 }));
    expect(wished).toMatchObject({ code: 'IMAGE_UNSUPPORTED', data: { disk: 'a.img.gz' } });
  });

  test('that has a disk which its descriptor does not name, or names one that it has not, counts both', async () => {
    const unlisted = await open(ova(['a.img'], ['a.img', 'b.img', 'readme.txt']));
    expect(unlisted.details.archive).toMatchObject({ disks: ['a.img', 'b.img'] });
    expect(unlisted.issues).toMatchObject([{ code: 'image.archive-has-more-disks', data: { others: ['b.img'] } }]);
    const missing = await open(ova(['a.img', 'gone.img'], ['a.img']));
    expect(missing.issues).toMatchObject([{ code: 'image.archive-has-more-disks', data: { others: ['gone.img'] } }]);
    expect(await errorOf(open(ova(['a.img', 'gone.img'], ['a.img']), { disk: 2 }))).toMatchObject({
      code: 'IMAGE_FILE_MISSING',
    });
  });

  test('that is cut in its second disk gives the first one, and says that the second is cut', async () => {
    const whole = ova(['a.img', 'b.img'], ['a.img', 'b.img']);
    const cut = whole.slice(0, whole.length - 600_000);
    const disk = await open(cut);
    expect(Buffer.from(await disk.read(0, disk.size)).equals(DISK)).toBe(true);
    expect(disk.issues).toContainEqual(
      expect.objectContaining({ code: 'image.truncated', data: { disks: ['b.img'] } }),
    );
    expect(await errorOf(open(cut, { disk: 2 }))).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  test('whose header behind the disks of the descriptor is damaged gives those, and says so', async () => {
    const bytes = ova(['a.img'], ['a.img', 'b.img']);
    // The header begins with the member's name.
    const at = Buffer.from(bytes).lastIndexOf('b.img\0');
    bytes.fill(0x20, at + 148, at + 156);
    bytes.fill(0xff, at + 257, at + 265);
    const disk = await open(bytes);
    expect(disk.details.archive).toMatchObject({ disks: ['a.img'] });
    expect(disk.issues).toMatchObject([{ code: 'image.header-damaged', at: { offset: at } }]);
  });

  test('has no disk of another number', async () => {
    expect(await errorOf(open(ova(['a.img'], ['a.img']), { disk: 2 }))).toMatchObject({ data: { known: ['a.img'] } });
  });
});

describe('the descriptor of an archive', () => {
  test('is read without entities of its own', async () => {
    const { parseOvfDisks } = await import('../../../packages/image/src/machine/ovf.js');
    const xml = '<!DOCTYPE x [<!ENTITY a "b">]><Envelope><File id="1" href="&a;.vmdk"/><Disk fileRef="1"/></Envelope>';
    expect(parseOvfDisks(xml).map(({ href }) => href)).not.toEqual(['b.vmdk']);
  });
});
