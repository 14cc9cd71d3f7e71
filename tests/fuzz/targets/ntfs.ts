import { type Bytes, hashSource, isDamage, MemorySource } from '@deadbox/core';
import {
  checkVolume,
  NtfsVolume,
  openShadowCopies,
  parseExtendedAttributes,
  parseReparsePoint,
  pathLines,
  pendingLogTargets,
  readUsnJournal,
  ShadowCopies,
} from '@deadbox/ntfs';
import {
  expandLznt1,
  expandLzx,
  expandXpress,
  LogFile,
  parseAttributeList,
  parseCloudFile,
  parseDataRuns,
  parseEfs,
  parseIndexBlock,
  parseIndexRoot,
  parseSecurityDescriptor,
  parseStandardInformation,
  WofSource,
} from '@deadbox/ntfs/internals';
import { checkpoint, LogBuilder, table, update } from '../../support/ntfs/log-builder.js';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { RandomLzx } from '../../support/ntfs/lzx-random.js';
import { numbers } from '../../support/ntfs/prefix-writer.js';
import { noise, prose } from '../../support/ntfs/sample-data.js';
import { shadowCopyVolume } from '../../support/ntfs/shadow-volume.js';
import { journal, named, ranges as usnRanges } from '../../support/ntfs/usn-builder.js';
import { windowsVolume } from '../../support/ntfs/volume-bytes.js';
import { randomXpress } from '../../support/ntfs/xpress-random.js';
import { type FuzzTarget, placesOf, type Range, type Seed, viewOf } from '../target.js';

/** Above any honest content of a seed: what a forged size claims is not read in full. */
const LARGEST_CONTENT = 1 << 20;

/**
 * Makes the ends of every stride agree with the update sequence number again, so that a record is not taken for torn.
 * @param step - records begin at multiples of it
 */
export function repairFixups(bytes: Buffer, marks: readonly string[], step = 512): void {
  const view = viewOf(bytes);
  for (const at of marks.flatMap((mark) => placesOf(bytes, mark, step))) {
    if (at + 8 > bytes.length) continue;
    const array = view.getUint16(at + 4, true);
    const strides = view.getUint16(at + 6, true) - 1;
    if (array < 8 || array > 500 || strides < 1 || strides > 128 || at + array + 2 > bytes.length) continue;
    const number = view.getUint16(at + array, true);
    for (let i = 1; i <= strides && at + i * 512 <= bytes.length; i += 1)
      view.setUint16(at + i * 512 - 2, number, true);
  }
}

/** Does what is asked; damage is an answer as good as another. */
async function attempt(notes: Set<string>, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isDamage(error)) throw error;
    notes.add(error.code);
  }
}

/** Every path, what each file begins with, and what else the library tells of a volume. */
async function readVolume(input: Bytes): Promise<string> {
  const notes = new Set<string>();
  const volume = await NtfsVolume.open(new MemorySource(input));
  await attempt(notes, () => walk(volume, notes));
  await attempt(notes, async () => {
    const rows = await volume.mft({ deleted: true });
    for (const row of rows.rows({ metadata: true, deleted: 'include', shortNames: true })) rows.path(row);
    for (const chunk of pathLines(rows, { metadata: true, streams: true })) if (chunk.length === 0) notes.add('empty');
  });
  await attempt(notes, async () => void notes.add(`sound ${(await checkVolume(volume)).sound}`));
  await attempt(notes, async () => void notes.add((await volume.state()).log));
  await attempt(notes, () => volume.lookup('/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys'));
  await attempt(notes, () => openShadowCopies(volume));
  for (let record = 0; record < Math.min(volume.records.recordCount, 64); record += 1)
    await attempt(notes, () => volume.file(record));
  for (const code of volume.issues.counts.keys()) notes.add(code);
  return [...notes].sort().join(' ');
}

async function walk(volume: NtfsVolume, notes: Set<string>): Promise<void> {
  const seen = new Set<number>();
  const open = [await volume.root()];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for await (const batch of directory.entries()) {
      for (const entry of batch) {
        if (seen.has(entry.record)) continue;
        seen.add(entry.record);
        await attempt(notes, async () => {
          const file = await entry.open();
          if (file.type === 'directory') open.push(file);
          for (const name of ['', ...file.streams().map((stream) => stream.name)]) {
            const content = await file.stream(name);
            if (content.size <= LARGEST_CONTENT) await hashSource(content);
          }
        });
      }
    }
  }
}

const METADATA = ['FILE', 'INDX', 'RSTR', 'RCRD'];

function volumeStructures(seed: Uint8Array): Range[] {
  const records = METADATA.flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 400]));
  return [[0, 90], ...records];
}

function logFile(major: 1 | 2): Uint8Array {
  const log = new LogBuilder(major, 64);
  const first = log.add({
    data: update({ redo: 0x08, undo: 0x08, lcns: [100], vcn: 3, redoData: new Uint8Array(16) }),
  });
  const entry = new Uint8Array(0x28);
  const attributes = log.add({ data: update({ redo: 0x1d, redoData: table([entry]) }) });
  const pages = log.add({ data: update({ redo: 0x1f, redoData: table([new Uint8Array(0x30)]) }) });
  const start = log.add({ data: checkpoint({ start: first, attributes, pages }), type: 2 });
  for (let i = 0; i < 40; i += 1)
    log.add({
      data: update({
        redo: i % 3 === 0 ? 0x07 : 0x0e,
        undo: 0x0f,
        lcns: [200 + i],
        vcn: i,
        redoData: noise(40 + i * 8),
      }),
      transaction: 0x18 + (i % 4) * 0x28,
    });
  const last = log.add({ data: update({ redo: 0x1b }) });
  return log.finish({ current: last, oldest: first, checkpoint: start });
}

function randomLzx(seed: number): Uint8Array {
  const lzx = new RandomLzx(numbers(seed));
  lzx.plain(prose(300));
  return lzx.end().bytes;
}

const packed = (
  name: string,
  expand: (input: Bytes, size: number) => Bytes,
  seeds: () => readonly Seed[],
): FuzzTarget => ({
  name,
  seeds,
  // The container tells the size; a wrong one is one more kind of damage.
  async parse(input): Promise<string> {
    const notes = new Set<string>();
    for (const size of [1, 300, 4096, 32_768])
      await attempt(notes, () => notes.add(`${size} ${expand(input, size).length}`));
    return [...notes].join(' ');
  },
});

const place = { offset: 0 };

/** Two chunks behind the table that says where the second begins. */
function wofStream(): Uint8Array {
  const chunk = randomXpress(numbers(3), 4096);
  const bytes = new Uint8Array(4 + 2 * chunk.length);
  viewOf(bytes).setUint32(0, chunk.length, true);
  bytes.set(chunk, 4);
  bytes.set(chunk, 4 + chunk.length);
  return bytes;
}

/** Parsers of single structures, all over the same input: each refuses what the others take. */
const STRUCTURES: readonly ((input: Bytes) => unknown)[] = [
  (input) => parseStandardInformation(input),
  (input) => parseAttributeList(input),
  (input) => parseDataRuns(input, { firstVcn: 0, lastVcn: 1000, clusters: 100_000 } as never),
  (input) => parseIndexRoot(input, place),
  (input) => parseIndexBlock(input, 0, true, place),
  (input) => parseReparsePoint(input),
  (input) => parseSecurityDescriptor(input),
  (input) => parseExtendedAttributes(input),
  (input) => parseEfs(input),
  (input) => parseCloudFile(input),
];

export const ntfsTargets: readonly FuzzTarget[] = [
  {
    name: 'ntfs/volume',
    seeds: () => [{ name: 'windows', bytes: windowsVolume() }],
    parse: readVolume,
    repair: (input) => repairFixups(input, METADATA),
    structures: volumeStructures,
  },
  {
    name: 'ntfs/log',
    seeds: () => [
      { name: '1.1', bytes: logFile(1) },
      { name: '2.0', bytes: logFile(2) },
    ],
    async parse(input): Promise<string> {
      const pending = await pendingLogTargets(new MemorySource(input), { clusterSize: 4096, recordSize: 1024 });
      const records = pending.outcome === 'not-examined' ? 0 : [...LogFile.parse(input).scan()].length;
      return [pending.outcome, ...pending.gaps, Math.min(records, 20)].join(' ');
    },
    repair: (input) => repairFixups(input, ['RSTR', 'RCRD'], 4096),
    structures: (seed) => ['RSTR', 'RCRD'].flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 1024])),
  },
  {
    name: 'ntfs/change-journal',
    seeds: () => [
      {
        name: 'all versions',
        bytes: journal(0, [
          (usn) => named(2, usn, 'C-00000291-00000000-00000032.sys'),
          (usn) => named(3, usn, 'notes.txt'),
          (usn) => usnRanges(usn),
        ]).bytes,
      },
    ],
    async parse(input): Promise<string> {
      let records = 0;
      for await (const batch of readUsnJournal(new MemorySource(input))) records += batch.length;
      return String(records);
    },
    structures: () => [[0, 400]],
  },
  packed('ntfs/lznt1', expandLznt1, () => [
    { name: 'prose', bytes: encodeLznt1(prose(9000)) },
    { name: 'noise', bytes: encodeLznt1(noise(5000)) },
  ]),
  packed('ntfs/xpress', expandXpress, () =>
    [1, 2].map((seed) => ({ name: `${seed}`, bytes: randomXpress(numbers(seed), 4096) })),
  ),
  packed('ntfs/lzx', expandLzx, () => [1, 2].map((seed) => ({ name: `${seed}`, bytes: randomLzx(seed) }))),
  {
    name: 'ntfs/wof',
    seeds: () => [{ name: 'xpress4k', bytes: wofStream() }],
    async parse(input): Promise<string> {
      const source = new WofSource(new MemorySource(input), 'xpress4k', 8192);
      return String((await source.read(0, 8192)).length);
    },
  },
  {
    name: 'ntfs/structures',
    seeds: () => {
      const volume = windowsVolume();
      const records = placesOf(volume, 'FILE').slice(0, 12);
      const blocks = placesOf(volume, 'INDX').slice(0, 4);
      return [
        ...records.map((at, i) => ({ name: `record-${i}`, bytes: volume.slice(at + 0x38, at + 1024) })),
        ...blocks.map((at, i) => ({ name: `block-${i}`, bytes: volume.slice(at, at + 4096) })),
      ];
    },
    async parse(input): Promise<string> {
      const notes = new Set<string>();
      for (const [i, parse] of STRUCTURES.entries()) await attempt(notes, () => (parse(input), notes.add(String(i))));
      return [...notes].join(' ');
    },
    repair: (input) => repairFixups(input, ['INDX']),
  },
  {
    name: 'ntfs/shadow-copies',
    seeds: () => [{ name: 'two copies', bytes: shadowCopyVolume() }],
    async parse(input): Promise<string> {
      const notes = new Set<string>();
      const source = new MemorySource(input);
      const copies = await ShadowCopies.open(source);
      for (const { number } of copies?.copies ?? []) {
        await attempt(notes, () => copies?.information(number));
        await attempt(notes, async () => {
          const old = await copies?.source(number);
          if (old !== undefined) await old.read(0, Math.min(old.size, 1 << 20));
        });
      }
      return `${copies?.copies.length} ${[...notes].join(' ')}`;
    },
    structures: () => [
      [0x1e00, 0x1e60],
      ...[1, 2, 3, 4, 5].map((block): Range => [block * 0x4000, block * 0x4000 + 0x200]),
    ],
  },
];
