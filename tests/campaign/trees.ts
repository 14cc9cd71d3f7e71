import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { checkVolume, type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { makeVolume, whileMounted } from '../support/ntfs/ntfs3g-volume.js';
import { run } from '../support/tools.js';
import { compareFacts, type Difference, difference, type Family, made, type Numbers, type Scale } from './family.js';
import { fromBytes, toBytes } from './names.js';
import { drawStep, type Step, TreeBuilder } from './tree-steps.js';

/** An NTFS volume that ntfs-3g makes and fills. */
interface TreeCase {
  readonly sector: number;
  readonly cluster: number;
  readonly mebibytes: number;
  /** Whether `:` sets off a stream, or is a character of names. */
  readonly streams: boolean;
  readonly compression: boolean;
  /** One tree fills the volume; several have a folder each. */
  readonly trees: readonly (readonly Step[])[];
}

/** Trees of a dense volume. */
const DENSE = 16;

const CLUSTERS = [512, 1024, 2048, 4096, 4096, 8192, 16_384, 65_536, 131_072, 1_048_576, 2_097_152];
/** Clusters that The Sleuth Kit reads. */
const MOST_FLS_CLUSTER = 65_536;
/** Entries below this are NTFS's own. */
const FIRST_USER_RECORD = 24;
const FILETIME_OF_1970 = 116_444_736_000_000_000n;

/** What one name is, as both sides can say it. */
function fact(record: number, type: string, size: number | bigint, modified: bigint, hash: string): string {
  return `record ${record}, ${type}, ${size} bytes, modified ${modified}, ${hash}`;
}

function draw(numbers: Numbers, scale: Scale): TreeCase {
  const sector = numbers.pick([512, 512, 512, 1024, 2048, 4096]);
  const cluster = numbers.pick(CLUSTERS.filter((size) => size >= sector && (scale !== 'small' || size <= 65_536)));
  const streams = numbers.chance(0.75);
  const compression = cluster <= 4096 && numbers.chance(0.4);
  const size: Scale = scale === 'full' ? 'full' : 'small';
  const choice = { cluster, scale: size, colons: !streams, compressed: compression };
  const tree = (): Step[] => {
    const count = { full: numbers.scaled(5, 150), dense: numbers.scaled(5, 50), small: 25 }[scale];
    return Array.from({ length: count }, () => drawStep(numbers, choice));
  };
  const mebibytes = { full: 40, dense: 64, small: 12 }[scale];
  return {
    sector,
    cluster,
    mebibytes: Math.max(mebibytes, (cluster * 256) >> 20),
    streams,
    compression,
    trees: Array.from({ length: scale === 'dense' ? DENSE : 1 }, tree),
  };
}

/** Everything below a mount point: a fact for every name, and the contents of the named streams that were written. */
interface Mounted {
  readonly names: Map<string, string>;
  readonly streams: Map<string, string>;
}

const hashOf = (path: Buffer): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Adds a fact for every name below `root`, and gives a path of each record. */
function readTree(root: string, found: Map<string, string>): Map<number, Buffer> {
  const places = new Map<number, Buffer>();
  const walk = (path: Buffer, shown: string): void => {
    for (const name of readdirSync(path, { encoding: 'buffer' })) {
      const child = Buffer.concat([path, Buffer.from('/'), name]);
      const stats = lstatSync(child, { bigint: true });
      const [record, directory] = [Number(stats.ino), stats.isDirectory()];
      const text = `${shown}/${fromBytes(name)}`;
      const modified = stats.mtimeNs / 100n + FILETIME_OF_1970;
      const hash = directory ? '-' : hashOf(child);
      found.set(text, fact(record, directory ? 'directory' : 'file', directory ? 0 : stats.size, modified, hash));
      places.set(record, child);
      if (directory) walk(child, text);
    }
  };
  walk(Buffer.from(root), '');
  return places;
}

/** Builds the volume, mounts it again, and reads it as ntfs-3g does. */
function build({ sector, cluster, mebibytes, streams, compression, trees: drawn }: TreeCase, image: string): Mounted {
  const options = `streams_interface=${streams ? 'windows' : 'none'}${compression ? ',compression' : ''}`;
  makeVolume(image, mebibytes << 20, ['-s', String(sector), '-c', String(cluster), '-L', 'campaign']);
  const written: { readonly record: number; readonly name: string }[] = [];
  whileMounted(image, options, (root) => {
    for (const [i, steps] of drawn.entries()) {
      const folder = drawn.length === 1 ? root : join(root, String(i));
      mkdirSync(folder, { recursive: true });
      const builder = new TreeBuilder(folder);
      for (const step of steps) builder.apply(step);
      written.push(...builder.streams);
    }
  });
  const result: Mounted = { names: new Map(), streams: new Map() };
  whileMounted(image, `ro,${options}`, (root) => {
    const places = readTree(root, result.names);
    for (const { record, name } of streams ? written : []) {
      const file = places.get(record);
      // The file may have been deleted since.
      if (file === undefined) continue;
      const path = Buffer.concat([file, Buffer.from(':'), toBytes(name)]);
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
        result.streams.set(`${record}:${name}`, hashOf(path));
    }
  });
  return result;
}

async function readOurs(volume: NtfsVolume): Promise<Mounted & { readonly problems: string[] }> {
  const names = new Map<string, string>();
  const streams = new Map<string, string>();
  const problems: string[] = [];
  const walk = async (directory: NtfsFile): Promise<void> => {
    const listing = directory.entries();
    for await (const batch of listing) {
      for (const entry of batch) {
        if (entry.record < FIRST_USER_RECORD) continue;
        const file = await entry.open();
        const { type, record, size, modified } = file;
        const hash = type === 'directory' ? '-' : await hashSource(await file.stream());
        names.set(file.path, fact(record, type, size, modified ?? 0n, hash));
        for (const { name } of file.streams())
          streams.set(`${record}:${name}`, await hashSource(await file.stream(name)));
        if (type === 'directory') await walk(file);
      }
    }
    if (!listing.complete || listing.foundBy !== 'index')
      problems.push(`${directory.path}: ${listing.foundBy}, ${listing.complete ? 'complete' : 'incomplete'}`);
  };
  await walk(await volume.root());
  return { names, streams, problems };
}

/** fls shows control characters as `^`, and spoils what is no valid text. */
const shownByFls = (path: string): boolean => !/[:\uFFFD-\uFFFF\u2028\u2029\u0085\p{Surrogate}]/u.test(path);
const recordOf = (said: string | undefined): string => /record (\d+)/.exec(said ?? '')?.[1] ?? '';

/** fls ends some names behind 256 bytes, though its own istat, like ntfsls, shows them whole: also those of folders. */
function cutByFls(path: string, whole: string): boolean {
  const [shown, names] = [path.split('/'), whole.split('/')];
  return shown.length === names.length && shown.every((name, i) => name === names[i] || isCut(name, names[i]));
}

function isCut(name: string, whole: string): boolean {
  // The cut may fall into a character.
  const [shown, all] = [Buffer.from(name.replace(/\uFFFD$/, '')), Buffer.from(whole)];
  return shown.length >= 253 && shown.length <= 256 && all.subarray(0, shown.length).equals(shown);
}

/** The names that fls can show, without every name of a file that has one that it cannot. */
function againstFls(image: string, ours: ReadonlyMap<string, string>): Difference[] {
  const spoilt = new Set([...ours].filter(([path]) => !shownByFls(path)).map(([, said]) => recordOf(said)));
  const shown = new Map<string, string>();
  for (const line of run('fls', ['-r', '-p', '-u', image]).split('\n')) {
    const match = /^\S+ (\d+)-(\d+)-\d+:\t(.*)$/.exec(line);
    if (match === null || Number(match[1]) < FIRST_USER_RECORD || spoilt.has(match[1])) continue;
    if (!match[3].includes(':')) shown.set(`/${match[3]}`, match[1]);
  }
  const wanted = new Map<string, string>();
  for (const [path, said] of ours)
    if (!spoilt.has(recordOf(said))) wanted.set(path.replaceAll(/\p{Cc}/gu, '^'), recordOf(said));
  // ntfs-3g has judged which names there are; fls also lists those that a rename left in the slack of a node.
  const named = new Set(wanted.values());
  for (const [path, record] of shown) {
    if (wanted.has(path) || !named.has(record)) continue;
    shown.delete(path);
    for (const [whole, said] of wanted) if (said === record && cutByFls(path, whole)) shown.set(whole, record);
  }
  return compareFacts('fls', wanted, shown);
}

/** The table's own pass over all records, lookups by path, the check of all structures, and the free clusters. */
async function otherWays(volume: NtfsVolume, image: string, names: ReadonlyMap<string, string>): Promise<Difference[]> {
  const theirs = new Map([...names].map(([path, said]) => [path, recordOf(said)]));
  const table = await volume.mft();
  const rows = [...table.rows()].map((row): [string, string] => [table.path(row), String(table.name(row).record)]);
  const ours = new Map(rows.filter(([path]) => path !== '/'));
  const looked: string[] = [];
  // A backslash parts folders in a path that is looked up.
  const plain = [...names.keys()].filter((path) => !path.includes('\\'));
  for (const path of plain.slice(0, 40)) {
    const found = await volume.lookup(path);
    if (String(found?.record) !== theirs.get(path)) looked.push(`${JSON.stringify(path)}: ${found?.record}`);
  }
  const check = await checkVolume(volume);
  const unsound = check.sound
    ? []
    : [JSON.stringify(check, (_, value) => (typeof value === 'bigint' ? String(value) : value)).slice(0, 1500)];
  const free = /Free Clusters:\s+(\d+)/.exec(run('ntfsinfo', ['-m', image]))?.[1];
  const counted = String((await (await volume.clusters()).count()).free);
  return [
    ...compareFacts('table', ours, theirs),
    ...difference('lookup', looked),
    ...difference('check', unsound),
    ...difference('free clusters', free === counted ? [] : [`they ${free}, we ${counted}`]),
  ];
}

export const trees: Family<TreeCase> = {
  name: 'trees',
  tools: ['mkntfs', 'ntfs-3g', 'ntfsinfo', 'fls', 'setfattr', 'umount'],
  mounts: true,
  draw,
  count: ({ trees: drawn }) => drawn.length,
  async run(one, folder) {
    const image = join(folder, 'volume.img');
    const mounted = made(() => build(one, image));
    const source = await openFile(image);
    try {
      const volume = await NtfsVolume.open(source);
      const ours = await readOurs(volume);
      const { issues } = volume.issues;
      return [
        ...compareFacts('names', ours.names, mounted.names),
        ...(one.streams ? compareFacts('streams', ours.streams, mounted.streams) : []),
        ...difference('listing', ours.problems),
        ...difference(
          'issues',
          issues.map((issue) => JSON.stringify(issue)),
        ),
        ...(await otherWays(volume, image, mounted.names)),
        ...(one.cluster <= MOST_FLS_CLUSTER ? againstFls(image, ours.names) : []),
      ];
    } finally {
      await source.close?.();
    }
  },
};
