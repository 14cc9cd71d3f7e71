import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
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
      .filter((name) => pattern.test(name))
      .map(made);

  test('get the same verdict whether MBR or GPT, and none is said to have no partition', () => {
    const result = deadboxJson(['scan', '--quick', '--json', ...images(/spanned|striped|raid5/)]);
    expect(result.images).toHaveLength(14);
    for (const { path, verdict, volumes } of result.images) {
      expect([path, verdict]).toEqual([path, 'unreadable']);
      expect(volumes.some((volume: any) => volume.error?.code === 'VOLUME_INCOMPLETE')).toBe(true);
    }
  });

  test('are shown with the name and layout of the volume and the disks that are missing', () => {
    const { stdout } = deadbox(['info', ...images(/2003r2-striped-1/)]);
    expect(stdout.replace(/\s+/g, ' ')).toContain('the striped volume Stripe1 of a dynamic disk group');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/cannot be read without Disk[45]/);
  });

  test('give the files of a volume when the other disks are named with --member', () => {
    const [first, ...others] = images(/2008r2-raid5/);
    const members = others.flatMap((path) => ['--member', path]);
    const result = deadbox(['ls', ...members, '--volume', '1', first, '/']);
    expect(result.stdout + result.stderr).toContain('test.txt');
  });
});
