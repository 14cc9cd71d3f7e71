import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageReport } from '@deadbox/triage';
import type { Walk } from '@deadbox/triage/walk';
import { describe, expect, test } from 'vitest';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { hasTool, run, temporaryFolder } from '../support/tools.js';
import { root, textOf } from '../support/workspace.js';

/** A lesson, its disk, how many commands it has, and its last command. */
const LESSONS = [
  ['find-the-faulty-file', 'gpt-faulty', 12, 'walk gpt-faulty.img /Windows/System32/drivers/CrowdStrike/'],
  ['why-linux-showed-no-windows', 'lessons/unclean', 9, 'scan unclean.img'],
  ['why-the-repaired-server-was-dead', 'lessons/identity', 9, 'fix identity.img'],
  ['read-a-boot-log', 'lessons/boot-log', 11, 'walk boot-log.img boot-log'],
] as const;

/** The commands of a lesson, each with what it says that they print. */
function shown(text: string): { from: number; length: number; printed: string }[] {
  return [...text.matchAll(/^```\n\$ xxd -s (\d+) -l (\d+) [a-z-]+\.img\n([\s\S]*?)^```$/gm)].map(
    ([, from, length, printed]) => ({ from: Number(from), length: Number(length), printed: printed ?? '' }),
  );
}

/** The commands in the running text of a lesson, each with the first bytes that are named after it. */
function mentioned(text: string): { from: number; length: number; bytes: string }[] {
  const commands = text.matchAll(/`xxd -s (\d+) -l (\d+) [a-z-]+\.img`[^`]*`([\da-f]{2}(?: [\da-f]{2})+)`/g);
  return [...commands].map(([, from, length, bytes = '']) => ({ from: Number(from), length: Number(length), bytes }));
}

/** The sums of a lesson that have a result. */
function sums(text: string): { sum: string; result: number }[] {
  const lines = text.matchAll(/^ {4}(?:\D+ )?([\d,+\-×() ]+) = ([\d,]+)$/gm);
  return [...lines].map(([, sum = '', result = '']) => ({ sum, result: Number(result.replaceAll(',', '')) }));
}

/** A sum of numbers, products and one pair of brackets. */
function valueOf(sum: string): number {
  const plain = sum.replaceAll(',', '').replaceAll(' ', '');
  const opened = plain.replace(/\(([^()]*)\)/g, (_, inner: string) => String(valueOf(inner)));
  return (opened.match(/[+-]?[^+-]+/g) ?? [])
    .map((term) => term.split('×').reduce((product, factor) => product * Number(factor), 1))
    .reduce((total, term) => total + term, 0);
}

describe.each(LESSONS)('the lesson %s', (lesson, disk, commands, last) => {
  const text = textOf(`docs/learn/${lesson}.md`);
  const japanese = textOf(`docs/learn/${lesson}.ja.md`);
  const steps = shown(text);

  test('has the same commands and sums in both languages', () => {
    expect(steps.length).toBe(commands);
    expect(shown(japanese)).toEqual(steps);
    expect(sums(japanese).map(({ result }) => result)).toEqual(sums(text).map(({ result }) => result));
    expect(japanese.match(/^## /gm)?.length).toBe(text.match(/^## /gm)?.length);
  });

  test.runIf(hasTool('xxd'))('prints what it says', () => {
    const image = testImagePath(disk);
    for (const { from, length, printed } of steps)
      expect(run('xxd', ['-s', String(from), '-l', String(length), image])).toBe(printed);
  });

  test('names in its text bytes that are there', () => {
    expect(mentioned(japanese)).toEqual(mentioned(text));
    const image = readFileSync(testImagePath(disk));
    for (const { from, length, bytes } of mentioned(text)) {
      const there = image.subarray(from, from + length);
      expect(there.indexOf(Buffer.from(bytes.replaceAll(' ', ''), 'hex')), bytes).toBeGreaterThanOrEqual(0);
    }
  });

  test('reckons right', () => {
    expect(sums(text).length).toBeGreaterThan(3);
    for (const { sum, result } of sums(text)) expect([sum, valueOf(sum)]).toEqual([sum, result]);
  });

  test('ends with the one command that does it all', () => {
    for (const said of [text, japanese]) expect(said).toContain(`    deadbox ${last}`);
  });
});

describe('what the last commands say', () => {
  const folder = temporaryFolder();
  const json = async <T>(...args: string[]): Promise<T> => {
    const out = join(folder, 'out.json');
    await runInProcess([...args, '--json', '-o', out]);
    return JSON.parse(readFileSync(out, 'utf8')) as T;
  };

  test('the walk of the first lesson goes through every step of it', async () => {
    const text = textOf('docs/learn/find-the-faulty-file.md');
    const command = /^ {4}deadbox walk gpt-faulty\.img (\S+)$/m.exec(text);
    const walk = await json<Walk>('walk', testImagePath('gpt-faulty'), command?.[1] ?? '');
    expect(walk).toMatchObject({ reached: true });
    expect(walk.steps.length).toBe(32);
    // Every step of the lesson begins inside a structure of the walk, and where the lesson names a pointer, the walk
    // has it.
    for (const { from } of shown(text))
      expect(walk.steps.some(({ offset, length }) => offset !== null && from >= offset && from < offset + length)).toBe(
        true,
      );
    const pointers = walk.steps.flatMap(({ next }) => (next === null ? [] : [next.to]));
    for (const sum of [37_748_736, 37_765_120, 39_866_368, 48_435_200]) expect(pointers).toContain(sum);
  });

  test('the scan of the second finds Windows, no encryption, and the journal that was not closed', async () => {
    const { images } = await json<{ images: ImageReport[] }>('scan', testImagePath('lessons/unclean'));
    expect(images[0]).toMatchObject({ verdict: 'faulty', obstacles: [{ id: 'dirty-log', volume: 3 }] });
    expect(images[0]?.volumes.map(({ role, encryption }) => [role, encryption.verdict])).toEqual([
      ['efi-system', 'none'],
      ['microsoft-reserved', 'none'],
      ['windows', 'none'],
    ]);
  });

  test.runIf(hasTool('ntfs-3g.probe'))('ntfs-3g calls the volume of the second unclean', () => {
    const volume = join(folder, 'volume.img');
    writeFileSync(volume, readFileSync(testImagePath('lessons/unclean')).subarray(37_748_736, 37_748_736 + (16 << 20)));
    // 15: the volume was not unmounted cleanly.
    expect(spawnSync('ntfs-3g.probe', ['--readwrite', volume]).status).toBe(15);
  });

  test('the repair of the third is the four bytes that the lesson writes by hand', async () => {
    const image = testImagePath('lessons/identity');
    const plan = await json<object>('fix', image);
    expect(JSON.stringify(plan)).toMatch(/2a7e913c.*0100ed5e/i);
    const byHand = readFileSync(image);
    byHand.set([0x01, 0x00, 0xed, 0x5e], 440);
    // The disk from which the lesson's was made by another signature.
    expect(byHand.equals(readFileSync(testImagePath('mbr-absent')))).toBe(true);
  });

  test('the element and the drive letter of the third lie where it says', async () => {
    const element = 'BCD\\Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\11000001\\Element';
    const walk = await json<Walk>('walk', testImagePath('lessons/identity'), element);
    expect(walk.steps.at(-1)?.offset).toBe(11_747_680);
    const cells = walk.steps.findIndex(({ offset }) => offset === 11_739_136);
    expect(walk.steps.length - cells - 2).toBe(11);
    // The name of this value has backslashes of its own.
    const letter = await json<Walk>(
      'walk',
      testImagePath('lessons/identity'),
      'SYSTEM\\MountedDevices\\\\DosDevices\\C:',
    );
    expect(letter.steps.at(-1)?.offset).toBe(11_604_320);
  });

  test('the scan of the fourth lists its starts', async () => {
    const image = testImagePath('lessons/boot-log');
    const { images } = await json<{ images: ImageReport[] }>('scan', image);
    expect(images[0]?.bootLog.starts.map(({ at, path }) => [at?.slice(0, 19), path])).toEqual([
      ['2024-07-19T04:11:27', '\\Windows\\system32\\winload.efi'],
      ['2024-07-19T04:13:40', '\\Windows\\system32\\winload.efi'],
      ['2024-07-19T04:15:52', '\\Recovery\\WindowsRE\\winload.efi'],
    ]);
    const walk = await json<Walk>('walk', image, 'boot-log');
    expect(walk.steps.at(-1)?.offset).toBe(1_635_236);
  });

  test.runIf(hasTool('mcopy') && hasTool('faketime'))('the recipe makes the same disks again', () => {
    run('node', [join(root, 'test-images/recipes/lessons.mjs'), '--verify']);
  });
});
