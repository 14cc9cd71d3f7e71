import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/workspace.js';
import { makeInput, mutations, type Recipe, randomOf } from './mutate.js';
import { isFailure, runInput } from './run-input.js';
import type { FuzzTarget } from './target.js';

/** Byte 3, for which the broken parsers look, is behind no checksum. */
const UNREPAIRED: FuzzTarget = { name: 'broken', seeds: () => [], parse: () => undefined };

interface Result {
  target: string;
  rounds: number;
  accepted: number;
  kept: number;
  refusedSeeds: string[];
  failures: { kind: string; message: string; path: string }[];
}

/** Each package that reads what somebody else wrote. */
const PACKAGES = new Set('core image partitions encryption ntfs fat disk windows triage repair report cli'.split(' '));

function fuzz(...args: string[]): Result[] {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/fuzz.mjs'), '--json', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
  });
  try {
    return JSON.parse(stdout).results;
  } catch {
    throw new Error(`no JSON: ${stdout}${stderr}`);
  }
}

test('every input that once failed is refused or read, soon and with a typed error', async () => {
  const folder = join(import.meta.dirname, 'failures');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) return;
  const { targets } = await import('./targets.js');
  for (const file of files) {
    const { recipe } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { recipe: Recipe };
    const target = targets.find(({ name }) => name === recipe.target);
    const seed = target?.seeds().find(({ name }) => name === recipe.seed);
    // The tool that makes the seed may be missing here.
    if (target === undefined || seed === undefined) continue;
    const outcome = await runInput(target, makeInput(target, seed.bytes, recipe));
    expect([file, isFailure(outcome) ? outcome : undefined]).toEqual([file, undefined]);
  }
});

test('a few mutated inputs of every target are read or refused, without a crash, a hang or a changed input', () => {
  const results = fuzz('--rounds', '8', '--together');
  expect(new Set(results.map(({ target }) => target.split('/')[0]))).toEqual(PACKAGES);
  for (const { target, refusedSeeds, failures } of results)
    expect([target, refusedSeeds ?? [], failures]).toEqual([target, [], []]);
});

describe('the harness', () => {
  const broken = join(import.meta.dirname, 'broken-worker.ts');
  const results = fuzz('--worker', broken, '--rounds', '200', '--first', '--hang-seconds', '3', '--memory-mib', '400');
  const failuresOf = (name: string): Result['failures'] =>
    results.find(({ target }) => target === `broken/${name}`)?.failures ?? [];

  test.each([
    ['throws', 'untyped-error'],
    ['writes', 'input-changed'],
    ['hangs', 'hang'],
    ['hoards', 'memory'],
    ['checksum', 'untyped-error'],
  ])('finds a parser that %s, and leaves as few edits as show it', (name, kind) => {
    const [first] = failuresOf(name);
    expect(first?.kind).toBe(kind);
    const { recipe } = JSON.parse(readFileSync(first.path, 'utf8')) as { recipe: Recipe };
    // Each edit that is left is needed: without it, the byte that fails is as it was.
    const fails = (edits: Recipe['edits']): boolean =>
      makeInput(UNREPAIRED, new Uint8Array(64), { edits, repaired: false })[3] !== 0;
    expect(fails(recipe.edits)).toBe(true);
    for (const edit of recipe.edits) expect(fails(recipe.edits.filter((other) => other !== edit))).toBe(false);
    for (const { path } of failuresOf(name)) rmSync(path);
  });

  test('makes the same changes for the same seed, and others for another', () => {
    const bytes = Buffer.alloc(4096, 7);
    const edits = (seed: string): unknown =>
      Array.from({ length: 50 }, (_, i) => mutations(randomOf(`${seed} ${i}`), bytes, [[0, 512]]));
    expect(edits('7')).toEqual(edits('7'));
    expect(edits('7')).not.toEqual(edits('8'));
  });
});
