import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, MemorySource } from '@deadbox/core';
import { Hive, type RegistryKey, type RegistryValue } from '@deadbox/windows';
import { type HiveSpec, type KeySpec, type ValueData, writeHive } from '../support/hive-writer.js';
import { run } from '../support/tools.js';
import { type HivexRow, hivexRows } from '../support/windows/hivexml.js';
import { compareFacts, difference, type Family, made, type Numbers, type Scale } from './family.js';
import { patterned } from './numbers.js';

interface ValueCase {
  readonly name: string;
  readonly data:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'expand'; readonly text: string }
    | { readonly kind: 'list'; readonly texts: readonly string[] }
    | { readonly kind: 'number'; readonly number: number }
    | { readonly kind: 'raw'; readonly type: number; readonly size: number; readonly seed: number };
}

interface KeyCase {
  readonly name: string;
  readonly className: string;
  readonly values: readonly ValueCase[];
  readonly keys: readonly KeyCase[];
}

/** A change that hivex makes afterwards, at a key by number in the order they were written. */
type Edit =
  | { readonly do: 'add' | 'values'; readonly at: number; readonly name: string; readonly count: number }
  | { readonly do: 'delete'; readonly at: number };

/** A hive by the writer of the tests, which shares no code with the reader, changed by hivexsh and read by hivexml. */
interface HiveCase {
  readonly minorVersion: number;
  readonly lists: 'own' | 'li' | 'lf' | 'lh';
  readonly listSize: number;
  readonly keys: readonly KeyCase[];
  readonly edits: readonly Edit[];
}

/** Characters of names and texts: hivexml prints XML, which has none below a space. */
const RANGES = [
  [0x20, 0x5b],
  [0x5d, 0x7e],
  [0xa1, 0x17f],
  [0x391, 0x3c9],
  [0x410, 0x44f],
  [0x4e00, 0x4fff],
] as const;

function drawText(numbers: Numbers, least: number, most: number): string {
  const [first, last] = numbers.pick(RANGES);
  const length = numbers.scaled(least, most);
  return String.fromCharCode(...Array.from({ length }, () => first + numbers.below(last - first + 1)));
}

function drawValue(numbers: Numbers): ValueCase {
  const name = numbers.chance(0.05) ? '' : drawText(numbers, 1, 300);
  const kind = numbers.pick(['text', 'expand', 'list', 'number', 'raw', 'raw'] as const);
  if (kind === 'list') {
    const texts = Array.from({ length: numbers.below(6) }, () => drawText(numbers, 1, 40));
    return { name, data: { kind, texts } };
  }
  if (kind === 'number') return { name, data: { kind, number: numbers.below(2 ** 32) } };
  if (kind === 'text' || kind === 'expand') return { name, data: { kind, text: drawText(numbers, 0, 2000) } };
  const size = numbers.chance(0.1) ? numbers.pick([16_343, 16_344, 16_345, 32_688, 32_689]) : numbers.scaled(0, 60_000);
  return {
    name,
    data: { kind, type: numbers.pick([0, 3, 3, 8, 9, 10, 0x17, 0x7fff_0003]), size, seed: numbers.below(1000) },
  };
}

function drawKeys(numbers: Numbers, depth: number, budget: { keys: number }): KeyCase[] {
  const keys: KeyCase[] = [];
  for (let count = numbers.scaled(0, depth === 0 ? 30 : 8); count > 0 && budget.keys > 0; count -= 1) {
    budget.keys -= 1;
    keys.push({
      // The number keeps names apart that differ in case only.
      name: `${drawText(numbers, 1, 200)}${budget.keys}`,
      className: numbers.chance(0.1) ? drawText(numbers, 1, 60) : '',
      values: Array.from({ length: numbers.scaled(0, 12) }, () => drawValue(numbers)),
      keys: depth < 12 ? drawKeys(numbers, depth + 1, budget) : [],
    });
  }
  // One folder of keys in a hundred has as many as make lists of lists.
  if (budget.keys > 100 && numbers.chance(0.05))
    for (let i = numbers.scaled(1, 3000); i > 0; i -= 1)
      keys.push({ name: `many${i}`, className: '', values: [], keys: [] });
  return keys;
}

function drawEdit(numbers: Numbers): Edit {
  const at = numbers.below(1000);
  if (numbers.chance(0.2)) return { do: 'delete', at };
  const name = `edit${numbers.below(1000)}`;
  return { do: numbers.pick(['add', 'values'] as const), at, name, count: numbers.scaled(1, 20) };
}

function draw(numbers: Numbers, scale: Scale): HiveCase {
  return {
    minorVersion: numbers.pick([3, 4, 5, 6]),
    lists: numbers.pick(['own', 'own', 'li', 'lf', 'lh']),
    listSize: numbers.pick([2, 30, 500, 1000]),
    keys: drawKeys(numbers, 0, { keys: scale === 'full' ? 400 : 40 }),
    edits: Array.from({ length: numbers.scaled(0, scale === 'full' ? 40 : 4) }, () => drawEdit(numbers)),
  };
}

function dataOf({ data }: ValueCase): ValueData {
  if (data.kind === 'text') return data.text;
  if (data.kind === 'expand') return { expand: data.text };
  if (data.kind === 'list') return data.texts;
  if (data.kind === 'number') return data.number;
  return { type: data.type, bytes: patterned(data.seed, data.size, 'noise') };
}

function specOf({ className, values, keys }: KeyCase): KeySpec {
  return {
    ...(className === '' ? {} : { className }),
    values: Object.fromEntries(values.map((value) => [value.name, dataOf(value)])),
    keys: Object.fromEntries(keys.map((key) => [key.name, specOf(key)])),
  };
}

/** Paths of keys whose names a line of hivexsh can hold, the root first. */
function editable(keys: readonly KeyCase[], path = '\\'): string[] {
  return keys
    .filter(({ name }) => /^[!-~]+$/.test(name))
    .flatMap((key) => [`${path}${key.name}`, ...editable(key.keys, `${path}${key.name}\\`)]);
}

/** The edits as a script; keys that were deleted or are there already are left alone. */
function scriptOf({ keys, edits }: HiveCase): string {
  const paths = ['\\', ...editable(keys)];
  const lines: string[] = [];
  const taken = new Set<string>();
  for (const edit of edits) {
    const path = paths[edit.at % paths.length];
    if (edit.do === 'delete') {
      if (path === '\\') continue;
      lines.push(`cd ${path}`, 'del');
      for (let i = paths.length - 1; i >= 0; i -= 1)
        if (paths[i] === path || paths[i].startsWith(`${path}\\`)) paths.splice(i, 1);
    } else if (edit.do === 'add') {
      const added = `${path === '\\' ? '' : path}\\${edit.name}`;
      if (taken.has(added)) continue;
      taken.add(added);
      lines.push(`cd ${path}`, `add ${edit.name}`);
      paths.push(added);
    } else {
      lines.push(`cd ${path}`, `setval ${edit.count}`);
      for (let i = 0; i < edit.count; i += 1)
        lines.push(
          `${edit.name}.${i}`,
          [`string:text ${i}`, `dword:${i}`, `hex:3:${'a1,'.repeat(i * 9)}00`, `qword:${i}`][i % 4],
        );
    }
  }
  return [...lines, 'commit', 'quit', ''].join('\n');
}

const WORDS = ['none', 'string', 'expand', 'binary', 'int32', 'int32', 'link', 'string-list', 'resource-list', 'resource-description', 'resource-requirements', 'int64']; // biome-ignore format: twelve words

/** Our value in the words in which hivexml prints it. */
async function printed(value: RegistryValue, like: HivexRow | undefined): Promise<string> {
  const bytes = (await value.bytes()) as Bytes;
  if (like?.base64 === true) return Buffer.from(bytes).toString('base64');
  const data = await value.data();
  if (Array.isArray(data)) return data.join('\n');
  return String(typeof data === 'bigint' ? BigInt.asIntN(64, data) : typeof data === 'number' ? data | 0 : data);
}

/** hivex ends a list of strings with the empty one that closes it. */
function theirText({ type, base64, value = '' }: HivexRow): string {
  if (base64 === true) return value.replace(/\s/g, '');
  if (type !== 'string-list') return value;
  const parts = value.split('\n');
  const end = parts.indexOf('');
  return (end < 0 ? parts : parts.slice(0, end)).join('\n');
}

/** Key and value names, and how many like them stand before. */
function numbered(seen: Map<string, number>, key: string): string {
  const count = seen.get(key) ?? 0;
  seen.set(key, count + 1);
  return count === 0 ? key : `${key} #${count}`;
}

async function ourFacts(hive: Hive, rows: ReadonlyMap<string, HivexRow>): Promise<Map<string, string>> {
  const facts = new Map<string, string>();
  const seen = new Map<string, number>();
  const visit = async (key: RegistryKey): Promise<void> => {
    if (key !== hive.root) facts.set(numbered(seen, key.path), `key at ${key.fileOffset}`);
    for (const value of await key.values()) {
      const name = numbered(seen, `${key.path}\0${value.name}`);
      const like = rows.get(name);
      const place = like !== undefined && like.offset < 0 ? -1 : value.fileOffset;
      facts.set(name, `${WORDS[value.type] ?? 'unknown'} at ${place}: ${(await printed(value, like)).slice(0, 2000)}`);
    }
    for (const child of await key.subkeys()) await visit(child);
  };
  await visit(hive.root);
  return facts;
}

export const hives: Family<HiveCase> = {
  name: 'hives',
  tools: ['hivexml', 'hivexsh'],
  draw,
  async run(one, folder) {
    const path = join(folder, 'hive');
    const spec: HiveSpec = { minorVersion: one.minorVersion, listSize: one.listSize };
    if (one.lists !== 'own') spec.lists = one.lists;
    writeFileSync(path, writeHive(specOf({ name: '', className: '', values: [], keys: one.keys }), spec));
    const rows = made(() => {
      writeFileSync(join(folder, 'script'), scriptOf(one));
      if (one.edits.length > 0) run('hivexsh', ['-w', '-f', join(folder, 'script'), path]);
      return hivexRows(path);
    });
    const seen = new Map<string, number>();
    const named = new Map(
      rows.map((row) => [numbered(seen, row.name === undefined ? row.key : `${row.key}\0${row.name}`), row]),
    );
    const theirs = new Map<string, string>();
    for (const [name, row] of named)
      theirs.set(
        name,
        row.name === undefined
          ? `key at ${row.offset}`
          : `${row.type} at ${row.offset}: ${theirText(row).slice(0, 2000)}`,
      );
    const hive = await Hive.open(new MemorySource(new Uint8Array(readFileSync(path))));
    return [
      ...compareFacts('keys and values', await ourFacts(hive, named), theirs),
      ...difference(
        'issues',
        hive.issues.issues.map((issue) => JSON.stringify(issue)),
      ),
    ];
  },
};
