import { type Bytes, MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { SMALL_VOLUME, smallDisk } from '../../support/disk-writer/small-disk.js';
import { type FuzzTarget, placesOf, type Range } from '../target.js';
import { repairFixups } from './ntfs.js';
import { repairGpt } from './partitions.js';

const RECORDS = ['FILE', 'INDX'];

async function scan(input: Bytes, mode: 'quick' | 'full' | 'deep'): Promise<string> {
  await using disk = await openDisk(new MemorySource(input), { name: 'disk.img' });
  const report = await scanDisk(disk, { mode });
  return [report.verdict, report.severity, ...report.volumes.map(({ fileSystem }) => fileSystem)].join(' ');
}

/** Table, boot sectors, file records and index blocks of the volume that holds Windows, hives, the boot store. */
function structures(seed: Uint8Array): Range[] {
  const records = RECORDS.flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 400]));
  const hives = ['regf', 'hbin'].flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 2048]));
  const { offset } = SMALL_VOLUME;
  return [[0x1b8, 0x200], [512, 604], [1024, 1536], [offset, offset + 96], ...records, ...hives];
}

export const diskTargets: readonly FuzzTarget[] = (['quick', 'full', 'deep'] as const).map(
  (mode): FuzzTarget => ({
    name: `disk/scan-${mode}`,
    seeds: () => (['gpt', 'mbr'] as const).map((table) => ({ name: table, bytes: smallDisk(table) })),
    parse: (input) => scan(input, mode),
    repair(input): void {
      repairFixups(input, RECORDS);
      repairGpt(input);
    },
    structures,
  }),
);
