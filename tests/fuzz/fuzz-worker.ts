import { openSync, readFileSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BlockCoverage } from './coverage.js';
import { minimise } from './minimise.js';
import { makeInput, mutations, type Random, type Recipe, randomOf } from './mutate.js';
import { isFailure, type Outcome, runInput } from './run-input.js';
import type { FuzzTarget, Seed } from './target.js';

/** Inputs of one target that are mutated further; the oldest leave first. */
const MOST_KEPT = 400;
/** After so many inputs the coverage is asked whether one of them was new: twice as many whenever none was. */
const COVERED_TOGETHER = 32;
/** Asking costs as much as some hundred small inputs. */
const MOST_COVERED_TOGETHER = 1024;

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    from: { type: 'string', default: '0' },
    coverage: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    replay: { type: 'string' },
    minimise: { type: 'string' },
    state: { type: 'string' },
  },
});

interface Message {
  readonly type: 'failure' | 'done' | 'replayed' | 'list';
  readonly [key: string]: unknown;
}

function say(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function targetOf(targets: readonly FuzzTarget[], name: string): FuzzTarget {
  const target = targets.find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no target is called ${name}`);
  return target;
}

const state = values.state === undefined ? undefined : { file: openSync(values.state, 'w'), length: 0 };

/** Writes down what is tried now, for whoever has to end this process: over the last, with blanks behind. */
function note(recipe: Recipe, round: number): void {
  if (state === undefined) return;
  const text = Buffer.from(JSON.stringify({ round, recipe }).padEnd(state.length));
  state.length = text.length;
  writeSync(state.file, text, 0, text.length, 0);
}

/** One of the inputs to mutate; mostly one that was read, for little of what is refused is looked at. */
function parentOf(kept: readonly Recipe[], read: WeakSet<Recipe>, random: Random): Recipe {
  let parent = kept[random(kept.length)];
  if (random(8) > 0) for (let tries = 0; tries < 8 && !read.has(parent); tries += 1) parent = kept[random(kept.length)];
  return parent;
}

async function fuzz(target: FuzzTarget): Promise<void> {
  const seeds = new Map(target.seeds().map((seed): [string, Seed] => [seed.name, seed]));
  const rounds = values.rounds === undefined ? Number.POSITIVE_INFINITY : Number(values.rounds);
  const end =
    values.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(values.seconds) * 1000;
  const coverage = values.coverage ? new BlockCoverage(import.meta.url) : undefined;
  await coverage?.start();
  const structures = new Map([...seeds.values()].map(({ name, bytes }) => [name, target.structures?.(bytes)]));
  const kept: Recipe[] = [];
  const read = new WeakSet<Recipe>();
  const refusedSeeds: string[] = [];
  const signatures = new Set<string>();
  const failures = new Set<string>();
  let batch: Recipe[] = [];
  let together = COVERED_TOGETHER;
  let round = Number(values.from);
  let accepted = 0;
  const run = async (recipe: Recipe): Promise<Outcome> => {
    note(recipe, round);
    const seed = seeds.get(recipe.seed) as Seed;
    const outcome = await runInput(target, makeInput(target, seed.bytes, recipe));
    if (!isFailure(outcome)) return outcome;
    // The same place fails the same way: said once.
    const place = `${outcome.kind} ${outcome.stack.split('\n').find((line) => line.includes(' at ')) ?? outcome.stack}`;
    if (failures.has(place)) return outcome;
    failures.add(place);
    const small = await minimise(target, seed.bytes, recipe, outcome.kind);
    say({ type: 'failure', kind: outcome.kind, message: outcome.message, stack: outcome.stack, recipe: small });
    return outcome;
  };
  for (const seed of seeds.values()) {
    const recipe: Recipe = { target: target.name, seed: seed.name, edits: [], repaired: false };
    kept.push(recipe);
    const outcome = await run(recipe);
    if (!isFailure(outcome)) signatures.add(outcome.signature);
    if (outcome.kind === 'refusal') refusedSeeds.push(`${seed.name}: ${outcome.signature}`);
    else read.add(recipe);
  }
  await coverage?.fresh();
  const first = kept.length;
  for (; kept.length > 0 && round < rounds && performance.now() < end; round += 1) {
    const random = randomOf(`${target.name} ${values.seed} ${round}`);
    const parent = parentOf(kept, read, random);
    const seed = seeds.get(parent.seed) as Seed;
    const base = makeInput(target, seed.bytes, parent);
    const places = structures.get(seed.name) ?? [[0, base.length] as const];
    const edits = [...parent.edits, ...mutations(random, base, places)];
    const recipe: Recipe = {
      target: target.name,
      seed: seed.name,
      edits,
      repaired: target.repair !== undefined && random(8) > 0,
    };
    const outcome = await run(recipe);
    if (isFailure(outcome)) {
      if (values.first) break;
      continue;
    }
    if (outcome.kind === 'answer') {
      accepted += 1;
      read.add(recipe);
    }
    const isNew = !signatures.has(outcome.signature) && edits.length < 40;
    signatures.add(outcome.signature);
    if (isNew) kept.push(recipe);
    if (kept.length > MOST_KEPT) kept.splice(first, 1);
    if (coverage === undefined) continue;
    batch.push(recipe);
    if (batch.length < together) continue;
    const fresh = await coverage.fresh();
    if (fresh > 0 && kept.length < MOST_KEPT) kept.push(batch[random(batch.length)]);
    together = fresh > 0 ? COVERED_TOGETHER : Math.min(2 * together, MOST_COVERED_TOGETHER);
    batch = [];
  }
  say({
    type: 'done',
    target: target.name,
    seeds: seeds.size,
    rounds: round - Number(values.from),
    accepted,
    kept: kept.length,
    blocks: coverage?.blocks ?? 0,
    refusedSeeds,
  });
}

async function again(targets: readonly FuzzTarget[], file: string, small: boolean): Promise<void> {
  const { recipe } = JSON.parse(readFileSync(file, 'utf8')) as { recipe: Recipe };
  const target = targetOf(targets, recipe.target);
  const seed = target.seeds().find(({ name }) => name === recipe.seed);
  if (seed === undefined) return say({ type: 'replayed', outcome: { kind: 'no-seed' } });
  note(recipe, 0);
  const outcome = await runInput(target, makeInput(target, seed.bytes, recipe));
  const minimal = small && isFailure(outcome) ? await minimise(target, seed.bytes, recipe, outcome.kind) : recipe;
  say({ type: 'replayed', outcome, recipe: minimal });
}

/**
 * What the process that scripts/fuzz.mjs starts does: lists the targets, mutates and reads inputs, or reads one again.
 */
export async function fuzzWorker(targets: readonly FuzzTarget[]): Promise<void> {
  if (values.list) say({ type: 'list', targets: targets.map(({ name }) => name) });
  else if (values.replay !== undefined) await again(targets, values.replay, false);
  else if (values.minimise !== undefined) await again(targets, values.minimise, true);
  else for (const name of (values.target ?? '').split(',')) await fuzz(targetOf(targets, name));
}
