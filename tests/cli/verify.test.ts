import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithCase } from '../support/cases.js';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithCase('deadbox verify of an E01', '23-ewf-damaged-chunk', ['ewfacquire', 'python3'], (made) => {
  test('that is whole ends with 0 and names each hash that fits', () => {
    const { code, stdout } = deadbox(['verify', made('best.E01')]);
    expect(code).toBe(0);
    // ewfacquire prints the hash that it stores; ewfinfo reads it back.
    const stored = /MD5:\s+([0-9a-f]{32})/.exec(run('ewfinfo', [made('best.E01')]))?.[1] ?? 'none';
    expect(stdout).toContain(`${stored}: the content matches`);
    expect(stdout).toContain('Everything that the image stores to be checked fits.');
  });

  // ewfverify says FAILURE of each.
  test.each(['best-data', 'best-sum', 'none-data', 'none-sum'])('%s, which is damaged, ends with 1', (name) => {
    const { code, stdout } = deadbox(['verify', '--lang', 'ja', made(`${name}.E01`)]);
    expect(code).toBe(1);
    expect(stdout).toContain('一致しません');
    const { verdict, checks, unreadable } = deadboxJson(['verify', '--json', made(`${name}.E01`)]);
    expect(verdict).toBe('wrong');
    expect(checks).toContainEqual(expect.objectContaining({ what: 'content', outcome: 'wrong' }));
    expect(unreadable.length).toBe(name.startsWith('best') ? 1 : 0);
  });
});

describe('deadbox verify', () => {
  test('of an image that stores nothing to compare with ends with 3', () => {
    const { code, stdout } = deadbox(['verify', testImagePath('gpt-faulty')]);
    expect(code).toBe(3);
    expect(stdout).toContain('nothing to compare with');
  });

  test('of what is not there ends with 2', () => {
    expect(deadbox(['verify', '/nowhere/disk.E01']).code).toBe(2);
  });
});

describeWithTools(['tar', 'sha256sum'], 'deadbox verify of an archive', () => {
  const folder = temporaryFolder();
  const archive = join(folder, 'vm.ova');

  function pack(manifest: string): void {
    writeFileSync(join(folder, 'vm.mf'), manifest);
    run('tar', ['--format=gnu', '-C', folder, '-cf', archive, 'vm.ovf', 'vm.mf', 'disk.img']);
  }

  test('compares the digests of its manifest with its files', () => {
    copyFileSync(testImagePath('gpt-reverted'), join(folder, 'disk.img'));
    writeFileSync(
      join(folder, 'vm.ovf'),
      '<Envelope><References><File id="1" href="disk.img"/></References><DiskSection><Disk fileRef="1"/></DiskSection></Envelope>',
    );
    const [digest] = run('sha256sum', [join(folder, 'disk.img')]).split(' ');
    const [ovf] = run('sha1sum', [join(folder, 'vm.ovf')]).split(' ');
    pack(`SHA256(disk.img)= ${digest}\nSHA1(vm.ovf)= ${ovf}\n`);
    expect(deadbox(['verify', archive])).toMatchObject({ code: 0, stdout: expect.stringContaining(digest) });
    pack(`SHA256(disk.img)= ${digest.replace(/^./, (first) => (first === '0' ? '1' : '0'))}\n`);
    expect(deadbox(['verify', archive])).toMatchObject({ code: 1, stdout: expect.stringContaining('DIFFERENT') });
    pack(`SHA256(disk.img)= ${digest}\nSHA256(other.img)= ${digest}\n`);
    expect(deadbox(['verify', archive])).toMatchObject({ code: 1, stdout: expect.stringContaining('not there') });
  });

  test('without one has nothing to compare with', () => {
    pack('');
    expect(deadbox(['verify', archive]).code).toBe(3);
    expect(readFileSync(archive).length).toBeGreaterThan(0);
  });
});
