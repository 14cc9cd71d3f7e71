import type { ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import {
  type BootIndicator,
  bootIndicators,
  MASTER_BOOT_CODE_BYTES,
  type MasterBootCode,
  masterBootCode,
} from '@deadbox/partitions/internals';
import { diskEvidence } from '../../obstacles/obstacle-evidence.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { hints, proves } from '../disk-cause.js';
import { firstSector, isBiosDisk } from './start-disk.js';

const ACTIVE = 0x80;
const ENTRY_BYTES = 16;
const SIGNATURE_AT = 510;

/** What a BIOS and the boot code look at in the first sector of an MBR disk. */
export const MASTER_BOOT_RECORD: DiskDetector = {
  causes: ['mbr-no-signature', 'mbr-no-active', 'mbr-two-active', 'mbr-code'],
  async detect(subject, options) {
    if (!(await isBiosDisk(subject, options))) return [];
    const sector = await firstSector(subject.disk, options);
    if (sector[SIGNATURE_AT] !== 0x55 || sector[SIGNATURE_AT + 1] !== 0xaa) {
      const evidence = await diskEvidence(subject.disk, 'end of the master boot record', SIGNATURE_AT, 2, options);
      return [proves('mbr-no-signature', { evidence, requests: [{ operation: 'restore-boot-signature' }] })];
    }
    const found = [
      await activeFlags(subject, bootIndicators(sector), options),
      await code(subject, masterBootCode(sector), options),
    ];
    return found.filter((cause) => cause !== undefined);
  },
};

async function activeFlags(
  subject: DiskSubject,
  indicators: readonly BootIndicator[],
  options: ReadOptions,
): Promise<FoundCause | undefined> {
  const active = indicators.filter(({ value }) => value === ACTIVE);
  const invalid = indicators.filter(({ value }) => value !== ACTIVE && value !== 0);
  if (active.length === 1 && invalid.length === 0) return undefined;
  const wanted = await bootVolume(subject, options);
  const wrong = [...active, ...invalid];
  const data = {
    active: active.map(({ index }) => index + 1),
    invalid: invalid.map(({ index, value }) => ({ slot: index + 1, value })),
    wanted: wanted?.partition?.slot ?? null,
    wantedVolume: wanted?.number ?? null,
  };
  const places = wrong.length === 0 ? indicators : wrong;
  const evidence = [];
  for (const { index, at } of places)
    evidence.push(...(await diskEvidence(subject.disk, `partition entry ${index + 1}`, at, ENTRY_BYTES, options)));
  const partition = wanted?.partition?.number;
  const requests = partition === undefined ? [] : [{ operation: 'set-active-partition', partition } as const];
  return proves(wrong.length === 0 ? 'mbr-no-active' : 'mbr-two-active', { data, evidence, requests });
}

/** The volume that should be active: it holds the boot manager and its store. */
async function bootVolume(subject: DiskSubject, options: ReadOptions): Promise<Volume | undefined> {
  for (const { role, partition } of subject.stores.stores) {
    const volume = subject.disk.volumes.find(({ number }) => number === partition);
    if (role !== 'bios' || volume?.partition === undefined || volume.partition.logical) continue;
    const files = await subject.files(volume, options);
    if ((await files?.check('/bootmgr', 'presence', options))?.state === 'good') return volume;
  }
  return undefined;
}

/** Code that Windows' own setup writes; the older one starts newer Windows as well. */
const WINDOWS: readonly MasterBootCode[] = ['windows', 'windows-nt5'];

async function code(
  { disk }: DiskSubject,
  kind: MasterBootCode,
  options: ReadOptions,
): Promise<FoundCause | undefined> {
  if (WINDOWS.includes(kind)) return undefined;
  const evidence = await diskEvidence(disk, 'code of the master boot record', 0, MASTER_BOOT_CODE_BYTES, options);
  return (kind === 'empty' ? proves : hints)('mbr-code', { data: { code: kind }, evidence });
}
