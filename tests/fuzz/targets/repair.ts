import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, DeadboxError, isDamage, type Json, MemorySource } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { planRepair, proposeRepairs, type RepairPlan, type RepairRequest, verifyRepair } from '@deadbox/repair';
import { journalState, readJournal, undoRepair } from '@deadbox/repair/node';
import { SHIPPED_RULES, scanDisk } from '@deadbox/triage';
import { LOADER } from '../../support/bcd-writer.js';
import { FAULTY_CHANNEL_FILE } from '../../support/disk-writer/crashed-disk.js';
import { SMALL_VOLUME, smallDisk } from '../../support/disk-writer/small-disk.js';
import { checksum } from '../../support/hive-writer.js';
import { mutateJson } from '../mutate-json.js';
import { type FuzzTarget, placesOf, type Range, type Seed, viewOf } from '../target.js';
import { repairFixups } from './ntfs.js';
import { repairGpt } from './partitions.js';

const RECORDS = ['FILE', 'INDX'];
const FAULTY = `/Windows/System32/drivers/CrowdStrike/${FAULTY_CHANNEL_FILE.name}`;
const volume = 1;

const REQUESTS: readonly RepairRequest[] = [
  { operation: 'neutralise-file', volume, path: FAULTY },
  { operation: 'blank-content', volume, path: FAULTY },
  { operation: 'restore-gpt' },
  { operation: 'restore-boot-sector', volume },
  { operation: 'restore-mft-mirror', volume },
  { operation: 'set-active-partition', partition: 1 },
  { operation: 'disable-driver', volume, root: '/Windows', name: 'CSAgent' },
  { operation: 'remove-boot-element', volume, path: '/Boot/BCD', object: LOADER, element: '25000080' },
  { operation: 'restore-disk-identity', identity: '12345678', witnesses: 3 },
];

/** Plans every kind of repair; what one is ready to do is done to a copy and looked at with fresh eyes. */
async function repair(input: Bytes): Promise<string> {
  const notes = new Set<string>();
  await using disk = await openDisk(new MemorySource(input), { name: 'disk.img' });
  const report = await scanDisk(disk, { mode: 'quick' });
  for (const request of [...proposeRepairs(report, SHIPPED_RULES), ...REQUESTS]) {
    try {
      const plan = await planRepair(disk, [request], { overlay: true });
      for (const { id } of plan.refusals) notes.add(`${request.operation} ${id}`);
      if (plan.operations.length > 0) notes.add(`${request.operation} ${await problemsAfter(input, disk, plan)}`);
    } catch (error) {
      if (!isDamage(error)) throw error;
      notes.add(`${request.operation} ${error.code}`);
    }
  }
  return [...notes].sort().join(' ');
}

/**
 * Carries a plan out on a copy. A plan that is offered has to hold: what a look at the copy finds wrong is a fault of
 * the plan.
 */
async function problemsAfter(input: Bytes, disk: Disk, plan: RepairPlan): Promise<string> {
  const copy = new Uint8Array(input);
  for (const { volume: number, offset, before, after } of plan.operations.flatMap(({ edits }) => edits)) {
    const at = offset + (number === null ? 0 : (disk.volumes[number - 1]?.offset ?? Number.NaN));
    const old = Buffer.from(copy.subarray(at, at + before.length / 2)).toString('hex');
    if (old !== before || after.length !== before.length)
      throw new TypeError(`an edit at byte ${at} expects ${before.slice(0, 40)} and finds ${old.slice(0, 40)}`);
    copy.set(Buffer.from(after, 'hex'), at);
  }
  await using changed = await openDisk(new MemorySource(copy), { name: 'disk.img' });
  const problems = await verifyRepair(changed, plan);
  if (problems.length > 0) throw new TypeError(`${plan.operations[0].id} leaves ${JSON.stringify(problems)}`);
  return 'holds';
}

function structures(seed: Uint8Array): Range[] {
  const records = RECORDS.flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 400]));
  const hives = ['nk', 'vk', 'lf', 'lh', 'hbin'].flatMap((mark) =>
    placesOf(seed, mark, 4)
      .slice(0, 60)
      .map((at): Range => [at - 4, at + 84]),
  );
  const { offset, length } = SMALL_VOLUME;
  const backup = offset + length - 512;
  return [[0x1b8, 0x200], [512, 604], [1024, 1280], [offset, offset + 96], [backup, backup + 96], ...records, ...hives];
}

/** Fixups, and the checksums of GPT and hives. */
function repairChecksums(bytes: Buffer): void {
  repairFixups(bytes, RECORDS);
  repairGpt(bytes);
  for (const at of placesOf(bytes, 'regf', 4096))
    if (at + 512 <= bytes.length) viewOf(bytes).setUint32(at + 508, checksum(bytes.subarray(at, at + 512)), true);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const base64 = (value: number): string => Buffer.alloc(512, value).toString('base64');

/** An undo file of two sectors of one image. */
const JOURNAL: Json = {
  schema: 'deadbox.undo/1',
  tool: 'deadbox',
  version: '1.0.0',
  createdAt: '2024-07-19T05:00:00.000Z',
  image: { path: '/disk.img', format: 'raw', virtualSize: 4096 },
  files: [{ path: '/disk.img', size: 4096 }],
  operations: [{ id: 'neutralise-file', volume: 1, data: { path: '/a' } }],
  writes: [
    { file: '/disk.img', offset: 512, before: base64(1), after: base64(2), beforeSha256: '', afterSha256: '' },
    { file: '/disk.img', offset: 1024, before: base64(3), after: base64(4), beforeSha256: '', afterSha256: '' },
  ],
};

/** Hashes of the sectors as they are now, where there are sectors. */
function repairJournal(journal: Json): void {
  const writes = (journal as { writes?: unknown } | null)?.writes;
  for (const write of Array.isArray(writes) ? (writes as (Record<string, Json> | null)[]) : []) {
    for (const name of ['before', 'after'])
      if (typeof write?.[name] === 'string') write[`${name}Sha256`] = sha256(Buffer.from(write[name], 'base64'));
  }
}

/** Reads an undo file and takes its repair back, on an image of four kibibytes in memory. */
function undo(input: Bytes): string {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-fuzz-'));
  try {
    const path = join(folder, 'undo.json');
    const journal = mutateJson(JOURNAL, input);
    repairJournal(journal);
    writeFileSync(path, JSON.stringify(journal, null, 2));
    const read = readJournal(path);
    const image = new Uint8Array(4096);
    image.fill(2, 512, 1024);
    image.fill(4, 1024, 1536);
    const open = () => ({
      read(offset: number, length: number): Bytes {
        if (offset + length > image.length) throw new DeadboxError('REPAIR_UNEXPECTED_BYTES', 'the image ends before');
        return image.slice(offset, offset + length);
      },
      write: (offset: number, bytes: Bytes): void => image.set(bytes, offset),
      flush: () => undefined,
      close: () => undefined,
    });
    const { sectors } = journalState(read, { open });
    undoRepair(read, { open });
    return `${read.operations.length} ${sectors.join(' ')}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const repairTargets: readonly FuzzTarget[] = [
  {
    name: 'repair/plan',
    seeds: (): Seed[] => (['mbr', 'gpt'] as const).map((table) => ({ name: table, bytes: smallDisk(table) })),
    parse: repair,
    repair: repairChecksums,
    structures,
  },
  {
    name: 'repair/undo-file',
    // Each six bytes change one place of the journal.
    seeds: () => [{ name: 'two sectors', bytes: new Uint8Array(60) }],
    parse: undo,
  },
];
