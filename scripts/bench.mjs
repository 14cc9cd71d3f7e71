// npm run bench [-- NAME [arguments]] [-- --only NAME,NAME] [--short] [--list] [--json FILE] [--compare OLD.json]
//
// Runs tests/bench/*.bench.ts, all of them or those whose names begin so: deadbox and other programs at the same jobs,
// in turn, with equal answers. --json keeps the figures, beside those that the file has of other jobs; --compare says
// what changed since such a file. --short takes small inputs and few runs: a few minutes instead of most of an hour.
// `npm run check -- --only bench --update-bench` writes the tables and curves of docs/performance.md anew from
// docs/bench.json.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { bundleSource } from './bundle-source.mjs';
import { argumentsAsked, cache, filesBelow, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const { values: options, positionals } = argumentsAsked({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});

/** Arguments of each benchmark with --short. */
const SHORT = {
  curves: ['fragments,latency', '1'],
  encryption: ['64'],
  fleet: ['60'],
  'full-report': ['20000'],
  image: ['128'],
  ntfs: ['20000', 'fls,7z,7z-wasm,ntfsls,timeline,lookup', '3'],
  page: ['20000'],
  peers: ['1000', 'hash,reg,bodyfile,dissect', '1'],
  'quick-scan': ['20000'],
};

const [name, ...rest] = positionals;
const wanted = options.only?.split(',') ?? (name === undefined ? [''] : [name]);
const nameOf = (path) => basename(path).replace(/\.bench\.(ts|mjs)$/, '');
const all = filesBelow(join(root, 'tests/bench'), (path) => /\.bench\.(ts|mjs)$/.test(path));
const chosen = all.filter((path) => wanted.some((part) => nameOf(path).startsWith(part)));
if (options.list || chosen.length === 0) {
  const names = all.map((path) => `  ${nameOf(path)}\n`).join('');
  (options.list ? process.stdout : process.stderr).write(
    options.list ? names : `No benchmark is called ${wanted.join(', ')}. There are:\n${names}`,
  );
  process.exit(options.list ? 0 : 2);
}
const before = options.compare === undefined ? undefined : JSON.parse(readFileSync(options.compare, 'utf8'));
const lines = join(cache, 'bench', `lines-${process.pid}.ndjson`);
mkdirSync(join(cache, 'bench'), { recursive: true });
process.on('exit', () => rmSync(lines, { force: true }));

await ensureBuilt();
let worst = 0;
for (const file of chosen) {
  process.stdout.write(`== ${nameOf(file)}\n`);
  const program = file.endsWith('.mjs') ? file : await bundleSource(file, 'bench', join(root, 'tests/bench'));
  const env = { DEADBOX_BENCH: nameOf(file), DEADBOX_BENCH_LINES: lines };
  worst = Math.max(worst, run(process.execPath, ['--expose-gc', program, ...argumentsOf(file)], { env }).status);
}
const figures = existsSync(lines)
  ? readFileSync(lines, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
if (options.json !== undefined) {
  const sameJob = (one, other) =>
    one.bench === other.bench &&
    one.job === other.job &&
    one.unit === other.unit &&
    one.theirs?.tool === other.theirs?.tool;
  const kept = existsSync(options.json) ? JSON.parse(readFileSync(options.json, 'utf8')).figures : [];
  const others = kept.filter((one) => !figures.some((other) => sameJob(one, other)));
  const every = [...others, ...figures].sort((one, other) =>
    one.bench < other.bench ? -1 : one.bench > other.bench ? 1 : 0,
  );
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine: machine(), tools: versions(), figures: every }, null, 1)}\n`,
  );
}
if (before !== undefined) compare(before.figures, figures);
process.exit(worst);

/** What a benchmark is given: what the command line says, else what --short says. */
function argumentsOf(file) {
  return rest.length === 0 && options.short ? (SHORT[nameOf(file)] ?? []) : rest;
}

/** What the figures were measured on, with how busy it was at the end. */
function machine() {
  const [processor] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    processors: cpus().length,
    model: processor?.model ?? 'unknown processor',
    gibibytes: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[2].toFixed(1)),
  };
}

/** Versions of the other programs, as they say them. */
function versions() {
  const asked = {
    'The Sleuth Kit': ['fls', ['-V'], /[\d.]+/],
    '7-Zip': ['7z', [], /7-Zip.*? (\d+\.\d+)/],
    'ntfs-3g': ['ntfs-3g', ['--version'], /ntfs-3g ([\d.]+)/],
    QEMU: ['qemu-img', ['--version'], /version ([\d.]+)/],
    wimlib: ['wimlib-imagex', ['--version'], /wimlib[^\d]*([\d.]+)/],
    dislocker: ['dislocker-file', ['-h'], /v([\d.]+)/],
    '7z-wasm': ['npm', ['ls', '7z-wasm', '--prefix', join(root, '.cache/peers')], /7z-wasm@([\d.]+)/],
    libbde: ['bdeinfo', ['-V'], /(\d{8})/],
    coreutils: ['sha256sum', ['--version'], /([\d.]+)$/m],
  };
  const found = {};
  for (const [label, [command, args, pattern]] of Object.entries(asked)) {
    const { stdout, stderr } = run(command, args, {
      capture: true,
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    const match = pattern.exec(`${stdout}${stderr}`);
    if (match !== null) found[label] = match[1] ?? match[0];
  }
  return found;
}

/** Our time over theirs, then and now: what slowed the machine slowed both. */
function compare(old, now) {
  process.stdout.write("\n== against the older figures: share of the other program's time, our memory\n");
  for (const one of now.filter(({ kind }) => kind === 'contest')) {
    const same = old.find(
      ({ bench, job, theirs }) => bench === one.bench && job === one.job && theirs?.tool === one.theirs.tool,
    );
    const memory = (side) => `${(side.kilobytes / 1024).toFixed(0)} MiB`;
    const then = same === undefined ? 'new' : `${same.ratio.toFixed(3)}, ${memory(same.ours)}`;
    process.stdout.write(
      `${one.bench}: ${one.job} / ${one.theirs.tool}\n  ${then} -> ${one.ratio.toFixed(3)}, ${memory(one.ours)}\n`,
    );
  }
}
