import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { deadbox } from '../../support/cli.js';
import { diskHash, withImage } from '../../support/image/disk-hash.js';
import { testImage } from '../../support/test-image.js';

describeWithCase(
  'QCOW2 as migration tools and encrypted hosts leave it',
  '04-qcow2-shapes',
  ['qemu-img', 'qemu-io'],
  (made) => {
    test('a backing file inside an archive is read where it begins', async () => {
      await withImage(made('v2v/v2v.qcow2'), async (disk) => {
        expect(await diskHash(disk)).toBe(testImage('gpt-faulty').sha256);
        expect(disk.parents).toMatchObject([{ format: 'raw', foundBy: 'sibling' }]);
        for await (const [extent] of disk.extents(0, 512)) {
          const bytes = readFileSync(made('v2v/vm.ova')).subarray(512, 1024);
          expect(extent?.kind === 'zero' ? bytes.every((value) => value === 0) : extent?.origin).toBeTruthy();
          break;
        }
      });
    });

    test.each([
      ['ls', ['ls']],
      ['export', ['export', '-o', 'OUT']],
    ])('%s says once that the container is encrypted, and leaves nothing behind', (_, words) => {
      const out = made('luks.raw');
      const [verb = '', ...rest] = words.map((word) => (word === 'OUT' ? out : word));
      const { code, stderr, stdout } = deadbox([verb, made('luks.qcow2'), ...rest]);
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr.match(/QCOW2 LUKS/g)).toHaveLength(1);
      expect(existsSync(out)).toBe(false);
    });
  },
);
