// npm run fuzz [-- --minutes N | --seconds N | --rounds N] [--target NAME[,NAME]] [--seed S] [--first] [--list]
// [--replay FILE]
//
// Reads mutated inputs of every format, in a child process with limits of time and memory. The same seed and number of
// rounds give the same inputs. What fails is made small and left in .cache/fuzz/failures; put it into
// tests/fuzz/failures, mend the parser, and it stays a test.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { bundleSource } from './bundle-source.mjs';
import { argumentsAsked, cache, helpIfAsked, root } from './workspace.mjs';

helpIfAsked(import.meta.url);

const { values: options } = argumentsAsked({
  numbers: ['minutes', 'seconds', 'rounds', 'hang-seconds', 'memory-mib'],
  counts: ['seed'],
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    coverage: { type: 'boolean' },
    list: { type: 'boolean', default: false },
    replay: { type: 'string' },
    worker: { type: 'string' },
    'hang-seconds': { type: 'string', default: '30' },
    'memory-mib': { type: 'string', default: '1536' },
    first: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    together: { type: 'boolean', default: false },
  },
});

/** An input that takes longer hangs. */
const HANG_MS = Number(options['hang-seconds']) * 1000;
/** Resident memory at which a worker is ended, in KiB. */
const MOST_MEMORY = Number(options['memory-mib']) * 1024;
/** Heap of a worker, in MiB. */
const MOST_HEAP = 512;
const MOST_RESTARTS = 5;

const folder = join(cache, 'fuzz');
const state = join(folder, `state-${process.pid}.json`);
mkdirSync(join(folder, 'failures'), { recursive: true });
process.on('exit', () => rmSync(state, { force: true }));

await ensureBuilt();
const source = options.worker ?? join(root, 'tests/fuzz/worker.ts');
const worker = await bundleSource(source, 'fuzz', join(root, 'tests/support'));

if (options.replay !== undefined) {
  const { messages, ended } = await run(['--replay', options.replay]);
  const outcomes = [...messages.map(({ outcome }) => outcome), ...(ended === undefined ? [] : [ended])];
  for (const outcome of outcomes) process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  process.exit(outcomes.some((outcome) => !['answer', 'refusal'].includes(outcome?.kind)) ? 1 : 0);
}
const names = (await run(['--list'])).messages[0]?.targets ?? [];
if (options.list) {
  process.stdout.write(names.map((name) => `${name}\n`).join(''));
  process.exit(0);
}
const parts = options.target?.split(',');
const chosen = names.filter((name) => parts?.some((part) => name.startsWith(part)) ?? true);
const unknown = parts?.find((part) => !names.some((name) => name.startsWith(part)));
if (unknown !== undefined) {
  process.stderr.write(`No target is called ${unknown}. There are:\n${names.map((name) => `  ${name}\n`).join('')}`);
  process.exit(2);
}
const seconds = options.seconds ?? (options.minutes === undefined ? undefined : Number(options.minutes) * 60);
const limits =
  options.rounds === undefined ? ['--seconds', String((seconds ?? 60) / chosen.length)] : ['--rounds', options.rounds];
const withCoverage = options.coverage ?? options.rounds === undefined;
let failed = 0;
const results = [];
if (options.together) await fuzzTogether();
else for (const name of chosen) results.push(await fuzz(name));
if (options.json) process.stdout.write(`${JSON.stringify({ seed: options.seed, results })}\n`);
process.exit(failed > 0 ? 1 : 0);

/** Fuzzes all targets in one worker, which starts once; it is not followed by another. */
async function fuzzTogether() {
  const { messages: said, ended } = await run(['--target', chosen.join(','), '--seed', options.seed, ...limits]);
  for (const name of chosen) results.push({ target: name, rounds: 0, failures: [] });
  const resultOf = (name) => results.find(({ target }) => target === name);
  for (const message of said) {
    if (message.type === 'failure') keep(resultOf(message.recipe.target), message);
    if (message.type === 'done') Object.assign(resultOf(message.target), message);
  }
  if (ended === undefined) return;
  const { recipe } = existsSync(state) ? JSON.parse(readFileSync(state, 'utf8')) : { recipe: undefined };
  keep(resultOf(recipe?.target ?? chosen[0]), { ...ended, stack: '', recipe });
}

/** Fuzzes one target; a worker that has to be ended is followed by another, behind the input that ended it. */
async function fuzz(name) {
  const result = { target: name, seeds: 0, rounds: 0, accepted: 0, kept: 0, blocks: 0, failures: [] };
  let from = 0;
  for (let restart = 0; restart <= MOST_RESTARTS; restart += 1) {
    const args = ['--target', name, '--seed', options.seed, '--from', String(from), ...limits];
    if (options.first) args.push('--first');
    const { messages: said, ended } = await run(withCoverage ? [...args, '--coverage'] : args);
    for (const message of said) {
      if (message.type === 'failure') keep(result, message);
      if (message.type !== 'done') continue;
      for (const key of ['rounds', 'accepted', 'kept', 'blocks', 'seeds'])
        result[key] = key === 'rounds' || key === 'accepted' ? result[key] + message[key] : message[key];
    }
    if (ended === undefined) break;
    // A full disk leaves it empty.
    const left = existsSync(state) ? readFileSync(state, 'utf8') : '';
    const { round, recipe } = left === '' ? { round: from, recipe: undefined } : JSON.parse(left);
    keep(result, {
      kind: ended.kind,
      message: ended.message,
      stack: '',
      recipe: recipe && (await smaller(recipe, ended.kind)),
    });
    result.rounds += round + 1 - from;
    from = round + 1;
    if (options.first || (options.rounds !== undefined && from >= Number(options.rounds))) break;
  }
  if (!options.json)
    process.stdout.write(
      `${result.failures.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${result.rounds} inputs, ${result.accepted} read, ${result.kept} kept${
        result.blocks === 0 ? '' : `, ${result.blocks} blocks`
      }${result.seeds === 0 && result.failures.length === 0 ? ' (no seeds here)' : ''}\n`,
    );
  return result;
}

function keep(result, { kind, message, stack, recipe }) {
  failed += 1;
  const text = `${JSON.stringify({ kind, message, recipe }, null, 2)}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const path = join(folder, 'failures', `${result.target.replace('/', '-')}-${kind}-${hash}.json`);
  writeFileSync(path, text);
  result.failures.push({ kind, message, path });
  if (!options.json)
    process.stdout.write(
      `${result.target}: ${kind}: ${message}\n  ${path}\n${stack.split('\n').slice(1, 6).join('\n')}\n`,
    );
}

/** A recipe that ended its worker, with edits left out one by one as long as it still does. */
async function smaller(recipe, kind) {
  let best = recipe;
  const file = join(folder, `try-${process.pid}.json`);
  for (let i = best.edits.length - 1; i >= 0 && best.edits.length > 1; i -= 1) {
    const fewer = { ...best, edits: best.edits.filter((_, index) => index !== i) };
    writeFileSync(file, JSON.stringify({ recipe: fewer }));
    const { ended } = await run(['--replay', file]);
    if (ended?.kind === kind) best = fewer;
  }
  rmSync(file, { force: true });
  return best;
}

/** Runs a worker to its end, or ends it: `ended` says why. */
function run(args) {
  rmSync(state, { force: true });
  const child = spawn(process.execPath, [`--max-old-space-size=${MOST_HEAP}`, worker, ...args, '--state', state], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let errors = '';
  let ended;
  child.stdout.on('data', (data) => (text += data));
  child.stderr.on('data', (data) => (errors = `${errors}${data}`.slice(-4000)));
  const started = Date.now();
  const watch = setInterval(() => {
    const since = existsSync(state) ? statSync(state).mtimeMs : started;
    if (Date.now() - since > HANG_MS) ended ??= { kind: 'hang', message: `no answer within ${HANG_MS / 1000} s` };
    else if (memoryOf(child.pid) > MOST_MEMORY)
      ended ??= { kind: 'memory', message: `more than ${MOST_MEMORY / 1024} MiB` };
    if (ended !== undefined) child.kill('SIGKILL');
  }, 250);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(watch);
      const messages = text.split('\n').flatMap(messageOf);
      if (ended === undefined && code !== 0)
        ended = {
          kind: /heap|memory/i.test(errors) ? 'memory' : 'crash',
          message: errors.trim().split('\n').slice(0, 3).join(' '),
        };
      resolve({ messages, ended });
    });
  });
}

/** What a worker said in a line; a command line that is fuzzed may print between its messages. */
function messageOf(line) {
  try {
    const message = JSON.parse(line);
    return typeof message === 'object' && message !== null ? [message] : [];
  } catch {
    return [];
  }
}

/** Resident memory of a process in KiB, where the system tells. */
function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
