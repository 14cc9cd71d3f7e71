// npm run attack [-- --only TEXT] [--verb TEXT] [--markdown]
//
// Runs every verb on inputs that are made to cost more than their size, each in a child process with limits of time
// and memory, and lists what each cost: processor seconds and peak memory. Fails when one costs more than a second a
// megabyte (at least three), or more than 256 MiB in all. --only takes the inputs whose name contains the text, --verb
// the command lines that begin with it; --markdown prints the table of docs/security.md.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ensureBuilt } from './build.mjs';
import { argumentsAsked, cache, helpIfAsked, root } from './workspace.mjs';

helpIfAsked(import.meta.url);

const { values: options } = argumentsAsked({
  options: {
    only: { type: 'string', default: '' },
    verb: { type: 'string', default: '' },
    markdown: { type: 'boolean', default: false },
  },
});

/** A run that takes so many times the processor time that it may is ended. */
const PATIENCE = 1.5;
/** The same by the clock on the wall, which a busy machine and a program that waits for nothing let run. */
const MOST_MS = 600_000;
/** Heap of a child in MiB: more ends it. */
const MOST_HEAP = 1024;
const LEAST_SECONDS = 3;
const SECONDS_PER_MB = 1;
const MOST_MIB = 256;
/** A verb prints at most this much per byte of its input, and a little. */
const MOST_OUTPUT = 512 * 1024 * 1024;

await ensureBuilt();
const folder = join(cache, 'attack', String(process.pid));
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const { ATTACKS } = await bundled();
const meter = join(folder, 'meter.mjs');
writeFileSync(
  meter,
  `import { readFileSync, writeFileSync } from 'node:fs';
// The system's own figure counts what the parent had when it started this process; Linux also keeps that of the program
// alone.
function peak() {
  try {
    return Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.DEADBOX_METER, JSON.stringify({ mib: peak() / 1024, seconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
`,
);
const bundledDisk = join(folder, 'bundled.img');
writeFileSync(bundledDisk, gunzipSync(readFileSync(join(root, 'test-images/mbr-faulty.img.gz'))));

const rows = [];
const chosen = ATTACKS.filter(({ name }) => name.includes(options.only));
if (chosen.length === 0) {
  process.stderr.write(`No attack has '${String(options.only)}' in its name\n`);
  process.exit(2);
}
for (const attack of chosen) {
  const placed = placeAttack(attack, folder);
  const out = join(placed.folder, 'out');
  const names = { FILE: placed.path, FOLDER: placed.folder, BUNDLED: bundledDisk, OUT: out };
  const allowed = Math.max(LEAST_SECONDS, (placed.bytes / 1e6) * SECONDS_PER_MB);
  for (const verb of attack.verbs.filter((parts) => parts.join(' ').startsWith(options.verb))) {
    const cost = await run(
      verb.map((part) => inPlace(part, names)),
      allowed * PATIENCE,
      Object.fromEntries(
        Object.entries(attack.environment ?? {}).map(([name, place]) => [name, inPlace(place, names)]),
      ),
    );
    for (const name of readdirSync(placed.folder).filter((made) => made.startsWith('out')))
      rmSync(join(placed.folder, name));
    const failed =
      cost.ended ??
      (cost.seconds > allowed
        ? `more than ${allowed.toFixed(1)} s`
        : cost.mib > MOST_MIB
          ? `more than ${MOST_MIB} MiB`
          : undefined);
    const row = {
      attack,
      bytes: placed.bytes,
      verb: verb.filter((part) => !(part in names)).join(' '),
      ...cost,
      failed,
    };
    rows.push(row);
    if (!options.markdown) process.stdout.write(`${textOf(row)}\n`);
  }
}
if (options.markdown) process.stdout.write(`${markdown(rows)}\n`);
const failures = rows.filter(({ failed }) => failed !== undefined);
if (failures.length > 0) process.stderr.write(`${failures.length} of ${rows.length} runs cost too much\n`);
process.exit(failures.length > 0 ? 1 : 0);

/** An argument with the names of places in it replaced: `@FILE`, `OUT.html`. */
function inPlace(part, names) {
  return part.replace(/\b(?:FILE|FOLDER|BUNDLED|OUT)\b/, (name) => names[name]);
}

function textOf({ attack, bytes, verb, seconds, mib, code, failed }) {
  const cost = `${seconds.toFixed(2).padStart(7)} s ${String(Math.round(mib)).padStart(5)} MiB  exit ${code ?? '-'}`;
  return `${failed === undefined ? 'ok    ' : 'FAILED'} ${cost}  ${(bytes / 1e6).toFixed(1).padStart(5)} MB  ${attack.name}: ${verb}${failed === undefined ? '' : ` (${failed})`}`;
}

/** One row an attack: the dearest of its verbs. */
function markdown(all) {
  const lines = [
    '| input | bytes | what it shares | verbs | dearest verb | s | MiB |',
    '| --- | ---: | --- | ---: | --- | ---: | ---: |',
  ];
  for (const attack of new Set(all.map((row) => row.attack))) {
    const own = all.filter((row) => row.attack === attack);
    const dearest = own.reduce((worst, row) => (row.seconds > worst.seconds ? row : worst));
    const memory = Math.max(...own.map((row) => row.mib));
    lines.push(
      `| ${attack.name} | ${dearest.bytes.toLocaleString('en')} | ${attack.idea} | ${own.length} | \`${dearest.verb}\` | ${dearest.seconds.toFixed(1)} | ${Math.round(memory)} |`,
    );
  }
  return lines.join('\n');
}

function run(args, mostSeconds, environment) {
  const report = join(folder, 'meter.json');
  rmSync(report, { force: true });
  const started = Date.now();
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${MOST_HEAP}`, '--import', meter, join(root, 'packages/cli/bin/deadbox.js'), ...args],
    {
      env: { ...process.env, ...environment, DEADBOX_METER: report, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let ended;
  let printed = 0;
  let errors = '';
  const end = (reason) => {
    ended ??= reason;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => end(`no end within ${MOST_MS / 1000} s`), MOST_MS);
  const watch = setInterval(() => {
    if (processorSeconds(child.pid) > mostSeconds) end(`no end within ${mostSeconds.toFixed(1)} s of processor time`);
  }, 200);
  child.stdout.on('data', (data) => {
    printed += data.length;
    if (printed > MOST_OUTPUT) end(`printed more than ${MOST_OUTPUT >> 20} MiB`);
  });
  child.stderr.on('data', (data) => (errors = `${errors}${data}`.slice(-2000)));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearInterval(watch);
      if (signal !== null || (code !== 0 && code !== 1 && code !== 2 && code !== 3))
        ended ??= errors.includes('heap') ? `more than ${MOST_HEAP} MiB of heap` : `ended with ${signal ?? code}`;
      if (/unexpected error|INTERNAL/i.test(errors)) ended ??= 'unexpected error';
      const { seconds, mib } = existsSync(report)
        ? JSON.parse(readFileSync(report, 'utf8'))
        : { seconds: (Date.now() - started) / 1000, mib: 0 };
      resolve({ seconds, mib, code, ended });
    });
  });
}

/** Processor time that a process has used so far, where the system tells: in hundredths of a second, on every Linux. */
function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** The recipes, which are TypeScript, as one module. */
async function bundled() {
  const { build } = await import('esbuild');
  const outfile = join(folder, 'attacks.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['tests/support/attack/attacks.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['deadbox-source'],
    logLevel: 'warning',
  });
  return import(outfile);
}

/** Writes an attack into a folder of its own below `parent`, and says where. */
function placeAttack(attack, parent) {
  const own = join(parent, attack.file.replace(/\W+/g, '-'));
  mkdirSync(own, { recursive: true });
  const path = join(own, attack.file);
  const bytes = attack.bytes();
  writeFileSync(path, bytes);
  return { path, folder: own, bytes: bytes.length };
}
