import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

interface Command {
  readonly line: string;
  readonly output: string;
}

/** The blocks of commands and their outputs that a page shows. */
function blocksOf(page: string): readonly (readonly Command[])[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    [...block.matchAll(/^[$#] (.*)\n((?:(?![$#] ).*\n)*)/gm)].map(([, line = '', output = '']) => ({ line, output })),
  );
}

/** The same mount without a loop device, which containers lack. */
const withoutLoop = (line: string): string =>
  line.replace(
    /^mount -t ntfs-3g -o ro,loop,offset=(\d+),sizelimit=(\d+) (\S+) (\S+)$/,
    'tail -c +$$(($1 + 1)) $3 | head -c $2 > mounted.ntfs && ntfs-3g -o ro mounted.ntfs $4',
  );

const PAGE = 'docs/guides/comparison.md';

describeWithTools(
  ['mmls', 'fls', 'istat', 'icat', 'ntfs-3g', 'hivexget', '7z'],
  'the outputs of the comparison page',
  () => {
    const folder = temporaryFolder();
    symlinkSync(testImagePath('gpt-faulty'), join(folder, 'gpt-faulty.img'));
    const mount = join(folder, 'mnt');
    mkdirSync(mount);
    // What a failing step left mounted.
    afterAll(() => void spawnSync('umount', ['-q', mount]));

    test.each(blocksOf(PAGE).map((block) => ({ first: block[0]?.line.split(' ', 1)[0], block })))(
      'are what $first and those after it print',
      ({ first, block }) => {
        if (first === 'mount' && !canMount) return;
        for (const { line, output } of block) {
          const { stdout } = spawnSync('bash', ['-c', withoutLoop(line).replaceAll('/mnt', mount)], {
            cwd: folder,
            encoding: 'utf8',
            env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
          });
          expect([line, stdout]).toEqual([line, output]);
        }
      },
    );
  },
);

test('the Japanese comparison page shows the same outputs', () => {
  expect(blocksOf(PAGE.replace('.md', '.ja.md'))).toEqual(blocksOf(PAGE));
  expect(blocksOf(PAGE)).toHaveLength(3);
});
