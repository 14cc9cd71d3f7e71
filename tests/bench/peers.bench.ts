// npm run bench -- peers [files] [jobs]: jobs that another program does with fewer layers. Jobs: hash, reg, bodyfile;
// dissect, where Python has dissect.ntfs (DEADBOX_PYTHON names the Python).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/corpus.js';
import { type KeySpec, writeHive } from '../support/hive-writer.js';
import { makeVolume, whileMounted } from '../support/ntfs/ntfs3g-volume.js';
import { canMount, hasTool } from '../support/tools.js';
import { hivexRows } from '../support/windows/hivexml.js';
import { hold, machine } from './contest.js';

const files = Number(process.argv[2] ?? 3400);
const only = process.argv[3]?.split(',');
const runs = Number(process.argv[4] ?? 5);
const wanted = (name: string): boolean => only === undefined || only.includes(name);
const scratch = join(cacheFolder, `peers-bench-${process.pid}`);
const big = join(cacheFolder, 'big');
mkdirSync(scratch, { recursive: true });
mkdirSync(big, { recursive: true });
const results: boolean[] = [];

/** Small files as a Windows folder has them, written by ntfs-3g. */
function smallFiles(): string {
  const path = join(big, `small-files-${files}.img`);
  if (existsSync(path)) return path;
  const content = createHash('sha512').update('small').digest();
  makeVolume(`${path}.part`, (files * 16 + 65_536) << 10, ['-c', '4096']);
  whileMounted(`${path}.part`, 'big_writes', (root) => {
    for (let i = 0; i < files; i += 1) {
      const folder = `${root}/folder ${i % 97}`;
      mkdirSync(folder, { recursive: true });
      const bytes = Buffer.alloc(8 + ((i * 7919) % 13_000), content);
      bytes.writeUInt32LE(i);
      writeFileSync(`${folder}/file ${i}.dll`, bytes);
    }
  });
  renameSync(`${path}.part`, path);
  return path;
}

/** `hash path` of every line of sha256sum, below the mount point. */
function summed(output: string, mount: string): Set<string> {
  const lines = readFileSync(output, 'utf8').trim().split('\n');
  return new Set(lines.map((line) => `${line.slice(0, 64)} ${line.slice(66 + mount.length)}`));
}

/** The same of our listing. */
function listed(output: string): Set<string> {
  const lines = readFileSync(output, 'utf8').trim().split('\n');
  return new Set(
    lines.flatMap((line) => {
      const match = /([0-9a-f]{64})\s+(\/.*)$/.exec(line);
      return match === null ? [] : [`${match[1]} ${match[2]}`];
    }),
  );
}

function sameSets(ours: ReadonlySet<string>, theirs: ReadonlySet<string>, least: number): void {
  const missing = [...theirs].filter((line) => !ours.has(line));
  const extra = [...ours].filter((line) => !theirs.has(line));
  if (missing.length + extra.length > 0 || ours.size < least)
    throw new Error(`${ours.size} of ${theirs.size}: ${[...missing, '—', ...extra].slice(0, 6).join('; ')}`);
}

function hashes(): void {
  const image = smallFiles();
  const mount = join(scratch, 'mnt');
  mkdirSync(mount, { recursive: true });
  const script = 'ntfs-3g -o ro "$1" "$2" && find "$2" -type f -print0 | xargs -0 sha256sum; umount "$2"';
  results.push(
    hold(
      {
        name: `ls -r --hash sha256, ${files} small files`,
        ours: ['ls', '-r', '--hash', 'sha256', image],
        theirs: ['sh', '-c', script, 'sh', image, mount],
        peer: 'ntfs-3g and sha256sum',
        atMost: 0.7,
        runs,
        compare: (ours, theirs) => sameSets(listed(ours), summed(theirs, mount), files),
      },
      scratch,
    ),
  );
}

/** A hive of 15 MB with the proportions of SYSTEM: services with parameters, devices with properties. */
function hive(): string {
  const path = join(big, 'registry-15.hive');
  if (existsSync(path)) return path;
  const keys: Record<string, KeySpec> = {};
  for (let i = 0; i < 9000; i += 1)
    keys[`Service ${i}`] = {
      values: { Start: i % 5, Type: 1, ImagePath: { expand: `%SystemRoot%\\System32\\drivers\\service${i}.sys` } },
      keys: {
        Parameters: {
          values: {
            Blob: new Uint8Array(600).fill(i),
            List: ['one', 'two', `three ${i}`],
            DisplayName: `Service ${i}`,
          },
        },
        Enum: { values: { Count: 1, '0': `ROOT\\LEGACY\\${i}` } },
      },
    };
  writeFileSync(path, writeHive({ keys: { ControlSet001: { keys } } }));
  return path;
}

function registry(): void {
  const path = hive();
  const rows = hivexRows(path).filter(({ name }) => name !== undefined).length;
  const count = (output: string): number =>
    readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => JSON.parse(line).type >= 0).length;
  results.push(
    hold(
      {
        name: 'reg -r --ndjson, a hive of 15 MB',
        ours: ['reg', path, '-r', '--ndjson'],
        // hivexml opens its output by name.
        theirs: ['sh', '-c', 'hivexml "$1" | cat', 'sh', path],
        peer: 'hivexml',
        atMost: 1,
        runs,
        compare: (ours) => {
          if (count(ours) !== rows) throw new Error(`${count(ours)} values, hivexml ${rows}`);
        },
      },
      scratch,
    ),
  );
}

/** Names by fsntfsinfo's body file, without streams and NTFS's own files. */
function bodyNames(output: string): Set<string> {
  const names = new Set<string>();
  for (const line of readFileSync(output, 'utf8').split('\n')) {
    const [, shown = '', record = ''] = line.split('|');
    const name = shown.replaceAll('\\\\', '/');
    const number = Number(record.split('-')[0]);
    if (name.startsWith('/') && number >= 24 && !name.slice(1).includes(':') && !name.startsWith('/$Extend'))
      names.add(name.replace(/ \(\$FILE_NAME\)$/, ''));
  }
  return names;
}

function bodyFile(): void {
  const image = smallFiles();
  results.push(
    hold(
      {
        name: `timeline --format bodyfile, ${files} small files`,
        ours: ['timeline', '--format', 'bodyfile', image],
        theirs: [
          'sh',
          '-c',
          'fsntfsinfo -B "$1" -H "$2" > /dev/null; cat "$1"; rm -f "$1"',
          'sh',
          join(scratch, 'body'),
          image,
        ],
        peer: 'fsntfsinfo',
        atMost: 1,
        runs,
        compare: (ours, theirs) => sameSets(bodyNames(ours), bodyNames(theirs), files),
      },
      scratch,
    ),
  );
}

/** Every path that dissect.ntfs knows, of files in use, without NTFS's own. */
const DISSECT = `
import sys
from dissect.ntfs import NTFS
with open(sys.argv[1], "rb") as volume:
    for record in NTFS(volume).mft.segments():
        if record.segment < 24 or not record.header or not record.header.Flags & 1: continue
        for path in record.full_paths(True): print("/" + path.replace(chr(92), "/"))
`;

/** Paths of dissect.ntfs against ours; names of the eight-and-three kind are the listing's to leave out. */
function dissect(): void {
  const python = process.env.DEADBOX_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import dissect.ntfs']).status !== 0)
    return void process.stdout.write('dissect: Python has no dissect.ntfs, not measured\n');
  const image = smallFiles();
  const paths = (output: string): Set<string> =>
    new Set(
      readFileSync(output, 'utf8')
        .split('\n')
        .filter((line) => /^\/folder \d+\/file/.test(line)),
    );
  results.push(
    hold(
      {
        name: `ls -r, ${files} small files`,
        ours: ['ls', '-r', image],
        theirs: [python, '-c', DISSECT, image],
        peer: 'dissect.ntfs',
        atMost: 1,
        runs,
        compare: (ours, theirs) => sameSets(paths(ours), paths(theirs), files),
      },
      scratch,
    ),
  );
}

try {
  process.stdout.write(`${machine()}\n`);
  if (wanted('dissect') && canMount) dissect();
  if (!canMount) process.stdout.write('hash, bodyfile: need root with /dev/fuse, not measured\n');
  if (wanted('hash') && canMount) hashes();
  if (wanted('reg')) registry();
  if (wanted('bodyfile') && canMount && hasTool('fsntfsinfo')) bodyFile();
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
