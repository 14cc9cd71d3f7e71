import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/tools.js';
import type { Numbers, Scale } from './family.js';
import { PATTERNS, type Pattern, patterned } from './numbers.js';

/** One change of a disk; places and lengths are bytes and may reach beyond its end, where qemu-io refuses them. */
export type DiskStep =
  | {
      readonly do: 'write';
      readonly at: number;
      readonly length: number;
      readonly pattern: Pattern;
      readonly seed: number;
      readonly packed: boolean;
    }
  | { readonly do: 'zero'; readonly at: number; readonly length: number; readonly unmap: boolean }
  | { readonly do: 'discard'; readonly at: number; readonly length: number }
  | { readonly do: 'snapshot'; readonly name: string }
  | { readonly do: 'apply'; readonly name: string }
  | { readonly do: 'forget'; readonly name: string };

/** One image file of a chain, the base first. */
export interface Layer {
  readonly driver: string;
  readonly options: string;
  /** How it comes to be: written where it lies, or converted from a raw disk, packed or not. */
  readonly how: 'create' | 'convert' | 'pack';
  readonly steps: readonly DiskStep[];
}

type Base = readonly [driver: string, options: readonly string[], hows: readonly Layer['how'][]];
/** What qemu-img writes of each format. */
const BASES: readonly Base[] = [
  ['raw', [''], ['create']],
  [
    'vpc',
    ['subformat=dynamic', 'subformat=dynamic,force_size=on', 'subformat=fixed', 'subformat=fixed,force_size=on'],
    ['create', 'convert'],
  ],
  [
    'vhdx',
    ['', 'subformat=fixed', 'block_size=1M', 'block_size=2M,log_size=2M', 'block_state_zero=off'],
    ['create', 'convert'],
  ],
  ['vdi', ['', 'static=on'], ['create', 'convert']],
  [
    'vmdk',
    [
      '',
      'compat6=on',
      'zeroed_grain=on',
      'subformat=monolithicFlat',
      'subformat=twoGbMaxExtentSparse',
      'subformat=twoGbMaxExtentFlat',
    ],
    ['create', 'convert'],
  ],
  ['vmdk', ['subformat=streamOptimized', 'subformat=streamOptimized,adapter_type=lsilogic'], ['convert']],
  ['parallels', ['', 'cluster_size=64k'], ['create', 'convert']],
  ['qcow', [''], ['create', 'convert', 'pack']],
];

function drawQcow2(numbers: Numbers): string {
  const old = numbers.chance(0.2);
  const cluster = numbers.pick(['512', '4k', '16k', '64k', '64k', '128k', '1M', '2M']);
  const options = [`cluster_size=${cluster}`, `compat=${old ? '0.10' : '1.1'}`];
  if (!old && numbers.chance(0.3)) options.push('lazy_refcounts=on');
  if (!old && numbers.chance(0.3)) options.push(`refcount_bits=${numbers.pick([1, 2, 4, 8, 16, 32, 64])}`);
  if (!old && numbers.chance(0.3)) options.push('compression_type=zstd');
  if (!old && numbers.chance(0.3) && !['512', '4k'].includes(cluster)) options.push('extended_l2=on');
  if (numbers.chance(0.2)) options.push('preallocation=metadata');
  return options.join(',');
}

function drawSteps(numbers: Numbers, size: number, qcow2: boolean, scale: Scale): DiskStep[] {
  const names = ['s1', 's2', 's3'];
  const kinds = [
    'write',
    'write',
    'write',
    'write',
    'zero',
    'discard',
    ...(qcow2 ? (['snapshot', 'apply', 'forget'] as const) : []),
  ] as const;
  return Array.from({ length: numbers.scaled(1, scale === 'full' ? 20 : 6) }, (): DiskStep => {
    const kind = numbers.pick(kinds);
    if (kind === 'snapshot' || kind === 'apply' || kind === 'forget') return { do: kind, name: numbers.pick(names) };
    const unit = numbers.pick([1, 512, 512, 4096, 65_536]);
    const at = Math.floor(numbers.below(size) / unit) * unit;
    const length = Math.min(size - at, Math.max(1, Math.ceil(numbers.scaled(1, 3 << 20) / unit)) * unit);
    if (kind === 'zero') return { do: kind, at, length, unmap: numbers.chance(0.5) };
    if (kind === 'discard') return { do: kind, at, length };
    const packed = qcow2 && numbers.chance(0.25);
    return { do: kind, at, length, pattern: numbers.pick(PATTERNS), seed: numbers.below(1000), packed };
  });
}

export function drawLayers(numbers: Numbers, size: number, scale: Scale): Layer[] {
  const [driver, variants, hows] = numbers.chance(0.4)
    ? (['qcow2', [drawQcow2(numbers)], ['create', 'create', 'convert', 'pack']] satisfies Base)
    : numbers.pick(BASES);
  const qcow2 = driver === 'qcow2';
  const layers: Layer[] = [
    { driver, options: numbers.pick(variants), how: numbers.pick(hows), steps: drawSteps(numbers, size, qcow2, scale) },
  ];
  // VMDK takes only VMDK as its parent; the others take anything that has no extents of its own.
  const flat = layers[0].options.includes('twoGb') || layers[0].options.includes('Flat');
  for (let more = flat ? 0 : numbers.below(4) - 1; more > 0; more -= 1) {
    const next = driver === 'vmdk' && numbers.chance(0.7) && layers.at(-1)?.driver === 'vmdk' ? 'vmdk' : 'qcow2';
    const options = next === 'vmdk' ? '' : drawQcow2(numbers).replace(',preallocation=metadata', '');
    layers.push({ driver: next, options, how: 'create', steps: drawSteps(numbers, size, next === 'qcow2', scale) });
  }
  return layers;
}

/** Writes the files of a chain into a folder and gives their names, the base first. */
export function writeLayers(layers: readonly Layer[], size: number, folder: string): string[] {
  const names: string[] = [];
  for (const [i, layer] of layers.entries()) {
    const name = `layer${i}.${layer.driver}`;
    const inFolder = { cwd: folder };
    const options = layer.options === '' ? [] : ['-o', layer.options];
    if (layer.how === 'create') {
      const below = i === 0 ? [] : ['-b', names[i - 1], '-F', layers[i - 1].driver];
      run(
        'qemu-img',
        ['create', '-q', '-f', layer.driver, ...options, ...below, name, ...(i === 0 ? [String(size)] : [])],
        inFolder,
      );
      applySteps(layer.steps, layer.driver, name, folder);
    } else {
      run('qemu-img', ['create', '-q', '-f', 'raw', 'source.raw', String(size)], inFolder);
      applySteps(layer.steps, 'raw', 'source.raw', folder);
      const packed = layer.how === 'pack' ? ['-c'] : [];
      run(
        'qemu-img',
        ['convert', '-q', ...packed, '-f', 'raw', '-O', layer.driver, ...options, 'source.raw', name],
        inFolder,
      );
    }
    names.push(name);
  }
  return names;
}

/** Steps between two snapshots go to one process. */
function applySteps(steps: readonly DiskStep[], driver: string, name: string, folder: string): void {
  let commands: string[] = [];
  const flush = (): void => {
    // What one command of many is refused (a packed write of half a cluster) does not end the others.
    const script = commands.flatMap((command) => ['-c', command]);
    if (commands.length > 0)
      run('sh', ['-c', 'qemu-io "$@" > io.log 2>&1 || true', 'sh', '-f', driver, '-d', 'unmap', ...script, name], {
        cwd: folder,
      });
    commands = [];
  };
  for (const [i, step] of steps.entries()) {
    if (step.do === 'write') {
      const source = `bytes${i}`;
      writeFileSync(join(folder, source), patterned(step.seed, step.length, step.pattern));
      commands.push(`write ${step.packed ? '-c ' : ''}-s ${join(folder, source)} ${step.at} ${step.length}`);
    } else if (step.do === 'zero') commands.push(`write -z ${step.unmap ? '-u ' : ''}${step.at} ${step.length}`);
    else if (step.do === 'discard') commands.push(`discard ${step.at} ${step.length}`);
    else if (driver === 'qcow2') {
      flush();
      const flag = { snapshot: '-c', apply: '-a', forget: '-d' }[step.do];
      run('sh', ['-c', 'qemu-img snapshot "$@" > /dev/null 2>&1 || true', 'sh', flag, step.name, name], {
        cwd: folder,
      });
    }
  }
  flush();
}
