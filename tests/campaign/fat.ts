import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { FatVolume } from '@deadbox/fat';
import { type TreeRow, treeByMtools, treeByUs } from '../support/fat/fat-image.js';
import { run } from '../support/tools.js';
import { compareFacts, difference, type Family, made, type Numbers, type Scale } from './family.js';
import { patterned } from './numbers.js';

/** A change of a FAT volume that mtools makes; folders and files are meant by number, modulo how many there are. */
type FatStep =
  | { readonly do: 'folder'; readonly in: number; readonly name: string }
  | { readonly do: 'file'; readonly in: number; readonly name: string; readonly size: number; readonly seed: number }
  | { readonly do: 'delete'; readonly of: number };

interface FatCase {
  readonly bits: 12 | 16 | 32;
  readonly kibibytes: number;
  readonly sector: number;
  readonly sectorsPerCluster: number;
  readonly tables: number;
  readonly reserved: number;
  readonly rootEntries: number;
  readonly steps: readonly FatStep[];
}

/** What FAT allows in long names and mtools converts: the Basic Multilingual Plane without what Win32 reserves. */
const RANGES = [
  [0x61, 0x7a],
  [0x41, 0x5a],
  [0x23, 0x29],
  [0xc0, 0x17f],
  [0x391, 0x3c9],
  [0x410, 0x44f],
  [0x4e00, 0x4fff],
] as const;

function drawName(numbers: Numbers, index: number): string {
  const [first, last] = numbers.pick(RANGES);
  // A name of the source is at most 255 bytes long.
  // Short names have no code page of their own (mtools takes 850, we 437): what is not ASCII is too long for one.
  const least = last > 0x7f ? 9 : 1;
  const length = numbers.scaled(least, last > 0x7f ? (last > 0x7ff ? 75 : 110) : 240);
  const text = String.fromCharCode(...Array.from({ length }, () => first + numbers.below(last - first + 1)));
  const end = numbers.pick(['', '', '.TXT', '.t', '.many.dots', ' blank']);
  return numbers.chance(0.3) ? `F${index}${numbers.pick(['', '.SYS', '.sys'])}` : `${text}${index}${end}`;
}

function draw(numbers: Numbers, scale: Scale): FatCase {
  const bits = numbers.pick([12, 16, 32] as const);
  const sector = numbers.pick([512, 512, 512, 1024, 2048, 4096]);
  const sectorsPerCluster = numbers.pick([1, 2, 4, 8, 16]);
  // The number of clusters says which FAT it is: 4085 and 65525 are the bounds.
  const clusters = {
    12: numbers.scaled(200, 4000),
    16: 4200 + numbers.below(20_000),
    32: 66_000 + numbers.below(9000),
  }[bits];
  const cluster = bits === 32 || bits === 16 ? Math.min(sectorsPerCluster, 2) : sectorsPerCluster;
  return {
    bits,
    kibibytes: Math.min(160 << 10, Math.ceil((clusters * cluster * sector * 1.05) / 1024) + 700),
    sector,
    sectorsPerCluster: cluster,
    tables: numbers.pick([1, 2, 2, 2]),
    reserved: bits === 32 ? numbers.pick([16, 32, 40]) : numbers.pick([1, 4, 9]),
    rootEntries: numbers.pick([128, 512, 1024]),
    steps: Array.from({ length: numbers.scaled(2, scale === 'full' ? 80 : 10) }, (_, index): FatStep => {
      const at = numbers.below(1000);
      if (numbers.chance(0.2)) return { do: 'delete', of: at };
      if (numbers.chance(0.25)) return { do: 'folder', in: at, name: drawName(numbers, index) };
      return { do: 'file', in: at, name: drawName(numbers, index), size: numbers.scaled(0, 120_000), seed: at };
    }),
  };
}

/** Steps up to the next deletion go to mtools at once: it starts once for each batch. */
function build(one: FatCase, image: string, folder: string): void {
  writeFileSync(image, '');
  truncateSync(image, one.kibibytes << 10);
  const root = one.bits === 32 ? [] : ['-r', String(one.rootEntries)];
  const layout = ['-S', one.sector, '-s', one.sectorsPerCluster, '-f', one.tables, '-R', one.reserved].map(String);
  run('mkfs.vfat', ['-F', String(one.bits), '-n', 'CAMPAIGN', '-a', ...layout, ...root, image]);
  const folders = [''];
  const files: string[] = [];
  let stage: string | undefined;
  const staged = (path: string): string => {
    stage ??= mkdtempSync(join(folder, 'stage-'));
    const target = join(stage, path);
    mkdirSync(join(target, '..'), { recursive: true });
    return target;
  };
  const flush = (): void => {
    if (stage === undefined) return;
    // Folders that are there already are merged into; a full volume ends the copy, and what is there is compared.
    run('sh', [
      '-c',
      'cd "$1" && mcopy -s -Q -D s -i "$2" * ::/ < /dev/null > /dev/null 2>&1 || true',
      'sh',
      stage,
      image,
    ]);
    rmSync(stage, { recursive: true, force: true });
    stage = undefined;
  };
  for (const step of one.steps) {
    if (step.do === 'folder') {
      const path = join(folders[step.in % folders.length], step.name);
      if (path.length > 600) continue;
      mkdirSync(staged(path), { recursive: true });
      folders.push(path);
    } else if (step.do === 'file') {
      const path = join(folders[step.in % folders.length], step.name);
      writeFileSync(staged(path), patterned(step.seed, step.size, 'mixed'));
      files.push(path);
    } else if (files.length > 0) {
      flush();
      const [path] = files.splice(step.of % files.length, 1);
      run('sh', ['-c', 'mdel -i "$1" "::/$2" < /dev/null > /dev/null 2>&1 || true', 'sh', image, path]);
    }
  }
  flush();
}

const facts = (rows: readonly TreeRow[]): Map<string, string> =>
  new Map(rows.map(({ path, type, size, sha256 }) => [path, `${type}, ${size} bytes, ${sha256}`]));

export const fat: Family<FatCase> = {
  name: 'fat',
  tools: ['mkfs.vfat', 'mcopy', 'mdel'],
  draw,
  async run(one, folder) {
    const image = join(folder, 'volume.img');
    const theirs = made(() => {
      build(one, image, folder);
      return treeByMtools(image);
    });
    const source = await openFile(image);
    try {
      const volume = await FatVolume.open(source);
      const { issues } = volume.issues;
      return [
        ...compareFacts('files', facts(await treeByUs(volume)), facts(theirs)),
        ...difference('type', volume.fileSystem === `fat${one.bits}` ? [] : [`we ${volume.fileSystem}`]),
        ...difference(
          'issues',
          issues.map((issue) => JSON.stringify(issue)),
        ),
      ];
    } finally {
      await source.close?.();
    }
  },
};
