import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { readPartitionTable } from '@deadbox/partitions';
import { run } from '../support/tools.js';
import { compareFacts, type Difference, difference, type Family, made, type Numbers } from './family.js';

interface PartCase {
  /** Sectors between the partition before and this one, on top of what sfdisk wants. */
  readonly gap: number;
  readonly sectors: number;
  readonly type: string;
  readonly name: string;
  readonly attributes: string;
  readonly bootable: boolean;
}

/** A partition table that sfdisk writes, and changes afterwards. */
interface TableCase {
  readonly label: 'gpt' | 'dos';
  readonly mebibytes: number;
  /** Entries of the array of a GPT. */
  readonly entries: number;
  readonly parts: readonly PartCase[];
  /** Which of the primary partitions is the extended one, and how many of the others lie in it. */
  readonly extended: number;
  readonly deleted: readonly number[];
  readonly sort: boolean;
}

const GPT_TYPES = [
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  'E3C9E316-0B5C-4DB8-817D-F92DF00215AE',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
  'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
];
const ATTRIBUTES: Readonly<Record<string, number>> = {
  RequiredPartition: 0,
  NoBlockIOProtocol: 1,
  LegacyBIOSBootable: 2,
};

/** Types of partitions that hold others. */
const EXTENDED = new Set(['5', 'f', '85']);

/**
 * A type of an ordinary partition: not one that holds others, not 42h, whose database we miss, and not EEh. A protective entry is that to sfdisk only
 * where it starts in sector 1; to us also where its start may be damaged, so that a disk whose GPT is gone is not taken
 * for one that never had it.
 */
function drawMbrType(numbers: Numbers): string {
  const type = (1 + numbers.below(254)).toString(16);
  return ['42', 'ee'].includes(type) || EXTENDED.has(type) ? '7' : type;
}

function drawPart(numbers: Numbers, gpt: boolean): PartCase {
  const bits = [...Object.keys(ATTRIBUTES), ...Array.from({ length: 16 }, (_, i) => `GUID:${48 + i}`)];
  const letters = numbers.pick(['abcXYZ 019-_.', 'äöüÉÑ', '報告書類', '🗂💾', "'()&;,=|<>"]);
  const length = numbers.scaled(0, letters === '🗂💾' ? 18 : 36);
  return {
    gap: numbers.chance(0.5) ? 0 : numbers.scaled(1, 8192),
    sectors: numbers.scaled(1, 20_000),
    type: gpt ? numbers.pick(GPT_TYPES) : drawMbrType(numbers),
    name: Array.from({ length }, () => numbers.pick(Array.from(letters)))
      .join('')
      .trim(),
    attributes: bits.filter(() => numbers.chance(0.1)).join(','),
    bootable: numbers.chance(0.2),
  };
}

/** The script for sfdisk: starts and sizes are given, so that nothing is aligned. */
function scriptOf({ label, entries, parts, extended }: TableCase): string {
  const lines = [`label: ${label}`, 'unit: sectors'];
  if (label === 'gpt') lines.push(`table-length: ${entries}`, 'first-lba: 2048');
  let at = 2048;
  let number = 0;
  for (const [i, part] of parts.entries()) {
    at += part.gap;
    number += 1;
    if (label === 'dos' && i === extended) {
      lines.push(`${number} : start=${at}, type=${part.bootable ? 'f' : '5'}`);
      number = 4;
      continue;
    }
    // Before each logical partition stands its own table.
    if (number > 4) at += 2048;
    const fields = [`start=${at}`, `size=${part.sectors}`, `type=${part.type}`];
    if (label === 'gpt' && part.name !== '') fields.push(`name="${part.name}"`);
    if (label === 'gpt' && part.attributes !== '') fields.push(`attrs="${part.attributes}"`);
    if (label === 'dos' && part.bootable) fields.push('bootable');
    lines.push(`${number} : ${fields.join(', ')}`);
    at += part.sectors;
  }
  return `${lines.join('\n')}\n`;
}

interface SfdiskPartition {
  readonly node: string;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
  readonly name?: string;
  readonly attrs?: string;
  readonly bootable?: boolean;
}

/** 16 hexadecimal digits of the attributes that sfdisk names. */
function attributeBits(text: string): string {
  let bits = 0n;
  for (const word of text.split(/ (?=[A-Z])/).filter((one) => one !== '')) {
    const listed = /^GUID:([\d,]+)$/.exec(word)?.[1];
    for (const bit of listed?.split(',') ?? [String(ATTRIBUTES[word])]) bits |= 1n << BigInt(bit);
  }
  return bits.toString(16).toUpperCase().padStart(16, '0');
}

async function compare(path: string, label: TableCase['label']): Promise<Difference[]> {
  const theirs: { readonly id: string; readonly partitions?: readonly SfdiskPartition[] } = JSON.parse(
    run('sfdisk', ['--json', path]),
  ).partitiontable;
  const wanted = new Map<string, string>();
  for (const part of theirs.partitions ?? []) {
    if (label === 'dos' && EXTENDED.has(part.type)) continue;
    const rest =
      label === 'gpt' ? [part.uuid, part.name ?? '', attributeBits(part.attrs ?? '')] : [part.bootable === true];
    const type = label === 'gpt' ? part.type : String(Number.parseInt(part.type, 16));
    wanted.set(part.node.slice(path.length), [part.start, part.size, type, ...rest].join(' '));
  }
  const source = await openFile(path);
  try {
    const table = await readPartitionTable(source);
    const ours = new Map<string, string>();
    for (const part of table.partitions) {
      const rest = label === 'gpt' ? [part.id, part.name, part.attributes] : [part.bootable];
      const type = label === 'gpt' ? part.type : String(Number(part.type));
      ours.set(String(part.slot), [part.offset / 512, part.length / 512, type, ...rest].join(' '));
    }
    const id = label === 'gpt' ? theirs.id : theirs.id.replace('0x', '').toUpperCase();
    return [
      ...compareFacts('partitions', ours, wanted),
      ...difference('identity', table.diskId === id ? [] : [`they ${id}, we ${table.diskId}`]),
      ...difference(
        'issues',
        table.issues.map((issue) => JSON.stringify(issue)),
      ),
    ];
  } finally {
    await source.close?.();
  }
}

export const tables: Family<TableCase> = {
  name: 'tables',
  tools: ['sfdisk'],
  draw(numbers, scale) {
    const label = numbers.pick(['gpt', 'dos'] as const);
    const many = label === 'gpt' ? (scale === 'small' ? 12 : 128) : 14;
    return {
      label,
      mebibytes: 2048,
      entries: numbers.pick([128, 128, 4, 32, 130, 256]),
      parts: Array.from({ length: numbers.scaled(0, many) }, () => drawPart(numbers, label === 'gpt')),
      extended: numbers.below(4),
      deleted: Array.from({ length: numbers.scaled(0, 4) }, () => 1 + numbers.below(12)),
      sort: numbers.chance(0.3),
    };
  },
  async run(one, folder) {
    const path = join(folder, 'disk');
    made(() => {
      writeFileSync(path, '');
      truncateSync(path, one.mebibytes * 2 ** 20);
      run('sfdisk', ['-q', '--no-reread', '--no-tell-kernel', path], { input: scriptOf(one) });
      // A partition that is not there is not deleted.
      for (const number of one.deleted)
        run('sh', ['-c', 'sfdisk -q --delete "$1" "$2" > /dev/null 2>&1 || true', 'sh', path, String(number)]);
      if (one.sort) run('sh', ['-c', 'sfdisk -q -r "$1" > /dev/null 2>&1 || true', 'sh', path]);
    });
    return compare(path, one.label);
  },
};
