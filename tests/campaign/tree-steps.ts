import {
  closeSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { run } from '../support/tools.js';
import type { Numbers, Scale } from './family.js';
import { drawName, toBytes } from './names.js';
import { PATTERNS, type Pattern, patterned } from './numbers.js';

/**
 * One change of a mounted volume. Folders and files are meant by number, in the order they were made, modulo how many
 * there are.
 */
export type Step =
  | { readonly do: 'folder'; readonly in: number; readonly name: string; readonly compressed: boolean }
  | {
      readonly do: 'file';
      readonly in: number;
      readonly name: string;
      readonly size: number;
      readonly pattern: Pattern;
      readonly seed: number;
    }
  | { readonly do: 'stream'; readonly of: number; readonly name: string; readonly size: number; readonly seed: number }
  | { readonly do: 'link'; readonly of: number; readonly in: number; readonly name: string }
  | {
      readonly do: 'write';
      readonly of: number;
      readonly at: number;
      readonly size: number;
      readonly pattern: Pattern;
      readonly seed: number;
    }
  | { readonly do: 'resize'; readonly of: number; readonly size: number }
  | { readonly do: 'delete'; readonly of: number }
  | { readonly do: 'rename'; readonly of: number; readonly in: number; readonly name: string }
  | { readonly do: 'many'; readonly in: number; readonly count: number; readonly name: string; readonly step: number }
  | { readonly do: 'links'; readonly of: number; readonly in: number; readonly count: number; readonly name: string }
  | {
      readonly do: 'scatter';
      readonly in: number;
      readonly rounds: number;
      readonly size: number;
      readonly name: string;
    }
  | { readonly do: 'times'; readonly of: number; readonly seconds: number };

/** Kinds of step, as often as they stand here. */
// biome-ignore format: a table of weights
const KINDS = [
  'file', 'file', 'file', 'file', 'file', 'folder', 'folder', 'stream', 'stream', 'link', 'write', 'write',
  'write', 'resize', 'delete', 'rename', 'many', 'links', 'scatter', 'times',
] as const;

/** Bytes of a path that still leave room for a name below PATH_MAX. */
const MOST_PATH = 3200;

export interface StepChoice {
  readonly cluster: number;
  readonly scale: Scale;
  /** Whether `:` is a character of names; without it, it sets off a stream. */
  readonly colons: boolean;
  readonly compressed: boolean;
}

/** Sizes around everything that changes how content is stored. */
function drawSize(numbers: Numbers, cluster: number): number {
  const edge = numbers.pick([0, 1, 600, 700, 800, cluster, 2 * cluster, 16 * cluster, 65_536]);
  const size = numbers.chance(0.5) ? edge + numbers.below(3) - 1 : numbers.scaled(0, 300_000);
  return Math.max(0, Math.min(size, 1 << 20));
}

export function drawStep(numbers: Numbers, { cluster, scale, colons, compressed }: StepChoice): Step {
  const name = (): string => drawName(numbers, colons, true);
  const index = (): number => numbers.below(1000);
  const size = (): number => drawSize(numbers, cluster);
  const seed = index();
  const kind = numbers.pick(KINDS);
  const small = scale === 'small';
  switch (kind) {
    case 'folder':
      return { do: kind, in: index(), name: name(), compressed: compressed && numbers.chance(0.3) };
    case 'file':
      return { do: kind, in: index(), name: name(), size: size(), pattern: numbers.pick(PATTERNS), seed };
    case 'stream':
      return { do: kind, of: index(), name: drawName(numbers, false, false), size: size(), seed };
    case 'link':
    case 'rename':
      return { do: kind, of: index(), in: index(), name: name() };
    case 'write':
      return {
        do: kind,
        of: index(),
        at: size() * numbers.pick([1, 1, 7]),
        size: size(),
        pattern: numbers.pick(PATTERNS),
        seed,
      };
    case 'resize':
      return { do: kind, of: index(), size: size() * numbers.pick([1, 1, 9]) };
    case 'many':
      return {
        do: kind,
        in: index(),
        count: numbers.scaled(1, small ? 40 : numbers.chance(0.003) ? 100_000 : 900),
        name: drawName(numbers, colons, false).slice(0, 20),
        step: numbers.pick([1, 7919]),
      };
    case 'links':
      return {
        do: kind,
        of: index(),
        in: index(),
        count: numbers.scaled(1, small ? 12 : 120),
        name: name().slice(0, 200),
      };
    case 'scatter':
      return {
        do: kind,
        in: index(),
        rounds: numbers.scaled(1, small ? 20 : 400),
        size: numbers.scaled(1, 3 * Math.min(cluster, 8192)),
        name: name().slice(0, 100),
      };
    case 'delete':
      return { do: kind, of: index() };
    case 'times':
      // 1601 to 2400 in seconds of Unix.
      return { do: kind, of: index(), seconds: numbers.below(25_214_000_000) - 11_644_000_000 };
  }
}

/**
 * Carries steps out below a mount point. What the file system refuses (a name that is taken, a full volume) is passed
 * over.
 */
export class TreeBuilder {
  readonly #root: Buffer;
  readonly #folders: Buffer[] = [];
  readonly #files: Buffer[] = [];
  /** Streams that were written, with the record of their file. */
  readonly streams: { readonly record: number; readonly name: string }[] = [];

  constructor(root: string) {
    this.#root = Buffer.from(root);
    this.#folders.push(this.#root);
  }

  apply(step: Step): void {
    try {
      this.#apply(step);
    } catch (error) {
      if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    }
  }

  #below(folder: number, name: string): Buffer {
    const parent = this.#folders[folder % this.#folders.length];
    const path = Buffer.concat([parent, Buffer.from('/'), toBytes(name)]);
    return path.length > MOST_PATH ? Buffer.concat([this.#root, Buffer.from('/'), toBytes(name)]) : path;
  }

  #file(index: number): Buffer | undefined {
    return this.#files[index % Math.max(1, this.#files.length)];
  }

  #apply(step: Step): void {
    if (step.do === 'folder') {
      const path = this.#below(step.in, step.name);
      mkdirSync(path);
      this.#folders.push(path);
      if (step.compressed) compressBelow(path);
    } else if (step.do === 'file') {
      const path = this.#below(step.in, step.name);
      writeFileSync(path, patterned(step.seed, step.size, step.pattern), { flag: 'wx' });
      this.#files.push(path);
    } else if (step.do === 'many') {
      for (let i = 0; i < step.count; i += 1)
        writeFileSync(this.#below(step.in, `${step.name}${(i * step.step) % 100_003}`), i % 50 === 0 ? 'x' : '');
    } else if (step.do === 'scatter') this.#scatter(step);
    else {
      const path = this.#file(step.of);
      if (path !== undefined) this.#change(path, step);
    }
  }

  #change(path: Buffer, step: Exclude<Step, { do: 'folder' | 'file' | 'many' | 'scatter' }>): void {
    const at = this.#files.indexOf(path);
    switch (step.do) {
      case 'stream':
        writeFileSync(
          Buffer.concat([path, Buffer.from(':'), toBytes(step.name)]),
          patterned(step.seed, step.size, 'mixed'),
        );
        this.streams.push({ record: lstatSync(path).ino, name: step.name });
        return;
      case 'link':
        linkSync(path, this.#below(step.in, step.name));
        return;
      case 'links':
        for (let i = 0; i < step.count; i += 1) linkSync(path, this.#below(step.in, `${step.name}${i}`));
        return;
      case 'write':
        writeAt(path, step.at, patterned(step.seed, step.size, step.pattern));
        return;
      case 'resize':
        truncateSync(path, step.size);
        return;
      case 'delete':
        rmSync(path);
        this.#files.splice(at, 1);
        return;
      case 'rename': {
        const target = this.#below(step.in, step.name);
        renameSync(path, target);
        this.#files[at] = target;
        return;
      }
      case 'times':
        lutimesSync(path, step.seconds, step.seconds + 0.25);
    }
  }

  /** Three files that grow in turn, so that each lies in many pieces; the middle one is deleted. */
  #scatter({ in: folder, rounds, size, name }: Extract<Step, { do: 'scatter' }>): void {
    const paths = ['a', 'b', 'c'].map((letter) => this.#below(folder, `${name}${letter}`));
    const handles = paths.map((path) => openSync(path, 'wx'));
    try {
      for (let round = 0; round < rounds; round += 1)
        for (const [i, handle] of handles.entries()) writeSync(handle, patterned(round * 3 + i, size, 'mixed'));
    } finally {
      for (const handle of handles) closeSync(handle);
    }
    this.#files.push(paths[0], paths[2]);
    rmSync(paths[1]);
  }
}

function writeAt(path: Buffer, at: number, bytes: Uint8Array): void {
  const handle = openSync(path, 'r+');
  try {
    writeSync(handle, bytes, 0, bytes.length, at);
  } finally {
    closeSync(handle);
  }
}

/** Sets FILE_ATTRIBUTE_COMPRESSED, which what is made in the folder inherits. */
function compressBelow(path: Buffer): void {
  const name = path.toString('latin1');
  // Arguments of a process are text: names beyond ASCII go without.
  if (/^[\x20-\x7e]*$/.test(name)) run('setfattr', ['-h', '-v', '0x00080000', '-n', 'system.ntfs_attrib', name]);
}
