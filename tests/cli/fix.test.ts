import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { deadbox } from '../support/cli.js';
import { runInProcess } from '../support/cli-in-process.js';
import { plainVolume } from '../support/encryption/volumes.js';
import { differingBytes, fileSha256 } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const golden = testImage('gpt-faulty');
let count = 0;

/** A copy of a bundled disk in a folder of its own: what lies beside an image counts. */
function copyOf(image: string): { path: string; inside: string } {
  const inside = join(folder, String((count += 1)));
  mkdirSync(inside);
  const path = join(inside, `${image}.img`);
  copyFileSync(testImagePath(image), path);
  return { path, inside };
}

describe('deadbox fix', () => {
  test('shows the plan and writes nothing: exit 1, and the command that does it', () => {
    const { path } = copyOf('gpt-faulty');
    const before = statSync(path);
    const { code, stdout } = deadbox(['fix', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Rename .*C-00000291-00000000-00000032\.sys in place/);
    expect(stdout).toMatch(/^ +deadbox fix .* --write --undo gpt-faulty\.img\.undo\.json$/m);
    expect(fileSha256(path)).toBe(golden.sha256);
    expect(statSync(path).mtimeMs).toBe(before.mtimeMs);
  });

  test('gives the command with the options that the plan depends on, and without the secrets', () => {
    const { path } = copyOf('gpt-faulty');
    const secrets = ['--password', 'Geheim 1', '--password', 'env:A_SECRET'];
    const { stdout } = deadbox(['fix', path, '--parent', path, '--blank', ...secrets], {
      env: { A_SECRET: 'Geheim 2' },
    });
    const command = stdout.split('\n').find((line) => line.includes(' --write '));
    expect(command?.trim()).toBe(
      `deadbox fix ${path} --parent ${path} --password - --password env:A_SECRET --blank ` +
        '--write --undo gpt-faulty.img.undo.json',
    );
    expect(stdout).not.toContain('Geheim');
  });

  test('says so in Japanese', () => {
    const { stdout } = deadbox(['fix', '--lang', 'ja', copyOf('gpt-faulty').path]);
    expect(stdout).toMatch(/同じ長さのまま/);
    expect(stdout).not.toMatch(/Nothing was written/);
  });

  test('--write changes two bytes, and undo puts them back', () => {
    const { path, inside } = copyOf('gpt-faulty');
    const undo = join(inside, 'undo.json');
    const { code, stdout } = deadbox(['fix', path, '--write', '--undo', undo, '--json']);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'deadbox.fix/1', before: 'faulty', after: 'cleared', problems: [] });
    expect(differingBytes(testImagePath('gpt-faulty'), path).length).toBe(result.written.changedBytes);
    expect(JSON.parse(deadbox(['scan', '--json', path]).stdout).images[0].verdict).toBe('cleared');
    expect(deadbox(['undo', '--check', undo]).stdout).toMatch(/2 repaired/);
    // Its outcome never goes over the disk that it puts back.
    const repaired = fileSha256(path);
    expect(deadbox(['undo', undo, '-o', path]).code).toBe(2);
    expect(fileSha256(path)).toBe(repaired);
    expect(deadbox(['undo', undo, '-o', join(inside, 'said')]).code).toBe(0);
    expect(readFileSync(join(inside, 'said'), 'utf8')).toMatch(/2 repaired/);
    expect(fileSha256(path)).toBe(golden.sha256);
    expect(deadbox(['undo', undo]).stdout).toMatch(/already as it was/);
  });

  test('never overwrites an undo file, and needs one', () => {
    const { path, inside } = copyOf('gpt-faulty');
    const undo = join(inside, 'undo.json');
    copyFileSync(path, undo);
    for (const args of [['--write', '--undo', undo], ['--write'], ['--write', '--undo', undo, '--overlay', 'x']]) {
      const { code, stderr } = deadbox(['fix', path, ...args]);
      expect(code).toBe(2);
      expect(stderr).not.toBe('');
    }
    expect(fileSha256(path)).toBe(golden.sha256);
    expect(fileSha256(undo)).toBe(golden.sha256);
  });

  test('has nothing to do on a disk that is as it should be: exit 0', () => {
    const { code, stdout } = deadbox(['fix', copyOf('gpt-reverted').path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/nothing to repair/);
  });

  test.each([
    ['en', /encryption keeps the disk's content/],
    ['ja', /暗号化されており/],
  ] as const)('does not say of a locked disk that nothing is to be repaired: exit 3 (%s)', async (language, words) => {
    const path = join(folder, `locked-${language}.img`);
    writeFileSync(path, makeBitLockerVolume(plainVolume(), { password: 'open sesame' }).bytes);
    const report = `${path}.txt`;
    const { code } = await runInProcess(['fix', path, '-o', report], language);
    expect(code).toBe(3);
    expect(readFileSync(report, 'utf8')).toMatch(words);
    writeFileSync(`${path}.key`, 'open sesame');
    const opened = await runInProcess(
      ['fix', path, '--password', `@${path}.key`, '-o', `${path}.opened.txt`],
      language,
    );
    expect(opened).toMatchObject({ code: 1, error: undefined });
  });

  test('takes several images with one folder of undo files', () => {
    const inside = join(folder, 'several');
    const undo = join(inside, 'undo');
    mkdirSync(undo, { recursive: true });
    const paths = ['gpt-faulty', 'mbr-faulty'].map((name) => join(inside, `${name}.img`));
    copyFileSync(testImagePath('gpt-faulty'), paths[0]);
    copyFileSync(testImagePath('mbr-faulty'), paths[1]);
    expect(deadbox(['fix', ...paths]).code).toBe(1);
    expect(deadbox(['fix', ...paths, '--write', '--undo', join(inside, 'one.json')]).code).toBe(2);
    const { code, stderr } = deadbox(['fix', ...paths, '--write', '--undo', undo]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readdirSync(undo).toSorted()).toEqual(['gpt-faulty.img.undo.json', 'mbr-faulty.img.undo.json']);
    for (const name of readdirSync(undo)) expect(deadbox(['undo', join(undo, name)]).code).toBe(0);
    expect(paths.map(fileSha256)).toEqual([golden.sha256, testImage('mbr-faulty').sha256]);
  });

  test('refuses web addresses, unusable undo files, and drivers that the disk needs', () => {
    expect(deadbox(['fix', 'https://example.invalid/disk.img']).code).toBe(2);
    const { path, inside } = copyOf('gpt-faulty');
    expect(deadbox(['undo', path]).code).toBe(2);
    expect(deadbox(['undo', join(inside, 'none.json')]).code).not.toBe(0);
    const { code, stdout } = deadbox(['fix', path, '--disable-driver', 'no-such-driver']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/no driver or service no-such-driver/);
  });

  test.runIf(process.platform === 'linux')('says what was written also where its report has no room', async () => {
    const { path } = copyOf('mbr-faulty');
    const undo = `${path}.undo.json`;
    const { error, said } = await runInProcess(['fix', path, '--write', '--undo', undo, '-o', '/dev/full']);
    expect(error?.message).toMatch(/ENOSPC/);
    expect(said.replaceAll(/\s+/g, ' ')).toContain(
      `Written: 2 bytes in 2 sectors. To take it back: deadbox undo ${undo}`,
    );
  });

  test('may write the overlay into another folder than the image', async () => {
    const { path, inside } = copyOf('mbr-faulty');
    const overlay = join(inside, 'elsewhere', 'over.qcow2');
    mkdirSync(dirname(overlay));
    const outcome = join(inside, 'outcome.json');
    expect(await runInProcess(['fix', path, '--overlay', overlay, '--json', '-o', outcome])).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(outcome, 'utf8'))).toMatchObject({ overlay, problems: [], after: 'cleared' });
  });

  describeWithTools(['qemu-img'], 'with --overlay', () => {
    test('leaves the image alone; the overlay is the repaired disk, and the image then is refused', () => {
      const { path, inside } = copyOf('gpt-faulty');
      const overlay = join(inside, 'repaired.qcow2');
      expect(deadbox(['fix', path, '--overlay', overlay]).code).toBe(0);
      expect(fileSha256(path)).toBe(golden.sha256);
      expect(run('qemu-img', ['check', overlay])).toMatch(/No errors/);
      expect(JSON.parse(deadbox(['scan', '--json', overlay]).stdout).images[0].verdict).toBe('cleared');
      const again = deadbox(['fix', path]);
      expect(again.code).toBe(3);
      expect(again.stdout).toMatch(/newer link/);
    });
  });
});
