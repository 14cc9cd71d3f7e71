import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expandTargets } from '../../packages/cli/src/input/targets.node.js';
import { temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();

test('an image is found however deep it lies in the folder that is given', async () => {
  const deep = join(folder, ...Array.from({ length: 40 }, (_, i) => `f${i}`));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'disk.vmdk'), 'x');
  expect(await expandTargets([folder])).toEqual([join(deep, 'disk.vmdk')]);
});
