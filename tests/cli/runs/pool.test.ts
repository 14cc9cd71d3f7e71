import { join } from 'node:path';
import { isFailedOutline } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { openPool } from '../../../packages/cli/src/runs/pool.node.js';
import { root } from '../../support/workspace.js';

test('an image that eats the memory of its worker, or makes deadbox fail, stops no other', async () => {
  const { signal } = new AbortController();
  const setup = { options: {}, rules: [], language: 'en', lines: true } as const;
  const worker = join(root, 'tests/support/greedy-worker.mjs');
  const pool = await openPool(setup, { jobs: 2, signal, worker, memoryCap: 24 });
  const names = ['one.img', 'greedy.img', 'two.img', 'failing.img', 'three.img', 'four.img'];
  const answers = await Promise.all(
    names.map((path, index) => pool.judge({ target: { path }, index, key: path, group: index })),
  );
  await pool.close();
  const codes = answers.map(({ report: { outline } }) => (isFailedOutline(outline) ? outline.error.code : 'judged'));
  expect(codes).toEqual(['judged', 'OUT_OF_MEMORY', 'judged', 'INTERNAL', 'judged', 'judged']);
  const line = JSON.parse(new TextDecoder().decode(answers[1].line));
  expect(line).toMatchObject({ type: 'image', key: 'greedy.img', index: 1, image: { path: 'greedy.img' } });
}, 30_000);
