// npm run bench -- ntfs [files]: listing and timeline of a large volume against other tools, with equal output; then the growth of a scan's time.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeSync, ftruncateSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { MemorySource, isZero } from '@deadbox/core';
import { MftTable } from '@deadbox/ntfs';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { canMount, hasTool, run } from '../support/tools.js';

const RUNS = 9;
const files = Number(process.argv[2] ?? 400_000);
const cli = join(import.meta.dirname, '../../packages/cli/bin/deadbox.js');
const scratch = join(cacheFolder, `ntfs-bench-${process.pid}`);
mkdirSync(scratch, { recursive: true });

/** The Windows partition of a crashed disk as a file of its own, so that tools without partitions can read it. */
function windowsVolume(): string {
  const disk = cachedCrashedDisk({ files });
  const target = `${disk}.windows`;
  if (existsSync(target)) return target;
  const handle = openSync(disk, 'r');
  const entry = Buffer.alloc(128);
  readSync(handle, entry, 0, 128, 1024 + 2 * 128);
  const from = Number(entry.readBigUInt64LE(32)) * 512;
  const length = Number(entry.readBigUInt64LE(40) + 1n) * 512 - from;
  const out = openSync(`${target}.part`, 'w');
  const buffer = Buffer.alloc(1 << 20);
  for (let at = 0; at < length; at += buffer.length) {
    const size = readSync(handle, buffer, 0, Math.min(buffer.length, length - at), from + at);
    if (!isZero(buffer.subarray(0, size))) writeSync(out, buffer, 0, size, at);
  }
  ftruncateSync(out, length);
  closeSync(out);
  closeSync(handle);
  renameSync(`${target}.part`, target);
  return target;
}

/** A volume with one contiguous file of 1 GiB, made by mkntfs and ntfs-3g; `undefined` where they cannot be used. */
function largeFile(): string | undefined {
  const target = join(cacheFolder, 'one-gib.img');
  if (existsSync(target)) return target;
  if (!canMount || !hasTool('mkntfs') || !hasTool('ntfs-3g')) return undefined;
  const mount = join(scratch, 'mount');
  mkdirSync(mount);
  run('truncate', ['-s', '1300M', `${target}.part`]);
  run('mkntfs', ['-F', '-f', '-q', `${target}.part`]);
  run('ntfs-3g', [`${target}.part`, mount]);
  try {
    run('sh', ['-c', `yes 'a line of the large file' | head -c 1073741824 > '${mount}/one.bin'`]);
  } finally {
    run('umount', [mount]);
  }
  renameSync(`${target}.part`, target);
  return target;
}

interface Measured {
  milliseconds: number;
  kilobytes: number;
}

/** One run; its output goes to `output`. */
function timed(tool: string, args: readonly string[], output: string): Measured {
  const handle = openSync(output, 'w');
  const usage = join(scratch, 'usage');
  const started = process.hrtime.bigint();
  const { error, status } = spawnSync('/usr/bin/time', ['-f', '%M', '-o', usage, tool, ...args], { stdio: ['ignore', handle, 'ignore'] });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(handle);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${status}`);
  return { milliseconds, kilobytes: Number(readFileSync(usage, 'utf8').trim()) };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

function show(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}

interface Contest {
  name: string;
  /** Arguments of deadbox. */
  ours: readonly string[];
  theirs: readonly [tool: string, ...args: string[]];
  /** Our time over theirs must be at most this. */
  atMost: number;
  /** Throws when the outputs differ. */
  compare?: (ours: string, theirs: string) => void;
  /** Whether our peak memory must be lower. */
  memory?: boolean;
}

/** `record path` of every name in use, without NTFS's own files, as fls lists them. */
function flsPaths(output: string): Set<string> {
  const found = new Set<string>();
  for (const line of readFileSync(output, 'utf8').split('\n')) {
    const match = /^[rd]\/[rd] (\d+)-\d+-\d+:\t(.*)$/.exec(line);
    if (match !== null && Number(match[1]) >= 24 && !/(?:^|\/)[^/]*:/.test(match[2])) found.add(`/${match[2]}`);
  }
  return found;
}

function ourPaths(output: string): Set<string> {
  return new Set(readFileSync(output, 'utf8').split('\n').slice(0, -1));
}

function compareSets(ours: Set<string>, theirs: Set<string>): void {
  const missing = [...theirs].filter((path) => !ours.has(path) && !path.startsWith('/$OrphanFiles') && !path.startsWith('/$Extend/'));
  const extra = [...ours].filter((path) => !theirs.has(path));
  if (missing.length + extra.length > 0)
    throw new Error(`${missing.length} names are missing, ${extra.length} too many: ${[...missing, ...extra].slice(0, 5).join(', ')}`);
}

function contest({ name, ours, theirs, atMost, compare, memory }: Contest): boolean {
  const [tool, ...args] = theirs;
  if (!hasTool(tool)) {
    process.stdout.write(`${name}: ${tool} is not installed, not measured\n`);
    return true;
  }
  const own: Measured[] = [];
  const other: Measured[] = [];
  const ownOutput = join(scratch, 'ours');
  const otherOutput = join(scratch, 'theirs');
  for (let turn = -1; turn < RUNS; turn += 1) {
    const first = timed(process.execPath, [cli, ...ours], ownOutput);
    const second = timed(tool, args, otherOutput);
    if (turn < 0) {
      compare?.(ownOutput, otherOutput);
      continue;
    }
    own.push(first);
    other.push(second);
  }
  const times = (list: readonly Measured[]): number[] => list.map((one) => one.milliseconds);
  const ratio = median(times(own)) / median(times(other));
  const peak = (list: readonly Measured[]): number => median(list.map((one) => one.kilobytes));
  const good = ratio <= atMost && (memory !== true || peak(own) < peak(other));
  process.stdout.write(
    `${name}\n  deadbox ${show(times(own))}, ${(peak(own) / 1024).toFixed(0)} MiB; ${tool} ${show(times(other))}, ${(peak(other) / 1024).toFixed(0)} MiB\n` +
      `  ${ratio <= 1 ? `${(1 / ratio).toFixed(1)} times as fast` : `${ratio.toFixed(2)} times its time`} (wanted: ${atMost <= 1 ? `${(1 / atMost).toFixed(0)} times as fast` : `at most ${atMost} times its time`})${good ? '' : '  MISSED'}\n`,
  );
  return good;
}

/** Scans of synthetic `$MFT`s, made of copies of one record in use. */
async function growth(template: Uint8Array<ArrayBuffer>, counts: readonly number[]): Promise<void> {
  process.stdout.write('scan of a synthetic $MFT, times and names kept\n');
  for (const count of counts) {
    const bytes = new Uint8Array(Math.min(count, 1 << 20) * 1024);
    for (let record = 0; record * 1024 < bytes.length; record += 1) bytes.set(template, record * 1024);
    const source = new MemorySource(bytes);
    const repeated = {
      size: count * 1024,
      read: (offset: number, length: number) => source.read(offset % bytes.length, length),
      readInto: (offset: number, target: Uint8Array<ArrayBuffer>) =>
        target.set(bytes.subarray(offset % bytes.length, (offset % bytes.length) + target.length)),
    };
    const started = performance.now();
    const table = await MftTable.scan({ source: repeated, recordSize: 1024, recordCount: count });
    const milliseconds = performance.now() - started;
    process.stdout.write(
      `  ${(count / 1e6).toFixed(1)} million records: ${milliseconds.toFixed(0)} ms, ${((milliseconds * 1e6) / count).toFixed(0)} ns a record, ${table.columns.names} names\n`,
    );
  }
}

try {
  const image = windowsVolume();
  process.stdout.write(
    `node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${RUNS} alternating runs, warm page cache, ${files} files\n`,
  );
  const fls = (ours: string, theirs: string): void => compareSets(ourPaths(ours), flsPaths(theirs));
  const results = [
    contest({ name: 'ls -r, all paths', ours: ['ls', '-r', image], theirs: ['fls', '-r', '-p', image], atMost: 1 / 6, compare: fls }),
    contest({ name: 'ls -r, all paths', ours: ['ls', '-r', image], theirs: ['7z', 'l', image], atMost: 1 / 3, memory: true }),
    contest({ name: 'ls -r, all paths', ours: ['ls', '-r', image], theirs: ['ntfsls', '-R', '-f', '-p', '/', image], atMost: 2.5 }),
    contest({
      name: 'timeline --format bodyfile',
      ours: ['timeline', '--format', 'bodyfile', image],
      theirs: ['fls', '-r', '-m', '/', image],
      atMost: 1 / 8,
    }),
  ];
  const large = largeFile();
  if (large !== undefined) {
    const same = (ours: string, theirs: string): void => {
      if (spawnSync('cmp', [ours, theirs]).status !== 0) throw new Error('the contents differ');
    };
    results.push(
      contest({
        name: 'cat of a contiguous file of 1 GiB',
        ours: ['cat', large, '/one.bin'],
        theirs: ['ntfscat', '-f', large, '/one.bin'],
        atMost: 1.1,
        compare: same,
      }),
    );
  }
  process.exitCode = results.every(Boolean) ? 0 : 1;
  const record = run('sh', ['-c', `icat ${JSON.stringify(image)} 0 | head -c 7168 | tail -c 1024 | base64 -w0`]);
  await growth(new Uint8Array(Buffer.from(record, 'base64')), [100_000, 400_000, 1_000_000, 4_000_000]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
