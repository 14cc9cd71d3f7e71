import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Walk } from '@deadbox/triage/walk';
import { describe, expect, test } from 'vitest';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { hasTool, run, temporaryFolder } from '../support/tools.js';
import { textOf } from '../support/workspace.js';

const LESSON = 'docs/learn/find-the-faulty-file';

/** The commands of a lesson, each with what it says that they print. */
function shown(text: string): { from: number; length: number; printed: string }[] {
  return [...text.matchAll(/^```\n\$ xxd -s (\d+) -l (\d+) gpt-faulty\.img\n([\s\S]*?)^```$/gm)].map(
    ([, from, length, printed]) => ({ from: Number(from), length: Number(length), printed }),
  );
}

describe('the lesson in twelve steps', () => {
  const folder = temporaryFolder();
  const steps = shown(textOf(`${LESSON}.md`));

  test('has the same commands in both languages', () => {
    expect(steps.length).toBe(12);
    expect(shown(textOf(`${LESSON}.ja.md`))).toEqual(steps);
  });

  test.runIf(hasTool('xxd'))('prints what it says', () => {
    const image = testImagePath('gpt-faulty');
    for (const { from, length, printed } of steps)
      expect(run('xxd', ['-s', String(from), '-l', String(length), image])).toBe(printed);
  });

  test('goes the way that the last command shows', async () => {
    const command = /^ {4}deadbox walk gpt-faulty\.img (\S+)$/m.exec(textOf(`${LESSON}.md`));
    const out = join(folder, 'walk.json');
    await runInProcess(['walk', '--json', '-o', out, testImagePath('gpt-faulty'), command?.[1] ?? '']);
    const walk = JSON.parse(readFileSync(out, 'utf8')) as Walk;
    expect(walk).toMatchObject({ reached: true });
    expect(walk.steps.length).toBe(32);
    // Every step of the lesson begins inside a structure of the walk, and where the lesson names a pointer, the walk
    // has it.
    for (const { from } of steps)
      expect(walk.steps.some(({ offset, length }) => offset !== null && from >= offset && from < offset + length)).toBe(
        true,
      );
    const sums = walk.steps.flatMap(({ next }) => (next === null ? [] : [next.to]));
    for (const sum of [37_748_736, 37_765_120, 39_866_368, 48_435_200]) expect(sums).toContain(sum);
  });
});
