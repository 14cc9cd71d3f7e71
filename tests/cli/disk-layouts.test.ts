import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithCase } from '../support/cases.js';
import { deadbox, deadboxJson } from '../support/cli.js';

describeWithCase(
  'GPT disks of unusual geometry, with damage and with moved ends',
  '14-gpt-shapes',
  ['python3'],
  (made) => {
    test('have the same three volumes and the same verdict; where no table is left, nothing is called good', () => {
      const paths = readdirSync(made('.')).map(made);
      const { images } = deadboxJson(['scan', '--quick', '--json', ...paths]);
      expect(images).toHaveLength(20);
      for (const { path, verdict, severity, volumes } of images) {
        if (basename(path) === 'primary_gone_grown_nompbr.img') expect(severity).toBe('attention');
        else expect([path, verdict, volumes.length]).toEqual([path, 'faulty', 3]);
      }
    });
  },
);

describeWithCase('disks of dynamic disk groups', '22-ldm-multi-disk', ['ntfscat'], (made) => {
  const images = (pattern: RegExp): string[] =>
    readdirSync(made('.'))
      .filter((name) => name.startsWith('ldm-') && pattern.test(name))
      .map(made);

  /** The image in a folder of its own. */
  const alone = (path: string): string => {
    mkdirSync(made(`alone-${basename(path)}`), { recursive: true });
    const link = join(made(`alone-${basename(path)}`), basename(path));
    if (!existsSync(link)) symlinkSync(path, link);
    return link;
  };

  test('alone get the same verdict whether MBR or GPT, and none is said to have no partition', () => {
    const result = deadboxJson(['scan', '--quick', '--json', ...images(/spanned|striped|raid5/).map(alone)]);
    expect(result.images).toHaveLength(14);
    for (const { path, verdict, volumes } of result.images) {
      expect([path, verdict]).toEqual([path, 'unreadable']);
      expect(volumes.some((volume: any) => volume.error?.code === 'VOLUME_INCOMPLETE')).toBe(true);
    }
  });

  test('alone are shown with the name and layout of the volume and the disks that are missing', () => {
    const { stdout } = deadbox(['info', ...images(/2003r2-striped-1/).map(alone)]);
    expect(stdout.replace(/\s+/g, ' ')).toContain('the striped volume Stripe1 of a dynamic disk group');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/cannot be read without Disk[45]/);
  });

  test('find the other disks of their group beside them, and say which', () => {
    const { volumes, image } = deadboxJson(['info', '--json', ...images(/2003r2-striped-1/)]);
    expect(volumes[0]).toMatchObject({ name: 'Stripe1', fileSystem: 'ntfs', dynamic: { layout: 'striped' } });
    const used = image.issues.filter(({ code }: any) => code === 'disk.member-beside');
    expect(used).toMatchObject([{ severity: 'note', data: { files: ['ldm-2003r2-striped-2.img'] } }]);
    expect(deadbox(['ls', '--volume', '1', ...images(/2008r2-raid5-1/), '/']).stdout).toContain('test.txt');
  });

  test('take none of two files that say that they are one disk of the group', () => {
    const folder = made('two-states');
    mkdirSync(folder);
    const [first, second] = images(/2003r2-striped/);
    for (const [from, to] of [
      [first, 'a.img'],
      [second, 'b.img'],
      [second, 'b-old.img'],
    ])
      copyFileSync(from, join(folder, to));
    const { volumes, image } = deadboxJson(['info', '--json', join(folder, 'a.img')]);
    expect(volumes[0]).toMatchObject({ name: 'Stripe1', error: { code: 'VOLUME_INCOMPLETE' } });
    expect(image.issues).toContainEqual(
      expect.objectContaining({
        code: 'disk.member-ambiguous',
        data: { files: ['b-old.img', 'b.img'] },
      }),
    );
  });

  test('give the files of a volume when the other disks are named with --member', () => {
    const [first, ...others] = images(/2008r2-raid5/);
    const members = others.flatMap((path) => ['--member', path]);
    const result = deadbox(['ls', ...members, '--volume', '1', first, '/']);
    expect(result.stdout + result.stderr).toContain('test.txt');
  });
});
