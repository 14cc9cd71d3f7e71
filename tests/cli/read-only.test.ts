import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliPath, deadbox } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';

describeWithTools(['strace'], 'reading commands leave the image alone', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'over'));

  test.each([
    ['scan'],
    ['scan', '--quick'],
    ['scan', '--deep', '--explain'],
    ['info'],
    ['ls', '-r', '--all', '--streams', '--hash', 'sha256'],
    ['stat', FILE],
    ['cat', FILE],
    ['export', '-o', 'OUT'],
    ['reg', 'SYSTEM\\Select'],
    ['boot'],
    ['timeline'],
    ['verify'],
    ['why', '7B'],
    ['walk', FILE],
    ['fix'],
    ['fix', '--blank'],
    ['fix', '--disable-driver', 'CSAgent'],
    ['fix', '--overlay', 'OVERLAY'],
  ])('%s %s', (verb, ...rest) => {
    const image = join(folder, 'image.raw');
    copyFileSync(testImagePath('gpt-faulty'), image);
    const facts = (): unknown => {
      const { size, mtimeNs, ctimeNs } = statSync(image, { bigint: true });
      return { size, mtimeNs, ctimeNs, sha256: createHash('sha256').update(readFileSync(image)).digest('hex') };
    };
    const before = facts();
    const [first, ...more] = rest.map((argument) =>
      argument.replace('OUT', join(folder, 'out.raw')).replace('OVERLAY', join(folder, 'over', 'disk.qcow2')),
    );
    const args =
      verb === 'export' || verb === 'fix'
        ? [verb, image, ...(first === undefined ? [] : [first]), ...more]
        : verb === 'why'
          ? [verb, ...rest, image]
          : placeImage(verb, image, rest);
    const opened = openedAs(image, args);
    expect(opened.length).toBeGreaterThan(0);
    for (const line of opened) expect(line).toMatch(/O_RDONLY/);
    expect(facts()).toEqual(before);
  });

  test('undo --check', () => {
    const image = join(folder, 'repaired.raw');
    const undo = join(folder, 'repaired.undo.json');
    copyFileSync(testImagePath('gpt-faulty'), image);
    expect(deadbox(['fix', image, '--write', '--undo', undo]).code).toBe(0);
    const opened = openedAs(image, ['undo', '--check', undo]);
    expect(opened.length).toBeGreaterThan(0);
    for (const line of opened) expect(line).toMatch(/O_RDONLY/);
  });

  /** Every way in which a command opened the image, as the kernel was asked. */
  function openedAs(image: string, args: readonly string[]): string[] {
    const log = join(folder, 'trace.txt');
    const trace = ['strace', '-f', '-e', 'trace=open,openat,openat2,creat,truncate,utimensat', '-o', log];
    run('sh', ['-c', '"$@" > /dev/null 2>&1; true', 'sh', ...trace, process.execPath, cliPath, ...args]);
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(image));
  }
});

/** Options before the image, paths after it. */
function placeImage(verb: string, image: string, rest: readonly string[]): string[] {
  const options = rest.filter((argument) => argument.startsWith('-') || argument === 'sha256');
  return [verb, ...options, image, ...rest.filter((argument) => !options.includes(argument))];
}

test('export never writes over the image that it reads', () => {
  const image = testImagePath('gpt-faulty');
  expect(deadbox(['export', image, '-o', image])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is what is being read'),
  });
});
