import type { ReadOptions } from '@deadbox/core';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { noted, proves } from '../disk-cause.js';
import { efiVolumes } from './efi-volumes.js';
import { activeVolume, isBiosDisk, isUefiDisk, startsWindows } from './start-disk.js';

type Firmware = 'bios' | 'uefi';

/** Platforms that have one kind of firmware only. */
const FIRMWARE_OF_TARGET: Readonly<Record<string, Firmware>> = {
  'hyper-v-gen1': 'bios',
  'hyper-v-gen2': 'uefi',
  'azure-nvme': 'uefi',
};

/**
 * Which firmware can start the disk at all. That is a fact to set the machine up by, and a cause where the machine that
 * is meant has the other one.
 */
export const LAYOUT: DiskDetector = {
  causes: ['layout-vs-firmware'],
  async detect(subject, options) {
    if (!(await startsWindows(subject, options))) return [];
    const ways = await waysOf(subject, options);
    const [only, another] = ways;
    if (only === undefined || another !== undefined) return [];
    const wanted = subject.target === undefined ? undefined : FIRMWARE_OF_TARGET[subject.target];
    const data = { firmware: only, target: subject.target ?? null, wanted: wanted ?? null };
    const found: FoundCause =
      wanted !== undefined && wanted !== only
        ? proves('layout-vs-firmware', { data })
        : noted('layout-vs-firmware', 'proves', { data });
    return [found];
  },
};

/** The kinds of firmware for which the disk has a boot manager where that firmware looks. */
async function waysOf(subject: DiskSubject, options: ReadOptions): Promise<Firmware[]> {
  const ways: Firmware[] = [];
  const active = subject.disk.table.kind === 'mbr' ? activeVolume(subject) : undefined;
  if (active !== undefined && !active.locked) {
    const files = await subject.files(active, options);
    if ((await files?.check('/bootmgr', 'presence', options))?.state === 'good') ways.push('bios');
  }
  if (await isUefiDisk(subject, options)) {
    const volumes = await subject.fact(efiVolumes, options);
    if (volumes.some(({ manager }) => manager?.state === 'good')) ways.push('uefi');
  }
  // What is only broken can be told by the table: a BIOS starts no GPT disk, and no UEFI a disk without an EFI system
  // partition.
  if (ways.length === 0 && subject.target !== undefined) {
    if (await isBiosDisk(subject, options)) return ['bios'];
    if (await isUefiDisk(subject, options)) return ['uefi'];
  }
  return ways;
}
