import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseAst } from 'vitest/node';
import { filesBelow, root, textOf } from './workspace.js';

/**
 * The floors of each package, from the ground up: a room (a folder of `src`) or a file beside the rooms imports only
 * from floors below its own. A package that is not listed has no rooms. `index`, `internals` and what an export for
 * Node names (`files`, `writing`) stand on the roof and need not be listed.
 */
export const floors: Readonly<Record<string, readonly string[]>> = {
  core: [
    'clock',
    'errors',
    'damage',
    'bytes',
    'issue',
    'structure',
    'http',
    'sources',
    'nbd',
    'evidence',
    'evidence-name',
    'file-tree',
    'folder-tree',
  ],
  image: [
    'errors',
    'limits',
    'text',
    'image-format',
    'mapped',
    'compression',
    'machine',
    'qemu',
    'raw',
    'vhd',
    'vhdx',
    'vmdk',
    'qcow2',
    'qcow',
    'vdi',
    'parallels',
    'ewf',
    'ova',
    'all-formats',
    'file-names',
    'opening',
  ],
  partitions: ['errors', 'limits', 'table', 'mbr', 'boot-code', 'gpt', 'ldm', 'read-partition-table', 'signature'],
  encryption: ['errors', 'limits', 'aes', 'finding', 'keys', 'bitlocker', 'detect', 'seal'],
  ntfs: [
    'errors',
    'limits',
    'record',
    'compression',
    'attributes',
    'index',
    'streams',
    'table',
    'files',
    'log',
    'journal',
    'shadow-copy',
    'dedup',
    'volume',
    'check',
  ],
  windows: [
    'errors',
    'limits',
    'source-fact',
    'calendar',
    'registry',
    'pe',
    'machine',
    'drivers',
    'session',
    'boot',
    'measured-boot',
    'crash',
    'events',
  ],
  triage: [
    'errors',
    'limits',
    'cause-kinds',
    'report',
    'servers',
    'machine',
    'rules',
    'obstacles',
    'evidence',
    'subject',
    'drivers',
    'platforms',
    'causes',
    'scan',
    'why',
    'structures',
    'walk',
  ],
  repair: [
    'errors',
    'limits',
    'plan',
    'operations',
    'storage',
    'plan-repair',
    'journal',
    'apply',
    'overlay',
    'verify-repair',
  ],
  report: ['shape', 'document', 'words', 'help', 'pages', 'writers', 'screen', 'figures', 'render', 'forms'],
  cli: [
    'closest',
    'known-options',
    'option-names',
    'library',
    'open-path',
    'exit-code',
    'exit-codes',
    'version',
    'options',
    'completion-scripts',
    'settings',
    'output',
    'diagnostics',
    'mounts',
    'input',
    'supervision',
    'runs',
    'verbs',
    'program',
    'completion',
    'start',
  ],
};

const ROOF = new Set(['index', 'internals', 'files', 'writing', 'main']);

/** An import between two files of one package, as paths from the package's `src`. */
export interface InnerImport {
  readonly from: string;
  readonly to: string;
}

/** Every import between files of a package's `src`: static, re-exported, dynamic, of types too. */
export function innerImports(name: string): InnerImport[] {
  const folder = `packages/${name}/src`;
  return filesBelow(folder)
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const text = textOf(path);
      const { body } = parseAst(text, { lang: 'ts' }) as unknown as { body: { source?: { value: string } | null }[] };
      const fixed = body.flatMap((node) => (typeof node.source?.value === 'string' ? [node.source.value] : []));
      const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1]);
      return [...fixed, ...dynamic]
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(dirname(path), specifier).replace(/\.js$/, '.ts'))
        .filter((target) => existsSync(join(root, target)))
        .map((target) => ({ from: path.slice(folder.length + 1), to: target.slice(folder.length + 1) }));
    });
}

/** The room of a file: the first folder of its path, or its own name where it stands beside the rooms. */
export function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/(\.node)?\.ts$/, '');
}

/** Whether a file stands on the roof and may import everything. */
export function isOnRoof(path: string): boolean {
  return !path.includes('/') && ROOF.has(roomOf(path));
}

/** Circles of files that import one another: each as its files, sorted. */
export function circles(imports: readonly InnerImport[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file) as number);
    stack.push(file);
    for (const target of next.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file) as number, low.get(target) as number));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || (next.get(file) ?? []).includes(file)) found.push(circle.toSorted());
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return found;
}
