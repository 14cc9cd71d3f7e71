// Runs cases of the families in turn until the time is over; scripts/campaign.mjs starts it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startToolsBy } from '../support/tools.js';
import { draw, minimise, missing, runCase } from './campaign.js';
import { families } from './families.js';
import type { Family } from './family.js';
import { ToolShell } from './shell.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    cases: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    folder: { type: 'string', default: '.cache/campaign' },
    small: { type: 'boolean', default: false },
    dense: { type: 'boolean', default: false },
    replay: { type: 'string' },
    json: { type: 'string' },
  },
});

interface Tally {
  cases: number;
  /** Trees, disks and so on in these cases that the other program did not refuse. */
  inputs: number;
  refused: number;
  different: number;
  readonly refusals: Map<string, number>;
}

/** Milliseconds that are spent on making one case smaller. */
const MINIMISING = 20_000;
const scratch = join(options.folder, `run-${process.pid}`);
const failures = join(options.folder, 'failures');
mkdirSync(failures, { recursive: true });
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const scale = options.small ? 'small' : options.dense ? 'dense' : 'full';
const seed = Number(options.seed);

/** One case of a family; a difference is made small and kept. */
async function runOne(family: Family, index: number, tally: Tally): Promise<void> {
  const one = draw(family, seed, index, scale);
  const outcome = await runCase(family, one, scratch);
  tally.cases += 1;
  if (outcome.kind !== 'refused') tally.inputs += family.count?.(one) ?? 1;
  else {
    tally.refused += 1;
    const reason = outcome.reason.replaceAll(/\S*campaign\S*/g, '…').slice(0, 200);
    tally.refusals.set(reason, (tally.refusals.get(reason) ?? 0) + 1);
  }
  if (outcome.kind !== 'different') return;
  tally.different += 1;
  for (const { kind, detail } of outcome.differences) say(`${family.name} ${index}: ${kind}\n    ${detail}`);
  const small = await minimise(family, one, outcome.differences[0].kind, scratch, MINIMISING);
  const file = join(failures, `${family.name}-${seed}-${index}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ family: family.name, differences: outcome.differences, case: small }, null, 1)}\n`,
  );
  say(`  kept as ${file}`);
}

async function replay(path: string): Promise<number> {
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  const family = families.find(({ name }) => name === kept.family);
  if (family === undefined) throw new Error(`${path} is no case of a family`);
  const outcome = await runCase(family, kept.case, scratch);
  say(JSON.stringify(outcome, null, 1));
  return outcome.kind === 'different' ? 1 : 0;
}

async function campaign(chosen: readonly Family[]): Promise<number> {
  const tallies = new Map<string, Tally>();
  for (const { name } of chosen)
    tallies.set(name, { cases: 0, inputs: 0, refused: 0, different: 0, refusals: new Map() });
  const end = performance.now() + Number(options.seconds) * 1000;
  const most = options.cases === undefined ? Number.POSITIVE_INFINITY : Number(options.cases);
  const first = Number(options.from);
  const over = (): boolean => options.cases === undefined && performance.now() > end;
  for (let index = first; index < first + most && !over(); index += 1)
    for (const family of chosen) if (!over()) await runOne(family, index, tallies.get(family.name) as Tally);
  const results = [...tallies].map(([name, { cases, inputs, refused, different, refusals }]) => {
    const result = different === 0 ? 'ok    ' : 'FAILED';
    say(`${result} ${name}: ${cases} cases, ${inputs} inputs, ${refused} refused, ${different} different`);
    for (const [reason, count] of refusals) say(`    refused ${count} times: ${reason}`);
    return { name, cases, inputs, refused, different };
  });
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ seed, scale, results })}\n`);
  return results.some(({ different }) => different > 0) ? 1 : 0;
}

mkdirSync(scratch, { recursive: true });
const shell = new ToolShell(scratch);
startToolsBy((tool, args, more) => shell.run(tool, args, more));

const named = options.only?.split(',');
const chosen = families.filter(({ name }) => named?.includes(name) ?? true);
try {
  if (options.replay !== undefined) process.exitCode = await replay(options.replay);
  else if (chosen.length === 0) {
    say(`There is no family ${options.only}. There are: ${families.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
  } else {
    for (const family of chosen)
      if (missing(family) !== undefined) say(`skipped ${family.name}: needs ${missing(family)}`);
    process.exitCode = await campaign(chosen.filter((family) => missing(family) === undefined));
  }
} finally {
  shell.close();
  rmSync(scratch, { recursive: true, force: true });
}
