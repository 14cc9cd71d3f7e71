// npm run bench -- ntfs [files] [jobs] [runs]: listing, timeline and contents of large volumes against other tools,
// with equal output; reads of a lookup; the growth of a scan's time. Jobs: fls, 7z, 7z-wasm, ntfsls, timeline, cat,
// icat, decode, lookup, growth.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CachedSource, CountingSource, isZero, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { MftTable, NtfsVolume } from '@deadbox/ntfs';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { makeVolume, whileMounted } from '../support/ntfs/ntfs3g-volume.js';
import { machineCode } from '../support/ntfs/sample-data.js';
import { wimAlgorithms, wimResource } from '../support/ntfs/wim-resource.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { canMount, run } from '../support/tools.js';
import { root } from '../support/workspace.js';
import { type Contest, hold, machine } from './contest.js';
import { cachedMixedData } from './mixed-data.js';

const GIB = 2 ** 30;
const files = Number(process.argv[2] ?? 400_000);
const big = join(cacheFolder, 'big');
const scratch = join(cacheFolder, `ntfs-bench-${process.pid}`);
mkdirSync(scratch, { recursive: true });

/** The Windows partition of a crashed disk as a file of its own, so that tools without partitions can read it. */
function windowsVolume(): string {
  const disk = cachedCrashedDisk({ files });
  const target = join(big, `windows-${files}.img`);
  mkdirSync(big, { recursive: true });
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

/** Paths of one listing against those of another, both without NTFS's own files. */
function compareSets(ours: Set<string>, theirs: Set<string>): void {
  const missing = [...theirs].filter((path) => !ours.has(path));
  const extra = [...ours].filter((path) => !theirs.has(path));
  if (missing.length + extra.length > 0)
    throw new Error(
      `${missing.length} names are missing, ${extra.length} too many: ${[...missing, ...extra].slice(0, 5).join(', ')}`,
    );
  if (ours.size < files) throw new Error(`only ${ours.size} names`);
}

const linesOf = (output: string): string[] => readFileSync(output, 'utf8').split('\n').slice(0, -1);

function ourPaths(output: string): Set<string> {
  return new Set(linesOf(output));
}

/** Paths as fls lists them. */
function flsPaths(output: string): Set<string> {
  const found = new Set<string>();
  for (const line of linesOf(output)) {
    const match = /^[rd]\/[rd] (\d+)-\d+-\d+:\t(.*)$/.exec(line);
    if (
      match !== null &&
      Number(match[1]) >= 24 &&
      !match[2].startsWith('$OrphanFiles') &&
      !/(?:^|\/)[^/]*:/.test(match[2])
    )
      found.add(`/${match[2]}`);
  }
  return found;
}

/** Paths as 7z lists them: the name begins at column 53. */
function sevenZipPaths(output: string): Set<string> {
  const found = new Set<string>();
  for (const line of linesOf(output)) {
    const match = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [.A-Z]{5}.{28}(.+)$/.exec(line);
    if (match !== null && !match[1].startsWith('[SYSTEM]') && !/ files(?:, |$)| streams?$/.test(match[1]))
      found.add(`/${match[1]}`);
  }
  return found;
}

/** 7z-wasm prints each byte of UTF-8 above 7Fh as a character of its own, in the row FF80h to FFFFh. */
function wasmPaths(output: string): Set<string> {
  return new Set(Array.from(sevenZipPaths(output), (path) => Buffer.from(path, 'latin1').toString('utf8')));
}

/** Paths as ntfsls -R lists them: the names of a folder below its path. */
function ntfslsPaths(output: string): Set<string> {
  const found = new Set<string>();
  let folder = '/';
  let fresh = true;
  for (const line of linesOf(output)) {
    if (fresh) {
      folder = line.endsWith('/:') ? line.slice(0, -1) : `${line.slice(0, -1)}/`;
      fresh = false;
    } else if (line === '') fresh = true;
    else if (line !== '.' && line !== '..') found.add(`${folder}${line}`);
  }
  return found;
}

/** What a body file says of every name: path, record, size, four times. The mode is a convention of each tool. */
function bodyFacts(output: string): Set<string> {
  const found = new Set<string>();
  for (const line of linesOf(output)) {
    const fields = line.split('|');
    const record = Number.parseInt(fields[2], 10);
    // The file system's own files, and those that fls makes up.
    if (record < 24 || fields[1].startsWith('/$Orphan')) continue;
    // fls gives the size of $FILE_NAME, we the file's own: it is compared in the other line.
    const size =
      fields[1].endsWith(' ($FILE_NAME)') || fields[3].includes('d/d') || fields[3].startsWith('d') ? '' : fields[6];
    found.add([fields[1], record, size, ...fields.slice(7)].join('|'));
  }
  return found;
}

const same = (read: Record<'ours' | 'theirs', (output: string) => Set<string>>) => (ours: string, theirs: string) =>
  compareSets(read.ours(ours), read.theirs(theirs));
const sameBytes = (ours: string, theirs: string): void => void run('cmp', [ours, theirs]);

/** A volume with one file of 1 GiB in one piece, full of data. */
function contiguousVolume(): string {
  const path = join(big, 'contiguous-1024.img');
  if (existsSync(path)) return path;
  mkdirSync(big, { recursive: true });
  const content = Buffer.alloc(GIB);
  const handle = openSync(cachedMixedData(2 * GIB), 'r');
  readSync(handle, content, 0, GIB, 0);
  closeSync(handle);
  const sink = new FileSink(`${path}.part`, GIB + (64 << 20));
  const writer = new NtfsVolumeWriter(sink, { size: GIB + (64 << 20) });
  writer.tree.addFile(writer.tree.root, 'contiguous.bin', { content });
  writer.finish();
  sink.close();
  renameSync(`${path}.part`, path);
  return path;
}

/**
 * A volume that ntfs-3g and wimlib compressed: 64 MiB as LZNT1, XPRESS and LZX, and the WIM files that hold the same
 * bytes.
 */
function compressedVolume(): { image: string; wims: Record<string, string> } {
  const folder = join(big, 'compressed-64');
  const image = join(folder, 'volume.img');
  const wims = {
    xpress4k: join(folder, 'XPRESS-4096.wim'),
    xpress16k: join(folder, 'XPRESS-16384.wim'),
    lzx32k: join(folder, 'LZX-32768.wim'),
  };
  if (existsSync(image)) return { image, wims };
  mkdirSync(folder, { recursive: true });
  const content = machineCode(64 << 20);
  const partial = `${image}.part`;
  makeVolume(partial, 256 << 20, ['-c', '4096']);
  whileMounted(partial, 'compression,streams_interface=windows', (mount) => {
    mkdirSync(`${mount}/lznt1`);
    run('setfattr', ['-h', '-v', '0x00080000', '-n', 'system.ntfs_attrib', `${mount}/lznt1`]);
    writeFileSync(`${mount}/lznt1/content`, content);
    for (const { algorithm, number, compress, chunkSize } of wimAlgorithms) {
      if (!(algorithm in wims)) continue;
      const path = `${mount}/${algorithm}`;
      writeFileSync(path, '');
      writeFileSync(`${path}:WofCompressedData`, wimResource(folder, content, compress, chunkSize).bytes);
      truncateSync(path, content.length);
      const point = Buffer.from(Uint32Array.from([0x8000_0017, 16, 1, 2, 1, number]).buffer).toString('hex');
      run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${point}`, path]);
    }
  });
  rmSync(join(folder, 'wim-source'), { recursive: true, force: true });
  renameSync(partial, image);
  return { image, wims };
}

/** Reads of one path lookup on a volume that was just opened, below the block cache that openDisk puts there. */
async function lookupReads(image: string): Promise<boolean> {
  const file = await openFile(image);
  const paths = [
    '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys',
    '/Windows/System32/config/SYSTEM',
    '/windows/system32/NOT-THERE.dll',
  ];
  let worst = 0;
  for (const path of paths) {
    const counting = new CountingSource(file);
    const volume = await NtfsVolume.open(new CachedSource(counting));
    const opening = counting.reads;
    const found = await volume.lookup(path);
    if ((found === undefined) !== path.includes('NOT-THERE') && !path.endsWith('SYSTEM'))
      throw new Error(`${path}: ${found === undefined ? 'not found' : 'found'}`);
    worst = Math.max(worst, counting.reads - opening);
    process.stdout.write(
      `  lookup of ${path}: ${counting.reads - opening} reads, after ${opening} for opening the volume\n`,
    );
  }
  await file.close?.();
  process.stdout.write(`one lookup: ${worst} reads, wanted at most 16${worst <= 16 ? '' : '  MISSED'}\n`);
  return worst <= 16;
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

const only = process.argv[3]?.split(',');
const runs = Number(process.argv[4] ?? 9);
const wanted = (name: string): boolean => only === undefined || only.includes(name);

function listings(image: string): boolean[] {
  const ours = ['ls', '-r', image];
  const contests: (Contest & { key: string })[] = [
    {
      key: 'fls',
      name: 'ls -r, all paths',
      ours,
      theirs: ['fls', '-r', '-p', image],
      atMost: 1 / 6,
      compare: same({ ours: ourPaths, theirs: flsPaths }),
    },
    {
      key: '7z',
      name: 'ls -r, all paths; and peak memory',
      ours,
      theirs: ['7z', 'l', image],
      atMost: 1 / 3,
      compare: same({ ours: ourPaths, theirs: sevenZipPaths }),
      memory: true,
    },
    {
      key: 'ntfsls',
      name: 'ls -r, all paths',
      ours,
      theirs: ['ntfsls', '-R', '-f', '-p', '/', image],
      atMost: 2.5,
      compare: same({ ours: ourPaths, theirs: ntfslsPaths }),
    },
    {
      key: 'timeline',
      name: 'timeline --format bodyfile',
      ours: ['timeline', '--format', 'bodyfile', image],
      theirs: ['fls', '-r', '-m', '/', image],
      atMost: 1 / 8,
      compare: same({ ours: bodyFacts, theirs: bodyFacts }),
    },
  ];
  const results = contests.filter(({ key }) => wanted(key)).map((contest) => hold({ ...contest, runs }, scratch));
  return wanted('7z-wasm') ? [...results, ...nextPackage(image)] : results;
}

/** The nearest package of npm that lists NTFS: 7-Zip as WebAssembly, where it is installed. */
function nextPackage(image: string): boolean[] {
  const program = join(root, '.cache/peers/node_modules/7z-wasm/cli.js');
  if (!existsSync(program)) {
    process.stdout.write(`7z-wasm: npm install --prefix .cache/peers 7z-wasm, not measured\n`);
    return [];
  }
  return [
    hold(
      {
        name: 'ls -r, all paths; and peak memory',
        ours: ['ls', '-r', image],
        // It sees the current folder only.
        theirs: [
          'sh',
          '-c',
          'cd "$1" && exec "$2" "$3" l "$4"',
          'sh',
          dirname(image),
          process.execPath,
          program,
          basename(image),
        ],
        peer: '7z-wasm',
        atMost: 1 / 3,
        runs: Math.min(runs, 3),
        compare: same({ ours: ourPaths, theirs: wasmPaths }),
        memory: true,
      },
      scratch,
    ),
  ];
}

/** The record of a file in a root folder, as The Sleuth Kit numbers it. */
function recordOf(image: string, name: string): string {
  const line = run('fls', [image])
    .split('\n')
    .find((one) => one.endsWith(`\t${name}`));
  return /(\d+)-/.exec(line ?? '')?.[1] ?? '';
}

function contents(): boolean[] {
  const results: boolean[] = [];
  const name = 'contiguous.bin';
  if (wanted('icat')) {
    const image = contiguousVolume();
    results.push(
      hold(
        {
          name: 'cat of a contiguous file of 1 GiB',
          ours: ['cat', image, `/${name}`],
          theirs: ['icat', image, recordOf(image, name)],
          atMost: 1,
          compare: sameBytes,
        },
        scratch,
      ),
    );
  }
  if (wanted('cat')) {
    const image = contiguousVolume();
    results.push(
      hold(
        {
          name: 'cat of a contiguous file of 1 GiB',
          ours: ['cat', image, `/${name}`],
          theirs: ['ntfscat', '-f', image, name],
          atMost: 1,
          compare: sameBytes,
        },
        scratch,
      ),
    );
  }
  if (!wanted('decode')) return results;
  if (!canMount) {
    process.stdout.write('decoding: needs root with /dev/fuse, not measured\n');
    return results;
  }
  const { image, wims } = compressedVolume();
  const mount = join(scratch, 'mnt');
  mkdirSync(mount, { recursive: true });
  const script = 'ntfs-3g -o ro "$1" "$2" && cat "$2/lznt1/content"; umount "$2"';
  const data = '64 MiB of machine code';
  results.push(
    hold(
      {
        name: `LZNT1, ${data}, mounted by ntfs-3g and read`,
        ours: ['cat', image, '/lznt1/content'],
        theirs: ['sh', '-c', script, 'sh', image, mount],
        atMost: 2,
        compare: sameBytes,
      },
      scratch,
    ),
    ...Object.entries(wims).map(([algorithm, wim]) =>
      hold(
        {
          name: `${algorithm}, ${data}`,
          ours: ['cat', image, `/${algorithm}`],
          theirs: ['wimlib-imagex', 'extract', wim, '1', '/content', '--to-stdout'],
          atMost: 2,
          compare: sameBytes,
        },
        scratch,
      ),
    ),
  );
  return results;
}

try {
  process.stdout.write(`${machine()}\n${files} files\n`);
  const image = windowsVolume();
  const results = [...listings(image), ...contents()];
  if (wanted('lookup')) results.push(await lookupReads(image));
  process.exitCode = results.every(Boolean) ? 0 : 1;
  if (wanted('growth')) {
    const record = run('sh', ['-c', `icat ${JSON.stringify(image)} 0 | head -c 7168 | tail -c 1024 | base64 -w0`]);
    await growth(new Uint8Array(Buffer.from(record, 'base64')), [100_000, 400_000, 1_000_000, 4_000_000]);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
