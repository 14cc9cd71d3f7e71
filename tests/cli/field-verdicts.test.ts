import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../support/cases.js';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

// What an operator sees of the cases from the field, in the mode that reads least and in the usual one.

const scanOf = (path: string, ...options: string[]): { code: number | null; images: any[]; text: string } => {
  const report = deadboxJson(['scan', '--json', ...options, path]);
  const { code, stdout } = deadbox(['scan', ...options, path]);
  expect(code).toBe(report.summary.exitCode);
  return { code, images: report.images, text: stdout };
};
const MODES: readonly (readonly string[])[] = [['--quick'], ['--deep']];

describeWithCase('a snapshot beside its base', '16-snapshot-beside-other-formats', ['qemu-img', 'python3'], (made) => {
  test.each(MODES)('%s: the base alone is never called well, and the newer link is named', (...mode) => {
    for (const [base, link] of [
      ['qcow2/srv.qcow2', 'srv.snap1'],
      ['vdi/srv.vdi', '{2b1d2b1d-0000-4000-8000-000000000002}.vdi'],
    ]) {
      const { code, text, images } = scanOf(made(base), ...mode);
      expect([base, code, images[0].severity]).toEqual([base, 3, 'review']);
      expect(text).toContain(link);
    }
  });

  test('the folders are not called well either', () => {
    expect(scanOf(made('vdi'), '--quick').code).toBe(1);
    expect(scanOf(made('qcow2'), '--quick').code).not.toBe(0);
  });
});

describeWithCase('a Parallels bundle with a snapshot', '06-parallels-snapshot-bundle', ['qemu-img'], (made) => {
  const BASE = 'vm.hdd.0.{5fbaabe3-6958-40ff-92a7-860e329aab41}.hds';
  const DELTA = 'vm.hdd.0.{3b9a2c11-0d7e-4a51-9c35-7a51c0de0001}.hds';

  test('is judged as the machine sees it now', () => {
    expect(scanOf(made('now-faulty.hdd'), '--quick')).toMatchObject({ code: 1, images: [{ verdict: 'faulty' }] });
    expect(scanOf(made('now-fixed.hdd'), '--quick')).toMatchObject({ code: 0, images: [{ verdict: 'reverted' }] });
  });

  test.each(MODES)('%s: its base alone is never called well, with and without the descriptor', (...mode) => {
    for (const folder of ['now-faulty.hdd', 'loose'])
      expect([folder, scanOf(made(`${folder}/${BASE}`), ...mode).code]).toEqual([folder, 3]);
  });

  test('its delta alone is said to need what it was made on', () => {
    const { code, text } = scanOf(made(`loose/${DELTA}`));
    expect(code).toBe(2);
    expect(text).toContain('needs the image that it was made on');
  });
});

describeWithCase('snapshots of ESXi', '13-vmdk-names-and-chains', ['qemu-img', 'python3'], (made) => {
  test('a base is never called well while a newer link lies beside it', () => {
    expect(scanOf(made('chain/srv_1.vmdk'), '--quick')).toMatchObject({ code: 3, images: [{ severity: 'review' }] });
  });
});

describeWithCase('an image without its end', '20-truncated-end', ['qemu-img', 'python3'], (made) => {
  test.each(['cut.vhd', 'cut.vmdk'])('%s is judged by what is there, and the text says that the end is not', (name) => {
    const { code, text } = scanOf(made(name), '--quick');
    expect(code).toBe(1);
    expect(text).toContain('image.truncated');
  });
});

describeWithCase('parts numbered from .000', '21-split-names', ['python3'], (made) => {
  test('a folder of them is one image; a later part names the first', () => {
    expect(scanOf(made('zero'), '--quick').images).toMatchObject([{ verdict: 'faulty' }]);
    expect(scanOf(made('zero/disk.dd.001'), '--quick').text).toContain('disk.dd.000');
  });
});

describe('a folder of many images', () => {
  describeWithTools(['qemu-img'], 'of one machine each', () => {
    const folder = temporaryFolder();

    test('costs each of them about as many reads as it would alone', () => {
      for (let index = 0; index < 12; index += 1)
        run('qemu-img', [
          'convert',
          '-f',
          'raw',
          '-O',
          'vdi',
          testImagePath('gpt-reverted'),
          join(folder, `server-${index}.vdi`),
        ]);
      const { images } = deadboxJson(['scan', '--quick', '--json', folder]);
      const reads = images.map(({ cost }: any) => cost.reads).sort((a: number, b: number) => a - b);
      // The first asks the others what they were made on; no other asks them again.
      expect(reads[10]).toBeLessThan(40);
      expect(images.every(({ severity }: any) => severity === 'none')).toBe(true);
    });
  });
});
