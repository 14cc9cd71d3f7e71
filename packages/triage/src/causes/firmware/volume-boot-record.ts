import { type Bytes, hasAscii, type ReadOptions, SECTOR } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NTFS_BOOT_SECTOR } from '@deadbox/ntfs';
import { bootCodeFromCopy, isVolumeBootSector, VOLUME_BOOT_BYTES, volumeBoot } from '@deadbox/partitions/internals';
import { volumeEvidence } from '../../obstacles/obstacle-evidence.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { noted, proves, speaksFor } from '../disk-cause.js';
import { activeVolume, isBiosDisk, startsWindows } from './start-disk.js';

const HIDDEN_SECTORS_AT = 0x1c;
const HEADS_AT = 0x1a;
/** Bytes of a sector, as NTFS and FAT state them. */
const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];

/**
 * What a BIOS start finds in the boot sector of a volume, and whether the table gives an NTFS volume the room that it
 * claims.
 */
export const VOLUME_BOOT_RECORD: DiskDetector = {
  causes: ['vbr-no-code', 'vbr-hidden-sectors', 'vbr-geometry-xp', 'vbr-total-sectors'],
  async detect(subject, options) {
    if (!(await startsWindows(subject, options))) return [];
    const active = (await isBiosDisk(subject, options)) ? activeVolume(subject) : undefined;
    const found: FoundCause[] = [];
    for (const volume of subject.disk.volumes) {
      const matters = volume === active || subject.installations.some((one) => one.volume === volume);
      // What BitLocker encrypts is not what the firmware starts, and its fields are another's.
      if (!matters || volume.source !== volume.content || volume.source.size < SECTOR) continue;
      const head = await volume.source.read(0, Math.min(VOLUME_BOOT_BYTES, volume.source.size), options);
      // A sector that is no boot sector at all is another finding.
      if (!isVolumeBootSector(head)) continue;
      found.push(
        ...(await totalSectors(volume, head, options)),
        ...(await hiddenSectors(subject, volume, head, volume === active, options)),
      );
      if (volume === active) found.push(...(await bootCode(subject, volume, head, options)));
    }
    return found;
  },
};

async function totalSectors(volume: Volume, head: Bytes, options: ReadOptions): Promise<FoundCause[]> {
  if (!hasAscii(head, 3, 'NTFS    ')) return [];
  const { bytesPerSector, totalSectors: total } = NTFS_BOOT_SECTOR.read(head);
  const claimed = total * bytesPerSector;
  if (claimed <= volume.length) return [];
  const { offset } = NTFS_BOOT_SECTOR.fields.totalSectors;
  const evidence = await volumeEvidence(volume, 'sectors of the file system', offset, 8, options);
  const data = { claimed, partition: volume.length };
  return [proves('vbr-total-sectors', { volume: volume.number, data, evidence })];
}

async function hiddenSectors(
  { disk }: DiskSubject,
  volume: Volume,
  head: Bytes,
  active: boolean,
  options: ReadOptions,
): Promise<FoundCause[]> {
  // UEFI and Windows do not read the field; on a GPT disk it says nothing.
  if (disk.table.kind !== 'mbr' || volume.partition === undefined || volume.partition.logical) return [];
  const sectorSize = head[0x0b] | (head[0x0c] << 8);
  // exFAT and ReFS have other fields there.
  if (!SECTOR_SIZES.includes(sectorSize)) return [];
  const stated = volumeBoot(head).hiddenSectors;
  const wanted = volume.offset / sectorSize;
  if (stated === wanted) return [];
  const evidence = await volumeEvidence(volume, 'sectors before the volume', HIDDEN_SECTORS_AT, 4, options);
  const requests = [{ operation: 'set-hidden-sectors', volume: volume.number } as const];
  const finding = { volume: volume.number, data: { stated, wanted }, evidence, requests };
  return [active ? proves('vbr-hidden-sectors', finding) : noted('vbr-hidden-sectors', 'proves', finding)];
}

async function bootCode(
  subject: DiskSubject,
  volume: Volume,
  head: Bytes,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const { signature, code, heads } = volumeBoot(head);
  const manager = await presence(subject, volume, '/bootmgr', options);
  const old = code === 'ntldr' && manager !== 'good';
  const wrong = !signature || code === 'empty' || (code === 'ntldr' && manager === 'good');
  if (!wrong) return old ? oldGeometry(subject, volume, heads, options) : [];
  const why = !signature ? 'no-signature' : code === 'empty' ? 'empty' : 'old-code';
  const copy = await backupSector(volume, subject.disk.table.sectorSize, options);
  const evidence = await volumeEvidence(volume, 'boot sector', 0, SECTOR, options);
  const finding = { volume: volume.number, data: { why, backup: copy !== undefined }, evidence };
  // Code of which only the first sector has a copy is written anew by Windows.
  if (copy === undefined || !bootCodeFromCopy(head, copy))
    return [proves('vbr-no-code', { ...finding, repair: { class: 'needs-windows', operation: null } })];
  const requests = [{ operation: 'restore-boot-sector', volume: volume.number } as const];
  return [proves('vbr-no-code', { ...finding, requests })];
}

/** The copy of the boot sector at the end of an NTFS volume, where it has code that loads the boot manager. */
async function backupSector(volume: Volume, sectorSize: number, options: ReadOptions): Promise<Bytes | undefined> {
  if (volume.source.size < volume.length) return undefined;
  const copy = await volume.source.read(volume.length - sectorSize, SECTOR, options);
  const { signature, code } = volumeBoot(copy);
  return hasAscii(copy, 3, 'NTFS    ') && signature && code === 'bootmgr' ? copy : undefined;
}

/** Up to this size of the volume, in bytes, code of Windows 2000 to 2003 needs this number of heads. */
const HEADS: readonly (readonly [below: number, heads: number])[] = [
  [2_114_445_312, 0x40],
  [4_228_374_780, 0x80],
  [Number.POSITIVE_INFINITY, 0xff],
];

async function oldGeometry(
  subject: DiskSubject,
  volume: Volume,
  heads: number,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const wanted = HEADS.find(([below]) => volume.length < below)?.[1] ?? 0xff;
  if (heads === wanted || (await presence(subject, volume, '/ntldr', options)) !== 'good') return [];
  const evidence = await volumeEvidence(volume, 'heads of the disk', HEADS_AT, 2, options);
  return [speaksFor('vbr-geometry-xp', { volume: volume.number, data: { heads, wanted }, evidence })];
}

async function presence(
  subject: DiskSubject,
  volume: Volume,
  path: string,
  options: ReadOptions,
): Promise<string | undefined> {
  return (await (await subject.files(volume, options))?.check(path, 'presence', options))?.state;
}
